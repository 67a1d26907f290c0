//! Single values: each form of the data model, and how a value that lacks it is told.

use serde_json::Value;

use super::{Report, check_credential, check_credential_as, check_object, formats};
use crate::{
    Clause,
    model::{Edition, Form, Place, Vocabulary, classes::ENDORSEMENT_CREDENTIAL},
    nested::has_proof,
    suggest::nearest,
};

pub(super) fn check_value(value: &Value, form: &Form, edition: Edition, pointer: &str, report: &mut Report) {
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
                    "an endorsement without proof convinces nobody: sign it first, or leave it out",
                );
            }
            check_credential_as(&ENDORSEMENT_CREDENTIAL, value, pointer, Place::Inside(edition), report);
        }
        Form::LanguageText if !value.is_string() => check_language_value(value, pointer, report),
        Form::Number if !value.is_number() => mistyped("a number", value, pointer, report),
        Form::Boolean if !value.is_boolean() => mistyped("true or false", value, pointer, report),
        Form::Context if !value.is_string() && !value.is_object() => {
            mistyped("a URL or an object", value, pointer, report);
        }
        Form::LanguageText | Form::Number | Form::Boolean | Form::Context | Form::TypeSet(_) => {}
        _ => check_text(value, form, pointer, report),
    }
}

fn check_text(value: &Value, form: &Form, pointer: &str, report: &mut Report) {
    let Some(text) = value.as_str() else {
        return not_a_text(value, pointer, report);
    };
    match form {
        Form::Vocabulary(vocabulary) => check_term(text, vocabulary, pointer, report),
        Form::TypeName(name) if text != *name => {
            let message = format!("the type must be {name:?}, {} was found", brief(value));
            report.error(pointer, "class-type", message);
        }
        _ => {}
    }
    if let Some((rule, expected)) = malformed(text, form) {
        let message = format!("{} is not {expected}", brief(value));
        match form {
            // The published schemas take any text here, so others' records may have one.
            Form::CountryCode | Form::EmailAddress => report.warning(pointer, rule, message),
            _ => report.error(pointer, rule, message),
        }
    }
}

/// The rule that a text of a form breaks, and what is allowed.
fn malformed(text: &str, form: &Form) -> Option<(&'static str, &'static str)> {
    let (rule, is_right, expected): (_, fn(&str) -> bool, _) = match form {
        Form::Uri => (
            "uri",
            formats::is_uri,
            "an absolute URI such as https://… or urn:uuid:…",
        ),
        Form::DateTime => (
            "date-time",
            |text| formats::date_time(text).is_some(),
            "a date-time with offset such as 2026-05-18T00:00:00Z",
        ),
        Form::Date => ("date", formats::is_date, "a date such as 2026-05-18"),
        Form::LanguageCode => (
            "language-code",
            formats::is_language_code,
            "a language code such as en, es-419 or zh-Hant",
        ),
        Form::CompactJws => (
            "compact-jws",
            formats::is_compact_jws,
            "a compact JWS (header.payload.signature)",
        ),
        Form::CountryCode => (
            "country-code",
            formats::is_country_code,
            "a country code of ISO 3166-1, two capital letters such as US",
        ),
        Form::EmailAddress => ("email-address", formats::is_email_address, "an e-mail address"),
        Form::SubresourceIntegrity => (
            "digest-sri",
            formats::is_subresource_integrity,
            "a digest of Subresource Integrity: sha256-, sha384- or sha512- and base64",
        ),
        Form::Multibase => (
            "multibase",
            formats::is_multibase,
            "a multibase value: u and base64url, or z and base58",
        ),
        _ => return None,
    };
    (!is_right(text)).then_some((rule, expected))
}

fn check_term(term: &str, vocabulary: &Vocabulary, pointer: &str, report: &mut Report) {
    if vocabulary.allows(term) {
        return;
    }
    let extension = if vocabulary.extensible {
        "; a term of your own starts with \"ext:\""
    } else {
        ""
    };
    // A long list hides what matters; the clause has it.
    let terms = if vocabulary.terms.len() <= 12 {
        vocabulary.terms.join(", ")
    } else {
        format!("{} terms", vocabulary.terms.len())
    };
    let message = format!(
        "{} is not in {}, which has {terms}{extension}{}",
        quoted(term),
        vocabulary.name,
        did_you_mean(term, vocabulary.terms.iter().copied())
    );
    report.under(vocabulary.clause, |report| report.error(pointer, "vocabulary", message));
}

/// `{"@value": "…", "@language": "en", "@direction": "ltr"}`, the last two optional.
fn check_language_value(value: &Value, pointer: &str, report: &mut Report) {
    let is_one = value.as_object().is_some_and(|members| {
        members.get("@value").is_some_and(Value::is_string)
            && members.iter().all(|(name, member)| match name.as_str() {
                "@value" => true,
                "@language" => member.as_str().is_some_and(|language| !language.is_empty()),
                "@direction" => member == "ltr" || member == "rtl",
                _ => false,
            })
    });
    if !is_one {
        let message = format!(
            "a text, or an object with \"@value\" and maybe \"@language\" and \"@direction\", is expected, {} was found",
            brief(value)
        );
        report.under(Clause::Vc("language-and-base-direction"), |report| {
            report.error(pointer, "language-value", message);
        });
    }
}

/// Tells what stands where a text is expected.
pub(super) fn not_a_text(value: &Value, pointer: &str, report: &mut Report) {
    if !is_language_map(value) {
        return mistyped("a string", value, pointer, report);
    }
    report.under(Clause::ObSection("serialization"), |report| {
        let message = if value.as_object().is_some_and(|members| members.is_empty()) {
            "one text is expected, an empty object was found"
        } else {
            "one text is expected, a map of languages was found: no context defines such a map, so it cannot be signed"
        };
        report.error(pointer, "language-map", message);
    });
}

fn mistyped(expected: &str, value: &Value, pointer: &str, report: &mut Report) {
    let message = format!("{expected} is expected, {} was found", brief(value));
    report.error(pointer, "value-type", message);
}

/// `{"en": "…", "es": "…"}`, also without any language, as the published schemas take it.
fn is_language_map(value: &Value) -> bool {
    value.as_object().is_some_and(|members| {
        members
            .iter()
            .all(|(key, text)| formats::is_language_code(key) && text.is_string())
    })
}

/// The question after a term that nobody knows, where a known one is near.
pub(super) fn did_you_mean<'a>(term: &str, known: impl IntoIterator<Item = &'a str>) -> String {
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
