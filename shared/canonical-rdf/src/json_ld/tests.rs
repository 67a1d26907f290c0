//! Safe mode and its pointers, and what the published suite does not ask.

use serde_json::{Value, json};

use crate::{Contexts, Dataset, Document, Error, Fault, HashAlgorithm, Reading, ToRdfOptions, check, to_rdf};

const V2: &str = "https://www.w3.org/ns/credentials/v2";
const CLR: &str = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json";
const OB: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";

fn canonical(document: &Value) -> String {
    crate::canonicalize(document, Contexts::standard(), HashAlgorithm::Sha256).unwrap()
}

/// Pointers and faults as text.
fn faults(document: &Value) -> Vec<String> {
    let faults = check(document, Contexts::standard());
    faults.iter().map(ToString::to_string).collect()
}

fn says(context: Value, value: Value) -> String {
    canonical(&json!({"@context": context, "@id": "urn:s", "p": value}))
}

#[test]
fn the_direction_of_a_text_is_its_datatype() {
    let nquads = |name: Value| {
        let document = json!({"@context": V2, "id": "urn:a", "type": "VerifiableCredential", "name": name});
        canonical(&document)
    };
    let expected = |text: &str| nquads(json!("x")).replace("\"x\"", text);
    for (name, text) in [
        (
            json!({"@value": "x", "@language": "EN", "@direction": "ltr"}),
            "\"x\"^^<https://www.w3.org/ns/i18n#en_ltr>",
        ),
        (
            json!({"@value": "x", "@direction": "rtl"}),
            "\"x\"^^<https://www.w3.org/ns/i18n#_rtl>",
        ),
        (json!({"@value": "x", "@language": "en"}), "\"x\"@en"),
    ] {
        assert_eq!(nquads(name), expected(text));
    }
}

#[test]
fn each_of_several_type_scoped_contexts_applies_whatever_the_order_of_the_types() {
    let record = |types: [&str; 2]| {
        json!({
            "@context": [V2, CLR, OB], "id": "urn:c", "type": types, "issuer": "urn:i", "partial": true,
            "credentialSubject": {"type": "ClrSubject", "association": {"type": "Association", "sourceId": "urn:a", "targetId": "urn:b"}},
        })
    };
    let one = canonical(&record(["VerifiableCredential", "ClrCredential"]));
    assert_eq!(one, canonical(&record(["ClrCredential", "VerifiableCredential"])));
    for claim in [
        "vc/clr/vocab.html#partial",
        "2018/credentials#issuer",
        "clr/vocab.html#sourceId",
    ] {
        assert!(one.contains(claim), "{claim} is not in {one}");
    }
}

#[test]
fn a_value_or_type_that_stands_twice_is_said_once() {
    let twice = json!({"@context": V2, "type": ["VerifiableCredential", "VerifiableCredential"], "urn:p": ["x", "x"]});
    let once = json!({"@context": V2, "type": "VerifiableCredential", "urn:p": "x"});
    assert_eq!(canonical(&twice), canonical(&once));
}

#[test]
fn all_that_would_be_dropped_is_told_in_order_with_its_place() {
    let document = json!({
        "@context": [V2, OB],
        "id": "relative",
        "type": ["VerifiableCredential", "Frob"],
        "frob": {"inner": 1},
        "issuer": {"id": "urn:i", "a/b": 1},
        "credentialSubject": [{"id": "urn:x", "name": {"@value": null}}, {"type": "Achievement", "image": "me", "m~n": []}],
        "bad iri": 1,
        "urn:bad iri": "x",
    });
    assert_eq!(
        faults(&document),
        [
            r#"/id: "relative" is not an absolute IRI"#,
            r#"/type/1: no context in scope defines the term "Frob""#,
            r#"/frob: no context in scope defines the term "frob""#,
            r#"/issuer/a~1b: no context in scope defines the term "a/b""#,
            "/credentialSubject/0/name/@value: a value object whose value is null would be lost",
            r#"/credentialSubject/1/image: "me" is not an absolute IRI"#,
            r#"/credentialSubject/1/m~0n: no context in scope defines the term "m~n""#,
            r#"/bad iri: no context in scope defines the term "bad iri""#,
            r#"/urn:bad iri: "urn:bad iri" holds a character that no IRI may hold"#,
        ]
    );
}

