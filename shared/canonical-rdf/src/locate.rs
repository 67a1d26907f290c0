//! JSON pointers of culprits, found by searching the document for what the processor named.

use serde_json::Value;

use crate::{Contexts, Fault, Located};

/// Every string under an `@context` key that is no URL of the closed set.
pub(crate) fn unknown_contexts(document: &Value, contexts: &Contexts) -> Vec<Located> {
    let mut unknown = Vec::new();
    walk(document, &mut String::new(), &mut |pointer, key, value| {
        if key != "@context" {
            return;
        }
        let mut check = |pointer: String, context: &Value| {
            if let Some(url) = context.as_str().filter(|url| contexts.get(url).is_none()) {
                unknown.push(Located {
                    pointer,
                    fault: Fault::UnknownContext(url.to_owned()),
                });
            }
        };
        match value {
            Value::Array(entries) => {
                entries
                    .iter()
                    .enumerate()
                    .for_each(|(index, entry)| check(format!("{pointer}/{index}"), entry));
            }
            single => check(pointer.to_owned(), single),
        }
    });
    unknown
}

/// The first place where `name` stands as a key.
pub(crate) fn key(document: &Value, name: &str, fault: fn(String) -> Fault) -> Located {
    first(document, name, fault, &mut |key, _| key == name)
}

/// The first place where `text` stands as a value, or in an array that is a value.
pub(crate) fn value(document: &Value, text: &str, fault: fn(String) -> Fault) -> Located {
    first(document, text, fault, &mut |_, value| value == text)
}

fn first(
    document: &Value,
    name: &str,
    fault: fn(String) -> Fault,
    matches: &mut dyn FnMut(&str, &Value) -> bool,
) -> Located {
    let mut found = None;
    walk(document, &mut String::new(), &mut |pointer, key, value| {
        if found.is_none() && matches(key, value) {
            found = Some(pointer.to_owned());
        }
    });
    Located {
        pointer: found.unwrap_or_default(),
        fault: fault(name.to_owned()),
    }
}

/// Visits every entry and array item with its pointer; the key of an array item is empty.
fn walk(value: &Value, pointer: &mut String, visit: &mut dyn FnMut(&str, &str, &Value)) {
    let length = pointer.len();
    match value {
        Value::Object(entries) => {
            for (key, entry) in entries {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                visit(pointer, key, entry);
                walk(entry, pointer, visit);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                visit(pointer, "", item);
                walk(item, pointer, visit);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}
