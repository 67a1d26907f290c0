//! Every document among the shared vectors, against another implementation.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

#[path = "json_ld/oracle.rs"]
mod oracle;
#[path = "../../../tests/vectors.rs"]
mod vectors;

use std::path::{Path, PathBuf};

use canonical_rdf::{Contexts, Dataset, HashAlgorithm, Reading, canonicalize};
use serde_json::Value;

#[test]
fn every_document_has_the_statements_that_json_ld_gives_it() {
    let Some(vectors) = vectors::root() else { return };
    let mut files = Vec::new();
    for folder in [
        "bench",
        "credentials",
        "generated",
        "ldp-clr-v2p0",
        "real",
        "w3c-ecdsa",
        "w3c-eddsa",
    ] {
        collect(&vectors.join(folder), &mut files);
    }
    let contexts = Contexts::with_w3c_examples();
    let (mut accepted, mut refused) = (0, 0);
    for file in &files {
        // The oracle takes its time.
        if file.ends_with("clr-100.json") {
            continue;
        }
        let Ok(document) = serde_json::from_slice::<Value>(&std::fs::read(file).unwrap()) else {
            continue;
        };
        if document.get("@context").is_none() {
            continue;
        }
        let mut unsecured = document.clone();
        unsecured.as_object_mut().unwrap().remove("proof");
        for document in [document, unsecured] {
            let ours = canonicalize(&document, contexts, HashAlgorithm::Sha256);
            let theirs = oracle::to_rdf(&document, contexts);
            match (ours, theirs) {
                (Ok(ours), Ok(theirs)) => {
                    assert_eq!(ours, canonical(&theirs), "{}", file.display());
                    accepted += 1;
                }
                (Err(_), Err(_)) => refused += 1,
                (ours, theirs) => {
                    panic!("{}: ours: {:?}, theirs: {:?}", file.display(), ours.err(), theirs.err());
                }
            }
        }
    }
    println!("{accepted} accepted, {refused} refused by both");
    assert!(accepted > 60);
    assert!(refused > 5);
}

fn canonical(dataset: &Dataset) -> String {
    dataset
        .canonicalize(HashAlgorithm::Sha256, Reading::List)
        .unwrap()
        .text()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
