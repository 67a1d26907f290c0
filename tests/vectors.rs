//! Where tests find the published test data, which is not in this repository. Whoever reads it takes this file in by its path.

use std::path::{Path, PathBuf};

/// The folder that `CLR_VECTORS` names, else `shared/vectors` beside the repository. None, with a word about it, where that is
/// not; with `CLR_REQUIRE_VECTORS` its absence is a failure.
pub(crate) fn root() -> Option<PathBuf> {
    let beside = || {
        let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        above
            .map(|folder| folder.join("shared/vectors"))
            .find(|found| found.is_dir())
    };
    let found = std::env::var_os("CLR_VECTORS").map_or_else(beside, |named| Some(PathBuf::from(named)));
    let found = found.filter(|folder| folder.is_dir());
    if found.is_none() {
        assert!(
            std::env::var_os("CLR_REQUIRE_VECTORS").is_none(),
            "the shared vectors are required but not here"
        );
        println!("skipped: shared vectors are not here");
    }
    found
}
