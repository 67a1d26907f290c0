use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

use super::*;
use crate::vectors;

fn canonicalize(nquads: &str, reading: Reading) -> Result<String, Fault> {
    let dataset = Dataset::from_nquads(nquads).unwrap();
    dataset
        .canonicalize(HashAlgorithm::Sha256, reading)
        .map(|canonical| canonical.text())
}

/// Both readings.
fn check(nquads: &str, expected: &str) {
    for reading in [Reading::List, Reading::Set] {
        assert_eq!(canonicalize(nquads, reading).unwrap(), expected, "{reading:?}");
    }
}

fn disputed(nquads: &str) -> Vec<String> {
    let dataset = Dataset::from_nquads(nquads).unwrap();
    let disputed = dataset
        .canonicalize(HashAlgorithm::Sha256, Reading::List)
        .unwrap()
        .disputed()
        .unwrap();
    let labels = dataset.labels().filter(|(_, term)| disputed.contains(term));
    labels.map(|(label, _)| label.to_owned()).collect()
}

fn cycle(name: char, length: usize) -> String {
    (0..length).fold(String::new(), |mut text, step| {
        writeln!(text, "_:{name}{step} <urn:p> _:{name}{} .", (step + 1) % length).unwrap();
        text
    })
}

/// Every blank node says the same of every other.
fn clique(size: usize) -> String {
    let mut text = String::new();
    for from in 0..size {
        for to in (0..size).filter(|to| *to != from) {
            writeln!(text, "_:e{from} <urn:p> _:e{to} .").unwrap();
        }
    }
    text
}

/// A folder of the W3C suite, from a clone of its repository or from the shared vectors.
fn w3c_suite() -> Option<PathBuf> {
    match std::env::var_os("CANONICAL_RDF_SUITES") {
        Some(clones) => Some(PathBuf::from(clones).join("rdf-canon/tests")),
        None => vectors::root().map(|root| root.join("w3c-rdfc/tests")),
    }
}

#[test]
fn the_w3c_suite_passes() {
    let Some(suite) = w3c_suite() else { return };
    let manifest = vectors::text(&suite.join("manifest.csv"));
    let mut passed = 0;
    for entry in manifest.lines().skip(1) {
        let name = entry.split(',').next().unwrap();
        let file = |ending: &str| suite.join("rdfc10").join(format!("{name}{ending}"));
        let hash = if entry.contains("SHA384") {
            HashAlgorithm::Sha384
        } else {
            HashAlgorithm::Sha256
        };
        let dataset = Dataset::from_nquads(&vectors::text(&file("-in.nq"))).unwrap();
        for reading in [Reading::List, Reading::Set] {
            let result = dataset.canonicalize(hash, reading);
            if entry.contains("RDFC10NegativeEvalTest") {
                assert!(matches!(result, Err(Fault::Bound(_))), "{name}");
                continue;
            }
            let canonical = result.unwrap();
            assert_eq!(
                canonical.text(),
                vectors::text(&file("-rdfc10.nq")),
                "{name}, {reading:?}"
            );
            assert_eq!(canonical.digest(), hash.hash(canonical.text().as_bytes()), "{name}");
            assert_eq!(canonical.disputed(), Ok(vec![]), "{name}");
            let map = file("-rdfc10map.json");
            if map.is_file() {
                let expected: BTreeMap<String, String> = serde_json::from_str(&vectors::text(&map)).unwrap();
                let issued: BTreeMap<_, _> = canonical
                    .issued_identifiers()
                    .map(|(label, id)| (label.to_owned(), id))
                    .collect();
                assert_eq!(issued, expected, "{name}, {reading:?}");
                passed += 1;
            }
        }
        passed += if entry.contains("RDFC10NegativeEvalTest") { 1 } else { 0 };
        passed += 1;
    }
    assert!(passed >= 86, "only {passed} tests were found");
}

