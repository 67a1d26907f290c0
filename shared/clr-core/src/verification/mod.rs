//! The verdict on a signed credential: is it what its issuer signed, and does it count today?
//!
//! A record is a tree: a ClrCredential wraps credentials of many issuers. Each of them is expanded and checked alone, on
//! its own JSON, because the outer proof does not bind a result to its course: nested credentials about one learner merge
//! into one RDF node, so two exchanged results leave the outer canonical form as it was. Hence an unsigned nested
//! credential makes a record invalid.
//!
//! First what may need waiting is gathered (the key documents of those who signed), then everything else is judged without
//! I/O, away from the async threads.

mod checks;
mod key_documents;
mod verdict;

use std::sync::Arc;

use canonical_rdf::Contexts;
use jiff::Timestamp;
use serde_json::Value;

pub use self::verdict::{Check, CheckName, CheckOutcome, Outcome, Policy, UnknownPolicy, Verdict};
use self::{checks::Judge, key_documents::KeyDocuments};
use crate::issuers::Issuers;

/// What a verdict depends on beside the credential.
#[derive(Clone, Copy, Debug)]
pub struct Verifier<'a> {
    /// Whose keys are believed, and what else is looked at.
    pub policy: Policy,
    /// The deployment's own issuers: their keys are known without the network.
    pub issuers: &'a Issuers,
    /// The contexts that documents may use.
    pub contexts: &'static Contexts,
    /// The time for which the verdict is given.
    pub now: Timestamp,
}

impl Verifier<'_> {
    /// Judges a credential and all that are nested in it.
    pub async fn verify(&self, credential: Arc<Value>) -> Verdict {
        let documents = KeyDocuments::gather(&credential, self.issuers).await;
        let judge = Judge {
            policy: self.policy,
            contexts: self.contexts,
            now: self.now,
            documents,
        };
        let judged = tokio::task::spawn_blocking(move || judge.judge(&credential)).await;
        judged.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }
}

#[cfg(test)]
mod tests;
