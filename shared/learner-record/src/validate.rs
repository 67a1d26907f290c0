//! Holding a credential against the tables of the data model and the rules that no table can say.

pub(crate) mod formats;
pub(crate) mod rules;

use serde_json::Value;

use crate::{
    Finding,
    kind::CredentialKind,
    model::{Class, Edition, Form, Place, Property, Vocabulary, classes::ENDORSEMENT_CREDENTIAL},
    nested::has_proof,
    pointer::child,
    suggest::nearest,
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
pub(crate) type Rule = fn(&Object<'_>, &mut Validation);

/// An object of a class, and its place.
pub(crate) struct Object<'a> {
    pub(crate) value: &'a Value,
    pub(crate) pointer: &'a str,
}

/// Validates a ClrCredential, AchievementCredential or EndorsementCredential (its `type` decides), nested ones included;
/// a credential of any other type by the general rules of verifiable credentials.
///
/// All findings at once, each class's missing properties first, then in the order of the document.
#[must_use]
pub fn validate(credential: &Value) -> Validation {
    let mut report = Validation::default();
    check_credential(credential, "", Place::Alone, &mut report);
    report
}

fn check_credential(credential: &Value, pointer: &str, place: Place, report: &mut Validation) {
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

fn check_credential_as(
    class: &'static Class,
    credential: &Value,
    pointer: &str,
    place: Place,
    report: &mut Validation,
) {
    let edition = Edition::of(credential);
    if place != Place::Alone && place != Place::Inside(edition) && credential.is_object() {
        report.error(
            child(pointer, "@context"),
            "mixed-vc-versions",
            "credentials of VC 1.1 and of VC 2.0 cannot stand in one record, because their contexts contradict each other",
        );
    }
    check_object(credential, class, edition, pointer, report);
}

fn check_object(value: &Value, class: &'static Class, edition: Edition, pointer: &str, report: &mut Validation) {
    let Some(members) = value.as_object() else {
        let message = format!("{} is an object, {} was found", class.name, brief(value));
        return report.error(pointer, "value-type", message);
    };
    for property in class.properties(edition) {
        if property.is_required() && !members.contains_key(property.name) {
            report.error(
                child(pointer, property.name),
                "missing-property",
                format!("{} needs {:?}", class.name, property.name),
            );
        }
    }
    for (name, member) in members {
        let pointer = child(pointer, name);
        match class.property(name, edition) {
            Some(property) => check_property(member, property, edition, &pointer, report),
            None if !class.open => {
                let known = class.properties(edition).map(|property| property.name);
                let message = format!("{} has no property {name:?}{}", class.name, did_you_mean(name, known));
                report.error(pointer, "unknown-property", message);
            }
            None => {}
        }
    }
    for rule in class.rules() {
        rule(&Object { value, pointer }, report);
    }
}

fn check_property(value: &Value, property: &Property, edition: Edition, pointer: &str, report: &mut Validation) {
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
            report.error(
                pointer,
                "not-empty",
                format!("{:?} needs at least one value", property.name),
            );
        } else {
            report.warning(pointer, "empty-array", "an empty array says nothing: leave it out");
        }
    }
    for (index, item) in items.iter().enumerate() {
        check_value(item, &property.form, edition, &format!("{pointer}/{index}"), report);
    }
}

