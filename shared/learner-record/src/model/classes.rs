//! The tables of classes and properties (digest sections 3.2 to 3.5), in the order of the digest.
//!
//! `one`, `optional`, `one_or_more` and `many` are the cardinalities 1, 0..1, 1..* and 0..*.

use super::{
    Cardinality, Class,
    Edition::{V1_1, V2_0},
    Form::{self, *},
    Property, vocabularies as vocabulary,
};
use crate::validate::rules;

/// All of them.
pub(crate) static ALL: &[&Class] = &[
    &VERIFIABLE_CREDENTIAL,
    &CREDENTIAL_SUBJECT,
    &W3C_CREDENTIAL,
    &W3C_ISSUER,
    &CLR_CREDENTIAL,
    &CLR_SUBJECT,
    &ASSOCIATION,
    &ACHIEVEMENT_CREDENTIAL,
    &ACHIEVEMENT_SUBJECT,
    &ENDORSEMENT_CREDENTIAL,
    &ENDORSEMENT_SUBJECT,
    &ACHIEVEMENT,
    &CRITERIA,
    &RELATED,
    &ALIGNMENT,
    &RESULT_DESCRIPTION,
    &RUBRIC_CRITERION_LEVEL,
    &RESULT,
    &PROFILE,
    &ADDRESS,
    &GEO_COORDINATES,
    &IMAGE,
    &EVIDENCE,
    &IDENTIFIER_ENTRY,
    &IDENTITY_OBJECT,
    &CREDENTIAL_SCHEMA,
    &CREDENTIAL_STATUS,
    &REFRESH_SERVICE,
    &TERMS_OF_USE,
    &PROOF,
];

const fn row(name: &'static str, cardinality: Cardinality, form: Form) -> Property {
    Property {
        name,
        cardinality,
        form,
        edition: None,
    }
}

const fn one(name: &'static str, form: Form) -> Property {
    row(name, Cardinality::One, form)
}

const fn optional(name: &'static str, form: Form) -> Property {
    row(name, Cardinality::Optional, form)
}

const fn one_or_more(name: &'static str, form: Form) -> Property {
    row(name, Cardinality::OneOrMore, form)
}

const fn many(name: &'static str, form: Form) -> Property {
    row(name, Cardinality::Many, form)
}

/// `type` as a set that contains one of each group.
const fn types(groups: &'static [&'static [&'static str]]) -> Property {
    one_or_more("type", TypeSet(groups))
}

/// `type` as this one string.
const fn type_name(name: &'static str) -> Property {
    one("type", TypeName(name))
}

/// A class that may hold further properties, with no base and no rule of its own.
const fn open(name: &'static str, properties: &'static [Property]) -> Class {
    Class {
        name,
        extends: None,
        properties,
        open: true,
        rules: &[],
    }
}

/// A class that holds nothing else.
const fn closed(name: &'static str, properties: &'static [Property]) -> Class {
    Class {
        name,
        extends: None,
        properties,
        open: false,
        rules: &[],
    }
}

pub(crate) static VERIFIABLE_CREDENTIAL: Class = Class {
    rules: &[rules::validity_period],
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
        ],
    )
};

pub(crate) static CREDENTIAL_SUBJECT: Class = open("CredentialSubject", &[optional("id", Uri)]);

/// A credential of a type that neither CLR nor Open Badges names: the general rules of W3C, which are wider than those of
/// 1EdTech's base class.
pub(crate) static W3C_CREDENTIAL: Class = Class {
    rules: &[rules::context_order, rules::validity_period],
    ..open(
        "VerifiableCredential",
        &[
            one_or_more("@context", Context),
            optional("id", Uri),
            types(&[&["VerifiableCredential"]]),
            one("issuer", UriOrObject(&W3C_ISSUER)),
            optional("validFrom", DateTime).only(V2_0),
            optional("validUntil", DateTime).only(V2_0),
            one("issuanceDate", DateTime).only(V1_1),
            optional("expirationDate", DateTime).only(V1_1),
            one_or_more("credentialSubject", Object(&CREDENTIAL_SUBJECT)),
        ],
    )
};

