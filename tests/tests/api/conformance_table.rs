//! `docs/conformance.md` names tests that are there.

use std::{fs, path::Path};

#[test]
fn every_test_that_the_table_of_clauses_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = String::new();
    for folder in ["functions", "shared", "tests"] {
        collect(&root.join(folder), &mut sources);
    }
    let document = include_str!("../../../docs/conformance.md");
    let mut named = 0;
    for row in document.lines().filter(|line| line.starts_with("| ")) {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for name in tests
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| name.contains('_') && !name.contains(['.', '/']))
        {
            assert!(sources.contains(&format!("fn {name}(")), "{name}");
            named += 1;
        }
    }
    assert!(named > 80, "only {named}");
}

/// All Rust sources of a folder.
fn collect(folder: &Path, sources: &mut String) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let is_built = ["target", "node_modules"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && !is_built {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}
