//! CLR 2.0 and Open Badges 3.0 documents as JSON values: complete, validate, repair, compare.
//!
//! A document stays the JSON that it came as: signatures cover it. These functions read and change `serde_json` values.
//! No I/O, no clock, no randomness: time and new ids come in as arguments.

mod complete;
mod finding;
mod identity;
mod repair;
mod validate;

pub use crate::{
    complete::{Completion, complete, nested_credentials, nested_credentials_mut},
    finding::{Finding, Findings},
    identity::{CredentialIdentity, Version},
    repair::{repair, replace_issuer},
    validate::{Validation, validate},
};
