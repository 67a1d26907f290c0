//! What can be wrong with a document, told so that its author can mend it.

/// All that is wrong with a document. Never empty.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Error(pub Vec<Located>);

impl Error {
    /// One fault that concerns the document as a whole.
    pub(crate) fn document(fault: Fault) -> Self {
        Self(vec![Located {
            pointer: String::new(),
            fault,
        }])
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::document(fault)
    }
}

/// A fault and its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {fault}", if pointer.is_empty() { "document" } else { pointer })]
pub struct Located {
    /// RFC 6901 JSON pointer of the culprit; empty for the document as a whole.
    pub pointer: String,
    /// What is wrong there.
    pub fault: Fault,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A context URL outside the closed set.
    #[error("the context {0:?} is not one that this system knows")]
    UnknownContext(String),
    /// A property or type that no context in scope defines.
    #[error("no context in scope defines the term {0:?}")]
    UndefinedTerm(String),
    /// An `@id` or a reference that does not resolve to an absolute IRI.
    #[error("{0:?} is not an absolute IRI")]
    RelativeIri(String),
    /// Something else that JSON-LD lets stand but that says nothing.
    #[error("{0} would be lost")]
    Dropped(&'static str),
    /// An IRI with a character that no IRI may hold.
    #[error("{0:?} holds a character that no IRI may hold")]
    InvalidIri(String),
    /// Any other violation of JSON-LD 1.1, with the error code of its specification.
    #[error("{0}")]
    JsonLd(String),
    /// Not JSON.
    #[error("not JSON at byte {at}: {reason}")]
    Json {
        /// Offset from 0.
        at: usize,
        /// What is wrong there.
        reason: &'static str,
    },
    /// A key that stands twice in one object: readers would differ in which of the two they take.
    #[error("the key {0:?} stands twice in one object")]
    DuplicateKey(String),
    /// A line that is not N-Quads.
    #[error("line {line}: {reason}")]
    NQuads {
        /// 1-based.
        line: usize,
        /// What was expected.
        reason: String,
    },
    /// A named bound was passed.
    #[error("the document passes the bound on {0}")]
    Bound(&'static str),
}
