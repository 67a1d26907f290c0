//! CLR 2.0 and Open Badges 3.0 documents as JSON values: complete, validate, repair, compare.
//!
//! A document stays the JSON that it came as: signatures cover it. These functions read and change `serde_json` values.
//! No I/O, no clock, no randomness: time and new ids come in as arguments.

mod clause;
mod complete;
mod contexts;
mod finding;
mod identity;
mod kind;
mod model;
mod nested;
mod pointer;
mod read;
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
    finding::{Finding, Findings},
    identity::{CredentialIdentity, Version},
    kind::CredentialKind,
    nested::{has_proof, issuer_id, nested_credentials, nested_credentials_mut},
    read::{NotReadable, read},
    repair::{repair, replace_issuer},
    safe_mode::{check_before_signing, check_safe_mode},
    status_list::{Bitstring, LIST_ENTRIES, ListCredential, StatusEntry, StatusList, StatusListError, StatusPurpose},
    validate::{MAX_IMAGE_BYTES, Validation, validate},
    vc_jwt::{check_vc_jwt_claims, credential_of_vc_jwt, vc_jwt_payload},
};
