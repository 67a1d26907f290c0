//! Issuing: from an unsigned credential to a signed one, from the inside out.
//!
//! First every own credential inside it that has no proof is signed, all of one depth at once; then the credential around
//! them. An outer proof alone would not bind a result to its course, because nested credentials of one learner merge into
//! one graph. So a record is two rounds of signing, however many credentials it nests; endorsements of the record itself
//! are signed in the first of them, endorsements inside nested credentials take a round before it.
//! All findings come before the first signature, and nothing comes back unless everything is signed.

mod check;
mod form;
mod round;
mod status;

use std::{collections::BTreeMap, sync::Arc};

use canonical_rdf::Contexts;
use data_integrity::ProofError;
use jiff::Timestamp;
use learner_record::{
    Completion, Finding, Findings, StatusPurpose, complete, issuer_id, nested_credentials, unsigned_inside,
};
use serde_json::Value;

pub use self::form::Form;
use self::{form::Outer, round::Round};
use crate::{
    Clock, Randomness, TableError,
    audit::{Act, AuditEntry, SignedDocument, digest_of},
    issuers::{Issuer, IssuerKey, Issuers, KeysError},
    signer::SignError,
    status::StatusLists,
    verification::MOST_CREDENTIALS,
};

/// So many signatures are asked for at once; a key's keeper throttles what goes far beyond.
const MAX_CONCURRENT_SIGNATURES: usize = 128;

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
    /// The deployment's status lists; none where there is no deployment.
    pub lists: Option<StatusLists<'a>>,
    /// Whether each credential that brings no status gets an entry in them.
    pub gives_status: bool,
}

/// What may be asked for beside the credential itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueOptions {
    /// How the credential is secured.
    pub form: Form,
    /// The id of a credential that has none.
    pub credential_id: Option<String>,
    /// What the state of the credential, and of those inside it, will say. Nothing: revocation.
    pub status: Option<StatusPurpose>,
}

/// A signed credential.
#[derive(Clone, Debug, PartialEq)]
pub struct Issued {
    /// The credential and those inside it, each with its proofs; or an `EnvelopedVerifiableCredential` around a VC-JWT.
    pub credential: Value,
    /// What is allowed in it, but likely not meant.
    pub warnings: Vec<Finding>,
    /// The verification methods of its proofs, in their order.
    pub keys: Vec<String>,
    /// All that was signed, the credential itself last.
    pub signed: Vec<SignedDocument>,
}

/// Why a credential was not issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The credential or the options break rules. Their author can mend them.
    #[error("the record cannot be issued: {0}")]
    Record(Findings),
    /// The credential names an issuer that this deployment does not sign for.
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
    /// Completes, checks and signs a credential. Its type decides which rules it is held to.
    ///
    /// Credentials inside it that carry a proof stay as they are, whoever issued them.
    ///
    /// # Errors
    /// See [`IssueError`]. A credential's faults are told all at once.
    pub async fn issue(&self, mut record: Value, options: &IssueOptions) -> Result<Issued, IssueError> {
        let issuer = self.issuer_of(&record).await?;
        let keys = self.issuers.signing_keys(issuer).await?;
        let (inner, outer) = options.form.keys(issuer, keys)?;
        options.name(&mut record)?;
        let nested = nested_credentials(&record).len();
        if nested >= MOST_CREDENTIALS {
            let message = format!(
                "holds {nested} credentials, and no verifier looks at {MOST_CREDENTIALS}: issue several records"
            );
            let pointer = "/credentialSubject/verifiableCredential";
            return Err(IssueError::Record(Findings(vec![Finding::new(
                pointer,
                "credential-count",
                message,
            )])));
        }
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
        let misplaced = self.misplaced_entries(&record).await?;
        let (own, contexts, form) = (issuer.id.clone(), self.contexts, options.form);
        let (mut record, warnings) =
            blocking(move || check::check(&record, &own, form, contexts, misplaced).map(|warnings| (record, warnings)))
                .await?;

        self.give_status(&mut record, options.status).await?;
        let (id, keys) = (id_of(&record), outer.key_ids());
        let round = |keys: Vec<IssuerKey>| Round {
            contexts: self.contexts,
            keys: keys.into(),
            created: format!("{now:.0}"),
        };
        let mut signed = sign_inside(&round(inner), &mut record).await?;
        let (credential, kms_requests) = match outer {
            Outer::Proofs(keys) => {
                let documents = round(keys).sign(vec![(String::new(), record)]).await?;
                // One document goes in, so one comes out.
                let document = documents.into_iter().next().unwrap_or_default();
                (document.credential, document.kms_requests)
            }
            Outer::Jwt(key) => key.sign(&record).await?,
        };
        signed.push(SignedDocument { id, kms_requests });
        Ok(Issued {
            credential,
            warnings,
            keys,
            signed,
        })
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

impl Issued {
    /// What the audit says of it. `text`: as it is given out.
    #[must_use]
    pub fn audit(&self, actor: &str, text: &str, now: Timestamp, randomness: &Randomness) -> AuditEntry {
        let subject = self
            .signed
            .last()
            .map(|document| document.id.as_str())
            .unwrap_or_default();
        AuditEntry {
            digest: Some(digest_of(text)),
            keys: self.keys.clone(),
            signed: self.signed.clone(),
            ..AuditEntry::new(Act::Issue, actor, subject, now, randomness)
        }
    }
}

impl IssueOptions {
    /// Gives the credential the id that the options have for it.
    fn name(&self, record: &mut Value) -> Result<(), IssueError> {
        let (Some(id), Some(members)) = (&self.credential_id, record.as_object_mut()) else {
            return Ok(());
        };
        match members.get("id") {
            Some(written) if written != id => {
                let message = format!("{id:?} is not the credential's own id, {written}");
                Err(refused_option("/options/credentialId", message))
            }
            Some(_) => Ok(()),
            None => {
                members.insert("id".to_owned(), id.as_str().into());
                Ok(())
            }
        }
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
        created: format!("{now:.0}"),
    };
    let signed = round.sign(vec![(String::new(), document)]).await?;
    // One document goes in, so one comes out.
    Ok(signed.into_iter().next().unwrap_or_default().credential)
}

/// Signs what is inside a credential, a round for each depth, the deepest first.
async fn sign_inside(round: &Round, record: &mut Value) -> Result<Vec<SignedDocument>, IssueError> {
    let mut depths: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for embedded in unsigned_inside(record) {
        depths.entry(embedded.depth).or_default().push(embedded.pointer);
    }
    let mut signed = Vec::new();
    for pointers in depths.into_values().rev() {
        let documents = pointers
            .into_iter()
            .filter_map(|pointer| {
                record
                    .pointer_mut(&pointer)
                    .map(Value::take)
                    .map(|taken| (pointer, taken))
            })
            .collect();
        for document in round.sign(documents).await? {
            signed.push(SignedDocument {
                id: id_of(&document.credential),
                kms_requests: document.kms_requests,
            });
            if let Some(place) = record.pointer_mut(&document.pointer) {
                *place = document.credential;
            }
        }
    }
    Ok(signed)
}

fn refused_option(pointer: &str, message: impl Into<String>) -> IssueError {
    IssueError::Record(Findings(vec![Finding::new(pointer, "option", message)]))
}

fn id_of(credential: &Value) -> String {
    credential
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Runs work that keeps a processor busy where it does not hold up other requests.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // The task is never aborted, so what ended it was a panic.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests;
