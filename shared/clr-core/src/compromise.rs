//! After a key was compromised: what it signed, and signing that again with the keys of now.
//!
//! What a key signed is what the audit says that it did. The `created` of a proof is no evidence: whoever has the key writes
//! there what he likes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use learner_record::{CredentialIdentity, Version, has_proof, issuer_id, items, nested_credentials_mut};
use serde_json::{Value, json};

use crate::{
    Table, TableError,
    audit::{Act, AuditEntry, OPERATOR, digest_of},
    issuing::{IssueError, IssueOptions, Issuing},
    learners::LearnerId,
    table::{
        AuditPosition, Patience,
        credentials::{Form, SubmittedCredential},
    },
};

/// Entries of the audit that are read at once.
const PAGE: usize = 200;

/// A record that a key signed, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reissue {
    /// The record's id.
    pub record: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a record that is to be signed again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It is signed again wherever it is kept here: for so many learners.
    SignedAgain(usize),
    /// No learner keeps it here, and issuing keeps no copies: its registrar has to issue it again.
    NotHeld,
    /// It is kept here, but cannot be signed again as it is.
    Refused(String),
}

/// What a key signed from `since` on, earlier than `until`: issued records and status lists, the earliest first.
///
/// # Errors
/// The table is busy or refuses.
pub async fn signed_by(
    table: &Table,
    verification_method: &str,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<AuditEntry>, TableError> {
    let mut found = Vec::new();
    let mut next = Some(AuditPosition::since(since));
    while let Some(position) = next {
        let page = table.audit(position, until, PAGE).await?;
        let by_key = |entry: &AuditEntry| {
            matches!(entry.act, Act::Issue | Act::SignStatusList)
                && entry.keys.iter().any(|key| key == verification_method)
        };
        found.extend(page.entries.into_iter().filter(by_key));
        next = page.next;
    }
    Ok(found)
}

/// Signs again what the audit says was issued with a key, in place of what learners keep here. Ids, dates and status entries stay.
///
/// What is kept otherwise than it was given out is not signed: whoever had the key can have written it, and would have it vouched for
/// by the next one.
///
/// # Errors
/// The table is busy or refuses; some of the records may be signed again then. Asking again does no harm.
pub async fn reissue(
    table: &Table,
    issuing: &Issuing<'_>,
    verification_method: &str,
    audited: &[AuditEntry],
    patience: Patience<'_>,
) -> Result<Vec<Reissue>, TableError> {
    let mut given_out: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in audited.iter().filter(|entry| entry.act == Act::Issue) {
        let digests = given_out.entry(&entry.subject).or_default();
        digests.extend(entry.digest.as_deref());
    }
    let issuer = issuer_of(verification_method);
    let wanted: BTreeMap<String, &str> = given_out
        .keys()
        .filter_map(|record| {
            let identity = CredentialIdentity::of(&json!({"issuer": issuer, "id": record})).ok()?;
            Some((identity.clr_credential_id(), *record))
        })
        .collect();
    let mut held: BTreeMap<&str, Vec<(LearnerId, &String)>> = BTreeMap::new();
    let ids = wanted.keys().map(String::as_str).collect();
    for (learner, id) in table.learners_with(&ids).await? {
        if let Some((id, record)) = wanted.get_key_value(&id) {
            held.entry(record).or_default().push((learner, id));
        }
    }
    let mut done = Vec::new();
    for (record, digests) in given_out {
        let places = held.remove(record).unwrap_or_default();
        let mut outcome = Outcome::NotHeld;
        for (learner, id) in places {
            let again = sign_again(table, issuing, verification_method, (&learner, id), &digests, patience).await?;
            outcome = match (again, outcome) {
                (Err(reason), _) => Outcome::Refused(reason),
                (Ok(()), Outcome::SignedAgain(count)) => Outcome::SignedAgain(count + 1),
                (Ok(()), Outcome::NotHeld) => Outcome::SignedAgain(1),
                (Ok(()), refused) => refused,
            };
        }
        done.push(Reissue {
            record: record.to_owned(),
            outcome,
        });
    }
    Ok(done)
}

/// One record of one learner. The inner error says why it cannot be signed again.
async fn sign_again(
    table: &Table,
    issuing: &Issuing<'_>,
    verification_method: &str,
    (learner, id): (&LearnerId, &str),
    given_out: &[&str],
    patience: Patience<'_>,
) -> Result<Result<(), String>, TableError> {
    let Some(found) = table.find_credential(learner, id, patience).await? else {
        return Ok(Err("it was deleted meanwhile".to_owned()));
    };
    let stored = found.credential;
    if stored.form != Form::Json {
        return Ok(Err("it is a JWT: issue it again".to_owned()));
    }
    let Ok(mut record) = serde_json::from_str::<Value>(&stored.text) else {
        return Err(TableError::Corrupt("a credential that is not JSON".to_owned()));
    };
    let is_by_the_key = |(_, proof): (_, &Value)| proof["verificationMethod"] == verification_method;
    if !items(String::new(), record.get("proof")).into_iter().any(is_by_the_key) {
        // It is signed again already, or came in another version.
        return Ok(Ok(()));
    }
    // Spaces and escapes can be those of the application that delivered it.
    if !given_out.contains(&digest_of(&record.to_string()).as_str()) {
        let reason = "what is kept here is not what was given out: issue it again from the registrar's system";
        return Ok(Err(reason.to_owned()));
    }
    take_own_proofs(&mut record, issuer_of(verification_method));
    let signed = match issuing.issue(record, &IssueOptions::default()).await {
        Ok(signed) => signed,
        Err(IssueError::Table(error)) => return Err(error),
        Err(error) => return Ok(Err(error.to_string())),
    };
    let Ok(Version(issued)) = Version::of(&signed.credential) else {
        return Ok(Err("it has no issue time".to_owned()));
    };
    let text = signed.credential.to_string();
    // Should these keys too be compromised one day, the audit has to know of it.
    let mut act = signed.audit(OPERATOR, &text, issuing.clock.now(), issuing.randomness);
    act.note = Some("signed again".to_owned());
    table.append_audit(&act).await?;
    let submitted = SubmittedCredential {
        clr_credential_id: id,
        issued,
        form: Form::Json,
        text: &text,
        // Its life goes on as it was.
        judgement: found.judgement,
    };
    table.upsert_credential(learner, &submitted, patience).await?;
    Ok(Ok(()))
}

fn issuer_of(verification_method: &str) -> &str {
    verification_method
        .split_once('#')
        .map_or(verification_method, |(issuer, _)| issuer)
}

/// Without the issuer's own proofs a record is as it was before it was signed; those of others stay.
fn take_own_proofs(record: &mut Value, issuer: &str) {
    let unsign = |credential: &mut Value| {
        if has_proof(credential)
            && issuer_id(credential) == Some(issuer)
            && let Some(members) = credential.as_object_mut()
        {
            members.shift_remove("proof");
        }
    };
    for (_, nested) in nested_credentials_mut(record) {
        unsign(nested);
    }
    unsign(record);
}
