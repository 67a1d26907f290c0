//! The W3C test suite for JSON-LD 1.1 to RDF.
//!
//! Looked for in `$CANONICAL_RDF_SUITES/json-ld-api` (a clone of <https://github.com/w3c/json-ld-api>), else among the
//! shared vectors.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use std::path::PathBuf;

use canonical_rdf::{Contexts, Dataset, Document, Error, Fault, HashAlgorithm, Reading, ToRdfOptions, to_rdf};
use serde_json::Value;

/// Tests that are left out of the count, by what the manifest says of them.
fn counts(test: &Value) -> bool {
    let option = &test["option"];
    option["specVersion"] != "json-ld-1.0" && option["normative"] != false && option["produceGeneralizedRdf"] != true
}

/// Failures that are known, each with its reason. None.
const KNOWN: &[(&str, &str)] = &[];

#[test]
fn every_test_of_the_w3c_suite_that_counts_passes() {
    let Some(root) = suite() else { return };
    let text = |name: &str| std::fs::read_to_string(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let manifest: Value = serde_json::from_str(&text("toRdf-manifest.jsonld")).unwrap();
    let base = manifest["baseIri"].as_str().unwrap();
    let folders = ["toRdf", "toRdf/c031"]
        .into_iter()
        .filter(|folder| root.join(folder).is_dir());
    let files = folders.flat_map(|folder| {
        std::fs::read_dir(root.join(folder)).unwrap().filter_map(move |entry| {
            let name = format!("{folder}/{}", entry.unwrap().file_name().to_str()?);
            name.ends_with(".jsonld").then_some(name)
        })
    });
    let contexts = Contexts::closed_set(files.map(|name| (format!("{base}{name}"), text(&name))));
    let mut passed = 0;
    let mut failed = Vec::new();
    for test in manifest["sequence"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|test| counts(test))
    {
        let id = test["@id"].as_str().unwrap();
        let input = test["input"].as_str().unwrap();
        // One test's input stands in the folder of another suite, which the shared vectors lack; there is a copy.
        let here = if root.join(input).exists() {
            input.to_owned()
        } else {
            input.replace("expand/", "toRdf/")
        };
        let json = text(&here);
        let location = format!("{base}{input}");
        let option = &test["option"];
        let expand_context = option["expandContext"].as_str().map(&text);
        let expand_context = expand_context
            .as_ref()
            .map(|text| Document::parse(text.as_bytes()).unwrap());
        let options = ToRdfOptions {
            base: Some(option["base"].as_str().unwrap_or(&location)),
            expand_context: expand_context.as_ref(),
            json_ld_1_0: option["processingMode"] == "json-ld-1.0",
            i18n_datatypes: option["rdfDirection"] == "i18n-datatype",
        };
        let outcome = Document::parse(json.as_bytes())
            .and_then(|document| to_rdf(&document, contexts, &options))
            .map(|interpretation| canonical(&interpretation.dataset));
        let verdict = match (test["expect"].as_str(), test["expectErrorCode"].as_str()) {
            (Some(expect), _) => {
                let expected = canonical(&Dataset::from_nquads(&text(expect)).unwrap());
                match outcome {
                    Ok(got) if got == expected => Ok(()),
                    other => Err(format!("expected:\n{expected}got: {other:?}")),
                }
            }
            (None, Some(code)) => match outcome {
                Err(error) if error_code(&error) == code => Ok(()),
                other => Err(format!("expected: {code}\ngot: {other:?}")),
            },
            (None, None) => outcome.map(|_| ()).map_err(|error| error.to_string()),
        };
        match verdict {
            Ok(()) => passed += 1,
            Err(_) if KNOWN.iter().any(|(known, _)| *known == id) => {}
            Err(problem) => failed.push(format!("{id} {}: {problem}", test["name"])),
        }
    }
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
    assert_eq!(passed + KNOWN.len(), 451);
}

fn canonical(dataset: &Dataset) -> String {
    dataset
        .canonicalize(HashAlgorithm::Sha256, Reading::List)
        .unwrap()
        .text()
}

/// The last fault is the one that ended the processing.
fn error_code(error: &Error) -> &str {
    match &error.0.last().unwrap().fault {
        Fault::JsonLd(code) => code,
        Fault::UnknownContext(_) => "loading remote context failed",
        _ => "",
    }
}

fn suite() -> Option<PathBuf> {
    let vectors = std::env::var_os("CLR_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
        PathBuf::from,
    );
    let root = match std::env::var_os("CANONICAL_RDF_SUITES") {
        Some(suites) => PathBuf::from(suites).join("json-ld-api/tests"),
        None => vectors.join("w3c-json-ld/tests"),
    };
    if root.is_dir() {
        return Some(root);
    }
    assert!(
        std::env::var_os("CLR_REQUIRE_VECTORS").is_none(),
        "the W3C suite is required but not here"
    );
    println!("skipped: the W3C suite is not here");
    None
}
