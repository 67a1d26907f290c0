//! RDFC-1.0 over generated datasets: held against another implementation, and against what must hold of any.

use std::collections::{BTreeMap, BTreeSet};

use canonical_rdf::{Dataset, HashAlgorithm, Reading};
use proptest::{prelude::*, sample::select, test_runner::RngSeed};

const BLANKS: u8 = 8;
/// Datasets for each property; a second or two in a debug build.
const CASES: u32 = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Blank(u8),
    Iri(u8),
    Literal(&'static str),
}

type Statement = (Node, u8, Node, Option<Node>);

fn resource() -> impl Strategy<Value = Node> {
    prop_oneof![5 => (0..BLANKS).prop_map(Node::Blank), 1 => (0..2_u8).prop_map(Node::Iri)]
}

fn statement() -> impl Strategy<Value = Statement> {
    let literal = select(vec!["\"x\"", "\"y\\n\\u0001\"", "\"x\"@en", "\"1\"^^<urn:d>"]).prop_map(Node::Literal);
    let graph = prop_oneof![6 => Just(None), 1 => resource().prop_map(Some)];
    (resource(), 0..2_u8, prop_oneof![4 => resource(), 1 => literal], graph)
}

/// Each of some blank nodes points at one or two others: paths, trees and cycles whose nodes look alike.
fn alike() -> impl Strategy<Value = Vec<Statement>> {
    let edge = |from: u8| move |to: u8| (Node::Blank(from), 0, Node::Blank(to), None);
    let edges = (3..BLANKS).prop_flat_map(move |size| {
        let first = (0..size)
            .map(|from| (0..size).prop_map(edge(from)).boxed())
            .collect::<Vec<_>>();
        let second = prop::collection::vec((0..size, 0..size).prop_map(move |(from, to)| edge(from)(to)), 0..3);
        (first, second).prop_map(|(first, second)| [first, second].concat())
    });
    (edges, prop::collection::vec(statement(), 0..2)).prop_map(|(edges, marks)| [edges, marks].concat())
}

fn dataset() -> impl Strategy<Value = Vec<Statement>> {
    prop_oneof![prop::collection::vec(statement(), 1..14), alike()]
}

fn write(node: Node, names: &[String]) -> String {
    match node {
        Node::Blank(number) => format!("_:{}", names[usize::from(number)]),
        Node::Iri(number) => format!("<urn:i{number}>"),
        Node::Literal(text) => text.to_owned(),
    }
}

fn nquads(statements: &[Statement], names: &[String]) -> String {
    let line = |(subject, predicate, object, graph): &Statement| {
        let graph = graph.map(|graph| write(graph, names)).unwrap_or_default();
        format!(
            "{} <urn:p{predicate}> {} {graph} .\n",
            write(*subject, names),
            write(*object, names)
        )
    };
    statements.iter().map(line).collect()
}

fn plain_names() -> Vec<String> {
    (0..BLANKS).map(|number| format!("e{number}")).collect()
}