pub(crate) static W3C_ISSUER: Class = open("Issuer", &[one("id", Uri)]);

pub(crate) static CLR_CREDENTIAL: Class = Class {
    extends: Some(&VERIFIABLE_CREDENTIAL),
    rules: &[rules::context_order, rules::credential_schema],
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

pub(crate) static ASSOCIATION: Class = closed(
    "Association",
    &[
        type_name("Association"),
        one("associationType", Vocabulary(&vocabulary::ASSOCIATION_TYPE)),
        one("sourceId", Uri),
        one("targetId", Uri),
    ],
);

pub(crate) static ACHIEVEMENT_CREDENTIAL: Class = Class {
    extends: Some(&VERIFIABLE_CREDENTIAL),
    rules: &[rules::context_order, rules::credential_schema, rules::issuer_profile],
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
    rules: &[rules::context_order, rules::credential_schema],
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

pub(crate) static ACHIEVEMENT: Class = open(
    "Achievement",
    &[
        one("id", Uri),
        types(&[&["Achievement"]]),
        one("name", Text),
        one("description", Text),
        one("criteria", Object(&CRITERIA)),
        optional("achievementType", Vocabulary(&vocabulary::ACHIEVEMENT_TYPE)),
        many("alignment", Object(&ALIGNMENT)),
        optional("creator", Object(&PROFILE)),
        optional("creditsAvailable", Number),
        many("endorsement", Endorsement),
        many("endorsementJwt", CompactJws),
        optional("fieldOfStudy", Text),
        optional("humanCode", Text),
        optional("image", Object(&IMAGE)),
        optional("inLanguage", LanguageCode),
        many("otherIdentifier", Object(&IDENTIFIER_ENTRY)),
        many("related", Object(&RELATED)),
        many("resultDescription", Object(&RESULT_DESCRIPTION)),
        optional("specialization", Text),
        many("tag", Text),
        optional("version", Text),
    ],
);

pub(crate) static CRITERIA: Class = Class {
    rules: &[rules::criteria_content],
    ..open("Criteria", &[optional("id", Uri), optional("narrative", Text)])
};

pub(crate) static RELATED: Class = open(
    "Related",
    &[
        one("id", Uri),
        types(&[&["Related"]]),
        optional("inLanguage", LanguageCode),
        optional("version", Text),
    ],
);

pub(crate) static ALIGNMENT: Class = open(
    "Alignment",
    &[
        types(&[&["Alignment"]]),
        one("targetName", Text),
        one("targetUrl", Uri),
        optional("targetCode", Text),
        optional("targetDescription", Text),
        optional("targetFramework", Text),
        optional("targetType", Vocabulary(&vocabulary::ALIGNMENT_TARGET_TYPE)),
    ],
);

pub(crate) static RESULT_DESCRIPTION: Class = Class {
    rules: &[rules::required_level],
    ..open(
        "ResultDescription",
        &[
            one("id", Uri),
            types(&[&["ResultDescription"]]),
            one("name", Text),
            one("resultType", Vocabulary(&vocabulary::RESULT_TYPE)),
            many("alignment", Object(&ALIGNMENT)),
            many("allowedValue", Text),
            optional("requiredLevel", Uri),
            optional("requiredValue", Text),
            many("rubricCriterionLevel", Object(&RUBRIC_CRITERION_LEVEL)),
            optional("valueMax", Text),
            optional("valueMin", Text),
        ],
    )
};

pub(crate) static RUBRIC_CRITERION_LEVEL: Class = open(
    "RubricCriterionLevel",
    &[
        one("id", Uri),
        types(&[&["RubricCriterionLevel"]]),
        one("name", Text),
        many("alignment", Object(&ALIGNMENT)),
        optional("description", Text),
        optional("level", Text),
        optional("points", Text),
    ],
);

pub(crate) static RESULT: Class = open(
    "Result",
    &[
        types(&[&["Result"]]),
        optional("achievedLevel", Uri),
        many("alignment", Object(&ALIGNMENT)),
        optional("resultDescription", Uri),
        optional("status", Vocabulary(&vocabulary::RESULT_STATUS_TYPE)),
        optional("value", Text),
    ],
);

pub(crate) static PROFILE: Class = open(
    "Profile",
    &[
        one("id", Uri),
        types(&[&["Profile"]]),
        optional("name", Text),
        optional("phone", Text),
        optional("description", Text),
        optional("email", EmailAddress),
        optional("official", Text),
        optional("url", Uri),
        optional("image", Object(&IMAGE)),
        optional("address", Object(&ADDRESS)),
        many("otherIdentifier", Object(&IDENTIFIER_ENTRY)),
        optional("parentOrg", Object(&PROFILE)),
        many("endorsement", Endorsement),
        many("endorsementJwt", CompactJws),
        optional("familyName", Text),
        optional("givenName", Text),
        optional("additionalName", Text),
        optional("patronymicName", Text),
        optional("honorificPrefix", Text),
        optional("honorificSuffix", Text),
        optional("familyNamePrefix", Text),
        optional("dateOfBirth", Date),
    ],
);

pub(crate) static ADDRESS: Class = open(
    "Address",
    &[
        types(&[&["Address"]]),
        optional("addressCountry", Text),
        optional("addressCountryCode", CountryCode),
        optional("addressRegion", Text),
        optional("addressLocality", Text),
        optional("streetAddress", Text),
        optional("postOfficeBoxNumber", Text),
        optional("postalCode", Text),
        optional("geo", Object(&GEO_COORDINATES)),
    ],
);

pub(crate) static GEO_COORDINATES: Class = open(
    "GeoCoordinates",
    &[
        type_name("GeoCoordinates"),
        one("latitude", Number),
        one("longitude", Number),
    ],
);

pub(crate) static IMAGE: Class = closed(
    "Image",
    &[one("id", Uri), type_name("Image"), optional("caption", Text)],
);

pub(crate) static EVIDENCE: Class = open(
    "Evidence",
    &[
        optional("id", Uri),
        types(&[&["Evidence"]]),
        optional("narrative", Text),
        optional("name", Text),
        optional("description", Text),
        optional("genre", Text),
        optional("audience", Text),
    ],
);

pub(crate) static IDENTIFIER_ENTRY: Class = closed(
    "IdentifierEntry",
    &[
        type_name("IdentifierEntry"),
        one("identifier", Text),
        one("identifierType", Vocabulary(&vocabulary::IDENTIFIER_TYPE)),
    ],
);

pub(crate) static IDENTITY_OBJECT: Class = Class {
    rules: &[rules::identity_hash],
    ..closed(
        "IdentityObject",
        &[
            type_name("IdentityObject"),
            one("hashed", Boolean),
            one("identityHash", Text),
            one("identityType", Vocabulary(&vocabulary::IDENTIFIER_TYPE)),
            optional("salt", Text),
        ],
    )
};

pub(crate) static CREDENTIAL_SCHEMA: Class = open("CredentialSchema", &[one("id", Uri), one("type", Text)]);

pub(crate) static CREDENTIAL_STATUS: Class = open("CredentialStatus", &[optional("id", Uri), one("type", Text)]);

pub(crate) static REFRESH_SERVICE: Class = open("RefreshService", &[one("id", Uri), one("type", Text)]);

pub(crate) static TERMS_OF_USE: Class = open("TermsOfUse", &[optional("id", Uri), one("type", Text)]);

pub(crate) static PROOF: Class = open(
    "Proof",
    &[
        one("type", Text),
        optional("created", DateTime),
        optional("cryptosuite", Text),
        optional("challenge", Text),
        optional("domain", Text),
        optional("nonce", Text),
        optional("proofPurpose", Text),
        optional("proofValue", Text),
        optional("verificationMethod", Uri),
    ],
);
