//! Holding a credential against the tables of the data model and the rules that no table can say.

pub(crate) mod formats;
mod report;
pub(crate) mod rules;
mod values;

use serde_json::Value;

pub use self::rules::MAX_IMAGE_BYTES;
use self::values::{check_value, did_you_mean, not_a_text};
pub(crate) use self::{
    report::Report,
    values::{brief, quoted},
};
use crate::{
    Clause, Finding,
    kind::CredentialKind,
    model::{Class, Edition, Form, Place, Property, classes::PROFILE},
    pointer::child,
};

/// The outcome of validation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validation {
    /// The document breaks these rules.
    pub errors: Vec<Finding>,
    /// Allowed, but likely not meant.
    pub warnings: Vec<Finding>,
}

/// A rule over more than one property of an object.
pub(crate) type Rule = fn(&Object<'_>, &mut Report);

/// An object of a class, and its place.
pub(crate) struct Object<'a> {
    pub(crate) value: &'a Value,
    pub(crate) pointer: &'a str,
}

/// Validates a ClrCredential, AchievementCredential or EndorsementCredential (its `type` decides), nested ones included;
/// a credential of any other type by the general rules of verifiable credentials, of version 1.1 or 2.0 as its contexts say.
///
/// All findings at once, a thousand errors and a thousand warnings at most, each class's missing properties first, then in the order of the document.
#[must_use]
pub fn validate(credential: &Value) -> Validation {
    let mut report = Report::new(Clause::Vc("types"));
    check_credential(credential, "", Place::Alone, &mut report);
    report.into_validation()
}

/// Validates a Profile that stands alone, as getProfile and putProfile of the API exchange it.
#[must_use]
pub fn validate_profile(profile: &Value) -> Validation {
    let mut report = Report::new(PROFILE.clause);
    check_object(profile, &PROFILE, Edition::of(profile), "", &mut report);
    report.into_validation()
}

fn check_credential(credential: &Value, pointer: &str, place: Place, report: &mut Report) {
    if place == Place::Alone && CredentialKind::of(credential) == CredentialKind::Other {
        report.warning(
            child(pointer, "type"),
            "credential-type",
            "names no ClrCredential, AchievementCredential or EndorsementCredential, so only the general rules of verifiable credentials were checked",
        );
    }
    check_credential_as(
        Class::of_credential(credential, place),
        credential,
        pointer,
        place,
        report,
    );
}

fn check_credential_as(class: &'static Class, credential: &Value, pointer: &str, place: Place, report: &mut Report) {
    let edition = Edition::of(credential);
    if place != Place::Alone && place != Place::Inside(edition) && credential.is_object() {
        report.under(Clause::Vc("contexts"), |report| {
            report.error(
                child(pointer, "@context"),
                "mixed-vc-versions",
                "credentials of VC 1.1 and of VC 2.0 cannot stand in one record, because their contexts contradict each other",
            );
        });
    }
    check_object(credential, class, edition, pointer, report);
}

fn check_object(value: &Value, class: &'static Class, edition: Edition, pointer: &str, report: &mut Report) {
    report.under(class.clause, |report| {
        let Some(members) = value.as_object() else {
            let message = format!("{} is an object, {} was found", class.name, brief(value));
            return report.error(pointer, "value-type", message);
        };
        for property in class.properties(edition) {
            if property.is_required() && !members.contains_key(property.name) {
                report.error(
                    child(pointer, property.name),
                    "missing-property",
                    format!("{} needs {:?}, which is missing", class.name, property.name),
                );
            }
        }
        for (name, member) in members {
            if report.is_full() {
                return;
            }
            let pointer = child(pointer, name);
            match class.property(name, edition) {
                Some(property) => check_property(member, property, edition, &pointer, report),
                None if !class.open => {
                    let known: Vec<&str> = class.properties(edition).map(|property| property.name).collect();
                    let message = format!(
                        "{} has no property {name:?}, only {}{}",
                        class.name,
                        known.join(", "),
                        did_you_mean(name, known.iter().copied())
                    );
                    report.error(pointer, "unknown-property", message);
                }
                None => {}
            }
        }
        for rule in class.rules() {
            rule(&Object { value, pointer }, report);
        }
    });
}

fn check_property(value: &Value, property: &Property, edition: Edition, pointer: &str, report: &mut Report) {
    if let Form::TypeSet(groups) = property.form {
        return check_type_set(value, groups, pointer, report);
    }
    let Value::Array(items) = value else {
        return check_value(value, &property.form, edition, pointer, report);
    };
    if !property.is_repeatable() {
        let message = format!(
            "{:?} takes one value, an array of {} was found",
            property.name,
            items.len()
        );
        return report.error(pointer, "single-value", message);
    }
    if items.is_empty() {
        if property.is_required() {
            let message = format!("{:?} needs at least one value, an empty array was found", property.name);
            report.error(pointer, "not-empty", message);
        } else {
            report.under(Clause::ObSection("serialization"), |report| {
                report.warning(pointer, "empty-array", "an empty array says nothing: leave it out");
            });
        }
    }
    for (index, item) in items.iter().enumerate() {
        if report.is_full() {
            return;
        }
        check_value(item, &property.form, edition, &format!("{pointer}/{index}"), report);
    }
}

/// `type`: strings, among them one of each group.
fn check_type_set(value: &Value, groups: &[&[&str]], pointer: &str, report: &mut Report) {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    for item in items.iter().filter(|item| !item.is_string()) {
        not_a_text(item, pointer, report);
    }
    for group in groups {
        if !group.iter().any(|name| items.iter().any(|item| item == name)) {
            let names: Vec<_> = group.iter().map(|name| format!("{name:?}")).collect();
            let message = format!(
                "the type must contain {}, {} was found",
                names.join(" or "),
                brief(value)
            );
            report.error(pointer, "class-type", message);
        }
    }
}