#[test]
fn the_crafted_cases_come_out_as_the_reference_implementation_has_them() {
    let Some(root) = vectors::root() else { return };
    for line in vectors::text(&root.join("rdfc-crafted/cases.jsonl")).lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let canonical = canonicalize(case["input"].as_str().unwrap(), Reading::List).unwrap();
        assert_eq!(canonical, case["canonical"].as_str().unwrap(), "{}", case["name"]);
    }
}

#[test]
fn a_statement_made_twice_counts_once() {
    // Hashed twice, `_:a` would come first.
    check(
        "_:a <urn:p> \"x\" .\n_:a <urn:p> \"x\" .\n_:b <urn:p> \"x\" .\n_:b <urn:q> \"y\" .\n",
        "_:c14n0 <urn:p> \"x\" .\n_:c14n0 <urn:q> \"y\" .\n_:c14n1 <urn:p> \"x\" .\n",
    );
}

#[test]
fn statements_that_look_alike_only_while_blank_nodes_are_unnamed_all_count() {
    check(
        "_:a <urn:p> _:b .\n_:a <urn:p> _:c .\n_:b <urn:q> \"1\" .\n_:c <urn:q> \"2\" .\n",
        "_:c14n0 <urn:p> _:c14n1 .\n_:c14n0 <urn:p> _:c14n2 .\n_:c14n1 <urn:q> \"1\" .\n_:c14n2 <urn:q> \"2\" .\n",
    );
}

#[test]
fn twin_blank_nodes_stay_two() {
    check(
        "<urn:s> <urn:p> _:x .\n<urn:s> <urn:p> _:y .\n_:x <urn:q> \"v\" .\n_:y <urn:q> \"v\" .\n",
        "<urn:s> <urn:p> _:c14n0 .\n<urn:s> <urn:p> _:c14n1 .\n_:c14n0 <urn:q> \"v\" .\n_:c14n1 <urn:q> \"v\" .\n",
    );
}

#[test]
fn a_blank_node_that_points_at_itself_is_mentioned_once() {
    check(
        "_:a <urn:p> _:a .\n_:a <urn:p> _:b .\n_:b <urn:p> _:b .\n_:b <urn:p> _:a .\n_:c <urn:p> _:c .\n",
        "_:c14n0 <urn:p> _:c14n0 .\n_:c14n1 <urn:p> _:c14n1 .\n_:c14n1 <urn:p> _:c14n2 .\n\
         _:c14n2 <urn:p> _:c14n1 .\n_:c14n2 <urn:p> _:c14n2 .\n",
    );
}

#[test]
fn a_cycle_of_twelve_goes_round_by_number_and_not_by_text() {
    // Temporary identifiers pass from `b9` to `b10` here.
    check(
        &(cycle('e', 12) + "_:e4 <urn:x> \"1\" .\n"),
        "_:c14n0 <urn:p> _:c14n7 .\n_:c14n0 <urn:x> \"1\" .\n_:c14n1 <urn:p> _:c14n8 .\n\
         _:c14n10 <urn:p> _:c14n11 .\n_:c14n11 <urn:p> _:c14n0 .\n_:c14n2 <urn:p> _:c14n1 .\n\
         _:c14n3 <urn:p> _:c14n2 .\n_:c14n4 <urn:p> _:c14n3 .\n_:c14n5 <urn:p> _:c14n4 .\n\
         _:c14n6 <urn:p> _:c14n5 .\n_:c14n7 <urn:p> _:c14n6 .\n_:c14n8 <urn:p> _:c14n9 .\n\
         _:c14n9 <urn:p> _:c14n10 .\n",
    );
}

#[test]
fn twin_cycles_of_eleven_are_named_one_after_the_other() {
    let text = canonicalize(&(cycle('e', 11) + &cycle('f', 11)), Reading::List).unwrap();
    let cycles = |number: usize| {
        if number.is_multiple_of(11) {
            number + 10
        } else {
            number - 1
        }
    };
    let mut expected: Vec<String> = (0..22)
        .map(|number| format!("_:c14n{number} <urn:p> _:c14n{} .\n", cycles(number)))
        .collect();
    expected.sort();
    assert_eq!(text, expected.concat());
}

