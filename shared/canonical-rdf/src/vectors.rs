//! Where tests find the published vectors.

#[path = "../../../tests/vectors.rs"]
mod published;

use std::path::Path;

use serde_json::Value;

pub(crate) use self::published::root;

pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
