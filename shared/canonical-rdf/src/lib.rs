//! JSON-LD 1.1 documents to RDFC-1.0 canonical N-Quads, given a closed set of contexts.
//!
//! Nothing is ever fetched: a context that is not in the set is an error that names it. Documents are read in
//! *safe mode*: whatever JSON-LD would silently drop (a term that no context defines, a relative IRI) is an error,
//! because a dropped claim is a claim that nobody signed.

/// The examples of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod contexts;
mod dataset;
mod error;
mod escape;
mod hash;
mod interner;
mod iri;
mod json;
mod json_ld;
mod nquads;
mod rdfc10;
#[cfg(test)]
mod vectors;

use serde_json::Value;

pub use crate::{
    contexts::Contexts,
    dataset::{Dataset, LiteralKind, MAX_QUADS, MAX_STATEMENT_BYTES, MAX_TERM_BYTES, Quad, Term},
    error::{Error, Fault, Located},
    escape::is_iri,
    hash::{Digest, HashAlgorithm},
    json::{Document, MAX_BYTES, MAX_DEPTH, MAX_NODES},
    json_ld::{Interpretation, MAX_CONTEXT_CHAIN, MAX_CONTEXT_IRI, MAX_FAULTS, MAX_TERMS, ToRdfOptions, to_rdf},
    rdfc10::{Canonical, Reading},
};

/// The canonical N-Quads of a JSON-LD document.
///
/// # Errors
/// Every fault found, each with the JSON pointer of its place.
pub fn canonicalize(document: &Value, contexts: &Contexts, hash: HashAlgorithm) -> Result<String, Error> {
    let dataset = Dataset::from_json_ld(&Document::try_from(document)?, contexts)?;
    let canonical = dataset.canonicalize(hash, Reading::List)?;
    Ok(canonical.text())
}

/// The hash of the canonical N-Quads of a JSON-LD document, which are never built for it.
///
/// # Errors
/// Every fault found, each with the JSON pointer of its place.
pub fn hash(document: &Document<'_>, contexts: &Contexts, hash: HashAlgorithm) -> Result<Digest, Error> {
    let dataset = Dataset::from_json_ld(document, contexts)?;
    let canonical = dataset.canonicalize(hash, Reading::List)?;
    Ok(canonical.digest())
}

/// All that safe mode has against a JSON-LD document, in the order of the document. Empty if it can be signed, but for
/// the bound on work of canonicalization.
#[must_use]
pub fn check(document: &Value, contexts: &Contexts) -> Vec<Located> {
    let outcome = Document::try_from(document).and_then(|document| Dataset::from_json_ld(&document, contexts));
    outcome.err().map(|error| error.0).unwrap_or_default()
}

