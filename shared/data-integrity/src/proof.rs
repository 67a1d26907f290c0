//! The steps of a Data Integrity proof, each a small function over bytes.
//!
//! <https://www.w3.org/TR/vc-data-integrity/> and <https://www.w3.org/TR/vc-di-ecdsa/>, <https://www.w3.org/TR/vc-di-eddsa/>.

use canonical_rdf::Contexts;
use serde_json::Value;

use crate::PublicKey;

/// The suites that this crate makes and verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cryptosuite {
    /// <https://www.w3.org/TR/vc-di-ecdsa/#ecdsa-rdfc-2019>
    EcdsaRdfc2019,
    /// <https://www.w3.org/TR/vc-di-eddsa/#eddsa-rdfc-2022>
    EddsaRdfc2022,
}

/// What a new proof says beside its signature. `proofPurpose` is always `assertionMethod`.
#[derive(Clone, Debug)]
pub struct ProofOptions {
    /// URL of the key, `{issuer}#{publicKeyMultibase}`.
    pub verification_method: String,
    /// RFC 3339 in UTC, whole seconds.
    pub created: String,
}

/// A document without its proofs, canonicalized at most once per hash algorithm however many proofs are made.
#[derive(Debug)]
pub struct UnsecuredDocument<'a> {
    document: &'a Value,
    contexts: &'a Contexts,
}

/// Proof hash then document hash: the bytes under the signature (64 for SHA-256, 96 for SHA-384), and the proof they belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashData {
    bytes: Vec<u8>,
    proof: Value,
}

/// Why a proof could not be made or is not good.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The document or the proof configuration is not safe JSON-LD.
    #[error(transparent)]
    Canonicalization(#[from] canonical_rdf::Error),
    /// A member of the proof is missing or has the wrong form.
    #[error("/{member}: {reason}")]
    Malformed {
        /// The member of the proof.
        member: &'static str,
        /// What was expected.
        reason: String,
    },
    /// A proof type or suite that is not ours.
    #[error("the proof suite {0:?} is not supported")]
    UnsupportedSuite(String),
    /// The key is of another kind than the suite's.
    #[error("the key does not fit the suite")]
    KeyMismatch,
    /// The signature does not match.
    #[error("the signature does not match the document and its proof options")]
    Signature,
}

impl<'a> UnsecuredDocument<'a> {
    /// Takes a document; a `proof` member in it is left out of what is signed.
    #[must_use]
    pub fn new(document: &'a Value, contexts: &'a Contexts) -> Self {
        Self { document, contexts }
    }

    /// The bytes to sign for one more proof by this key.
    ///
    /// # Errors
    /// The document or the configuration cannot be canonicalized.
    pub fn hash_data(&self, key: &PublicKey, options: &ProofOptions) -> Result<HashData, ProofError> {
        let _ = (self.document, self.contexts, key, options);
        todo!()
    }
}

impl HashData {
    /// What is signed: for ECDSA the signature's own hash is taken over these bytes, Ed25519 signs them as they are.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The finished proof. `signature` is r‖s for ECDSA (64 or 96 bytes), 64 bytes for Ed25519.
    #[must_use]
    pub fn into_proof(self, signature: &[u8]) -> Value {
        let _ = (signature, self.proof);
        todo!()
    }
}

/// The proofs of a document, in order: none, one object, or an array.
#[must_use]
pub fn proofs_of(document: &Value) -> Vec<&Value> {
    let _ = document;
    todo!()
}

/// Checks one proof of a document against a key that the caller trusts for it.
///
/// # Errors
/// [`ProofError::Signature`] when it does not match; other variants when it cannot match.
pub fn verify(document: &Value, proof: &Value, key: &PublicKey, contexts: &Contexts) -> Result<(), ProofError> {
    let _ = (document, proof, key, contexts);
    todo!()
}
