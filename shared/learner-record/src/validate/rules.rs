//! Rules that the published schema does not catch (digest section 3.6), each named by the class that it belongs to.

use serde_json::Value;

use super::{Object, Validation, brief, formats, quoted};
use crate::{
    contexts::Required,
    kind::CredentialKind,
    pointer::{child, items, one_or_many},
};

/// The contexts stand in the standard's order (digest section 4).
pub(crate) fn context_order(credential: &Object<'_>, report: &mut Validation) {
    let pointer = child(credential.pointer, "@context");
    let kind = CredentialKind::of(credential.value);
    let written = credential.value.get("@context");
    if written.is_none() {
        return;
    }
    let required = Required::of(kind);
    if kind != CredentialKind::Other && !written.is_some_and(Value::is_array) {
        let message = format!(
            "an array of contexts is expected, starting with {}",
            current_contexts(required)
        );
        return report.error(pointer, "context-order", message);
    }
    let written = one_or_many(written);
    for (index, required_here) in required.iter().enumerate() {
        let found = written.get(index);
        if !found
            .and_then(Value::as_str)
            .is_some_and(|url| required_here.matches(url))
        {
            let message = format!(
                "the contexts must start with {}; {} was found at position {}",
                current_contexts(required),
                found.map_or_else(|| "nothing".to_owned(), brief),
                index + 1
            );
            return report.error(pointer, "context-order", message);
        }
    }
    for (index, required_here) in required.iter().enumerate().skip(1) {
        if written[index] != required_here.current() {
            let message = format!(
                "{} is not the current version {}",
                brief(&written[index]),
                required_here.current()
            );
            report.warning(format!("{pointer}/{index}"), "context-version", message);
        }
    }
}

fn current_contexts(required: &[Required]) -> String {
    required
        .iter()
        .map(|required| required.current())
        .collect::<Vec<_>>()
        .join(", ")
}

/// `validUntil` does not lie before `validFrom`.
pub(crate) fn validity_period(credential: &Object<'_>, report: &mut Validation) {
    for (from, until) in [("validFrom", "validUntil"), ("issuanceDate", "expirationDate")] {
        let instant = |member: &str| credential.value.get(member)?.as_str().and_then(formats::date_time);
        if let (Some(start), Some(end)) = (instant(from), instant(until))
            && end < start
        {
            let message = format!("{until:?} lies before {from:?}, so the credential is never valid");
            report.error(child(credential.pointer, until), "validity-period", message);
        }
    }
}

/// One entry of `credentialSchema` is the schema of the class (digest section 3.5).
pub(crate) fn credential_schema(credential: &Object<'_>, report: &mut Validation) {
    let Some(written) = credential.value.get("credentialSchema") else {
        return;
    };
    let kind = CredentialKind::of(credential.value);
    if !one_or_many(Some(written))
        .iter()
        .any(|entry| crate::schemas::is_schema_of(entry, kind))
    {
        let url = crate::schemas::schema_url(kind).unwrap_or_default();
        let message = format!(
            "none of the schemas is {url} with the type \"{}\"",
            crate::schemas::SCHEMA_TYPE
        );
        report.warning(
            child(credential.pointer, "credentialSchema"),
            "credential-schema",
            message,
        );
    }
}

/// The issuer of an achievement is written out: 1EdTech's validator refuses a bare id.
pub(crate) fn issuer_profile(credential: &Object<'_>, report: &mut Validation) {
    if credential.value.get("issuer").is_some_and(Value::is_string) {
        let message = "validators expect the issuer's Profile here, not its id alone";
        report.warning(child(credential.pointer, "issuer"), "issuer-profile", message);
    }
}

/// A subject has an `id` or an `identifier`.
pub(crate) fn subject_identity(subject: &Object<'_>, report: &mut Validation) {
    if subject.value.get("id").is_none() && one_or_many(subject.value.get("identifier")).is_empty() {
        let message = "the subject needs an \"id\" or at least one \"identifier\", else the record is about nobody";
        report.error(subject.pointer, "subject-identity", message);
    }
}

