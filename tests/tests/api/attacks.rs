//! The attacks that `docs/security.md` tells of are played.

#[test]
fn every_test_that_the_table_of_attacks_names_exists() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api");
    let sources: String = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default())
        .collect();
    let document = include_str!("../../../docs/security.md");
    let rows = document.lines().filter(|line| line.starts_with("| "));
    let mut named = 0;
    for row in rows {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let names = tests.split('`').skip(1).step_by(2);
        for name in names.filter(|name| name.contains('_') && !name.contains('.')) {
            assert!(sources.contains(&format!("fn {name}(")), "{name}");
            named += 1;
        }
    }
    assert!(named > 60, "only {named}");
}
