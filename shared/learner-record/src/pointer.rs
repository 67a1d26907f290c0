//! RFC 6901 JSON pointers, and values that may stand single or in an array.

use serde_json::Value;

/// The pointer of a member of the object at `pointer`.
pub(crate) fn child(pointer: &str, member: &str) -> String {
    if member.contains(['~', '/']) {
        format!("{pointer}/{}", member.replace('~', "~0").replace('/', "~1"))
    } else {
        format!("{pointer}/{member}")
    }
}

/// A single value, or the items of an array, each with its pointer.
#[must_use]
pub fn items(pointer: String, value: Option<&Value>) -> Vec<(String, &Value)> {
    match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (format!("{pointer}/{index}"), item))
            .collect(),
        Some(single) => vec![(pointer, single)],
    }
}

/// The same, to be changed.
pub(crate) fn items_mut(pointer: String, value: Option<&mut Value>) -> Vec<(String, &mut Value)> {
    match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items
            .iter_mut()
            .enumerate()
            .map(|(index, item)| (format!("{pointer}/{index}"), item))
            .collect(),
        Some(single) => vec![(pointer, single)],
    }
}

/// A single value or the items of an array, without their places.
pub(crate) fn one_or_many(value: Option<&Value>) -> &[Value] {
    match value {
        None => &[],
        Some(Value::Array(items)) => items,
        Some(single) => std::slice::from_ref(single),
    }
}

/// Whether a pointer is the other one, or leads further into it.
pub(crate) fn is_at_or_below(pointer: &str, other: &str) -> bool {
    pointer
        .strip_prefix(other)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_escaped() {
        assert_eq!(child("/a", "b/c~d"), "/a/b~1c~0d");
    }

    #[test]
    fn a_longer_name_is_not_below_a_shorter_one() {
        assert!(is_at_or_below("/a/0", "/a"));
        assert!(is_at_or_below("/a", "/a"));
        assert!(!is_at_or_below("/ab", "/a"));
    }
}