/// `type`: strings, among them one of each group.
fn check_type_set(value: &Value, groups: &[&[&str]], pointer: &str, report: &mut Validation) {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    for item in items {
        if !item.is_string() {
            report.error(
                pointer,
                "value-type",
                format!("a type is a string, {} was found", brief(item)),
            );
        }
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

fn check_value(value: &Value, form: &Form, edition: Edition, pointer: &str, report: &mut Validation) {
    match form {
        Form::Object(class) => check_object(value, class, edition, pointer, report),
        Form::UriOrObject(class) => match value {
            Value::Object(_) => check_object(value, class, edition, pointer, report),
            _ => check_text(value, &Form::Uri, pointer, report),
        },
        Form::Credential => check_credential(value, pointer, Place::Inside(edition), report),
        Form::Endorsement => {
            if !has_proof(value) {
                report.warning(
                    pointer,
                    "unsigned-endorsement",
                    "an endorsement without proof convinces nobody",
                );
            }
            check_credential_as(&ENDORSEMENT_CREDENTIAL, value, pointer, Place::Inside(edition), report);
        }
        Form::Number if !value.is_number() => mistyped("a number", value, pointer, report),
        Form::Boolean if !value.is_boolean() => mistyped("true or false", value, pointer, report),
        Form::Context if !value.is_string() && !value.is_object() => {
            mistyped("a URL or an object", value, pointer, report)
        }
        Form::Number | Form::Boolean | Form::Context | Form::TypeSet(_) => {}
        _ => check_text(value, form, pointer, report),
    }
}

fn check_text(value: &Value, form: &Form, pointer: &str, report: &mut Validation) {
    let Some(text) = value.as_str() else {
        if is_language_map(value) {
            let message =
                "a map of languages is not a claim that can be signed, because no context defines it: write one text";
            return report.error(pointer, "language-map", message);
        }
        return mistyped("a string", value, pointer, report);
    };
    let found = brief(value);
    match form {
        Form::Uri if !formats::is_uri(text) => {
            report.error(
                pointer,
                "uri",
                format!("{found} is not an absolute URI such as https://… or urn:uuid:…"),
            );
        }
        Form::DateTime if formats::date_time(text).is_none() => {
            report.error(
                pointer,
                "date-time",
                format!("{found} is not a date-time with offset such as 2026-05-18T00:00:00Z"),
            );
        }
        Form::Date if !formats::is_date(text) => {
            report.error(pointer, "date", format!("{found} is not a date such as 2026-05-18"));
        }
        Form::LanguageCode if !formats::is_language_code(text) => {
            report.error(
                pointer,
                "language-code",
                format!("{found} is not a language code such as en, es-419 or zh-Hant"),
            );
        }
        Form::CompactJws if !formats::is_compact_jws(text) => {
            report.error(
                pointer,
                "compact-jws",
                format!("{found} is not a compact JWS (header.payload.signature)"),
            );
        }
        Form::TypeName(name) if text != *name => {
            report.error(
                pointer,
                "class-type",
                format!("the type must be {name:?}, {found} was found"),
            );
        }
        Form::Vocabulary(vocabulary) => check_term(text, vocabulary, pointer, report),
        Form::CountryCode if !formats::is_country_code(text) => {
            report.warning(
                pointer,
                "country-code",
                format!("{found} is not a country code of two letters such as US"),
            );
        }
        Form::EmailAddress if !formats::is_email_address(text) => {
            report.warning(pointer, "email-address", format!("{found} is not an e-mail address"));
        }
        _ => {}
    }
}

fn check_term(term: &str, vocabulary: &Vocabulary, pointer: &str, report: &mut Validation) {
    if vocabulary.allows(term) {
        return;
    }
    let mut message = format!("{} is not in {}", quoted(term), vocabulary.name);
    if vocabulary.terms.len() <= 12 {
        message += &format!(", which has {}", vocabulary.terms.join(", "));
    }
    message += &did_you_mean(term, vocabulary.terms.iter().copied());
    if vocabulary.extensible {
        message += "; a term of your own starts with \"ext:\"";
    }
    report.error(pointer, "vocabulary", message);
}

fn mistyped(expected: &str, value: &Value, pointer: &str, report: &mut Validation) {
    report.error(
        pointer,
        "value-type",
        format!("{expected} is expected, {} was found", brief(value)),
    );
}

/// `{"en": "…", "es": "…"}`
fn is_language_map(value: &Value) -> bool {
    value.as_object().is_some_and(|members| {
        !members.is_empty()
            && members
                .iter()
                .all(|(key, text)| formats::is_language_code(key) && text.is_string())
    })
}

fn did_you_mean<'a>(term: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(term, known)
        .map(|meant| format!(": did you mean {meant:?}?"))
        .unwrap_or_default()
}

/// A value as messages show it: what it is, and no more of it than one needs to recognize it.
pub(crate) fn brief(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => quoted(text),
        Value::Array(items) if items.iter().all(Value::is_string) && items.len() <= 4 => {
            let items: Vec<_> = items.iter().map(brief).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// A text in quotes, cut where it gets long.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}", format!("{}…", &text[..end])),
    }
}

impl Validation {
    pub(crate) fn error(&mut self, pointer: impl Into<String>, rule: &'static str, message: impl Into<String>) {
        self.errors.push(Finding {
            pointer: pointer.into(),
            rule,
            message: message.into(),
        });
    }

    pub(crate) fn warning(&mut self, pointer: impl Into<String>, rule: &'static str, message: impl Into<String>) {
        self.warnings.push(Finding {
            pointer: pointer.into(),
            rule,
            message: message.into(),
        });
    }
}