#[test]
fn lists_that_name_a_blank_node_twice_are_gone_through_once_for_each_order() {
    let group = |node: &str, graph: &str, value: &str| {
        format!(
            "_:{node} <urn:n0> \"s\" _:g{graph} .\n_:{node} <urn:n1> \"s\" _:g{graph} .\n\
             _:g{graph} <urn:l> _:h{graph} .\n_:h{graph} <urn:v> \"{value}\" .\n"
        )
    };
    let nquads = group("c1", "1", "2") + &group("c1", "2", "1") + &group("c2", "3", "1") + &group("c2", "4", "0");
    assert_eq!(
        canonicalize(&nquads, Reading::List).unwrap(),
        "_:c14n0 <urn:v> \"0\" .\n_:c14n1 <urn:v> \"2\" .\n_:c14n2 <urn:v> \"1\" .\n_:c14n3 <urn:l> _:c14n2 .\n\
         _:c14n4 <urn:n0> \"s\" _:c14n3 .\n_:c14n4 <urn:n0> \"s\" _:c14n5 .\n_:c14n4 <urn:n1> \"s\" _:c14n3 .\n\
         _:c14n4 <urn:n1> \"s\" _:c14n5 .\n_:c14n5 <urn:l> _:c14n0 .\n_:c14n6 <urn:v> \"1\" .\n\
         _:c14n7 <urn:l> _:c14n6 .\n_:c14n8 <urn:n0> \"s\" _:c14n7 .\n_:c14n8 <urn:n0> \"s\" _:c14n9 .\n\
         _:c14n8 <urn:n1> \"s\" _:c14n7 .\n_:c14n8 <urn:n1> \"s\" _:c14n9 .\n_:c14n9 <urn:l> _:c14n1 .\n",
    );
}

#[test]
fn blank_nodes_on_which_the_readings_disagree_are_named() {
    // Two proofs that are alike, in graphs that a credential and its endorsement, or the same credential, point at.
    let nquads = |second: &str| {
        format!(
            "<urn:s> <urn:proof> _:g1 .\n<urn:{second}> <urn:proof> _:g2 .\n\
             _:p1 <urn:a> \"1\" _:g1 .\n_:p1 <urn:b> \"2\" _:g1 .\n\
             _:p2 <urn:a> \"1\" _:g2 .\n_:p2 <urn:b> \"2\" _:g2 .\n"
        )
    };
    assert_ne!(
        canonicalize(&nquads("t"), Reading::List),
        canonicalize(&nquads("t"), Reading::Set)
    );
    assert_eq!(disputed(&nquads("t")), ["p1", "p2"]);
    assert_eq!(
        canonicalize(&nquads("s"), Reading::List),
        canonicalize(&nquads("s"), Reading::Set)
    );
    assert_eq!(disputed(&nquads("s")), [""; 0]);
}

#[test]
fn blank_nodes_whose_order_depends_on_their_labels_are_named() {
    let graphs = [
        ("c", 1, 1),
        ("c", 2, 2),
        ("c", 3, 0),
        ("d", 4, 0),
        ("d", 5, 0),
        ("d", 6, 2),
    ];
    let nquads = graphs.iter().fold(String::new(), |mut text, (node, graph, value)| {
        writeln!(
            text,
            "_:{node} <urn:n0> \"same\" _:g{graph} .\n_:{node} <urn:n1> \"same\" _:g{graph} ."
        )
        .unwrap();
        writeln!(
            text,
            "_:g{graph} <urn:link> _:h{graph} .\n_:h{graph} <urn:v> \"{value}\" ."
        )
        .unwrap();
        text
    });
    let disputed = disputed(&nquads);
    assert!(
        ["g1", "g2", "g3"]
            .iter()
            .all(|label| disputed.iter().any(|named| named == label)),
        "{disputed:?}"
    );
}

