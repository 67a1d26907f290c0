//! The verdict on a signed credential: is it what its issuer signed, and does it count today?
//!
//! A record is a tree: a ClrCredential wraps credentials of many issuers. Each of them is expanded and checked alone, on
//! its own JSON, because the outer proof does not bind a result to its course: nested credentials about one learner merge
//! into one RDF node, so two exchanged results leave the outer canonical form as it was. Hence an unsigned nested
//! credential makes a record invalid.
//!
//! In the order of digest section 5.2: data model and schemas, proofs, a newer version once, validity period and status, the
//! recipient, endorsements, nested credentials. First what may need waiting is gathered, then the credentials are
//! judged without I/O, several at a time, away from the async threads.

mod asked;
mod checks;
mod did_web;
mod gathered;
mod issuer_page;
mod jwt;
mod key_documents;
mod presentation;
mod recipient;
mod schema;
mod securing;
mod state;
mod status;
mod subject;
mod verdict;

use std::{num::NonZero, sync::Arc, thread::available_parallelism};

use canonical_rdf::Contexts;
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use serde_json::Value;

pub use self::asked::Asked;
pub(crate) use self::subject::MOST_CREDENTIALS;
use self::{
    checks::Judge,
    gathered::Gathered,
    jwt::Jwt,
    key_documents::Keys,
    subject::{Subject, Tree},
};
pub use self::{
    jwt::NotAJwt,
    key_documents::{jwks_url, key_document_url},
    presentation::Presentation,
    recipient::Recipient,
    state::{Judgement, State, UnknownState},
    verdict::{Check, CheckName, CheckOutcome, Outcome, Policy, UnknownPolicy, Verdict},
};
use crate::{fetch::Fetcher, issuers::Issuers, status::StatusLists};

/// What a verdict depends on beside the document.
#[derive(Clone, Debug)]
pub struct Verifier<'a> {
    /// Whose keys are believed, and what else is looked at.
    pub policy: Policy,
    /// The deployment's own issuers: their keys are known without the network.
    pub issuers: &'a Issuers,
    /// The deployment's own status lists, where there is a table that has them.
    pub own_lists: Option<StatusLists<'a>>,
    /// Fetches the documents of others.
    pub fetcher: &'a Fetcher,
    /// The contexts that documents may use.
    pub contexts: &'static Contexts,
    /// The time for which the verdict is given.
    pub now: Timestamp,
    /// Identifiers of the person whom the record should be about; empty: it is not asked.
    pub recipient: Arc<[Recipient]>,
}

impl Verifier<'_> {
    /// Judges a credential and all that are in it: JSON with embedded proofs, an `EnvelopedVerifiableCredential`, or a string
    /// that is a compact JWS. Pointers of the verdict point into the credential, which a JWS has inside.
    pub async fn verify(&self, document: Arc<Value>) -> Verdict {
        let jwt = match (&*document, jwt::in_envelope(&document, &jwt::CREDENTIAL_ENVELOPE)) {
            (Value::String(text), _) => Ok(text.as_str()),
            (_, Some(text)) => text,
            _ => return self.verify_tree(Subject::outer(document)).await,
        };
        match jwt.and_then(|text| Jwt::read(text).map_err(|error| error.to_string())) {
            Ok(jwt) => self.verify_tree(Subject::outer_jwt(jwt)).await,
            Err(reason) => {
                let reason = format!("is no credential that can be read: {reason}");
                let check = Subject::outer(document).check(CheckName::Proof, "", CheckOutcome::Failed, reason);
                Verdict::new(self.policy, vec![check])
            }
        }
    }

    async fn verify_tree(&self, outer: Subject) -> Verdict {
        self.judge_tree(Tree::of(outer, self.policy != Policy::ProofOnly)).await
    }

    /// A tree that is cut cannot be valid: nothing in it is worth its signature checks.
    async fn judge_tree(&self, tree: Tree) -> Verdict {
        let Tree {
            subjects,
            mut checks,
            is_cut,
        } = tree;
        if !is_cut {
            checks.extend(self.judge(subjects).await);
        }
        Verdict::new(self.policy, checks)
    }

    /// The checks of these credentials, in their order.
    async fn judge(&self, subjects: Vec<Subject>) -> Vec<Check> {
        let gathered = Gathered::gather(&subjects, self).await;
        let judge = Judge::new(self.policy, self.contexts, self.now, self.recipient.clone(), gathered);
        let subjects: Arc<[Subject]> = subjects.into();
        let for_lists = subjects.clone();
        let judge = Arc::new(in_the_background(move || judge.judge_lists(&for_lists)).await);
        // More at a time than there are processors would only take turns.
        let at_once = available_parallelism().map_or(1, NonZero::get);
        let judged: Vec<Vec<Check>> = stream::iter(0..subjects.len())
            .map(|index| {
                let (judge, subjects) = (judge.clone(), subjects.clone());
                in_the_background(move || judge.judge(&subjects[index]))
            })
            .buffered(at_once)
            .collect()
            .await;
        judged.into_iter().flatten().collect()
    }

    /// The keys that an issuer of this deployment has or had, none where it is not one.
    async fn own_keys(&self, issuer: &str) -> Result<Option<Keys>, String> {
        let issuer = match self.issuers.find(issuer).await {
            Ok(None) => return Ok(None),
            Ok(Some(issuer)) => issuer,
            Err(error) => return Err(error.to_string()),
        };
        let listed = self
            .issuers
            .listed_keys(issuer)
            .await
            .map_err(|error| error.to_string())?;
        let trusted = listed.into_iter().filter(|key| key.revoked.is_none());
        Ok(Some(
            trusted.map(|key| (key.verification_method, key.public_key)).collect(),
        ))
    }
}

/// The credential in a compact JWS. Says nothing about its signature.
///
/// # Errors
/// The text is no JWS of a form that credentials have.
pub fn credential_in_jws(text: &str) -> Result<Arc<Value>, NotAJwt> {
    Jwt::read(text).map(|jwt| jwt.credential)
}

async fn in_the_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

#[cfg(test)]
mod tests;
