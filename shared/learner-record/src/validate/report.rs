//! Findings as they come together, each with the clause that the validator is at.

use crate::{Clause, Finding, Validation};

/// A validation in the making.
pub(crate) struct Report {
    found: Validation,
    clause: Clause,
}

/// Whoever has more errors, or more warnings, than this mends the first ones first.
const MAX_FINDINGS: usize = 1_000;

impl Report {
    pub(super) fn new(clause: Clause) -> Self {
        Self {
            found: Validation::default(),
            clause,
        }
    }

    pub(super) fn into_validation(self) -> Validation {
        self.found
    }

    /// Whether no more error is told.
    pub(crate) fn is_full(&self) -> bool {
        self.found.errors.len() >= MAX_FINDINGS
    }

    /// Checks something that this clause rules, unless there are errors enough.
    pub(crate) fn under(&mut self, clause: Clause, check: impl FnOnce(&mut Self)) {
        if self.is_full() {
            return;
        }
        let around = std::mem::replace(&mut self.clause, clause);
        check(self);
        self.clause = around;
    }

    pub(crate) fn error(&mut self, pointer: impl Into<String>, rule: &'static str, message: impl Into<String>) {
        push(&mut self.found.errors, || {
            Finding::new(pointer, rule, message).by(self.clause)
        });
    }

    pub(crate) fn warning(&mut self, pointer: impl Into<String>, rule: &'static str, message: impl Into<String>) {
        push(&mut self.found.warnings, || {
            Finding::new(pointer, rule, message).by(self.clause)
        });
    }
}

/// The last one that there is room for says that there are more.
fn push(findings: &mut Vec<Finding>, finding: impl FnOnce() -> Finding) {
    match MAX_FINDINGS.saturating_sub(findings.len()) {
        0 => {}
        1 => findings.push(Finding::new(
            "",
            "more-findings",
            "there are more findings than are told",
        )),
        _ => findings.push(finding()),
    }
}
