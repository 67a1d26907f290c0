//! Where tests find documents.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder of published vectors, or nothing (and a word about it) on a machine that has none.
pub(crate) fn root() -> Option<PathBuf> {
    let root = std::env::var_os("CLR_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
        PathBuf::from,
    );
    if root.is_dir() {
        return Some(root);
    }
    assert!(
        std::env::var_os("CLR_REQUIRE_VECTORS").is_none(),
        "the shared vectors are required but not here"
    );
    println!("skipped: shared vectors are not here");
    None
}

/// One of this crate's own fixtures.
pub(crate) fn fixture(name: &str) -> Value {
    json(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name))
}

pub(crate) fn json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
