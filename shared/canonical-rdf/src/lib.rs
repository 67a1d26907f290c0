//! JSON-LD 1.1 documents to RDFC-1.0 canonical N-Quads, given a closed set of contexts.
//!
//! Nothing is ever fetched: a context that is not in the set is an error that names it. Documents are read in
//! *safe mode*: whatever JSON-LD would silently drop (a term that no context defines, a relative IRI) is an error,
//! because a dropped claim is a claim that nobody signed.

mod contexts;
mod dataset;
mod error;
mod escape;
mod interner;

use serde_json::Value;

pub use crate::{
    contexts::Contexts,
    dataset::{Dataset, LiteralKind, MAX_QUADS, MAX_TERM_BYTES, Quad, Term},
    error::{Error, Fault, Located},
    escape::is_iri,
};

/// The hash inside RDFC-1.0 (section 4.2): SHA-256, or SHA-384 for P-384 keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// SHA-256, the default of RDFC-1.0.
    Sha256,
    /// SHA-384.
    Sha384,
}

/// The canonical N-Quads of a JSON-LD document.
///
/// # Errors
/// Every fault found, each with the JSON pointer of its place.
pub fn canonicalize(document: &Value, contexts: &Contexts, hash: HashAlgorithm) -> Result<String, Error> {
    let _ = (document, contexts, hash);
    todo!()
}

/// The canonical form of an N-Quads document.
///
/// # Errors
/// A line that is not N-Quads, or a graph that would take unbounded work.
pub fn canonicalize_nquads(nquads: &str, hash: HashAlgorithm) -> Result<String, Error> {
    let _ = (nquads, hash);
    todo!()
}
