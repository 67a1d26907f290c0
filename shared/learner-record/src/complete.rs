//! What a registrar may leave out of an unsigned record, and what is put there.

use jiff::Timestamp;
use serde_json::Value;

/// What comes in from outside.
pub struct Completion<'a> {
    /// The issuer Profile object: `id`, `type`, `name` and whatever else the institution publishes.
    pub issuer: &'a Value,
    /// Becomes `validFrom` where it is missing.
    pub now: Timestamp,
    /// A fresh `urn:uuid:…` each call.
    pub new_id: &'a mut dyn FnMut() -> String,
}

/// Completes an unsigned ClrCredential in place: contexts in the standard's order, ids, types, issuer Profile, `validFrom`,
/// `credentialSchema`, on the record and on every own nested AchievementCredential that has no proof. What is already
/// there is kept.
pub fn complete(record: &mut Value, completion: &mut Completion<'_>) {
    let _ = (record, completion.issuer, completion.now, &mut completion.new_id);
    todo!()
}

/// `credentialSubject.verifiableCredential`, each with its JSON pointer; single value and array alike.
#[must_use]
pub fn nested_credentials(record: &Value) -> Vec<(String, &Value)> {
    let _ = record;
    todo!()
}

/// The same, to be changed.
pub fn nested_credentials_mut(record: &mut Value) -> Vec<(String, &mut Value)> {
    let _ = record;
    todo!()
}
