//! Any JSON as a signed document: verification answers, and nothing that was made here by chance is valid.
#![no_main]

use canonical_rdf::Contexts;
use data_integrity::{PublicKey, proofs_of, verify};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(document) = serde_json::from_str::<serde_json::Value>(text) else {
        return;
    };
    for proof in proofs_of(&document) {
        let method = proof["verificationMethod"].as_str().unwrap_or_default();
        let multikey = method.rsplit(['#', ':']).next().unwrap_or_default();
        let Ok(key) = PublicKey::from_multikey(multikey) else {
            continue;
        };
        let _ = verify(&document, proof, &key, Contexts::standard());
    }
});
