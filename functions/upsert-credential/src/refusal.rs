//! Which verdicts keep a credential out.
//!
//! A credential that its issuer did not sign, or that breaks the data model, is not taken. One that has expired or was
//! revoked since is a true record of its time: hosts keep it (digest section 1.6, and issue of status checks to readers).

use clr_core::verification::{Check, CheckName, CheckOutcome, Verdict};
use clr_server::ApiError;

/// More reasons than this help nobody.
const MAX_REASONS: usize = 20;

/// # Errors
/// Names the checks that stand against the credential.
pub(crate) fn unless_acceptable(verdict: &Verdict) -> Result<(), ApiError> {
    let against = |outcome| {
        let checks = verdict.obstacles().filter(move |check| check.outcome == outcome && decides(check.name));
        reasons(checks)
    };
    if let Some(reasons) = against(CheckOutcome::Failed) {
        return Err(ApiError::InvalidData(format!("the credential is not accepted: {reasons}")));
    }
    if let Some(reasons) = against(CheckOutcome::CouldNotCheck) {
        return Err(ApiError::Unreachable(format!("the credential could not be checked: {reasons}")));
    }
    Ok(())
}

fn decides(check: CheckName) -> bool {
    match check {
        CheckName::JsonLd | CheckName::DataModel | CheckName::Proof => true,
        CheckName::Validity | CheckName::Status => false,
    }
}

fn reasons<'a>(checks: impl Iterator<Item = &'a Check>) -> Option<String> {
    let mut texts: Vec<String> = checks.map(reason).collect();
    if texts.is_empty() {
        return None;
    }
    if let Some(more) = texts.len().checked_sub(MAX_REASONS).filter(|more| *more > 0) {
        texts.truncate(MAX_REASONS);
        texts.push(format!("and {more} more"));
    }
    Some(texts.join("; "))
}

fn reason(check: &Check) -> String {
    let place = if check.pointer.is_empty() { "document" } else { &check.pointer };
    format!("{place}: {}", check.reason)
}