/// Associations join achievements of this record.
pub(crate) fn association_link(subject: &Object<'_>, report: &mut Validation) {
    let id_of = |value: &Value| value.get("id").and_then(Value::as_str).map(str::to_owned);
    let nested = one_or_many(subject.value.get("verifiableCredential"));
    let achievements: Vec<String> = one_or_many(subject.value.get("achievement"))
        .iter()
        .chain(
            nested
                .iter()
                .filter_map(|credential| credential.get("credentialSubject")?.get("achievement")),
        )
        .filter_map(id_of)
        .collect();
    if achievements.is_empty() {
        // What is missing has been told already.
        return;
    }
    let credentials: Vec<String> = nested.iter().filter_map(id_of).collect();
    for (pointer, association) in items(child(subject.pointer, "association"), subject.value.get("association")) {
        for end in ["sourceId", "targetId"] {
            let Some(id) = association.get(end).and_then(Value::as_str) else {
                continue;
            };
            if achievements.iter().any(|known| known == id) {
                continue;
            }
            let found = if credentials.iter().any(|known| known == id) {
                "is the id of a credential, not of its achievement"
            } else {
                "is not the id of an achievement in this record"
            };
            report.warning(
                child(&pointer, end),
                "association-link",
                format!("{} {found}", quoted(id)),
            );
        }
    }
}

/// No two credentials in a record share an `id`: in the signed graph they would be one.
pub(crate) fn duplicate_id(subject: &Object<'_>, report: &mut Validation) {
    let mut seen: Vec<&str> = Vec::new();
    for (pointer, credential) in items(
        child(subject.pointer, "verifiableCredential"),
        subject.value.get("verifiableCredential"),
    ) {
        let Some(id) = credential.get("id").and_then(Value::as_str) else {
            continue;
        };
        if seen.contains(&id) {
            let message = format!("{} is the id of another credential of this record too", quoted(id));
            report.warning(child(&pointer, "id"), "duplicate-id", message);
        }
        seen.push(id);
    }
}

/// Criteria say something: an `id` or a `narrative`.
pub(crate) fn criteria_content(criteria: &Object<'_>, report: &mut Validation) {
    if criteria.value.get("id").is_none() && criteria.value.get("narrative").is_none() {
        report.error(
            criteria.pointer,
            "criteria-content",
            "the criteria need a \"narrative\" or an \"id\"",
        );
    }
}

/// Results point at the descriptions and levels of the achievement that is asserted, and fit them.
pub(crate) fn result_links(subject: &Object<'_>, report: &mut Validation) {
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
                    let message = format!(
                        "{} is not the id of a resultDescription of this achievement",
                        quoted(id)
                    );
                    report.error(child(&pointer, "resultDescription"), "result-description-link", message);
                }
                found
            }
        };
        check_level(result, description, descriptions, &pointer, report);
        if let Some(description) = description {
            check_result(result, description, &pointer, report);
        }
    }
}

/// `achievedLevel` is a level of a description of the achievement; of the linked one, if it means what it says.
fn check_level(
    result: &Value,
    description: Option<&Value>,
    descriptions: &[Value],
    pointer: &str,
    report: &mut Validation,
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
fn check_result(result: &Value, description: &Value, pointer: &str, report: &mut Validation) {
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
            "{} is not among the allowedValue of the linked resultDescription",
            quoted(value)
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
pub(crate) fn required_level(description: &Object<'_>, report: &mut Validation) {
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

/// A hashed identity has the form of a hash (digest section 5.5).
pub(crate) fn identity_hash(identity: &Object<'_>, report: &mut Validation) {
    let Some(hash) = identity.value.get("identityHash").and_then(Value::as_str) else {
        return;
    };
    let pointer = child(identity.pointer, "identityHash");
    match identity.value.get("hashed") {
        Some(Value::Bool(true)) if !formats::is_identity_hash(hash) => {
            let message = "\"hashed\" is true, so \"sha256$\" and 64 hexadecimal digits are expected";
            report.error(pointer, "identity-hash", message);
        }
        Some(Value::Bool(true)) if hash.starts_with("md5$") => {
            report.warning(pointer, "identity-hash", "md5 hides nothing any more: hash with sha256");
        }
        Some(Value::Bool(false)) if formats::is_identity_hash(hash) => {
            report.warning(
                pointer,
                "identity-hash",
                "this looks like a hash, but \"hashed\" is false",
            );
        }
        _ => {}
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
