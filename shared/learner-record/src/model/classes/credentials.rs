//! Credentials and their subjects.

use super::*;

pub(crate) static VERIFIABLE_CREDENTIAL: Class = Class {
    rules: &[rules::context_order, rules::validity_period, rules::related_resources],
    ..open(
        "VerifiableCredential",
        &[
            one_or_more("@context", Context),
            optional("id", Uri),
            types(&[&["VerifiableCredential"]]),
            one("issuer", UriOrObject(&PROFILE)),
            one("validFrom", DateTime).only(V2_0),
            optional("validUntil", DateTime).only(V2_0),
            one("issuanceDate", DateTime).only(V1_1),
            optional("expirationDate", DateTime).only(V1_1),
            one("credentialSubject", Object(&CREDENTIAL_SUBJECT)),
            many("proof", Object(&PROOF)),
            many("credentialSchema", Object(&CREDENTIAL_SCHEMA)),
            optional("credentialStatus", Object(&CREDENTIAL_STATUS)),
            optional("refreshService", Object(&REFRESH_SERVICE)),
            many("termsOfUse", Object(&TERMS_OF_USE)),
            many("evidence", Object(&EVIDENCE)),
            many("relatedResource", Object(&RELATED_RESOURCE)).only(V2_0),
        ],
    )
};

pub(crate) static CREDENTIAL_SUBJECT: Class = open("CredentialSubject", &[optional("id", Uri)]);

pub(crate) static CLR_CREDENTIAL: Class = Class {
    clause: Clause::Clr("ClrCredential"),
    extends: Some(&VERIFIABLE_CREDENTIAL),
    rules: &[rules::credential_schema],
    ..open(
        "ClrCredential",
        &[
            one("id", Uri),
            types(&[&["VerifiableCredential"], &["ClrCredential"]]),
            one("name", Text),
            optional("description", Text),
            optional("image", Object(&IMAGE)),
            optional("partial", Boolean),
            optional("awardedDate", DateTime),
            one("credentialSubject", Object(&CLR_SUBJECT)),
            many("endorsement", Endorsement),
            many("endorsementJwt", CompactJws),
        ],
    )
};

pub(crate) static CLR_SUBJECT: Class = Class {
    clause: Clause::Clr("ClrSubject"),
    rules: &[rules::subject_identity, rules::association_link, rules::duplicate_id],
    ..open(
        "ClrSubject",
        &[
            optional("id", Uri),
            types(&[&["ClrSubject"]]),
            many("identifier", Object(&IDENTITY_OBJECT)),
            one_or_more("verifiableCredential", Credential),
            many("achievement", Object(&ACHIEVEMENT)),
            many("association", Object(&ASSOCIATION)),
        ],
    )
};

pub(crate) static ASSOCIATION: Class = Class {
    clause: Clause::Clr("Association"),
    ..closed(
        "Association",
        &[
            type_name("Association"),
            one("associationType", Vocabulary(&vocabulary::ASSOCIATION_TYPE)),
            one("sourceId", Uri),
            one("targetId", Uri),
        ],
    )
};

pub(crate) static ACHIEVEMENT_CREDENTIAL: Class = Class {
    extends: Some(&VERIFIABLE_CREDENTIAL),
    rules: &[rules::credential_schema, rules::issuer_profile],
    ..open(
        "AchievementCredential",
        &[
            one("id", Uri),
            types(&[
                &["VerifiableCredential"],
                &["AchievementCredential", "OpenBadgeCredential"],
            ]),
            optional("name", Text).only(V2_0),
            one("name", Text).only(V1_1),
            optional("description", Text),
            optional("image", Object(&IMAGE)),
            optional("awardedDate", DateTime),
            one("credentialSubject", Object(&ACHIEVEMENT_SUBJECT)),
            many("endorsement", Endorsement),
            many("endorsementJwt", CompactJws),
        ],
    )
};

pub(crate) static ACHIEVEMENT_SUBJECT: Class = Class {
    rules: &[rules::subject_identity, rules::result_links],
    ..open(
        "AchievementSubject",
        &[
            optional("id", Uri),
            types(&[&["AchievementSubject"]]),
            many("identifier", Object(&IDENTITY_OBJECT)),
            one("achievement", Object(&ACHIEVEMENT)),
            optional("activityStartDate", DateTime),
            optional("activityEndDate", DateTime),
            optional("creditsEarned", Number),
            optional("image", Object(&IMAGE)),
            optional("licenseNumber", Text),
            optional("narrative", Text),
            many("result", Object(&RESULT)),
            optional("role", Text),
            optional("source", Object(&PROFILE)),
            optional("term", Text),
        ],
    )
};

pub(crate) static ENDORSEMENT_CREDENTIAL: Class = Class {
    extends: Some(&VERIFIABLE_CREDENTIAL),
    rules: &[rules::credential_schema],
    ..open(
        "EndorsementCredential",
        &[
            one("id", Uri),
            types(&[&["VerifiableCredential"], &["EndorsementCredential"]]),
            one("name", Text).only(V2_0),
            optional("name", Text).only(V1_1),
            optional("description", Text),
            optional("awardedDate", DateTime),
            one("credentialSubject", Object(&ENDORSEMENT_SUBJECT)),
        ],
    )
};

pub(crate) static ENDORSEMENT_SUBJECT: Class = open(
    "EndorsementSubject",
    &[
        one("id", Uri),
        types(&[&["EndorsementSubject"]]),
        optional("endorsementComment", Text),
    ],
);
