//! The steps of making and checking a proof, each a small function: transform, configure, hash, serialize, verify.
//!
//! <https://www.w3.org/TR/vc-di-ecdsa/#ecdsa-rdfc-2019>, <https://www.w3.org/TR/vc-di-eddsa/#eddsa-rdfc-2022>

use std::sync::OnceLock;

use canonical_rdf::{Contexts, HashAlgorithm, canonicalize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha384};

use crate::{
    Cryptosuite, KeyType, Proof, ProofError, ProofOptions, PublicKey, base58, error::malformed, proofs_of, signature,
};

/// A document without its proofs, canonicalized at most once per hash algorithm however many proofs are made or checked.
#[derive(Debug)]
pub struct UnsecuredDocument<'a> {
    document: &'a Value,
    contexts: &'a Contexts,
    sha256: OnceLock<Vec<u8>>,
    sha384: OnceLock<Vec<u8>>,
}

/// Proof hash then document hash: the bytes under the signature (64 for SHA-256, 96 for SHA-384), and the proof they belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashData {
    bytes: Vec<u8>,
    proof: Map<String, Value>,
}

/// Checks one proof of a document against a key that the caller trusts for it.
///
/// # Errors
/// [`ProofError::Signature`] when it does not match; other variants when it cannot match.
pub fn verify(document: &Value, proof: &Value, key: &PublicKey, contexts: &Contexts) -> Result<(), ProofError> {
    UnsecuredDocument::new(document, contexts).verify(&Proof::read(proof)?, key)
}

/// Puts a proof after those that the document has; `proof` becomes an array.
///
/// A document that is not an object stays as it is: nothing of that kind has hash data.
pub fn attach(document: &mut Value, proof: Value) {
    let mut proofs: Vec<Value> = proofs_of(document).into_iter().cloned().collect();
    proofs.push(proof);
    if let Some(members) = document.as_object_mut() {
        members.insert("proof".to_owned(), proofs.into());
    }
}

impl<'a> UnsecuredDocument<'a> {
    /// Takes a document; a `proof` member in it is left out of what is signed.
    #[must_use]
    pub fn new(document: &'a Value, contexts: &'a Contexts) -> Self {
        Self {
            document,
            contexts,
            sha256: OnceLock::new(),
            sha384: OnceLock::new(),
        }
    }

    /// The bytes to sign for one more proof by this key.
    ///
    /// # Errors
    /// The document or the configuration cannot be canonicalized.
    pub fn hash_data(&self, key: &PublicKey, options: &ProofOptions) -> Result<HashData, ProofError> {
        let proof = options.clone().into_members(Cryptosuite::of(key.key_type()))?;
        let bytes = self.hash(&proof, hash_algorithm(key.key_type()))?;
        Ok(HashData { bytes, proof })
    }

    /// Whether the document, without its proofs, is safe JSON-LD. A proof by a P-256 or Ed25519 key then costs no second
    /// canonicalization.
    ///
    /// # Errors
    /// Every fault, with its pointer.
    pub fn check(&self) -> Result<(), canonical_rdf::Error> {
        self.document_hash(HashAlgorithm::Sha256).map(drop)
    }

    /// Checks a proof against a key that the caller trusts for it.
    ///
    /// # Errors
    /// [`ProofError::Signature`] when it does not match; other variants when it cannot match.
    pub fn verify(&self, proof: &Proof, key: &PublicKey) -> Result<(), ProofError> {
        if proof.cryptosuite() != Cryptosuite::of(key.key_type()) {
            return Err(ProofError::KeyMismatch);
        }
        let bytes = self.hash(proof.options(), hash_algorithm(key.key_type()))?;
        signature::check(key, &bytes, proof.signature())
    }

    /// *Hashing*: the hash of the proof configuration, then that of the document.
    fn hash(&self, proof_options: &Map<String, Value>, algorithm: HashAlgorithm) -> Result<Vec<u8>, ProofError> {
        let configuration = proof_configuration(proof_options, self.document)?;
        let canonical_configuration =
            canonicalize(&configuration, self.contexts, algorithm).map_err(ProofError::Configuration)?;
        let mut bytes = digest(&canonical_configuration, algorithm);
        bytes.extend_from_slice(self.document_hash(algorithm)?);
        Ok(bytes)
    }

    fn document_hash(&self, algorithm: HashAlgorithm) -> Result<&[u8], canonical_rdf::Error> {
        let cell = match algorithm {
            HashAlgorithm::Sha256 => &self.sha256,
            HashAlgorithm::Sha384 => &self.sha384,
        };
        if let Some(hash) = cell.get() {
            return Ok(hash);
        }
        let hash = digest(&transform(self.document, self.contexts, algorithm)?, algorithm);
        Ok(cell.get_or_init(|| hash))
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
        let mut proof = self.proof;
        proof.insert("proofValue".to_owned(), base58::encode(signature).into());
        proof.into()
    }
}

/// *Transformation*: the canonical N-Quads of the document without its proofs.
fn transform(document: &Value, contexts: &Contexts, algorithm: HashAlgorithm) -> Result<String, canonical_rdf::Error> {
    let mut unsecured = document.clone();
    if let Some(members) = unsecured.as_object_mut() {
        members.shift_remove("proof");
    }
    canonicalize(&unsecured, contexts, algorithm)
}

/// *Proof configuration*: the proof without `proofValue`, under the document's context.
///
/// A context that the proof brings along must be where the document's own context begins; it is never used in its place.
fn proof_configuration(proof_options: &Map<String, Value>, document: &Value) -> Result<Value, ProofError> {
    let document_context = document.get("@context");
    if let Some(proof_context) = proof_options.get("@context") {
        let begins_alike = document_context
            .is_some_and(|document_context| entries(document_context).starts_with(entries(proof_context)));
        if !begins_alike {
            return Err(malformed(
                "@context",
                "a proof's context must be the beginning of the document's",
            ));
        }
    }
    let mut configuration = proof_options.clone();
    match document_context {
        Some(context) => configuration.insert("@context".to_owned(), context.clone()),
        None => configuration.shift_remove("@context"),
    };
    Ok(configuration.into())
}

/// A context alone is a list of one.
fn entries(context: &Value) -> &[Value] {
    match context {
        Value::Array(entries) => entries,
        entry => std::slice::from_ref(entry),
    }
}

fn hash_algorithm(key: KeyType) -> HashAlgorithm {
    match key {
        KeyType::P256 | KeyType::Ed25519 => HashAlgorithm::Sha256,
        KeyType::P384 => HashAlgorithm::Sha384,
    }
}

fn digest(canonical: &str, algorithm: HashAlgorithm) -> Vec<u8> {
    match algorithm {
        HashAlgorithm::Sha256 => Sha256::digest(canonical).to_vec(),
        HashAlgorithm::Sha384 => Sha384::digest(canonical).to_vec(),
    }
}

#[cfg(test)]
mod own_vectors;
#[cfg(test)]
mod published_vectors;
