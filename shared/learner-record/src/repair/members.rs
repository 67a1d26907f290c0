//! Mending what the members of one object say of each other: filling what is missing, dropping references that lead nowhere.

use serde_json::{Map, Value};

use super::Repairs;
use crate::{
    pointer::{child, items_mut, one_or_many},
    validate::{
        quoted,
        rules::{find_by_id, levels},
    },
};

/// Makes a missing member from another one.
pub(super) fn fill_from(
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
pub(super) fn drop_dangling_links(subject: &mut Map<String, Value>, pointer: &str, repairs: &mut Repairs) {
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

pub(super) fn drop_dangling_required_level(description: &mut Map<String, Value>, pointer: &str, repairs: &mut Repairs) {
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
