//! Public keys and their written forms: Multikey (`publicKeyMultibase`) and `did:key`.
//!
//! <https://www.w3.org/TR/cid-1.0/#Multikey>

/// A public key that signs credentials. A value of this type is a valid point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// NIST P-256.
    P256(p256::PublicKey),
    /// NIST P-384.
    P384(p384::PublicKey),
    /// Ed25519.
    Ed25519(ed25519_dalek::VerifyingKey),
}

/// The kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// Ed25519.
    Ed25519,
}

/// Why a text is not a key of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not base58btc multibase (`z…`).
    #[error("a Multikey is base58btc multibase, starting with `z`")]
    Multibase,
    /// The multicodec prefix names another kind of key.
    #[error("the key type is not P-256, P-384 or Ed25519")]
    Type,
    /// The bytes are not a point on the curve.
    #[error("the bytes are not a valid public key")]
    Point,
}

impl PublicKey {
    /// Reads `z…` (base58btc, multicodec prefix, compressed point).
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_multikey(text: &str) -> Result<Self, KeyError> {
        let _ = text;
        todo!()
    }

    /// Writes `z…`.
    #[must_use]
    pub fn to_multikey(&self) -> String {
        todo!()
    }

    /// `did:key:z…`.
    #[must_use]
    pub fn to_did_key(&self) -> String {
        format!("did:key:{}", self.to_multikey())
    }

    /// The kind of key.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match self {
            Self::P256(_) => KeyType::P256,
            Self::P384(_) => KeyType::P384,
            Self::Ed25519(_) => KeyType::Ed25519,
        }
    }
}
