//! Rules over results and the descriptions that they point at.

use serde_json::Value;

use crate::{
    Clause,
    pointer::{child, items, one_or_many},
    validate::{Object, Report, quoted},
};

/// Results point at the descriptions and levels of the achievement that is asserted, and fit them.
pub(crate) fn result_links(subject: &Object<'_>, report: &mut Report) {
    let achievement = subject.value.get("achievement");
    let descriptions = one_or_many(achievement.and_then(|achievement| achievement.get("resultDescription")));
    for (pointer, result) in items(child(subject.pointer, "result"), subject.value.get("result")) {
        let description = match result.get("resultDescription").and_then(Value::as_str) {
            None => {
                if !result
                    .as_object()
                    .is_some_and(|members| members.contains_key("resultDescription"))
                {
                    let message =
                        "the result names no \"resultDescription\", so nobody can tell what kind of result it is";
                    report.warning(&pointer, "result-without-description", message);
                }
                None
            }
            Some(id) => {
                let found = find_by_id(descriptions, id);
                if found.is_none() {
                    let known = ids(descriptions);
                    let message = format!(
                        "{} is not the id of a resultDescription of this achievement, which has {known}",
                        quoted(id)
                    );
                    report.under(Clause::Ob("Result"), |report| {
                        report.error(child(&pointer, "resultDescription"), "result-description-link", message);
                    });
                }
                found
            }
        };
        report.under(Clause::Ob("Result"), |report| {
            check_level(result, description, descriptions, &pointer, report);
            if let Some(description) = description {
                check_result(result, description, &pointer, report);
            }
        });
    }
}

/// `achievedLevel` is a level of a description of the achievement; of the linked one, if it means what it says.
fn check_level(
    result: &Value,
    description: Option<&Value>,
    descriptions: &[Value],
    pointer: &str,
    report: &mut Report,
) {
    let Some(level) = result.get("achievedLevel").and_then(Value::as_str) else {
        return;
    };
    let has_level = |description: &Value| find_by_id(levels(description), level).is_some();
    if !descriptions.iter().any(has_level) {
        let message = format!(
            "{} is not the id of a rubricCriterionLevel of this achievement's results",
            quoted(level)
        );
        report.error(child(pointer, "achievedLevel"), "achieved-level-link", message);
    } else if description.is_some_and(|description| !has_level(description)) {
        let message = format!(
            "{} is a level of another resultDescription than the linked one",
            quoted(level)
        );
        report.warning(child(pointer, "achievedLevel"), "achieved-level-link", message);
    }
}

/// What the linked description asks of a result.
fn check_result(result: &Value, description: &Value, pointer: &str, report: &mut Report) {
    if description.get("resultType").is_some_and(|kind| kind == "Status") && result.get("status").is_none() {
        let message = "the linked resultDescription has the resultType \"Status\", so the result needs a \"status\"";
        report.error(pointer, "result-status", message);
    }
    let Some(value) = result.get("value").and_then(Value::as_str) else {
        return;
    };
    let allowed = one_or_many(description.get("allowedValue"));
    if !allowed.is_empty() && !allowed.iter().any(|allowed| allowed == value) {
        let message = format!(
            "{} is not among the values that the linked resultDescription allows: {}",
            quoted(value),
            allowed.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        );
        report.warning(child(pointer, "value"), "result-value", message);
    }
    let number = |text: Option<&Value>| text?.as_str()?.trim().parse::<f64>().ok();
    let number_found = value.trim().parse::<f64>().ok();
    for (bound, is_outside) in [("valueMin", f64::lt as fn(&f64, &f64) -> bool), ("valueMax", f64::gt)] {
        if let (Some(value_found), Some(limit)) = (number_found, number(description.get(bound)))
            && is_outside(&value_found, &limit)
        {
            let message = format!(
                "{} lies beyond the {bound} of the linked resultDescription, {limit}",
                quoted(value)
            );
            report.warning(child(pointer, "value"), "result-value", message);
        }
    }
}

/// `requiredLevel` is one of the description's own levels.
pub(crate) fn required_level(description: &Object<'_>, report: &mut Report) {
    if let Some(level) = description.value.get("requiredLevel").and_then(Value::as_str)
        && find_by_id(levels(description.value), level).is_none()
    {
        let message = format!(
            "{} is not the id of a rubricCriterionLevel of this resultDescription",
            quoted(level)
        );
        report.error(
            child(description.pointer, "requiredLevel"),
            "required-level-link",
            message,
        );
    }
}

/// The ids of some objects, as a message names them.
fn ids(objects: &[Value]) -> String {
    let ids: Vec<_> = objects
        .iter()
        .filter_map(|object| object.get("id")?.as_str())
        .map(quoted)
        .collect();
    if ids.is_empty() {
        "none".to_owned()
    } else {
        ids.join(", ")
    }
}

/// The levels of a result description.
pub(crate) fn levels(description: &Value) -> &[Value] {
    one_or_many(description.get("rubricCriterionLevel"))
}

/// The object with this `id`.
pub(crate) fn find_by_id<'a>(objects: &'a [Value], id: &str) -> Option<&'a Value> {
    objects
        .iter()
        .find(|object| object.get("id").is_some_and(|found| found == id))
}
