//! `credentialSchema`: the schemas that a credential says it keeps (digest section 5.2, step 1).
//!
//! The published 1EdTech schemas are built in as rules of the data model. Schemas of others are looked for, because one that
//! is not there makes the credential wrong, but they are not run: a schema is a program of strangers.

use learner_record::{CredentialKind, items, names_schema_of};
use serde_json::Value;

use super::{Check, CheckName, CheckOutcome, gathered::Gathered, subject::Subject};
use crate::fetch::FetchError;

/// A credential has one for its kind, and perhaps one of its issuer's.
pub(super) const MOST_SCHEMAS: usize = 8;

const SCHEMA_TYPE: &str = "1EdTechJsonSchemaValidator2019";

/// The URL of a schema that is not built in.
pub(super) fn url_to_fetch(entry: &Value, kind: CredentialKind) -> Option<&str> {
    let is_known_type = entry.get("type").is_some_and(|name| name == SCHEMA_TYPE);
    if !is_known_type || names_schema_of(entry, kind) {
        return None;
    }
    entry.get("id")?.as_str()
}

/// One check for each entry.
pub(super) fn check(subject: &Subject, gathered: &Gathered) -> Vec<Check> {
    let credential = subject.credential();
    let kind = CredentialKind::of(credential);
    let Some(schemas) = credential.get("credentialSchema") else {
        return Vec::new();
    };
    let schemas = items("/credentialSchema".to_owned(), Some(schemas));
    let count = schemas.len();
    let checks = schemas.into_iter().take(MOST_SCHEMAS).map(|(member, entry)| {
        if names_schema_of(entry, kind) {
            let reason = "names the published schema of its kind, whose rules are those of the data model";
            return subject.check(CheckName::Schema, &member, CheckOutcome::Passed, reason);
        }
        let Some(url) = url_to_fetch(entry, kind) else {
            let reason = format!("names a schema in a way that is not looked at here: {SCHEMA_TYPE} is");
            return subject.check(CheckName::Schema, &member, CheckOutcome::Warning, reason);
        };
        let had = gathered.json(url);
        let retry = matches!(had, Err(FetchError::OutOfReach(_)));
        let (outcome, reason) = match had {
            Err(FetchError::Absent(reason)) => (
                CheckOutcome::Failed,
                format!("names a schema that is not there: {reason}"),
            ),
            Err(error) => (
                CheckOutcome::CouldNotCheck,
                format!("names a schema that could not be had: {error}"),
            ),
            Ok(_) => (
                CheckOutcome::CouldNotCheck,
                "names a schema of others, which is not run here: ask who published it".to_owned(),
            ),
        };
        Check {
            retry,
            ..subject.check(CheckName::Schema, &member, outcome, reason)
        }
    });
    let mut checks: Vec<Check> = checks.collect();
    if count > MOST_SCHEMAS {
        let reason = format!("names {count} schemas, more than the {MOST_SCHEMAS} that are looked at");
        checks.push(subject.check(
            CheckName::Schema,
            "/credentialSchema",
            CheckOutcome::CouldNotCheck,
            reason,
        ));
    }
    checks
}