/// The canonical form of an N-Quads document.
///
/// # Errors
/// A line that is not N-Quads, or a graph that would take unbounded work.
pub fn canonicalize_nquads(nquads: &str, hash: HashAlgorithm) -> Result<String, Error> {
    let dataset = Dataset::from_nquads(nquads)?;
    let canonical = dataset.canonicalize(hash, Reading::List)?;
    Ok(canonical.text())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    const V2: &str = "https://www.w3.org/ns/credentials/v2";
    const OB: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";

    fn canonical(document: &Value) -> String {
        canonicalize(document, Contexts::with_w3c_examples(), HashAlgorithm::Sha256).unwrap()
    }

    fn faults(document: &Value) -> Vec<Located> {
        canonicalize(document, Contexts::standard(), HashAlgorithm::Sha256)
            .unwrap_err()
            .0
    }

    fn located(pointer: &str, fault: Fault) -> Vec<Located> {
        vec![Located {
            pointer: pointer.into(),
            fault,
        }]
    }

    /// What is signed: the document without its proof.
    fn unsecured(path: &Path) -> Value {
        let mut document = vectors::json(path);
        document.as_object_mut().unwrap().remove("proof");
        document
    }

    /// A proof configuration: the proof without its value, in the context of its document.
    fn configuration(path: &Path) -> Value {
        let document = vectors::json(path);
        let proof = &document["proof"];
        let mut proof = proof.get(0).unwrap_or(proof).clone();
        proof.as_object_mut().unwrap().remove("proofValue");
        proof["@context"] = document["@context"].clone();
        proof
    }

    #[test]
    fn generated_clr_vectors_come_out_byte_for_byte() {
        let Some(vectors) = vectors::root() else { return };
        for name in ["clr-ecdsa-p256-basic", "clr-ecdsa-p256-every-property"] {
            let folder = vectors.join("generated").join(name);
            let signed = folder.join("signed.json");
            assert_eq!(
                canonical(&unsecured(&signed)),
                vectors::text(&folder.join("document-canon.nq")),
                "{name}"
            );
            assert_eq!(
                canonical(&configuration(&signed)),
                vectors::text(&folder.join("proof-canon.nq")),
                "{name}"
            );
        }
    }

    #[test]
    fn the_published_clr_vector_comes_out_byte_for_byte() {
        let Some(vectors) = vectors::root() else { return };
        let folder = vectors.join("ldp-clr-v2p0");
        let signed = folder.join("signed.json");
        assert_eq!(
            canonical(&unsecured(&signed)),
            vectors::text(&folder.join("document-canon.nq"))
        );
        assert_eq!(
            canonical(&configuration(&signed)),
            vectors::text(&folder.join("proof-canon.nq"))
        );
    }

    #[test]
    fn the_published_w3c_proof_vectors_come_out_byte_for_byte() {
        let Some(vectors) = vectors::root() else { return };
        for (folder, suite, name) in [
            ("w3c-ecdsa", "ecdsa-rdfc-2019-p256", "ECDSAP256"),
            ("w3c-eddsa", "eddsa-rdfc-2022", "DataInt"),
            ("w3c-eddsa", "Ed25519Signature2020", "EdSig"),
        ] {
            let step = |file: String| vectors.join(folder).join(suite).join(file);
            let document = unsecured(&step(format!("signed{name}.json")));
            assert_eq!(
                canonical(&document),
                vectors::text(&step(format!("canonDoc{name}.txt"))),
                "{suite}"
            );
            let proof = vectors::json(&step(format!("proofConfig{name}.json")));
            assert_eq!(
                canonical(&proof),
                vectors::text(&step(format!("proofCanon{name}.txt"))),
                "{suite}"
            );
        }
    }

    #[test]
    fn bench_documents_have_the_canonical_form_that_jsonld_js_gives_them() {
        let Some(vectors) = vectors::root() else { return };
        for name in ["clr-1", "clr-10"] {
            let document = vectors::json(&vectors.join(format!("bench/{name}.json")));
            assert_eq!(
                canonical(&document),
                vectors::text(&vectors.join(format!("bench/{name}.nq"))),
                "{name}"
            );
        }
    }

    #[test]
    fn the_hash_of_a_canonical_form_is_that_of_its_text() {
        let Some(vectors) = vectors::root() else { return };
        let published = vectors::text(&vectors.join("bench/canonical.sha256"));
        for name in ["clr-1", "clr-10", "clr-100"] {
            let json = vectors::text(&vectors.join(format!("bench/{name}.json")));
            let document = Document::parse(json.as_bytes()).unwrap();
            let digest = hash(&document, Contexts::standard(), HashAlgorithm::Sha256).unwrap();
            assert!(published.contains(&format!("{digest:?}  {name}.nq")), "{name}");
        }
    }

    #[test]
    fn a_context_outside_the_set_is_named_with_its_place() {
        let document = json!({
            "@context": [V2, "https://example.org/ctx"],
            "credentialSubject": {"@context": "https://example.org/other"},
        });
        assert_eq!(
            faults(&document),
            [
                located("/@context/1", Fault::UnknownContext("https://example.org/ctx".into())),
                located(
                    "/credentialSubject/@context",
                    Fault::UnknownContext("https://example.org/other".into())
                ),
            ]
            .concat()
        );
    }

    #[test]
    fn a_term_that_no_context_defines_is_an_error() {
        let document = json!({"@context": [V2, OB], "type": "VerifiableCredential", "credentialSubject": {"frob": 1}});
        assert_eq!(
            faults(&document),
            located("/credentialSubject/frob", Fault::UndefinedTerm("frob".into()))
        );
    }

    #[test]
    fn a_vocabulary_that_is_no_iri_defines_nothing() {
        let document = json!({
            "@context": {"@vocab": "ht&tp://example/", "label": {"@container": "@set"}},
            "@id": "urn:x:1",
            "label": "x",
        });
        assert_eq!(
            faults(&document),
            located("/label", Fault::UndefinedTerm("ht&tp://example/label".into()))
        );
    }

    #[test]
    fn a_type_that_no_context_defines_is_an_error() {
        let document = json!({"@context": V2, "type": ["VerifiableCredential", "Frob"], "issuer": "urn:x:1"});
        assert_eq!(
            faults(&document),
            located("/type/1", Fault::UndefinedTerm("Frob".into()))
        );
    }

    #[test]
    fn a_relative_id_is_an_error_wherever_it_stands() {
        let subject =
            json!({"@context": V2, "id": "credential/1", "type": "VerifiableCredential", "issuer": "urn:x:1"});
        assert_eq!(
            faults(&subject),
            located("/id", Fault::RelativeIri("credential/1".into()))
        );
        let reference = json!({"@context": V2, "type": "VerifiableCredential", "issuer": "me"});
        assert_eq!(faults(&reference), located("/issuer", Fault::RelativeIri("me".into())));
    }

    #[test]
    fn n_quads_are_canonicalized_with_either_hash() {
        let nquads = "_:a <urn:p> _:b .\n_:b <urn:p> \"x\" .\n";
        let expected = |a, b: &str| {
            let mut lines = [format!("_:{a} <urn:p> _:{b} .\n"), format!("_:{b} <urn:p> \"x\" .\n")];
            lines.sort();
            lines.concat()
        };
        for hash in [HashAlgorithm::Sha256, HashAlgorithm::Sha384] {
            let form = canonicalize_nquads(nquads, hash).unwrap();
            assert!(
                form == expected("c14n0", "c14n1") || form == expected("c14n1", "c14n0"),
                "{form}"
            );
        }
    }

    #[test]
    fn a_line_that_is_not_n_quads_is_named() {
        let error = canonicalize_nquads("<urn:s> <urn:p> <urn:o> .\nnonsense\n", HashAlgorithm::Sha256).unwrap_err();
        assert!(
            matches!(
                error.0[..],
                [Located {
                    fault: Fault::NQuads { line: 2, .. },
                    ..
                }]
            ),
            "{error:?}"
        );
    }

    #[test]
    fn nesting_is_bounded() {
        let mut document = json!({"id": "urn:x:1"});
        for _ in 0..1000 {
            document = json!({"credentialSubject": document});
        }
        document["@context"] = V2.into();
        assert_eq!(faults(&document), located("", Fault::Bound("nesting")));
    }
}
