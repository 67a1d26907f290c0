//! Secrets are shown once and kept as digests only.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// A code, token or client secret in the clear. `Debug` does not show it and it cannot be serialized.
#[derive(Clone)]
pub struct Secret(String);

/// SHA-256 of a secret: all that is ever stored of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Secret {
    /// 256 bits as base64url.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a caller presented.
    #[must_use]
    pub fn presented(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to be handed to its owner. The name makes each use easy to find.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes())))
    }
}

impl Digest {
    /// The text, base64url: it opens nothing.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Constant-time comparison with a presented secret.
    #[must_use]
    pub fn matches(&self, presented: &Secret) -> bool {
        self.0.as_bytes().ct_eq(presented.digest().0.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_matches_its_own_secret_only() {
        let digest = Secret::presented("this is a test secret").digest();
        assert!(digest.matches(&Secret::presented("this is a test secret")));
        assert!(!digest.matches(&Secret::presented("this is another")));
    }

    #[test]
    fn debug_output_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::presented("abc")), "Secret(…)");
    }
}
