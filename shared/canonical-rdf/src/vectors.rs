//! Where tests find the published vectors.

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

pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
