//! The steps of making and checking a proof, each a small function: transform, configure, hash, serialize, verify.
//!
//! <https://www.w3.org/TR/vc-di-ecdsa/#ecdsa-rdfc-2019>, <https://www.w3.org/TR/vc-di-eddsa/#eddsa-rdfc-2022>

use std::sync::OnceLock;

use canonical_rdf::{Contexts, Dataset, Digest, Document, Error, HashAlgorithm, Reading};
use serde_json::{Map, Value};

use crate::{
    Cryptosuite, KeyType, Proof, ProofError, ProofOptions, PublicKey, base58, error::malformed, proofs_of, signature,
};

/// A document without its proofs, canonicalized at most once per hash algorithm however many proofs are made or checked.
#[derive(Debug)]
pub struct UnsecuredDocument<'a> {
    document: Result<Document<'a>, Error>,
    context: Option<Value>,
    contexts: &'a Contexts,
    sha256: OnceLock<Transformed>,
    sha384: OnceLock<Transformed>,
}

/// What is known of a canonicalized document.
#[derive(Debug)]
struct Transformed {
    hash: Digest,
    /// Only then can the other reading of RDFC-1.0 have another outcome.
    ran_n_degree: bool,
    /// What is said about each blank node that verifiers may name differently.
    disputed: Vec<String>,
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
        Self::of(Document::try_from(document), contexts)
    }

    /// Reads a document from its JSON text, which is several times faster than by way of a [`Value`]. Also returns its
    /// proofs, as [`proofs_of`] does.
    ///
    /// # Errors
    /// The text is not JSON, or passes a bound.
    pub fn parse(json: &'a [u8], contexts: &'a Contexts) -> Result<(Self, Vec<Value>), Error> {
        let document = Document::parse(json)?;
        let proofs = match document.member("proof") {
            None => Vec::new(),
            Some(Value::Array(proofs)) => proofs,
            Some(proof) => vec![proof],
        };
        Ok((Self::of(Ok(document), contexts), proofs))
    }

    fn of(document: Result<Document<'a>, Error>, contexts: &'a Contexts) -> Self {
        Self {
            context: document.as_ref().ok().and_then(|document| document.member("@context")),
            document: document.map(|document| document.without("proof")),
            contexts,
            sha256: OnceLock::new(),
            sha384: OnceLock::new(),
        }
    }

    /// The bytes to sign for one more proof by this key.
    ///
    /// # Errors
    /// The document or the configuration cannot be canonicalized, or is [`ProofError::Disputed`].
    pub fn hash_data(&self, key: &PublicKey, options: &ProofOptions) -> Result<HashData, ProofError> {
        let proof = options.clone().into_members(Cryptosuite::of(key.key_type()))?;
        let algorithm = hash_algorithm(key.key_type());
        let document = self.transformed(algorithm)?;
        if !document.disputed.is_empty() {
            return Err(ProofError::Disputed(document.disputed.clone()));
        }
        let bytes = self.hash(&proof, algorithm, &document.hash)?;
        Ok(HashData { bytes, proof })
    }

    /// Whether the document, without its proofs, is safe JSON-LD. A proof by a P-256 or Ed25519 key then costs no second
    /// canonicalization.
    ///
    /// # Errors
    /// Every fault, with its pointer.
    pub fn check(&self) -> Result<(), canonical_rdf::Error> {
        self.transformed(HashAlgorithm::Sha256).map(drop)
    }

    /// Checks a proof against a key that the caller trusts for it.
    ///
    /// # Errors
    /// [`ProofError::Signature`] when it does not match; other variants when it cannot match.
    pub fn verify(&self, proof: &Proof, key: &PublicKey) -> Result<(), ProofError> {
        if proof.cryptosuite() != Cryptosuite::of(key.key_type()) {
            return Err(ProofError::KeyMismatch);
        }
        let algorithm = hash_algorithm(key.key_type());
        let document = self.transformed(algorithm)?;
        let bytes = self.hash(proof.options(), algorithm, &document.hash)?;
        match signature::check(key, &bytes, proof.signature()) {
            // The signer may have read RDFC-1.0 in the other way.
            Err(ProofError::Signature) if document.ran_n_degree => {
                let other = transform(self.document()?, self.contexts, algorithm, Reading::Set)?;
                let bytes = self.hash(proof.options(), algorithm, &other.hash)?;
                signature::check(key, &bytes, proof.signature())
            }
            outcome => outcome,
        }
    }

    /// *Hashing*: the hash of the proof configuration, then that of the document.
    fn hash(
        &self,
        proof_options: &Map<String, Value>,
        algorithm: HashAlgorithm,
        document: &Digest,
    ) -> Result<Vec<u8>, ProofError> {
        let configuration = proof_configuration(proof_options, self.context.as_ref())?;
        let configuration = Document::try_from(&configuration)
            .and_then(|configuration| canonical_rdf::hash(&configuration, self.contexts, algorithm))
            .map_err(ProofError::Configuration)?;
        Ok([configuration.as_bytes(), document.as_bytes()].concat())
    }

    fn transformed(&self, algorithm: HashAlgorithm) -> Result<&Transformed, Error> {
        let cell = match algorithm {
            HashAlgorithm::Sha256 => &self.sha256,
            HashAlgorithm::Sha384 => &self.sha384,
        };
        if let Some(transformed) = cell.get() {
            return Ok(transformed);
        }
        let transformed = transform(self.document()?, self.contexts, algorithm, Reading::List)?;
        Ok(cell.get_or_init(|| transformed))
    }

    fn document(&self) -> Result<&Document<'a>, Error> {
        self.document.as_ref().map_err(|error| Error(error.0.clone()))
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

/// The most disputed nodes that are told.
const MAX_DISPUTED: usize = 10;

/// *Transformation*, of the document without its proofs, as far as its hash.
fn transform(
    document: &Document<'_>,
    contexts: &Contexts,
    algorithm: HashAlgorithm,
    reading: Reading,
) -> Result<Transformed, Error> {
    let dataset = Dataset::from_json_ld(document, contexts)?;
    let canonical = dataset.canonicalize(algorithm, reading)?;
    let disputed = canonical
        .disputed()?
        .into_iter()
        .take(MAX_DISPUTED)
        .map(|blank| dataset.nquads_about(blank))
        .collect();
    Ok(Transformed {
        hash: canonical.digest(),
        ran_n_degree: canonical.ran_n_degree(),
        disputed,
    })
}

/// *Proof configuration*: the proof without `proofValue`, under the document's context.
///
/// A context that the proof brings along must be where the document's own context begins; it is never used in its place.
fn proof_configuration(
    proof_options: &Map<String, Value>,
    document_context: Option<&Value>,
) -> Result<Value, ProofError> {
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

#[cfg(test)]
mod own_vectors;
#[cfg(test)]
mod published_vectors;
