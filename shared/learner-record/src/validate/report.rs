//! Findings as they come together, each with the clause that the validator is at.

use crate::{Clause, Finding, Validation};

/// A validation in the making.
pub(crate) struct Report {
    found: Validation,
    clause: Clause,
}

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

    /// Checks something that this clause rules.
    pub(crate) fn under(&mut self, clause: Clause, check: impl FnOnce(&mut Self)) {
        let around = std::mem::replace(&mut self.clause, clause);
        check(self);
        self.clause = around;
    }

    pub(crate) fn error(&mut self, pointer: impl Into<String>, rule: &'static str, message: impl Into<String>) {
        self.found
            .errors
            .push(Finding::new(pointer, rule, message).by(self.clause));
    }

    pub(crate) fn warning(&mut self, pointer: impl Into<String>, rule: &'static str, message: impl Into<String>) {
        self.found
            .warnings
            .push(Finding::new(pointer, rule, message).by(self.clause));
    }
}
