//! One remark on a document.

use serde::Serialize;

use crate::Clause;

/// What was found, where, by which rule, and where that rule is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// RFC 6901 JSON pointer; empty for the whole document.
    pub pointer: String,
    /// Stable id of the rule, kebab-case, for example `context-order`.
    pub rule: &'static str,
    /// What was found and what is allowed; a sentence fragment in lower case.
    pub message: String,
    /// The clause that the rule comes from, as its URL; none for what no standard but this deployment asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<Clause>,
}

/// Findings as an error: never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Findings(pub Vec<Finding>);

impl Finding {
    /// A finding by a rule that no clause of a standard is named for.
    pub fn new(pointer: impl Into<String>, rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            rule,
            message: message.into(),
            clause: None,
        }
    }

    /// All but the place: `{message} [{rule}] {URL of the clause}`.
    #[must_use]
    pub fn reason(&self) -> String {
        let clause = self.clause.map(|clause| format!(" {clause}")).unwrap_or_default();
        format!("{} [{}]{clause}", self.message, self.rule)
    }

    /// The same, by this clause.
    #[must_use]
    pub fn by(self, clause: Clause) -> Self {
        Self {
            clause: Some(clause),
            ..self
        }
    }
}

/// `{pointer}: ` and the [reason](Finding::reason).
impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.pointer.is_empty() {
            "document"
        } else {
            &self.pointer
        };
        write!(f, "{place}: {}", self.reason())
    }
}
