//! W3C's own classes, for credentials of a type that neither CLR nor Open Badges names: their rules are wider than those of
//! 1EdTech's base class, and stricter in places.

use super::{many, one, one_or_more, open, optional, types};
use crate::{
    Clause,
    model::{
        Class,
        Edition::{V1_1, V2_0},
        Form::*,
    },
    validate::rules,
};

/// A credential of any type.
pub(crate) static CREDENTIAL: Class = Class {
    clause: Clause::Vc("verifiable-credentials"),
    rules: &[rules::context_order, rules::validity_period, rules::related_resources],
    ..open(
        "VerifiableCredential",
        &[
            one_or_more("@context", Context),
            optional("id", Uri),
            types(&[&["VerifiableCredential"]]),
            many("name", LanguageText).only(V2_0),
            many("description", LanguageText).only(V2_0),
            one("issuer", UriOrObject(&ISSUER)),
            optional("validFrom", DateTime).only(V2_0),
            optional("validUntil", DateTime).only(V2_0),
            one("issuanceDate", DateTime).only(V1_1),
            optional("expirationDate", DateTime).only(V1_1),
            one_or_more("credentialSubject", Object(&SUBJECT)),
            many("credentialStatus", Object(&STATUS)),
            many("credentialSchema", Object(&SCHEMA)),
            many("refreshService", Object(&REFRESH_SERVICE)),
            many("termsOfUse", Object(&TERMS_OF_USE)),
            many("evidence", Object(&EVIDENCE)),
            many("relatedResource", Object(&RELATED_RESOURCE)).only(V2_0),
        ],
    )
};

pub(crate) static ISSUER: Class = Class {
    clause: Clause::Vc("issuer"),
    ..open(
        "Issuer",
        &[
            one("id", Uri),
            many("name", LanguageText).only(V2_0),
            many("description", LanguageText).only(V2_0),
        ],
    )
};

pub(crate) static SUBJECT: Class = Class {
    clause: Clause::Vc("credential-subject"),
    rules: &[rules::some_claim],
    ..open("CredentialSubject", &[optional("id", Uri)])
};

pub(crate) static STATUS: Class = Class {
    clause: Clause::Vc("status"),
    ..open("CredentialStatus", &[optional("id", Uri), one_or_more("type", Text)])
};

pub(crate) static SCHEMA: Class = Class {
    clause: Clause::Vc("data-schemas"),
    ..open("CredentialSchema", &[one("id", Uri), one_or_more("type", Text)])
};

pub(crate) static REFRESH_SERVICE: Class = Class {
    clause: Clause::Vc("refreshing"),
    ..open("RefreshService", &[optional("id", Uri), one_or_more("type", Text)])
};

pub(crate) static TERMS_OF_USE: Class = Class {
    clause: Clause::Vc("terms-of-use"),
    ..open("TermsOfUse", &[optional("id", Uri), one_or_more("type", Text)])
};

pub(crate) static EVIDENCE: Class = Class {
    clause: Clause::Vc("evidence"),
    ..open("Evidence", &[optional("id", Uri), one_or_more("type", Text)])
};

/// Something outside the credential that it vouches for by digest.
pub(crate) static RELATED_RESOURCE: Class = Class {
    clause: Clause::Vc("integrity-of-related-resources"),
    rules: &[rules::related_digest],
    ..open(
        "RelatedResource",
        &[
            one("id", Uri),
            optional("mediaType", Text),
            optional("digestSRI", SubresourceIntegrity),
            optional("digestMultibase", Multibase),
        ],
    )
};
