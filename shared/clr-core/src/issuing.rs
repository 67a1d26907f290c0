//! Issuing: from an unsigned record to a signed one, in two rounds of signing.
//!
//! First every own nested credential without proof is signed, all of them at once; then the record around them. An outer proof
//! alone would not bind a result to its course, because nested credentials of one learner merge into one graph.
//! All findings come before the first signature, and nothing comes back unless everything is signed.

mod round;

use std::sync::Arc;

use canonical_rdf::Contexts;
use data_integrity::ProofError;
use jiff::Timestamp;
use learner_record::{
    Completion, CredentialKind, Finding, Findings, StatusPurpose, check_before_signing, complete, has_proof, issuer_id,
    nested_credentials, nested_credentials_mut,
};
use serde_json::Value;

use self::round::Round;
use crate::{
    Clock, Randomness, TableError,
    issuers::{Issuer, IssuerKey, Issuers, KeysError},
    signer::SignError,
    status::StatusLists,
};

/// The context that defines status entries.
const VC_V2: &str = "https://www.w3.org/ns/credentials/v2";

/// So many signatures are asked for at once; a key's keeper throttles what goes far beyond.
pub const MAX_CONCURRENT_SIGNATURES: usize = 128;

/// What issuing needs from its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Issuing<'a> {
    /// Who signs here.
    pub issuers: &'a Issuers,
    /// What records may use.
    pub contexts: &'static Contexts,
    /// When it is.
    pub clock: &'a dyn Clock,
    /// Where new ids come from.
    pub randomness: &'a Randomness,
    /// Where each credential gets an entry that does not bring a status of its own; none: it gets no status.
    pub status: Option<(StatusLists<'a>, StatusPurpose)>,
}

/// A signed record.
#[derive(Clone, Debug, PartialEq)]
pub struct Issued {
    /// The record and its nested credentials, each with its proofs.
    pub credential: Value,
    /// What is allowed in it, but likely not meant.
    pub warnings: Vec<Finding>,
}

/// Why a record was not issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The record breaks rules. Its author can mend it.
    #[error("the record cannot be issued: {0}")]
    Record(Findings),
    /// The record names an issuer that this deployment does not sign for.
    #[error("{found:?} is not an issuer of this deployment, which issues as {}: name that one, or leave \"issuer\" out", .own.join(" or "))]
    ForeignIssuer {
        /// The issuer that the record names.
        found: String,
        /// The ids of the deployment's own.
        own: Vec<String>,
    },
    /// A key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The table is busy or refuses.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The bytes to sign could not be made of a record that was found right.
    #[error("the hash data could not be made")]
    HashData(#[source] ProofError),
}

impl Issuing<'_> {
    /// Completes, checks and signs a record.
    ///
    /// Nested credentials that carry a proof stay as they are, whoever issued them.
    ///
    /// # Errors
    /// See [`IssueError`]. A record's faults are told all at once.
    pub async fn issue(&self, mut record: Value) -> Result<Issued, IssueError> {
        let issuer = self.issuer_of(&record).await?;
        let keys = self.issuers.signing_keys(issuer).await?;
        let now = self.clock.now();
        let mut new_id = || format!("urn:uuid:{}", self.randomness.uuid());
        complete(
            &mut record,
            &mut Completion {
                issuer: &issuer.profile,
                now,
                new_id: &mut new_id,
                new_salt: &mut || self.randomness.secret().reveal().to_owned(),
            },
        );
        let round = Round {
            contexts: self.contexts,
            keys: keys.into(),
            created: whole_seconds(now),
        };

        let (own, contexts) = (issuer.id.clone(), self.contexts);
        let (mut record, warnings) =
            blocking(move || check(&record, &own, contexts).map(|warnings| (record, warnings))).await?;

        self.give_status(&mut record).await?;
        let nested = take_unsigned(&mut record);
        put_back(&mut record, round.sign(nested).await?);
        let signed = round.sign(vec![(String::new(), record)]).await?;
        // One document goes in, so one comes out.
        let credential = signed.into_iter().next().map(|(_, record)| record).unwrap_or_default();
        Ok(Issued { credential, warnings })
    }

    /// Gives the record and every nested credential that is about to be signed an entry of its own.
    async fn give_status(&self, record: &mut Value) -> Result<(), IssueError> {
        let Some((lists, purpose)) = &self.status else {
            return Ok(());
        };
        let places = without_status(record);
        let ids: Vec<_> = places.iter().map(|(_, id)| id.as_str()).collect();
        let entries = lists.assign(*purpose, &ids).await?;
        for ((pointer, _), entry) in places.iter().zip(entries) {
            if let Some(Value::Object(credential)) = record.pointer_mut(pointer) {
                credential.insert("credentialStatus".to_owned(), entry);
            }
        }
        Ok(())
    }

    /// The issuer that the record names, or the deployment's first.
    async fn issuer_of(&self, record: &Value) -> Result<&Issuer, IssueError> {
        let own = self.issuers.all().await?;
        let named = issuer_id(record);
        own.iter()
            .find(|issuer| named.is_none_or(|id| id == issuer.id))
            .ok_or_else(|| IssueError::ForeignIssuer {
                found: named.unwrap_or_default().to_owned(),
                own: own.iter().map(|issuer| issuer.id.clone()).collect(),
            })
    }
}

