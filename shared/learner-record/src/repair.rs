//! Mending what real systems write. Never used by the API: there, a fault is an error that its author learns of.
//!
//! Only unsigned credentials of the record's own issuer are mended; a repair of anything else would break or forge it.

mod issuer;
mod members;
mod terms;
mod values;

use canonical_rdf::Contexts;
use serde_json::{Map, Value, json};

pub use self::issuer::replace_issuer;
use self::{
    members::{drop_dangling_links, drop_dangling_required_level, fill_from},
    values::{repair_value, unwrap_single},
};
use crate::{
    Finding,
    complete::complete_meaning,
    kind::CredentialKind,
    model::{Class, Edition, Form, Place},
    nested::{has_proof, issuer_id, nested_credentials_mut},
    pointer::{child, items_mut},
};

/// Repairs an unsigned record in place; each repair is a warning with its pointer.
///
/// What gives its terms a meaning is completed first, as in [`complete`](crate::complete()): types and contexts, which a registrar may
/// leave out. Contexts are put in order; criteria and description are filled from what stands beside them; dates become instants,
/// numbers texts, unknown vocabulary terms extensions, arrays of one single values where the model has those; dangling references, terms that no context
/// defines, and another system's `credentialStatus` and `refreshService` go.
pub fn repair(record: &mut Value, contexts: &Contexts) -> Vec<Finding> {
    let mut repairs = Repairs::default();
    if has_proof(record) || Edition::of(record) == Edition::V1_1 {
        return repairs.0;
    }
    repair_credential(record, CredentialKind::Clr, "", Place::Alone, contexts, &mut repairs);
    let own = issuer_id(record).map(str::to_owned);
    let mut signed_or_foreign = Vec::new();
    for (pointer, nested) in nested_credentials_mut(record) {
        let is_own = nested.get("issuer").is_none() || issuer_id(nested) == own.as_deref();
        if is_own && !has_proof(nested) && Edition::of(nested) == Edition::V2_0 {
            let place = Place::Inside(Edition::V2_0);
            repair_credential(
                nested,
                CredentialKind::Achievement,
                &pointer,
                place,
                contexts,
                &mut repairs,
            );
        } else {
            signed_or_foreign.push(pointer);
        }
    }
    // The record last: what is wrong inside a nested credential is found where that one stands alone.
    terms::drop_undefined(record, "", &signed_or_foreign, contexts, &mut repairs);
    repairs.0
}

/// What was mended.
#[derive(Default)]
struct Repairs(Vec<Finding>);

impl Repairs {
    fn add(&mut self, pointer: impl Into<String>, rule: &'static str, message: impl Into<String>) {
        self.0.push(Finding::new(pointer, rule, message));
    }
}

/// `usual` is what a credential is that has no `type`.
fn repair_credential(
    credential: &mut Value,
    usual: CredentialKind,
    pointer: &str,
    place: Place,
    contexts: &Contexts,
    repairs: &mut Repairs,
) {
    let written = credential.get("@context").cloned();
    complete_meaning(credential, usual);
    let class = Class::of_credential(credential, place);
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    if written.is_some_and(|written| members.get("@context") != Some(&written)) {
        let message = "the contexts were put in the standard's order, in their current versions";
        repairs.add(child(pointer, "@context"), "context-order", message);
    }
    for (member, what) in [("credentialStatus", "status"), ("refreshService", "refresh service")] {
        if members.shift_remove(member).is_some() {
            let message = format!("removed: it names a {what} of another system");
            repairs.add(child(pointer, member), "foreign-service", message);
        }
    }
    repair_object(members, class, pointer, repairs);
    if place != Place::Alone {
        terms::drop_undefined(credential, pointer, &[], contexts, repairs);
    }
}

/// Mends the values of an object, then what is inside them, then what its class says of several of them.
fn repair_object(members: &mut Map<String, Value>, class: &'static Class, pointer: &str, repairs: &mut Repairs) {
    for property in class.properties(Edition::V2_0) {
        let Some(value) = members.get_mut(property.name) else {
            continue;
        };
        let pointer = child(pointer, property.name);
        unwrap_single(value, property, &pointer, repairs);
        for (pointer, item) in items_mut(pointer, Some(value)) {
            match (&property.form, item) {
                (Form::Object(class) | Form::UriOrObject(class), Value::Object(members)) => {
                    repair_object(members, class, &pointer, repairs);
                }
                (form, item) => repair_value(item, form, &pointer, repairs),
            }
        }
    }
    match class.name {
        "Achievement" => {
            fill_from(members, "description", "name", |name| name.clone(), pointer, repairs);
            if members
                .get("criteria")
                .is_none_or(|criteria| criteria.as_object().is_some_and(Map::is_empty))
            {
                members.shift_remove("criteria");
                let narrative = |description: &Value| json!({ "narrative": description });
                fill_from(members, "criteria", "description", narrative, pointer, repairs);
            }
        }
        "AchievementSubject" => drop_dangling_links(members, pointer, repairs),
        "ResultDescription" => drop_dangling_required_level(members, pointer, repairs),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
