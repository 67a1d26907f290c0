//! Mending what real systems write. Never used by the API: there, a fault is an error that its author learns of.
//!
//! Only unsigned credentials of the record's own issuer are mended; a repair of anything else would break or forge it.

mod terms;

use canonical_rdf::Contexts;
use serde_json::{Map, Value, json};

use crate::{
    Finding, contexts,
    kind::CredentialKind,
    model::{Class, Edition, Form, Place, Property},
    nested::{has_proof, issuer_id, nested_credentials_mut},
    pointer::{child, items_mut, one_or_many},
    validate::{
        brief, formats, quoted,
        rules::{find_by_id, levels},
    },
};

/// Repairs an unsigned record in place; each repair is a warning with its pointer.
///
/// Contexts are put in order; criteria and description are filled from what stands beside them; dates become instants,
/// numbers texts, unknown vocabulary terms extensions, arrays of one single values where the model has those; dangling references, terms that no context
/// defines, and another system's `credentialStatus` and `refreshService` go.
pub fn repair(record: &mut Value, contexts: &Contexts) -> Vec<Finding> {
    let mut repairs = Repairs::default();
    if has_proof(record) || Edition::of(record) == Edition::V1_1 {
        return repairs.0;
    }
    repair_credential(record, "", Place::Alone, contexts, &mut repairs);
    let own = issuer_id(record).map(str::to_owned);
    let mut signed_or_foreign = Vec::new();
    for (pointer, nested) in nested_credentials_mut(record) {
        let is_own = nested.get("issuer").is_none() || issuer_id(nested) == own.as_deref();
        if is_own && !has_proof(nested) && Edition::of(nested) == Edition::V2_0 {
            repair_credential(nested, &pointer, Place::Inside(Edition::V2_0), contexts, &mut repairs);
        } else {
            signed_or_foreign.push(pointer);
        }
    }
    // The record last: what is wrong inside a nested credential is found where that one stands alone.
    terms::drop_undefined(record, "", &signed_or_foreign, contexts, &mut repairs);
    repairs.0
}

/// Puts the issuer Profile in place of the record's own: outer, nested, and creators with the former issuer's id. A proof of
/// the former issuer no longer fits and goes. Credentials of others stay as they are.
pub fn replace_issuer(record: &mut Value, issuer: &Value) -> Vec<Finding> {
    let mut repairs = Repairs::default();
    let former = issuer_id(record).map(str::to_owned);
    if former.is_some() && former.as_deref() == issuer.get("id").and_then(Value::as_str) {
        return repairs.0;
    }
    replace_in_credential(record, "", former.as_deref(), issuer, &mut repairs);
    for (pointer, nested) in nested_credentials_mut(record) {
        if nested.get("issuer").is_none() || issuer_id(nested) == former.as_deref() {
            replace_in_credential(nested, &pointer, former.as_deref(), issuer, &mut repairs);
        }
    }
    repairs.0
}

/// What was mended.
#[derive(Default)]
struct Repairs(Vec<Finding>);

impl Repairs {
    fn add(&mut self, pointer: impl Into<String>, rule: &'static str, message: impl Into<String>) {
        self.0.push(Finding {
            pointer: pointer.into(),
            rule,
            message: message.into(),
        });
    }
}

fn repair_credential(credential: &mut Value, pointer: &str, place: Place, contexts: &Contexts, repairs: &mut Repairs) {
    let class = Class::of_credential(credential, place);
    let kind = CredentialKind::of(credential);
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    let written = members.get("@context").cloned();
    contexts::put_in_order(members, kind);
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

/// An array of one becomes its item where the model has a single value.
fn unwrap_single(value: &mut Value, property: &Property, pointer: &str, repairs: &mut Repairs) {
    if property.is_repeatable() {
        return;
    }
    if let Value::Array(items) = value
        && items.len() == 1
        && let Some(item) = items.pop()
    {
        *value = item;
        repairs.add(pointer, "single-value", "the array of one became its value");
    }
}

fn repair_value(value: &mut Value, form: &Form, pointer: &str, repairs: &mut Repairs) {
    let (mended, rule, what) = match (&*value, form) {
        (Value::Number(number), form) if form.is_string() => (
            number.to_string(),
            "number-as-text",
            format!("the number {number} became a text"),
        ),
        (Value::String(text), Form::DateTime) if formats::is_date(text) => (
            format!("{text}T00:00:00Z"),
            "date-time",
            format!("the date {text:?} became its first instant in UTC"),
        ),
        (Value::String(text), Form::DateTime) if formats::is_date_time_without_offset(text) => (
            format!("{text}Z"),
            "date-time",
            format!("{text:?} has no offset and was taken as UTC"),
        ),
        (Value::String(term), Form::Vocabulary(vocabulary)) if vocabulary.extensible && !vocabulary.allows(term) => {
            let what = format!("{} is not in {}: it became an extension", quoted(term), vocabulary.name);
            (extension(term), "vocabulary", what)
        }
        _ => return,
    };
    *value = mended.into();
    repairs.add(pointer, rule, what);
}

/// `ext:` and the term, with `_` for each character that an extension cannot have.
fn extension(term: &str) -> String {
    let fitting = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
            c
        } else {
            '_'
        }
    };
    format!("ext:{}", term.trim().chars().map(fitting).collect::<String>())
}

