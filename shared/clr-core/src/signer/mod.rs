//! Signing: the one thing that a private key does here.
//!
//! Keys live in KMS, which they never leave, or in a file on a laptop. One trait and one contract suite
//! (`tests/signer_contract.rs`) for all of them. A signer signs *hash data*, the bytes of
//! [`data_integrity::HashData`]; it knows nothing of documents.

mod jws;
mod kms;
mod software;

use std::fmt::Debug;

use async_trait::async_trait;
use data_integrity::PublicKey;

pub use self::{
    jws::{JwsSigner, SignedJws},
    kms::{KmsSigner, rsa::KmsRsaSigner},
    software::{KeyFileError, SoftwareKeys, SoftwareSigner},
};

/// A key that signs credentials, wherever it lives.
#[async_trait]
pub trait Signer: Debug + Send + Sync {
    /// The public half. The first call may ask the key's keeper, later ones do not.
    async fn public_key(&self) -> Result<PublicKey, SignError>;

    /// Signs hash data (64 or 96 bytes), or a JWS signing input: ECDSA over their SHA-256, as r‖s; Ed25519 over the bytes themselves.
    async fn sign(&self, hash_data: &[u8]) -> Result<Signature, SignError>;
}

/// A signature and where it can be traced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// r‖s for ECDSA, 64 bytes for Ed25519.
    pub bytes: Vec<u8>,
    /// The KMS request that made it.
    pub request_id: Option<String>,
}

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// Throttled or unreachable: trying again later is sensible.
    #[error("the signing key {key} cannot be reached at the moment")]
    Busy {
        /// The key's id.
        key: String,
        /// What happened.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The key does not exist, is of the wrong kind, or may not be used: the operator must act.
    #[error("the signing key {key} cannot be used: {reason}")]
    Misconfigured {
        /// The key's id.
        key: String,
        /// What is wrong.
        reason: String,
    },
}
