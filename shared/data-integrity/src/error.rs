//! Why a proof could not be made or is not good.

/// Why a proof could not be made or is not good.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The document is not safe JSON-LD. Pointers are those of the document.
    #[error(transparent)]
    Canonicalization(#[from] canonical_rdf::Error),
    /// The proof configuration is not safe JSON-LD under the document's context. Pointers are those of the proof.
    #[error("the proof is not safe JSON-LD: {0}")]
    Configuration(#[source] canonical_rdf::Error),
    /// Verifiers name these blank nodes differently, so that some of them would refuse the signature. Each is told by the
    /// statements about it, in N-Quads; only the first ten are told.
    #[error("verifiers disagree on the names of nodes without an id; give an id to: {}", .0.join("; "))]
    Disputed(Vec<String>),
    /// A member of the proof is missing or has the wrong form.
    #[error("/{member}: {reason}")]
    Malformed {
        /// The member of the proof.
        member: &'static str,
        /// What was expected.
        reason: String,
    },
    /// A proof type or suite that is not ours.
    #[error("the proof suite {0:?} is not supported")]
    UnsupportedSuite(String),
    /// The proof says that it signs another proof too (`previousProof`), which the document does not have.
    #[error("/previousProof: the document has no proof with the id {0:?}")]
    PreviousProof(String),
    /// The key is of another kind than the suite's.
    #[error("the key does not fit the suite")]
    KeyMismatch,
    /// The signature does not match.
    #[error("the signature does not match the document and its proof options")]
    Signature,
}

impl ProofError {
    /// A proof that another verifier might find good: its suite is not built here.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Self::UnsupportedSuite(_))
    }
}

/// A member of the proof that is missing or has the wrong form.
pub(crate) fn malformed(member: &'static str, reason: impl Into<String>) -> ProofError {
    ProofError::Malformed {
        member,
        reason: reason.into(),
    }
}
