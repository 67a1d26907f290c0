//! All that is wrong with a completed credential, told before anything is signed.

use canonical_rdf::Contexts;
use learner_record::{CredentialKind, Finding, Findings, check_before_signing, has_proof, issuer_id, unsigned_inside};
use serde_json::Value;

use super::{Form, IssueError};

/// The context of VC 1.1.
const VC_V1: &str = "https://www.w3.org/2018/credentials/v1";

/// What breaks a rule, `known` among it, or else what is merely odd.
pub(super) fn check(
    record: &Value,
    own: &str,
    form: Form,
    contexts: &Contexts,
    known: Vec<Finding>,
) -> Result<Vec<Finding>, IssueError> {
    let mut validation = check_before_signing(record, contexts);
    validation.errors.extend(known);
    for embedded in unsigned_inside(record) {
        let Some(inner) = record.pointer(&embedded.pointer).filter(|inner| !has_proof(inner)) else {
            continue;
        };
        if issuer_id(inner) != Some(own) {
            let message = format!(
                "an unsigned credential of another issuer, {}, cannot be vouched for: only that issuer can sign it",
                issuer_id(inner).map_or_else(|| "which has no id".to_owned(), |id| format!("{id:?}"))
            );
            validation
                .errors
                .push(Finding::new(embedded.pointer, "foreign-unsigned", message));
        } else if CredentialKind::of(inner) == CredentialKind::Clr {
            let message = "a record inside a record must be signed already: issue it on its own first";
            validation
                .errors
                .push(Finding::new(embedded.pointer, "nested-record", message));
        }
    }
    if matches!(form, Form::Jwt(_)) && record.pointer("/@context/0").is_some_and(|context| context == VC_V1) {
        let message = "a credential of VC 1.1 is not issued as a VC-JWT";
        validation
            .errors
            .push(Finding::new("/options/format", "option", message));
    }
    if validation.errors.is_empty() {
        Ok(validation.warnings)
    } else {
        Err(IssueError::Record(Findings(validation.errors)))
    }
}