impl From<KeysError> for IssueError {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Key(error) => error.into(),
            KeysError::History(error) => error.into(),
        }
    }
}

/// Gives one document of the deployment's own a proof by each key.
pub(crate) async fn sign_document(
    document: Value,
    keys: Arc<[IssuerKey]>,
    contexts: &'static Contexts,
    now: Timestamp,
) -> Result<Value, IssueError> {
    let round = Round {
        contexts,
        keys,
        created: whole_seconds(now),
    };
    let signed = round.sign(vec![(String::new(), document)]).await?;
    // One document goes in, so one comes out.
    Ok(signed
        .into_iter()
        .next()
        .map(|(_, document)| document)
        .unwrap_or_default())
}

/// All that is wrong with a completed record, or what is merely odd about it.
fn check(record: &Value, own: &str, contexts: &Contexts) -> Result<Vec<Finding>, IssueError> {
    let mut validation = check_before_signing(record, contexts);
    for (pointer, nested) in nested_credentials(record) {
        if has_proof(nested) || !nested.is_object() {
            continue;
        }
        if issuer_id(nested) != Some(own) {
            let message = format!(
                "an unsigned credential of another issuer, {}, cannot be vouched for: only that issuer can sign it",
                issuer_id(nested).map_or_else(|| "which has no id".to_owned(), |id| format!("{id:?}"))
            );
            validation
                .errors
                .push(Finding::new(pointer, "foreign-unsigned", message));
        } else if CredentialKind::of(nested) == CredentialKind::Clr {
            let message = "a record inside a record must be signed already: issue it on its own first".to_owned();
            validation.errors.push(Finding::new(pointer, "nested-record", message));
        }
    }
    if validation.errors.is_empty() {
        Ok(validation.warnings)
    } else {
        Err(IssueError::Record(Findings(validation.errors)))
    }
}

/// What is to be signed, has an id and brings no status: pointers and ids. A credential of VC 1.1 knows no such entries.
fn without_status(record: &Value) -> Vec<(String, String)> {
    let lacks_status = |credential: &Value| {
        let contexts = credential["@context"].as_array();
        let is_v2 = contexts.is_some_and(|contexts| contexts.iter().any(|context| context == VC_V2));
        is_v2 && !has_proof(credential) && credential.get("credentialStatus").is_none()
    };
    nested_credentials(record)
        .into_iter()
        .chain([(String::new(), record)])
        .filter(|(_, credential)| lacks_status(credential))
        .filter_map(|(pointer, credential)| Some((pointer, credential["id"].as_str()?.to_owned())))
        .collect()
}

/// Takes the nested credentials without proof out of a record, each with its pointer; [`put_back`] undoes it.
fn take_unsigned(record: &mut Value) -> Vec<(String, Value)> {
    nested_credentials_mut(record)
        .into_iter()
        .filter(|(_, nested)| !has_proof(nested))
        .map(|(pointer, nested)| (pointer, nested.take()))
        .collect()
}

fn put_back(record: &mut Value, credentials: Vec<(String, Value)>) {
    for (pointer, credential) in credentials {
        if let Some(place) = record.pointer_mut(&pointer) {
            *place = credential;
        }
    }
}

/// Runs work that keeps a processor busy where it does not hold up other requests.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // The task is never aborted, so what ended it was a panic.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn whole_seconds(now: Timestamp) -> String {
    Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

#[cfg(test)]
mod tests;
