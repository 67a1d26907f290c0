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
        drop_dangling(result, "achievedLevel", &pointer, repairs, |id| {
            descriptions
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{nested_credentials, vectors::fixture};

    /// Repairs the transcript after a change to its first nested credential, and tells the repairs and that credential.
    fn repaired(change: impl Fn(&mut Value)) -> (Vec<String>, Value) {
        let mut record = fixture("transcript.json");
        change(&mut record["credentialSubject"]["verifiableCredential"][0]);
        let repairs = repair(&mut record, Contexts::standard());
        let shown = repairs
            .iter()
            .map(|finding| format!("{} {}", finding.pointer, finding.rule))
            .collect();
        (shown, record["credentialSubject"]["verifiableCredential"][0].clone())
    }

    const NESTED: &str = "/credentialSubject/verifiableCredential/0";

    #[track_caller]
    fn check(change: impl Fn(&mut Value), repair: &str, place: &str, becomes: Value) {
        let (repairs, credential) = repaired(change);
        assert_eq!(repairs, [format!("{NESTED}{repair}")]);
        assert_eq!(credential.pointer(place).cloned().unwrap_or_default(), becomes);
    }

    #[test]
    fn a_record_without_faults_is_not_changed() {
        let mut record = fixture("transcript.json");
        assert_eq!(repair(&mut record, Contexts::standard()), []);
        assert_eq!(record.to_string(), fixture("transcript.json").to_string());
    }

    #[test]
    fn missing_criteria_come_from_the_description() {
        let place = "/credentialSubject/achievement/criteria";
        let description = "Limits, derivatives and integrals of functions of one variable.";
        for change in [
            |credential: &mut Value| {
                drop(
                    credential["credentialSubject"]["achievement"]
                        .as_object_mut()
                        .unwrap()
                        .remove("criteria"),
                )
            },
            |credential: &mut Value| credential["credentialSubject"]["achievement"]["criteria"] = json!({}),
        ] {
            check(
                change,
                &format!("{place} missing-property"),
                place,
                json!({ "narrative": description }),
            );
        }
    }

    #[test]
    fn a_missing_description_comes_from_the_name() {
        let place = "/credentialSubject/achievement/description";
        let change = |credential: &mut Value| {
            drop(
                credential["credentialSubject"]["achievement"]
                    .as_object_mut()
                    .unwrap()
                    .remove("description"),
            )
        };
        check(change, &format!("{place} missing-property"), place, json!("Calculus I"));
    }

    #[test]
    fn a_date_becomes_its_first_instant() {
        check(
            |credential| credential["awardedDate"] = json!("2022-12-16"),
            "/awardedDate date-time",
            "/awardedDate",
            json!("2022-12-16T00:00:00Z"),
        );
    }

    #[test]
    fn a_time_without_offset_is_taken_as_utc() {
        check(
            |credential| credential["validFrom"] = json!("2022-12-16T12:30:00.5"),
            "/validFrom date-time",
            "/validFrom",
            json!("2022-12-16T12:30:00.5Z"),
        );
    }

    #[test]
    fn numbers_become_texts_where_the_model_has_texts_and_nowhere_else() {
        let place = "/credentialSubject/result/0/value";
        for (number, text) in [(json!(3.87), "3.87"), (json!(34), "34"), (json!(4.0), "4.0")] {
            let change = |credential: &mut Value| {
                credential["credentialSubject"]["achievement"]["resultDescription"][0]["allowedValue"] = json!([text]);
                credential["credentialSubject"]["result"][0]["value"] = number.clone();
            };
            check(change, &format!("{place} number-as-text"), place, json!(text));
        }
    }

    #[test]
    fn an_unknown_term_of_an_open_vocabulary_becomes_an_extension() {
        let place = "/credentialSubject/achievement/achievementType";
        for (term, extended) in [("Seminar", "ext:Seminar"), ("Summer School", "ext:Summer_School")] {
            check(
                |credential| credential["credentialSubject"]["achievement"]["achievementType"] = json!(term),
                &format!("{place} vocabulary"),
                place,
                json!(extended),
            );
        }
    }

    #[test]
    fn an_unknown_term_of_a_closed_vocabulary_stays() {
        let (repairs, credential) =
            repaired(|credential| credential["credentialSubject"]["result"][0]["status"] = json!("Done"));
        assert_eq!(repairs, Vec::<String>::new());
        assert_eq!(credential["credentialSubject"]["result"][0]["status"], "Done");
    }

    #[test]
    fn an_array_of_one_is_unwrapped_where_the_model_has_one() {
        let image = json!({"id": "https://a.example/i.png", "type": ["Image"]});
        check(
            |credential| credential["image"] = image.clone(),
            "/image/type single-value",
            "/image/type",
            json!("Image"),
        );
    }

    #[test]
    fn references_that_lead_nowhere_are_dropped() {
        for (member, place) in [
            ("resultDescription", "/credentialSubject/result/0/resultDescription"),
            ("achievedLevel", "/credentialSubject/result/0/achievedLevel"),
        ] {
            check(
                |credential| credential["credentialSubject"]["result"][0][member] = json!("urn:nowhere"),
                &format!("{place} dangling-reference"),
                place,
                Value::Null,
            );
        }
        let place = "/credentialSubject/achievement/resultDescription/0/requiredLevel";
        check(
            |credential| {
                credential["credentialSubject"]["achievement"]["resultDescription"][0]["requiredLevel"] =
                    json!("urn:nowhere")
            },
            &format!("{place} dangling-reference"),
            place,
            Value::Null,
        );
    }

    #[test]
    fn a_level_of_another_description_of_the_achievement_is_kept() {
        let mut record = fixture("transcript.json");
        let result = &mut record["credentialSubject"]["verifiableCredential"][5]["credentialSubject"]["result"];
        result[1]["achievedLevel"] = result[0]["achievedLevel"].clone();
        assert_eq!(repair(&mut record, Contexts::standard()), []);
    }

    #[test]
    fn services_of_another_system_are_removed() {
        for member in ["credentialStatus", "refreshService"] {
            check(
                |credential| credential[member] = json!({"id": "https://a.example/1", "type": "1EdTechRevocationList"}),
                &format!("/{member} foreign-service"),
                &format!("/{member}"),
                Value::Null,
            );
        }
    }

    #[test]
    fn terms_that_no_context_defines_are_dropped_however_deep() {
        for place in [
            "/studentNumber",
            "/credentialSubject/gradeLevel",
            "/credentialSubject/achievement/creator/faculty",
        ] {
            let (parent, name) = place.rsplit_once('/').unwrap();
            check(
                |credential| {
                    drop(
                        credential
                            .pointer_mut(parent)
                            .unwrap()
                            .as_object_mut()
                            .unwrap()
                            .insert(name.to_owned(), json!("1")),
                    )
                },
                &format!("{place} undefined-term"),
                place,
                Value::Null,
            );
        }
    }

    #[test]
    fn a_type_that_no_context_defines_is_dropped_and_with_its_last_type_the_object() {
        check(
            |credential| credential["type"] = json!(["VerifiableCredential", "AchievementCredential", "Transcript"]),
            "/type/2 undefined-term",
            "/type",
            json!(["VerifiableCredential", "AchievementCredential"]),
        );
        check(
            |credential| credential["termsOfUse"] = json!([{"id": "https://a.example/p", "type": "IssuerPolicy"}]),
            "/termsOfUse/0 undefined-term",
            "/termsOfUse",
            Value::Null,
        );
    }

    #[test]
    fn every_occurrence_of_an_undefined_term_is_dropped() {
        let mut record = fixture("transcript.json");
        for (_, nested) in nested_credentials_mut(&mut record) {
            nested["grade"] = json!("A");
            nested["credentialSubject"]["grade"] = json!("A");
        }
        record["grade"] = json!("A");
        let repairs = repair(&mut record, Contexts::standard());
        assert_eq!(repairs.len(), 17, "{repairs:?}");
        assert_eq!(record, fixture("transcript.json"));
    }

    #[test]
    fn signed_and_foreign_nested_credentials_are_not_mended() {
        let mut record = fixture("transcript.json");
        let nested = record["credentialSubject"]["verifiableCredential"]
            .as_array_mut()
            .unwrap();
        for credential in nested.iter_mut() {
            credential["awardedDate"] = json!("2022-12-16");
        }
        nested[0]["proof"] = json!({"type": "DataIntegrityProof"});
        nested[1]["issuer"] = json!({"id": "did:web:other.example", "type": ["Profile"]});
        let before = nested[..2].to_vec();
        let repairs = repair(&mut record, Contexts::standard());
        assert_eq!(
            record["credentialSubject"]["verifiableCredential"].as_array().unwrap()[..2],
            before
        );
        assert_eq!(repairs.len(), 6);
    }

    #[test]
    fn the_new_issuer_stands_wherever_the_former_stood() {
        let mut record = fixture("transcript.json");
        let former = record["issuer"]["id"].clone();
        let other = json!({"id": "did:web:other.example", "type": ["Profile"]});
        record["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]["achievement"]["creator"]["id"] =
            former.clone();
        record["credentialSubject"]["verifiableCredential"][1]["issuer"] = other.clone();
        record["credentialSubject"]["verifiableCredential"][2]["proof"] = json!({"type": "DataIntegrityProof"});
        record["credentialSubject"]["achievement"] = json!([{"creator": {"id": former.clone()}}]);
        let issuer = json!({"id": "did:key:z1", "type": ["Profile"], "name": "Laptop"});
        let repairs = replace_issuer(&mut record, &issuer);

        assert_eq!(record["issuer"], issuer);
        assert_eq!(record["credentialSubject"]["achievement"][0]["creator"], issuer);
        let nested: Vec<_> = nested_credentials(&record)
            .into_iter()
            .map(|(_, credential)| credential)
            .collect();
        assert_eq!(nested[0]["credentialSubject"]["achievement"]["creator"], issuer);
        assert_eq!(nested[1]["issuer"], other);
        assert_eq!(nested[2].get("proof"), None);
        assert!(
            nested
                .iter()
                .enumerate()
                .all(|(index, credential)| index == 1 || credential["issuer"] == issuer)
        );
        assert!(
            !record.to_string().contains(former.as_str().unwrap()),
            "the former issuer is still named"
        );
        assert_eq!(repairs.len(), 1 + 7 + 1 + 2, "{repairs:?}");
        assert_eq!(
            record.as_object().unwrap().keys().nth(5).map(String::as_str),
            Some("issuer"),
            "the issuer kept its place"
        );
    }

    #[test]
    fn the_same_issuer_is_not_replaced() {
        let mut record = fixture("transcript.json");
        let issuer = json!({"id": record["issuer"]["id"]});
        assert_eq!(replace_issuer(&mut record, &issuer), []);
        assert_eq!(record, fixture("transcript.json"));
    }
}
