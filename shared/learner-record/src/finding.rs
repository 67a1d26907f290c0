//! One remark on a document.

use serde::Serialize;

/// What was found, where, and by which rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// RFC 6901 JSON pointer; empty for the whole document.
    pub pointer: String,
    /// Stable id of the rule, kebab-case, for example `context-order`.
    pub rule: &'static str,
    /// What was found and what is allowed; a sentence fragment in lower case.
    pub message: String,
}

/// Findings as an error: never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Findings(pub Vec<Finding>);

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.pointer.is_empty() {
            "document"
        } else {
            &self.pointer
        };
        write!(f, "{place}: {} [{}]", self.message, self.rule)
    }
}
