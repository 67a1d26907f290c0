//! What a credential is, by its `type`.

use serde_json::Value;

/// The kinds of credentials that have tables of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// `ClrCredential`.
    Clr,
    /// `AchievementCredential`, also called `OpenBadgeCredential`.
    Achievement,
    /// `EndorsementCredential`.
    Endorsement,
    /// Anything else.
    Other,
}

impl CredentialKind {
    /// Reads `type`, a single value or an array.
    #[must_use]
    pub fn of(credential: &Value) -> Self {
        let is = |name: &str| has_type(credential, name);
        if is("ClrCredential") {
            Self::Clr
        } else if is("AchievementCredential") || is("OpenBadgeCredential") {
            Self::Achievement
        } else if is("EndorsementCredential") {
            Self::Endorsement
        } else {
            Self::Other
        }
    }

    /// What `type` says of such a credential beside `VerifiableCredential`.
    pub(crate) fn type_name(self) -> Option<&'static str> {
        match self {
            Self::Clr => Some("ClrCredential"),
            Self::Achievement => Some("AchievementCredential"),
            Self::Endorsement => Some("EndorsementCredential"),
            Self::Other => None,
        }
    }
}

/// Whether the `type` of an object names a class.
#[must_use]
pub fn has_type(object: &Value, name: &str) -> bool {
    match object.get("type") {
        Some(Value::Array(types)) => types.iter().any(|item| item == name),
        Some(single) => single == name,
        None => false,
    }
}
