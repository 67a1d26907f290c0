//! The tables of 1EdTech's classes and properties, in the order in which the standard has them.
//!
//! `one`, `optional`, `one_or_more` and `many` are the cardinalities 1, 0..1, 1..* and 0..*.

mod achievements;
mod credentials;
mod profiles;
mod services;
pub(crate) mod w3c;

use self::w3c::RELATED_RESOURCE;
pub(crate) use self::{achievements::*, credentials::*, profiles::*, services::*};
use super::{
    Cardinality, Class,
    Edition::{V1_1, V2_0},
    Form::{self, *},
    Property, vocabularies as vocabulary,
};
use crate::{Clause, validate::rules};

/// All of them.
pub(crate) static ALL: &[&Class] = &[
    &VERIFIABLE_CREDENTIAL,
    &CREDENTIAL_SUBJECT,
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
    // Last, because some share their name with one of 1EdTech's, which is the one that hints are made of.
    &w3c::CREDENTIAL,
    &w3c::SUBJECT,
    &w3c::ISSUER,
    &w3c::STATUS,
    &w3c::SCHEMA,
    &w3c::REFRESH_SERVICE,
    &w3c::TERMS_OF_USE,
    &w3c::EVIDENCE,
    &RELATED_RESOURCE,
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

/// A class that may hold further properties, with no base and no rule of its own. Most are defined in Open Badges.
const fn open(name: &'static str, properties: &'static [Property]) -> Class {
    Class {
        name,
        clause: Clause::Ob(name),
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
        clause: Clause::Ob(name),
        extends: None,
        properties,
        open: false,
        rules: &[],
    }
}