#[test]
fn lines_are_sorted_by_code_points() {
    // By UTF-16 code units the second would come first.
    let nquads = "<urn:s> <urn:p> \"\u{FF5E}\" .\n<urn:s> <urn:p> \"\u{1F600}\" .\n";
    check(nquads, nquads);
    let prefixes = "<urn:s> <urn:p> \"a\" .\n<urn:s> <urn:p> \"a\" <urn:g> .\n<urn:s> <urn:p> \"a\" _:g .\n\
                    <urn:s> <urn:p> \"a b\" .\n<urn:s> <urn:p> \"a\"@en .\n<urn:s> <urn:p> \"a\"@en-x .\n\
                    <urn:s> <urn:p> \"a\"^^<urn:d> .\n<urn:s> <urn:p> <urn:o> .\n";
    let text = canonicalize(prefixes, Reading::List).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(text.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn labels_above_nine_are_sorted_as_text() {
    let nquads = (0..1100).fold(String::new(), |mut text, number| {
        writeln!(text, "_:x{number} <urn:p> \"{number}\" .").unwrap();
        text
    });
    let text = canonicalize(&nquads, Reading::List).unwrap();
    assert!(text.lines().is_sorted());
    assert_eq!(text.lines().count(), 1100);
}

#[test]
fn the_digest_is_that_of_the_text() {
    // Many times the buffer, and a line that is longer than it.
    let nquads = (0..3000).fold(
        format!("<urn:s> <urn:p> \"{}\" .\n", "x".repeat(20_000)),
        |mut text, number| {
            writeln!(text, "_:x{number} <urn:p> \"{number}\" .").unwrap();
            text
        },
    );
    let dataset = Dataset::from_nquads(&nquads).unwrap();
    for hash in [HashAlgorithm::Sha256, HashAlgorithm::Sha384] {
        let canonical = dataset.canonicalize(hash, Reading::List).unwrap();
        assert_eq!(canonical.digest(), hash.hash(canonical.text().as_bytes()));
    }
}

#[test]
fn poison_graphs_are_refused() {
    for graph in [clique(10), clique(30), cycle('e', 5000)] {
        let dataset = Dataset::from_nquads(&graph).unwrap();
        for reading in [Reading::List, Reading::Set] {
            assert!(matches!(
                dataset.canonicalize(HashAlgorithm::Sha256, reading),
                Err(Fault::Bound(_))
            ));
        }
    }
}

#[test]
fn long_predicates_count_as_work() {
    let graph = clique(6);
    assert!(canonicalize(&graph, Reading::List).is_ok());
    let long = graph.replace("urn:p", &format!("urn:{}", "p".repeat(100_000)));
    assert!(matches!(canonicalize(&long, Reading::List), Err(Fault::Bound(_))));
}

#[test]
fn long_paths_do_not_exhaust_the_stack() {
    let graph = cycle('e', 100_000);
    let small = std::thread::Builder::new().stack_size(1 << 20);
    let refused = small
        .spawn(move || canonicalize(&graph, Reading::List).is_err())
        .unwrap()
        .join();
    assert!(refused.unwrap());
}

#[test]
fn four_hundred_transcripts_of_nodes_that_look_alike_are_honest() {
    let nquads = (0..400).fold(String::new(), |mut text, credential| {
        for node in 0..5 {
            writeln!(text, "<urn:c{credential}> <urn:result{node}> _:r{credential}x{node} .").unwrap();
            writeln!(text, "_:r{credential}x{node} <urn:address> _:a{credential}x{node} .").unwrap();
            writeln!(text, "_:a{credential}x{node} <urn:country> \"US\" .").unwrap();
        }
        text
    });
    assert_eq!(canonicalize(&nquads, Reading::List).unwrap().lines().count(), 6000);
}
