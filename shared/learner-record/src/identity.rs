//! Which credentials are the same, and which of them is newer.

use jiff::Timestamp;
use serde_json::Value;

use crate::Findings;

/// Issuer id and credential id, normalized: percent-decoded, then trimmed (digest section 5.6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CredentialIdentity {
    /// Normalized `issuer.id`.
    pub issuer: String,
    /// Normalized `id`.
    pub credential: String,
}

/// `validFrom` (VC 1.1: `issuanceDate`) as an instant; a later one is the newer version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub Timestamp);

impl CredentialIdentity {
    /// Reads it from a credential.
    ///
    /// # Errors
    /// Names the member that is missing.
    pub fn of(credential: &Value) -> Result<Self, Findings> {
        let _ = credential;
        todo!()
    }

    /// base64url(SHA-256(issuer, NUL, credential id)), 43 characters.
    #[must_use]
    pub fn clr_credential_id(&self) -> String {
        todo!()
    }
}

impl Version {
    /// Reads it from a credential.
    ///
    /// # Errors
    /// Names the member that is missing or not a date-time with offset.
    pub fn of(credential: &Value) -> Result<Self, Findings> {
        let _ = credential;
        todo!()
    }
}