/// Makes a missing member from another one.
fn fill_from(
    members: &mut Map<String, Value>,
    missing: &str,
    source: &str,
    make: impl Fn(&Value) -> Value,
    pointer: &str,
    repairs: &mut Repairs,
) {
    if members.contains_key(missing) {
        return;
    }
    if let Some(found) = members.get(source).filter(|found| found.is_string()) {
        let made = make(found);
        members.insert(missing.to_owned(), made);
        repairs.add(
            child(pointer, missing),
            "missing-property",
            format!("{missing:?} was missing and was taken from {source:?}"),
        );
    }
}

/// Results keep only references to descriptions and levels that their achievement has.
fn drop_dangling_links(subject: &mut Map<String, Value>, pointer: &str, repairs: &mut Repairs) {
    let descriptions = one_or_many(
        subject
            .get("achievement")
            .and_then(|achievement| achievement.get("resultDescription")),
    )
    .to_vec();
    for (pointer, result) in items_mut(child(pointer, "result"), subject.get_mut("result")) {
        let Some(result) = result.as_object_mut() else {
            continue;
        };
        drop_dangling(result, "resultDescription", &pointer, repairs, |id| {
            find_by_id(&descriptions, id).is_some()
        });
        let linked = result
            .get("resultDescription")
            .and_then(Value::as_str)
            .and_then(|id| find_by_id(&descriptions, id));
        let candidates = linked.map_or(descriptions.as_slice(), std::slice::from_ref);
        drop_dangling(result, "achievedLevel", &pointer, repairs, |id| {
            candidates
                .iter()
                .any(|description| find_by_id(levels(description), id).is_some())
        });
    }
}

fn drop_dangling_required_level(description: &mut Map<String, Value>, pointer: &str, repairs: &mut Repairs) {
    let levels = one_or_many(description.get("rubricCriterionLevel")).to_vec();
    drop_dangling(description, "requiredLevel", pointer, repairs, |id| {
        find_by_id(&levels, id).is_some()
    });
}

fn drop_dangling(
    members: &mut Map<String, Value>,
    member: &str,
    pointer: &str,
    repairs: &mut Repairs,
    resolves: impl Fn(&str) -> bool,
) {
    let Some(id) = members.get(member).and_then(Value::as_str) else {
        return;
    };
    if !resolves(id) {
        let message = format!("removed: {} is nowhere in this achievement", quoted(id));
        members.shift_remove(member);
        repairs.add(child(pointer, member), "dangling-reference", message);
    }
}

fn replace_in_credential(
    credential: &mut Value,
    pointer: &str,
    former: Option<&str>,
    issuer: &Value,
    repairs: &mut Repairs,
) {
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    if members.shift_remove("proof").is_some() {
        repairs.add(
            child(pointer, "proof"),
            "issuer-replaced",
            "removed: the former issuer's proof does not fit the new issuer",
        );
    }
    if let Some(written) = members.insert("issuer".to_owned(), issuer.clone()) {
        let message = format!(
            "{} was replaced by {}",
            brief(written.get("id").unwrap_or(&written)),
            brief(&issuer["id"])
        );
        repairs.add(child(pointer, "issuer"), "issuer-replaced", message);
    }
    if let Some(former) = former {
        replace_creators(credential, pointer, former, issuer, repairs);
    }
}

/// Creators inside a credential; nothing that is signed or a credential of its own is entered.
fn replace_creators(value: &mut Value, pointer: &str, former: &str, issuer: &Value, repairs: &mut Repairs) {
    match value {
        Value::Object(members) if !members.contains_key("proof") => {
            for (name, member) in members {
                let pointer = child(pointer, name);
                if name == "creator" && member.get("id").is_some_and(|id| id == former) {
                    *member = issuer.clone();
                    repairs.add(
                        pointer,
                        "issuer-replaced",
                        format!("{} was replaced by {}", quoted(former), brief(&issuer["id"])),
                    );
                } else if name != "verifiableCredential" {
                    replace_creators(member, &pointer, former, issuer, repairs);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                replace_creators(item, &format!("{pointer}/{index}"), former, issuer, repairs);
            }
        }
        _ => {}
    }
}