fn parse(text: &str) -> Dataset {
    Dataset::from_nquads(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Known fault of rdf-canon 0.15.3: a quad that names a blank node twice is counted twice.
fn names_a_blank_node_twice((subject, _, object, graph): &Statement) -> bool {
    let blanks: Vec<Node> = [Some(*subject), Some(*object), *graph]
        .into_iter()
        .flatten()
        .filter(|node| matches!(node, Node::Blank(_)))
        .collect();
    blanks.iter().collect::<BTreeSet<_>>().len() < blanks.len()
}

/// Known fault of rdf-canon 0.15.3: all permutations of lists are gone through that name a blank node more than once,
/// where the reference implementations go through some. Whether there may be such lists.
fn relates_a_blank_node_twice(statements: &[Statement]) -> bool {
    let mut seen = BTreeSet::new();
    let distinct: BTreeSet<_> = statements.iter().collect();
    distinct.into_iter().any(|(subject, predicate, object, graph)| {
        let positions = [
            (Some(*subject), Some(*predicate), 's'),
            (Some(*object), Some(*predicate), 'o'),
            (*graph, None, 'g'),
        ];
        let blank = |node: &Option<Node>| matches!(node, Some(Node::Blank(_)));
        let mut repeated = false;
        for (of, ..) in positions.iter().filter(|(node, ..)| blank(node)) {
            for related in positions.iter().filter(|(node, ..)| blank(node) && node != of) {
                repeated |= !seen.insert((*of, *related));
            }
        }
        repeated
    })
}

/// A limit of RDFC-1.0 itself: a hash of a related blank node does not say in which graph the relation stands. A blank
/// node with statements in several graphs, some of them named by blank nodes, may get the hash of another one that is
/// unlike it, and labels decide then. (In JSON-LD it takes written blank node identifiers.)
fn stands_in_several_graphs(statements: &[Statement]) -> bool {
    let mut graphs: BTreeMap<Node, BTreeSet<Option<Node>>> = BTreeMap::new();
    for (subject, _, object, graph) in statements {
        for node in [subject, object] {
            if matches!(node, Node::Blank(_)) {
                graphs.entry(*node).or_default().insert(*graph);
            }
        }
    }
    graphs
        .values()
        .any(|graphs| graphs.len() > 1 && graphs.iter().any(|graph| matches!(graph, Some(Node::Blank(_)))))
}

/// What rdf-canon makes of a dataset. The third known fault, temporary identifiers sorted as text, needs more than ten
/// of them, and these datasets have fewer blank nodes.
fn oracle(statements: &[Statement]) -> Option<String> {
    use oxrdf::{BlankNode, GraphName, Literal, NamedNode, Quad, Subject, Term};
    let iri = |text: String| NamedNode::new_unchecked(text);
    let blank = |number| BlankNode::new_unchecked(format!("e{number}"));
    let mut dataset = oxrdf::Dataset::new();
    for (subject, predicate, object, graph) in statements {
        let subject: Subject = match subject {
            Node::Blank(number) => blank(number).into(),
            Node::Iri(number) => iri(format!("urn:i{number}")).into(),
            Node::Literal(_) => unreachable!("no literal is generated there"),
        };
        let object: Term = match object {
            Node::Blank(number) => blank(number).into(),
            Node::Iri(number) => iri(format!("urn:i{number}")).into(),
            Node::Literal("\"x\"@en") => Literal::new_language_tagged_literal_unchecked("x", "en").into(),
            Node::Literal("\"1\"^^<urn:d>") => Literal::new_typed_literal("1", iri("urn:d".into())).into(),
            Node::Literal("\"x\"") => Literal::new_simple_literal("x").into(),
            Node::Literal(_) => Literal::new_simple_literal("y\n\u{1}").into(),
        };
        let graph: GraphName = match graph {
            None => GraphName::DefaultGraph,
            Some(Node::Blank(number)) => blank(number).into(),
            Some(Node::Iri(number)) => iri(format!("urn:i{number}")).into(),
            Some(Node::Literal(_)) => unreachable!("no literal is generated there"),
        };
        dataset.insert(&Quad::new(subject, iri(format!("urn:p{predicate}")), object, graph));
    }
    let options = rdf_canon::CanonicalizationOptions {
        hndq_call_limit: Some(2000),
    };
    rdf_canon::canonicalize_with::<sha2_0_10::Sha256>(&dataset, &options).ok()
}

/// From one seed, so that a run says the same today and tomorrow, unless `PROPTEST_CASES` or `PROPTEST_RNG_SEED` ask for
/// others.
fn config() -> ProptestConfig {
    let set = |variable: &str| std::env::var_os(variable).is_some();
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: if set("PROPTEST_CASES") { default.cases } else { CASES },
        rng_seed: if set("PROPTEST_RNG_SEED") {
            default.rng_seed
        } else {
            RngSeed::Fixed(1)
        },
        max_global_rejects: 100 * default.cases.max(CASES),
        failure_persistence: None,
        ..default
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn rdf_canon_agrees_but_for_its_known_faults(statements in dataset()) {
        let sound: Vec<Statement> = statements.into_iter().filter(|one| !names_a_blank_node_twice(one)).collect();
        prop_assume!(!relates_a_blank_node_twice(&sound));
        // Here rdf-canon names nodes in another order than rdf-canonize (JavaScript) and this crate.
        prop_assume!(!stands_in_several_graphs(&sound));
        let Some(expected) = oracle(&sound) else { return Err(TestCaseError::reject("too much work for rdf-canon")) };
        let text = nquads(&sound, &plain_names());
        for reading in [Reading::List, Reading::Set] {
            let dataset = parse(&text);
            let canonical = dataset.canonicalize(HashAlgorithm::Sha256, reading).unwrap();
            prop_assert_eq!(canonical.text(), expected.as_str());
        }
    }

    #[test]
    fn neither_labels_nor_order_matter(
        (statements, shuffled) in dataset().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        names in Just((0..BLANKS).map(|number| format!("x{number}")).collect::<Vec<_>>()).prop_shuffle(),
        hash in select(vec![HashAlgorithm::Sha256, HashAlgorithm::Sha384]),
    ) {
        prop_assume!(!stands_in_several_graphs(&statements));
        let (one, other) = (parse(&nquads(&statements, &plain_names())), parse(&nquads(&shuffled, &names)));
        for reading in [Reading::List, Reading::Set] {
            let Ok(canonical) = one.canonicalize(hash, reading) else { continue };
            if reading == Reading::Set || canonical.disputed() == Ok(vec![]) {
                prop_assert_eq!(other.canonicalize(hash, reading).map(|canonical| canonical.text()), Ok(canonical.text()));
            }
        }
    }

    #[test]
    fn the_issued_identifiers_lead_from_the_source_to_the_canonical_form(statements in dataset()) {
        let source = nquads(&statements, &plain_names());
        let dataset = parse(&source);
        let Ok(canonical) = dataset.canonicalize(HashAlgorithm::Sha256, Reading::List) else { return Ok(()) };
        let issued: BTreeMap<&str, String> = canonical.issued_identifiers().collect();
        let names: Vec<String> =
            plain_names().iter().map(|name| issued.get(name.as_str()).cloned().unwrap_or_default()).collect();
        let renamed: BTreeSet<String> = nquads(&statements, &names).lines().map(|line| line.replace("  .", " .")).collect();
        let lines: BTreeSet<String> = canonical.text().lines().map(str::to_owned).collect();
        prop_assert_eq!(renamed, lines);
        prop_assert!(canonical.text().lines().is_sorted());
    }

    #[test]
    fn the_canonical_form_is_read_back_as_it_was_written(statements in dataset()) {
        prop_assume!(!stands_in_several_graphs(&statements));
        let dataset = parse(&nquads(&statements, &plain_names()));
        let Ok(canonical) = dataset.canonicalize(HashAlgorithm::Sha256, Reading::Set) else { return Ok(()) };
        let again = parse(&canonical.text());
        prop_assert_eq!(again.quads().len(), canonical.text().lines().count());
        prop_assert_eq!(again.canonicalize(HashAlgorithm::Sha256, Reading::Set).unwrap().text(), canonical.text());
    }

    #[test]
    fn any_string_survives_escaping(lexical in any::<String>(), odd in select(vec!['\u{FFFE}', '\u{FFFF}', '\0', '\u{7F}', '"', '\\'])) {
        let mut dataset = Dataset::new();
        let (subject, predicate) = (dataset.iri("urn:s").unwrap(), dataset.iri("urn:p").unwrap());
        let object = dataset.literal(&format!("{lexical}{odd}{lexical}"), canonical_rdf::LiteralKind::Simple).unwrap();
        dataset.push(subject, predicate, object, None).unwrap();
        let text = dataset.to_nquads();
        prop_assert_eq!(text.lines().count(), 1);
        prop_assert_eq!(parse(&text).to_nquads(), text);
    }

    #[test]
    fn the_reader_answers_whatever_it_is_given(text in "([<>_:\"@^.# \\\\\n\ru0-9a-z]|\\PC){0,60}") {
        if let Ok(dataset) = Dataset::from_nquads(&text) {
            prop_assert_eq!(parse(&dataset.to_nquads()).quads().len(), dataset.quads().len());
        }
    }
}
