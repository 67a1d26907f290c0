//! The rules that a record cannot live without.

use serde_json::Value;

use crate::Finding;

/// The outcome of validation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validation {
    /// The document breaks these rules.
    pub errors: Vec<Finding>,
    /// Allowed, but likely not meant.
    pub warnings: Vec<Finding>,
}

/// Validates a ClrCredential, AchievementCredential or EndorsementCredential (its `type` decides), nested ones included.
#[must_use]
pub fn validate(credential: &Value) -> Validation {
    let _ = credential;
    todo!()
}
