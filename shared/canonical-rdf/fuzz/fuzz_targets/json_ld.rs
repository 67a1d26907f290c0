//! Any bytes as JSON-LD, from the JSON reader to the canonical form. What is accepted is N-Quads.
#![no_main]

use canonical_rdf::{Contexts, Dataset, Document, HashAlgorithm, Reading, ToRdfOptions, to_rdf};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(document) = Document::parse(text.as_bytes()) else { return };
    let Ok(interpretation) = to_rdf(&document, Contexts::with_w3c_examples(), &ToRdfOptions::default()) else {
        return;
    };
    let written = interpretation.dataset.to_nquads();
    let again = Dataset::from_nquads(&written).expect("JSON-LD becomes N-Quads");
    assert_eq!(again.quads().len(), interpretation.dataset.quads().len());
    let digest = |dataset: &Dataset| {
        let canonical = dataset.canonicalize(HashAlgorithm::Sha256, Reading::Set).ok()?;
        Some(canonical.digest())
    };
    // With graphs that blank nodes name, RDFC-1.0 itself may let labels decide.
    if interpretation
        .dataset
        .quads()
        .iter()
        .any(|quad| quad.graph.is_some_and(|graph| graph.blank().is_some()))
    {
        return;
    }
    if let (Some(one), Some(other)) = (digest(&interpretation.dataset), digest(&again)) {
        assert_eq!(one, other);
    }
});
