//! The steps of making and checking a proof, each a small function: transform, configure, hash, serialize, verify.
//!
//! <https://www.w3.org/TR/vc-di-ecdsa/#ecdsa-rdfc-2019>, <https://www.w3.org/TR/vc-di-eddsa/#eddsa-rdfc-2022>,
//! <https://www.w3.org/TR/vc-data-integrity/#verify-proof-sets-and-chains>

use std::sync::OnceLock;

use canonical_rdf::{Canonical, Contexts, Dataset, Digest, Document, Error, HashAlgorithm, Reading};
use serde_json::{Map, Value};

use crate::{
    Cryptosuite, KeyType, Proof, ProofError, ProofOptions, PublicKey, base58, error::malformed, proof::ProofValue,
    proofs_of, signature,
};

/// A document without its proofs, canonicalized at most once per hash algorithm however many proofs are made or checked.
#[derive(Debug)]
pub struct UnsecuredDocument<'a> {
    document: Result<Document<'a>, Error>,
    context: Option<Value>,
    source: Source<'a>,
    contexts: &'a Contexts,
    sha256: OnceLock<Transformed>,
    sha384: OnceLock<Transformed>,
}

/// The whole document as it came: a proof that signs others is checked on a copy that keeps those.
#[derive(Clone, Copy, Debug)]
enum Source<'a> {
    Value(&'a Value),
    Text(&'a [u8]),
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
        Self::of(Document::try_from(document), Source::Value(document), contexts)
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
        Ok((Self::of(Ok(document), Source::Text(json), contexts), proofs))
    }

    fn of(document: Result<Document<'a>, Error>, source: Source<'a>, contexts: &'a Contexts) -> Self {
        Self {
            context: document.as_ref().ok().and_then(|document| document.member("@context")),
            document: document.map(|document| document.without("proof")),
            source,
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
        let suite = Cryptosuite::of(key.key_type());
        let proof = options.clone().into_members(suite)?;
        let algorithm = hash_algorithm(key.key_type());
        let document = self.transformed(algorithm)?;
        if !document.disputed.is_empty() {
            return Err(ProofError::Disputed(document.disputed.clone()));
        }
        // *Hashing*: the hash of the proof configuration, then that of the document.
        let configuration = self.configuration_hash(suite, &proof, algorithm)?;
        let bytes = [configuration.as_bytes(), document.hash.as_bytes()].concat();
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

    /// Checks a proof against a key that the caller trusts for it. The proofs that it signs too are not checked with it:
    /// each has a key of its own.
    ///
    /// # Errors
    /// [`ProofError::Signature`] when it does not match; other variants when it cannot match.
    pub fn verify(&self, proof: &Proof, key: &PublicKey) -> Result<(), ProofError> {
        let suite = proof.cryptosuite();
        if !suite.fits(key.key_type()) {
            return Err(ProofError::KeyMismatch);
        }
        let algorithm = hash_algorithm(key.key_type());
        let proof_hash = self.configuration_hash(suite, proof.options(), algorithm)?;
        let check_hash = |document: &Digest, signature: &[u8]| {
            signature::check(key, &[proof_hash.as_bytes(), document.as_bytes()].concat(), signature)
        };
        let chain = !proof.previous_proofs().is_empty();
        if let (ProofValue::Signature(signature), false) = (proof.value(), chain) {
            let document = self.transformed(algorithm)?;
            return match check_hash(&document.hash, signature) {
                // The signer may have read RDFC-1.0 in the other way.
                Err(ProofError::Signature) if document.ran_n_degree => {
                    let other = transform(self.document()?, self.contexts, algorithm, Reading::Set)?;
                    check_hash(&other.hash, signature)
                }
                outcome => outcome,
            };
        }
        let check = |canonical: &Canonical<'_>| match proof.value() {
            ProofValue::Signature(signature) => check_hash(&canonical.digest(), signature),
            ProofValue::Derived(derived) => derived.verify(&canonical.text(), proof_hash.as_bytes(), key),
        };
        if chain {
            let with_previous = self.with_previous(proof)?;
            in_either_reading(&Document::try_from(&with_previous)?, self.contexts, algorithm, check)
        } else {
            in_either_reading(self.document()?, self.contexts, algorithm, check)
        }
    }

    /// The document with those of its proofs that a proof signs too.
    fn with_previous(&self, proof: &Proof) -> Result<Value, ProofError> {
        let mut document = match self.source {
            Source::Value(document) => document.clone(),
            // It has been read from this text before.
            Source::Text(json) => serde_json::from_slice(json).unwrap_or_default(),
        };
        let proofs = proofs_of(&document);
        let matching: Result<Vec<Value>, ProofError> = proof
            .previous_proofs()
            .into_iter()
            .map(|id| {
                let found = proofs
                    .iter()
                    .find(|proof| proof.get("id").is_some_and(|found| found == id));
                found
                    .map(|proof| (*proof).clone())
                    .ok_or_else(|| ProofError::PreviousProof(id.to_owned()))
            })
            .collect();
        let matching = matching?;
        document["proof"] = matching.into();
        Ok(document)
    }

    /// The first half of *hashing*.
    fn configuration_hash(
        &self,
        suite: Cryptosuite,
        proof_options: &Map<String, Value>,
        algorithm: HashAlgorithm,
    ) -> Result<Digest, ProofError> {
        let configuration = proof_configuration(suite, proof_options, self.context.as_ref())?;
        Document::try_from(&configuration)
            .and_then(|configuration| canonical_rdf::hash(&configuration, self.contexts, algorithm))
            .map_err(ProofError::Configuration)
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

/// Checks a signature over the canonical form in one reading of RDFC-1.0, then, where that can differ, in the other.
fn in_either_reading(
    document: &Document<'_>,
    contexts: &Contexts,
    algorithm: HashAlgorithm,
    check: impl Fn(&Canonical<'_>) -> Result<(), ProofError>,
) -> Result<(), ProofError> {
    let dataset = Dataset::from_json_ld(document, contexts)?;
    let canonical = dataset.canonicalize(algorithm, Reading::List).map_err(Error::from)?;
    match check(&canonical) {
        Err(ProofError::Signature) if canonical.ran_n_degree() => {
            check(&dataset.canonicalize(algorithm, Reading::Set).map_err(Error::from)?)
        }
        outcome => outcome,
    }
}

/// *Proof configuration*: the proof without `proofValue`, under the document's context.
///
/// A context that the proof brings along must be where the document's own context begins; it is never used in its place.
/// Ed25519Signature2020 has a context of its own, which documents need not name.
fn proof_configuration(
    suite: Cryptosuite,
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
    const ED25519_2020: &str = "https://w3id.org/security/suites/ed25519-2020/v1";
    let own_context = Value::from(ED25519_2020);
    let context = match suite {
        Cryptosuite::Ed25519Signature2020 => Some(&own_context),
        _ => document_context,
    };
    let mut configuration = proof_options.clone();
    match context {
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
