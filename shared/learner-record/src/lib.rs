//! CLR 2.0 and Open Badges 3.0 documents as JSON values: read, complete, validate, repair, compare, take into pictures and out.
//!
//! A document stays the JSON that it came as: signatures cover it. These functions read and change `serde_json` values.
//! No I/O, no clock, no randomness: time and new ids come in as arguments.

pub mod baking;
mod clause;
mod complete;
mod contexts;
mod document;
mod embedded;
mod finding;
mod identity;
mod kind;
mod model;
mod nested;
mod open_api;
mod pointer;
mod read;
mod recipient;
mod related_resource;
mod repair;
mod safe_mode;
mod schemas;
mod status_list;
mod suggest;
mod validate;
mod vc_jwt;
#[cfg(test)]
mod vectors;

pub use crate::{
    clause::Clause,
    complete::{Completion, complete},
    document::{Document, NotADocument},
    embedded::{Embedded, unsigned_inside},
    finding::{Finding, Findings},
    identity::{CredentialIdentity, Version},
    kind::{CredentialKind, has_type},
    nested::{has_proof, issuer_id, nested_credentials, nested_credentials_mut},
    open_api::open_api_schemas,
    pointer::items,
    read::{NotReadable, read},
    recipient::{KnownIdentifier, matching_identity},
    repair::{repair, replace_issuer},
    safe_mode::{check_before_signing, check_safe_mode},
    schemas::names_schema_of,
    status_list::{Bitstring, LIST_ENTRIES, ListCredential, StatusEntry, StatusList, StatusListError, StatusPurpose},
    validate::{MAX_IMAGE_BYTES, Validation, validate, validate_profile},
    vc_jwt::{check_vc_jwt_claims, credential_of_vc_jwt, vc_jwt_payload},
};
