//! The credentials inside a record.

use serde_json::Value;

use crate::pointer::{items, items_mut};

/// `credentialSubject.verifiableCredential`, each with its JSON pointer; single value and array alike.
#[must_use]
pub fn nested_credentials(record: &Value) -> Vec<(String, &Value)> {
    items("/credentialSubject".to_owned(), record.get("credentialSubject"))
        .into_iter()
        .flat_map(|(pointer, subject)| {
            items(
                format!("{pointer}/verifiableCredential"),
                subject.get("verifiableCredential"),
            )
        })
        .collect()
}

/// The same, to be changed.
pub fn nested_credentials_mut(record: &mut Value) -> Vec<(String, &mut Value)> {
    items_mut("/credentialSubject".to_owned(), record.get_mut("credentialSubject"))
        .into_iter()
        .flat_map(|(pointer, subject)| {
            items_mut(
                format!("{pointer}/verifiableCredential"),
                subject.get_mut("verifiableCredential"),
            )
        })
        .collect()
}

/// The `id` of the issuer, written as a string or as a Profile.
#[must_use]
pub fn issuer_id(credential: &Value) -> Option<&str> {
    match credential.get("issuer")? {
        Value::String(id) => Some(id),
        profile => profile.get("id")?.as_str(),
    }
}

/// Whether a credential carries a proof of whatever kind. An empty `proof` is none.
#[must_use]
pub fn has_proof(credential: &Value) -> bool {
    match credential.get("proof") {
        None | Some(Value::Null) => false,
        Some(Value::Array(proofs)) => !proofs.is_empty(),
        Some(_) => true,
    }
}
