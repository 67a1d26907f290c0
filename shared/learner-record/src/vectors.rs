//! Where tests find documents.

#[path = "../../../tests/vectors.rs"]
mod published;

use std::path::Path;

use serde_json::Value;

pub(crate) use self::published::root;

/// One of this crate's own fixtures.
pub(crate) fn fixture(name: &str) -> Value {
    json(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name))
}

pub(crate) fn json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
