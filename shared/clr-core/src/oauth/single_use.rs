//! What may be presented once: the `jti` of a client assertion or a DPoP proof.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::Expiry;

/// A name that must not come again until it expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleUse {
    id: String,
    expires: Expiry,
}

/// Identifiers longer than this are refused.
pub(super) const MAX_JTI_LENGTH: usize = 256;

impl SingleUse {
    /// `jti` is unique for its owner only: a client, or a key.
    pub(super) fn new(kind: &str, owner: &str, jti: &str, expires: Expiry) -> Self {
        let mut hash = Sha256::new();
        for part in [kind, owner, jti] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self {
            id: URL_SAFE_NO_PAD.encode(hash.finalize()),
            expires,
        }
    }

    /// Fixed length, the same for the same presentation.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// From then on it is refused for its age.
    #[must_use]
    pub fn expires(&self) -> Expiry {
        self.expires
    }
}