#[test]
fn a_document_that_says_nothing_is_told() {
    assert_eq!(
        faults(&json!({"@context": V2, "id": "urn:x"})),
        ["document: an object with nothing but an id would be lost"]
    );
    assert_eq!(
        faults(&json!({"@context": V2})),
        ["document: an object without entries would be lost"]
    );
    assert_eq!(
        faults(&json!({"@graph": ["x", {"@value": "y"}]})),
        [
            "/@graph/0: a value that belongs to no property would be lost",
            "/@graph/1: a value that belongs to no property would be lost",
        ]
    );
}

#[test]
fn what_is_dropped_is_told_without_safe_mode_too() {
    let json = json!({"@context": V2, "id": "a/../b", "name": "x", "frob": 1});
    let document = Document::try_from(&json).unwrap();
    let options = ToRdfOptions {
        base: Some("https://example.org/c/d"),
        ..ToRdfOptions::default()
    };
    let interpretation = to_rdf(&document, Contexts::standard(), &options).unwrap();
    assert_eq!(interpretation.dropped.len(), 1);
    let canonical = interpretation
        .dataset
        .canonicalize(HashAlgorithm::Sha256, Reading::List)
        .unwrap();
    assert_eq!(
        canonical.text(),
        "<https://example.org/c/b> <https://schema.org/name> \"x\" .\n"
    );
}

#[test]
fn a_null_is_no_value_even_where_a_list_is_expected() {
    let context = json!({"p": {"@id": "urn:p", "@container": "@list"}, "q": "urn:q"});
    let none = canonical(&json!({"@context": context, "@id": "urn:s", "q": 1, "p": null}));
    assert!(!none.contains("urn:p"), "{none}");
    let empty = canonical(&json!({"@context": context, "@id": "urn:s", "p": [null]}));
    assert_eq!(
        empty,
        "<urn:s> <urn:p> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> .\n"
    );
}

#[test]
fn an_array_in_a_list_is_a_list_whatever_the_container() {
    let nested = says(json!({"p": "urn:p"}), json!({"@list": [["x"]]}));
    let container = says(json!({"p": {"@id": "urn:p", "@container": "@list"}}), json!([["x"]]));
    assert_eq!(nested, container);
    assert_eq!(nested.lines().count(), 5);
}

#[test]
fn whole_numbers_are_integers_however_they_are_written() {
    for number in [json!(3), json!(3.0)] {
        let expected = "<urn:s> <urn:p> \"3\"^^<http://www.w3.org/2001/XMLSchema#integer> .\n";
        assert_eq!(says(json!({"p": "urn:p"}), number), expected);
    }
}

#[test]
fn odd_datatypes_stay_as_the_contexts_have_them() {
    let record = json!({"@context": [V2, CLR], "id": "urn:c", "type": ["VerifiableCredential", "ClrCredential"], "partial": false});
    assert!(canonical(&record).contains("\"false\"^^<xsd:boolean>"));
}

#[test]
fn a_context_can_be_applied_twice_but_not_over_protected_terms() {
    let again = json!({"@context": [V2, OB, V2, OB], "id": "urn:c", "name": "x"});
    assert_eq!(
        canonical(&again),
        canonical(&json!({"@context": [V2, OB], "id": "urn:c", "name": "x"}))
    );
    let over = json!({"@context": [V2, {"name": "urn:other"}], "id": "urn:c", "name": "x"});
    assert_eq!(faults(&over), ["/@context/1/name: protected term redefinition"]);
    assert_eq!(
        faults(&json!({"@context": [V2, null], "urn:p": 1})),
        ["/@context/1: invalid context nullification"]
    );
}

