//! What a registrar may leave out of an unsigned record, and what is put there.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    contexts,
    embedded::{Embedded, unsigned_inside},
    kind::CredentialKind,
    model::{Class, Edition, Form, Place},
    nested::{has_proof, issuer_id},
    pointer::{items_mut, one_or_many},
    recipient::hash_email_address,
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
    /// A fresh random text each call: the salt of an e-mail address that is hashed.
    pub new_salt: &'a mut dyn FnMut() -> String,
}

/// Completes an unsigned CLR or Open Badges credential in place: contexts in the standard's order, ids, types, issuer Profile,
/// `validFrom`, `credentialSchema`; on it, and on every own credential inside it that has no proof, nested ones and
/// endorsements. What is already there is kept, in its order; only contexts are moved, and old versions of 1EdTech's contexts
/// give way to the current ones.
///
/// A plain e-mail address among the subject's identifiers is hashed where its author says `"hashed": true`, or nothing; `"hashed": false`
/// leaves it readable. A hash keeps an address from being read at a glance, no more: whoever guesses the address can check it.
///
/// A credential that says by its types and contexts that it is none of 1EdTech's stays as it is. Only one of VC 1.1 gets what it
/// cannot do without: `issuanceDate`, and the context that defines the members of its proof.
///
/// Own is what names no issuer, or the one of the completion. A credential with a proof, or of another issuer, stays as it is.
pub fn complete(record: &mut Value, completion: &mut Completion<'_>) {
    if !record.is_object() || has_proof(record) {
        return;
    }
    if is_general(record) {
        return complete_general(record, completion);
    }
    complete_credential(record, CredentialKind::Clr, completion);
    for Embedded { pointer, usual, .. } in unsigned_inside(record) {
        if let Some(inner) = record.pointer_mut(&pointer)
            && is_own(inner, completion.issuer)
        {
            complete_credential(inner, usual, completion);
        }
    }
}

/// Whether a document says that it is another credential than 1EdTech's: it has contexts and types, and neither are 1EdTech's.
fn is_general(record: &Value) -> bool {
    let contexts = one_or_many(record.get("@context"));
    CredentialKind::of(record) == CredentialKind::Other
        && record.get("type").is_some()
        && !contexts.is_empty()
        && !contexts
            .iter()
            .any(|context| context.as_str().is_some_and(|url| contexts::Required::Clr.matches(url)))
}

/// Such a credential gets no more than what signing takes: in VC 1.1, whose contexts know no Data Integrity proofs, the context
/// that does, and the date of issue. Contexts that are no list stay as they are.
fn complete_general(credential: &mut Value, completion: &Completion<'_>) {
    if Edition::of(credential) == Edition::V2_0 {
        return;
    }
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    if !members.contains_key("issuanceDate") {
        insert_after(
            members,
            "issuer",
            "issuanceDate",
            format!("{:.0}", completion.now).into(),
        );
    }
    let mut contexts = one_or_many(members.get("@context")).to_vec();
    if !contexts
        .iter()
        .any(|context| contexts::DATA_INTEGRITY.iter().any(|known| context == known))
    {
        contexts.push(contexts::DATA_INTEGRITY[0].into());
        members.insert("@context".to_owned(), contexts.into());
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
    complete_meaning(credential, usual);
    complete_issuer(credential, completion.issuer);
    let kind = CredentialKind::of(credential);
    let begins = match Edition::of(credential) {
        Edition::V1_1 => "issuanceDate",
        Edition::V2_0 => "validFrom",
    };
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    if !members.contains_key("id") {
        insert_after(members, "@context", "id", (completion.new_id)().into());
    }
    if !members.contains_key("validFrom") && !members.contains_key("issuanceDate") {
        insert_after(members, "issuer", begins, format!("{:.0}", completion.now).into());
    }
    complete_schema(members, kind);
    let subjects = items_mut(String::new(), members.get_mut("credentialSubject"));
    for (_, identity) in subjects
        .into_iter()
        .flat_map(|(_, subject)| items_mut(String::new(), subject.get_mut("identifier")))
    {
        if let Some(identity) = identity.as_object_mut() {
            hash_email_address(identity, completion.new_salt);
        }
    }
}

/// What gives the members of a credential their meaning: its types, its contexts, the types of the objects inside. Without these
/// a term is undefined, whatever it says.
pub(crate) fn complete_meaning(credential: &mut Value, usual: CredentialKind) {
    complete_type(credential, usual);
    let kind = CredentialKind::of(credential);
    let class = Class::of_credential(credential, Place::Alone);
    if let Some(members) = credential.as_object_mut() {
        contexts::put_in_order(members, kind);
        name_classes(members, class);
    }
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

/// The full Profile in place of a missing issuer and of the bare id of our own, and around a partial Profile of our own. In a
/// credential of a type that 1EdTech does not know, Profiles have no meaning: there a missing issuer becomes our bare id.
fn complete_issuer(credential: &mut Value, profile: &Value) {
    if !is_own(credential, profile) {
        return;
    }
    let kind = CredentialKind::of(credential);
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    if kind == CredentialKind::Other {
        if !members.contains_key("issuer") {
            insert_after(members, "type", "issuer", profile["id"].clone());
        }
        return;
    }
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
        schemas::schema_entry(kind).filter(|_| !written.iter().any(|entry| schemas::names_schema_of(entry, kind)))
    else {
        return;
    };
    let all: Vec<Value> = written.iter().cloned().chain([entry]).collect();
    members.insert("credentialSchema".to_owned(), all.into());
}

/// Writes `type` wherever it is missing and the place says what it must be. Issuers and credentials are not entered.
fn name_classes(members: &mut Map<String, Value>, class: &'static Class) {
    for property in class.properties(Edition::V2_0) {
        let Some(value) = members.get_mut(property.name) else {
            continue;
        };
        let Form::Object(class) = &property.form else {
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

#[cfg(test)]
mod tests;
