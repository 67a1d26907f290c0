//! What a registrar may leave out of an unsigned record, and what is put there.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    contexts,
    kind::CredentialKind,
    model::{Class, Edition, Form, Place},
    nested::{has_proof, issuer_id, nested_credentials_mut},
    pointer::one_or_many,
    schemas,
};

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
/// `credentialSchema`, on the record and on every own nested credential that has no proof. What is already there is kept, in its
/// order; only contexts are moved, and old versions of 1EdTech's contexts give way to the current ones.
///
/// Own is what names no issuer, or the one of the completion. A nested credential with a proof, or of another issuer, stays as it is.
pub fn complete(record: &mut Value, completion: &mut Completion<'_>) {
    if !record.is_object() || has_proof(record) {
        return;
    }
    complete_credential(record, CredentialKind::Clr, completion);
    for (_, nested) in nested_credentials_mut(record) {
        if nested.is_object() && !has_proof(nested) && is_own(nested, completion.issuer) {
            complete_credential(nested, CredentialKind::Achievement, completion);
        }
    }
}

/// Whether a credential names no issuer, or the one of this Profile: by its id, or without id by no other name.
fn is_own(credential: &Value, profile: &Value) -> bool {
    match credential.get("issuer") {
        None => true,
        Some(Value::Object(written)) if !written.contains_key("id") => {
            written.get("name").is_none_or(|name| *name == profile["name"])
        }
        Some(_) => issuer_id(credential).is_some_and(|id| profile["id"] == id),
    }
}

/// `usual` is what a credential is that has no `type`.
fn complete_credential(credential: &mut Value, usual: CredentialKind, completion: &mut Completion<'_>) {
    complete_type(credential, usual);
    complete_issuer(credential, completion.issuer);
    let kind = CredentialKind::of(credential);
    let class = Class::of_credential(credential, Place::Inside(Edition::V2_0));
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    contexts::put_in_order(members, kind);
    if !members.contains_key("id") {
        insert_after(members, "@context", "id", (completion.new_id)().into());
    }
    if !members.contains_key("validFrom") && !members.contains_key("issuanceDate") {
        insert_after(members, "issuer", "validFrom", whole_seconds(completion.now).into());
    }
    complete_schema(members, kind);
    name_classes(members, class);
}

/// `VerifiableCredential`, and the kind where `type` is missing or says no more than that.
fn complete_type(credential: &mut Value, usual: CredentialKind) {
    let mut types = one_or_many(credential.get("type")).to_vec();
    if !types.iter().any(|name| name == "VerifiableCredential") {
        types.insert(0, "VerifiableCredential".into());
    }
    if let ([_], Some(name)) = (types.as_slice(), usual.type_name()) {
        types.push(name.into());
    }
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    match members.get_mut("type") {
        Some(written) => *written = types.into(),
        None => insert_after(
            members,
            if members.contains_key("id") { "id" } else { "@context" },
            "type",
            types.into(),
        ),
    }
}

/// The full Profile in place of a missing issuer and of the bare id of our own, and around a partial Profile of our own.
fn complete_issuer(credential: &mut Value, profile: &Value) {
    if !is_own(credential, profile) {
        return;
    }
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    match members.get_mut("issuer") {
        None => insert_after(members, "type", "issuer", profile.clone()),
        Some(Value::Object(written)) => {
            for (name, value) in profile.as_object().into_iter().flatten() {
                if !written.contains_key(name) {
                    written.insert(name.clone(), value.clone());
                }
            }
        }
        Some(id) => *id = profile.clone(),
    }
}

/// The schema of the kind is among the schemas.
fn complete_schema(members: &mut Map<String, Value>, kind: CredentialKind) {
    let written = one_or_many(members.get("credentialSchema"));
    let Some(entry) =
        schemas::schema_entry(kind).filter(|_| !written.iter().any(|entry| schemas::is_schema_of(entry, kind)))
    else {
        return;
    };
    let all: Vec<Value> = written.iter().cloned().chain([entry]).collect();
    members.insert("credentialSchema".to_owned(), all.into());
}

/// Writes `type` wherever it is missing and the place says what it must be. Credentials inside are not entered.
fn name_classes(members: &mut Map<String, Value>, class: &'static Class) {
    for property in class.properties(Edition::V2_0) {
        let Some(value) = members.get_mut(property.name) else {
            continue;
        };
        let (Form::Object(class) | Form::UriOrObject(class)) = &property.form else {
            continue;
        };
        for item in match value {
            Value::Array(items) => items.as_mut_slice(),
            single => std::slice::from_mut(single),
        } {
            let Some(object) = item.as_object_mut() else {
                continue;
            };
            if !object.contains_key("type")
                && let Some(name) = class.type_value()
            {
                object.shift_insert(usize::from(object.contains_key("id")), "type".to_owned(), name);
            }
            name_classes(object, class);
        }
    }
}

/// Right after a member; at the start where that member is missing.
fn insert_after(members: &mut Map<String, Value>, neighbour: &str, name: &str, value: Value) {
    let position = members
        .keys()
        .position(|key| key == neighbour)
        .map_or(0, |index| index + 1);
    members.shift_insert(position, name.to_owned(), value);
}

fn whole_seconds(now: Timestamp) -> String {
    Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}