#[test]
fn an_inline_context_lives_for_its_document_only() {
    let with = |iri: &str| json!({"@context": [V2, {"mine": iri}], "id": "urn:c", "mine": "x"});
    assert!(canonical(&with("urn:a")).contains("<urn:a>"));
    assert!(canonical(&with("urn:b")).contains("<urn:b>"));
    assert_eq!(
        faults(&json!({"@context": V2, "id": "urn:c", "name": "x", "mine": "x"})).len(),
        1
    );
}

#[test]
fn threads_share_contexts_and_agree() {
    let record = json!({"@context": [V2, CLR, OB], "id": "urn:c", "type": ["VerifiableCredential", "ClrCredential"], "name": "x"});
    let expected = canonical(&record);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..20).for_each(|_| assert_eq!(canonical(&record), expected)));
        }
    });
}

#[test]
fn the_work_of_contexts_is_bounded() {
    let terms: serde_json::Map<String, Value> = (0..10_000).map(|term| (format!("t{term}"), "urn:t".into())).collect();
    let nodes: Vec<Value> = (0..1000).map(|_| json!({"@context": {"x": "urn:x"}, "x": 1})).collect();
    let document = json!({"@context": terms, "t1": nodes});
    let error = check(&document, Contexts::standard()).pop().unwrap();
    assert!(matches!(error.fault, Fault::Bound(_)), "{error}");
    let chain: serde_json::Map<String, Value> = (0..10_000)
        .map(|term| (format!("t{term}"), format!("t{}:x", term + 1).into()))
        .collect();
    let error = check(&json!({"@context": chain, "urn:p": 1}), Contexts::standard())
        .pop()
        .unwrap();
    assert!(matches!(error.fault, Fault::Bound(_)), "{error}");
}

#[test]
fn a_short_key_cannot_stand_for_a_long_iri_without_end() {
    let bound = |document: &Value| match check(document, Contexts::standard()).pop().unwrap().fault {
        Fault::Bound(what) => what,
        other => panic!("{other}"),
    };
    let iri = |length: usize| format!("urn:{}:", "x".repeat(length));
    for context in [
        json!({"p": iri(2100)}),
        json!({"@vocab": iri(2100)}),
        json!([{"@base": "urn:x:"}, {"@base": iri(2100)}]),
        json!({"p": {"@id": "urn:p", "@type": iri(2100)}}),
        json!({"x": iri(1500), "p": format!("x:{}", iri(1500))}),
    ] {
        let document = json!({"@context": context, "urn:says": 1});
        assert_eq!(
            bound(&document),
            "the length of an IRI that a context makes",
            "{document}"
        );
    }
    // Each definition keeps an IRI of 2 KB.
    let terms = (0..70_000).map(|number| (format!("t{number}"), Value::from("x:y")));
    let mut context: serde_json::Map<String, Value> = terms.collect();
    context.insert("x".to_owned(), iri(2000).into());
    assert_eq!(
        bound(&json!({"@context": context, "urn:says": 1})),
        "the work of contexts"
    );
}

#[test]
fn many_aliases_of_a_keyword_work_as_one() {
    let mut aliases: serde_json::Map<String, Value> = (0..100).map(|at| (format!("id{at}"), "@id".into())).collect();
    aliases.insert("p".to_owned(), "urn:p".into());
    let document = json!({"@context": aliases, "id7": "urn:s", "p": {"id99": "urn:o"}});
    assert_eq!(canonical(&document), "<urn:s> <urn:p> <urn:o> .\n");
}

#[test]
fn included_is_an_array_of_nodes_however_it_is_written() {
    let with = |included: Value| json!({"@id": "urn:s", "urn:p": 1, "@included": included});
    let nothing = canonical(&with(json!([])));
    for same in [json!([[]]), json!([null]), json!({"@set": []})] {
        assert_eq!(canonical(&with(same)), nothing);
    }
    let node = json!({"@id": "urn:t", "urn:q": 2});
    assert_eq!(canonical(&with(json!([[node]]))), canonical(&with(node)));
    for wrong in [json!(null), json!("x"), json!({"@value": "x"}), json!({"@list": []})] {
        let faults = faults(&with(wrong));
        assert_eq!(faults.last().unwrap(), "/@included: invalid @included value");
    }
}

