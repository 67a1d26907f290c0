//! A round of signing: many documents, every key, all at once.

use std::sync::Arc;

use canonical_rdf::Contexts;
use data_integrity::{HashData, ProofError, ProofOptions, UnsecuredDocument};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use learner_record::{Finding, Findings};
use serde_json::Value;

use super::{IssueError, MAX_CONCURRENT_SIGNATURES, blocking};
use crate::{
    issuers::IssuerKey,
    signer::{SignError, Signer},
};

/// What the proofs of one round have in common.
pub(super) struct Round {
    pub(super) contexts: &'static Contexts,
    /// In the order of their proofs.
    pub(super) keys: Arc<[IssuerKey]>,
    pub(super) created: String,
}

/// A credential with its proofs, and its place in the document that is issued.
#[derive(Default)]
pub(super) struct Signed {
    pub(super) pointer: String,
    pub(super) credential: Value,
    /// In the order of the proofs; none where keys are not in KMS.
    pub(super) kms_requests: Vec<String>,
}

impl Round {
    /// Gives every credential a proof by every key. Each comes with its place, and goes with it.
    pub(super) async fn sign(&self, documents: Vec<(String, Value)>) -> Result<Vec<Signed>, IssueError> {
        let (contexts, keys, created) = (self.contexts, Arc::clone(&self.keys), self.created.clone());
        let (documents, unsigned) = blocking(move || {
            let unsigned: Result<Vec<_>, _> = documents
                .iter()
                .map(|(pointer, document)| {
                    hash_data(document, contexts, &keys, &created).map_err(|error| unfit_for_signing(error, pointer))
                })
                .collect();
            unsigned.map(|unsigned| (documents, unsigned))
        })
        .await?;

        let signatures: Vec<_> = unsigned
            .into_iter()
            .flat_map(|proofs| proofs.into_iter().zip(self.keys.iter()))
            .map(|(hash_data, key)| finished_proof(hash_data, Arc::clone(&key.signer)))
            .collect();
        // `buffered` keeps the order, so the proofs of a document come in the order of the keys.
        let proofs: Vec<(Value, Option<String>)> = stream::iter(signatures)
            .buffered(MAX_CONCURRENT_SIGNATURES)
            .try_collect()
            .await?;
        let mut proofs = proofs.into_iter();
        let signed = documents.into_iter().map(|(pointer, mut credential)| {
            let (mut own, requests): (Vec<_>, Vec<_>) = proofs.by_ref().take(self.keys.len()).unzip();
            credential["proof"] = match own.len() {
                1 => own.remove(0),
                _ => own.into(),
            };
            Signed {
                pointer,
                credential,
                kms_requests: requests.into_iter().flatten().collect(),
            }
        });
        Ok(signed.collect())
    }
}

/// The proof that the hash data belongs to, signed, and the KMS request.
async fn finished_proof(hash_data: HashData, signer: Arc<dyn Signer>) -> Result<(Value, Option<String>), SignError> {
    let signature = signer.sign(hash_data.bytes()).await?;
    Ok((hash_data.into_proof(&signature.bytes), signature.request_id))
}

/// The bytes that each key signs for a document.
fn hash_data(
    document: &Value,
    contexts: &Contexts,
    keys: &[IssuerKey],
    created: &str,
) -> Result<Vec<HashData>, ProofError> {
    let unsecured = UnsecuredDocument::new(document, contexts);
    let options = |key: &IssuerKey| ProofOptions {
        verification_method: key.verification_method.clone(),
        created: created.to_owned(),
    };
    keys.iter()
        .map(|key| unsecured.hash_data(&key.public_key, &options(key)))
        .collect()
}

/// What the author of the document can mend, or else our own fault. `pointer` is the document's place in the record.
fn unfit_for_signing(error: ProofError, pointer: &str) -> IssueError {
    let findings = match error {
        ProofError::Canonicalization(canonical_rdf::Error(faults)) => faults.into_iter().map(Finding::from).collect(),
        ProofError::Disputed(_) => vec![Finding::new("", "disputed-node", error.to_string())],
        other => return IssueError::HashData(other),
    };
    let in_record = |finding: Finding| Finding {
        pointer: format!("{pointer}{}", finding.pointer),
        ..finding
    };
    IssueError::Record(Findings(findings.into_iter().map(in_record).collect()))
}
