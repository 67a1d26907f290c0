//! Mending single values: their number, their form, their terms.

use serde_json::Value;

use super::Repairs;
use crate::{
    model::{Form, Property},
    validate::{formats, quoted},
};

/// An array of one becomes its item where the model has a single value.
pub(super) fn unwrap_single(value: &mut Value, property: &Property, pointer: &str, repairs: &mut Repairs) {
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

pub(super) fn repair_value(value: &mut Value, form: &Form, pointer: &str, repairs: &mut Repairs) {
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