#[test]
fn the_property_of_an_index_map_may_be_defined_later_or_be_the_map_itself() {
    for (index, key) in [("key", "urn:key"), ("p", "urn:p")] {
        let context =
            json!({"p": {"@id": "urn:p", "@container": "@index", "@index": index}, "key": "urn:key", "q": "urn:q"});
        let document = json!({"@context": context, "@id": "urn:s", "p": {"a": {"@id": "urn:o", "q": 1}}});
        let said = canonical(&document);
        assert!(said.contains(&format!("<urn:o> <{key}> \"a\" .")), "{said}");
    }
    let undefined = json!({"@context": {"p": {"@id": "urn:p", "@container": "@index", "@index": "key"}}, "urn:q": 1});
    assert_eq!(faults(&undefined), ["/@context/p/@index: invalid term definition"]);
}

#[test]
fn the_key_of_an_id_map_is_not_lost_in_silence() {
    let map = |key: &str| {
        let context = json!({"p": {"@id": "urn:p", "@container": "@id"}});
        json!({"@context": context, "@id": "urn:s", "p": {key: {"@id": "urn:o", "urn:q": 1}}})
    };
    assert!(canonical(&map("urn:o")).contains("<urn:s> <urn:p> <urn:o> ."));
    assert_eq!(
        faults(&map("urn:other")),
        ["/p/urn:other/@id: the key of an id map for a node with another id would be lost"]
    );
}

#[test]
fn the_key_of_a_type_map_is_relative_to_the_vocabulary_alone() {
    let context = json!({"@base": "http://x.example/", "p": {"@id": "urn:p", "@container": "@type"}});
    let document = json!({"@context": context, "@type": "t", "p": {"t": {"@id": "urn:o"}}});
    assert_eq!(faults(&document), [r#"/p/t: no context in scope defines the term "t""#]);
}

#[test]
fn keywords_out_of_place_are_still_checked() {
    for (entry, value, error) in [
        ("@language", json!(1), "invalid language-tagged string"),
        ("@direction", json!("up"), "invalid base direction"),
        ("@index", json!({}), "invalid @index value"),
    ] {
        let node = json!({"@id": "urn:s", "urn:p": 1, entry: value});
        assert_eq!(faults(&node), [format!("/{entry}: {error}")]);
    }
    let set = json!({"@id": "urn:s", "urn:p": {"@set": ["x"], "@index": 1}});
    assert_eq!(faults(&set), ["/urn:p/@index: invalid @index value"]);
}

#[test]
fn a_set_of_ones_own_can_have_contexts_that_refer_to_one_another() {
    let contexts = Contexts::closed_set([
        (
            "https://x.example/a".to_owned(),
            r#"{"@context": ["b", {"a": "urn:a"}]}"#.to_owned(),
        ),
        (
            "https://x.example/b".to_owned(),
            r#"{"@context": {"b": "urn:b"}}"#.to_owned(),
        ),
        (
            "https://x.example/loop".to_owned(),
            r#"{"@context": "loop"}"#.to_owned(),
        ),
    ]);
    let json = json!({"@context": "https://x.example/a", "a": 1, "b": 2});
    let dataset = Dataset::from_json_ld(&Document::try_from(&json).unwrap(), contexts).unwrap();
    assert_eq!(dataset.quads().len(), 2);
    let json = json!({"@context": "https://x.example/loop", "urn:p": 1});
    let Err(Error(faults)) = Dataset::from_json_ld(&Document::try_from(&json).unwrap(), contexts) else {
        panic!("a loop was followed to its end");
    };
    assert_eq!(faults[0].to_string(), "/@context: context overflow");
}
