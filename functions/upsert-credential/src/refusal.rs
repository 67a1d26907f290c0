//! Which verdicts keep a credential out.
//!
//! A credential that its issuer did not sign, or that breaks the data model, is not taken. One that has expired or was
//! revoked since is a true record of its time: hosts keep it, and its readers judge it when they read it.

use clr_core::verification::{Check, CheckName, Verdict};
use clr_server::ApiError;

/// More reasons than this help nobody.
const MAX_REASONS: usize = 20;

/// # Errors
/// Names the checks that stand against the credential: its author must mend it, or try again when a key can be reached.
pub(crate) fn unless_acceptable(verdict: &Verdict) -> Result<(), ApiError> {
    let against: Vec<&Check> = verdict.obstacles().filter(|check| decides(check)).collect();
    if against.is_empty() {
        return Ok(());
    }
    if against.iter().all(|check| check.retry) {
        return Err(ApiError::Unreachable(format!(
            "the credential could not be checked: {}",
            reasons(&against)
        )));
    }
    Err(ApiError::InvalidData(format!(
        "the credential is not accepted: {}",
        reasons(&against)
    )))
}

fn decides(check: &Check) -> bool {
    match check.name {
        CheckName::JsonLd | CheckName::DataModel | CheckName::Schema | CheckName::Proof | CheckName::Jwt => true,
        // A state is kept whatever it is, once it can be seen.
        CheckName::Status => check.retry,
        // Presentations are not posted here, and nobody in particular is asked for.
        CheckName::Refresh
        | CheckName::Validity
        | CheckName::Recipient
        | CheckName::Issuer
        | CheckName::Challenge
        | CheckName::Domain => false,
    }
}

fn reasons(checks: &[&Check]) -> String {
    let mut texts: Vec<String> = checks.iter().take(MAX_REASONS).map(|check| reason(check)).collect();
    if let Some(more) = checks.len().checked_sub(MAX_REASONS).filter(|more| *more > 0) {
        texts.push(format!("and {more} more"));
    }
    texts.join("; ")
}

fn reason(check: &Check) -> String {
    let place = if check.pointer.is_empty() {
        "document"
    } else {
        &check.pointer
    };
    format!("{place}: {}", check.reason)
}

#[cfg(test)]
mod tests {
    use clr_core::verification::{CheckOutcome, Policy};

    use super::*;

    fn check(name: CheckName, pointer: &str, outcome: CheckOutcome) -> Check {
        Check {
            name,
            pointer: pointer.to_owned(),
            credential_id: None,
            outcome,
            reason: format!("about {pointer}"),
            retry: false,
            state: None,
        }
    }

    /// The status of the refusal for these checks, or 200.
    fn status(checks: Vec<Check>) -> u16 {
        match unless_acceptable(&Verdict {
            policy: Policy::Strict,
            checks,
        }) {
            Ok(()) => 200,
            Err(ApiError::InvalidData(text)) if text.contains("about") => 400,
            Err(ApiError::Unreachable(text)) if text.contains("about") => 503,
            Err(error) => panic!("{error:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_refused_for_good() {
        for name in [CheckName::JsonLd, CheckName::DataModel, CheckName::Proof] {
            assert_eq!(status(vec![check(name, "/x", CheckOutcome::Failed)]), 400, "{name}");
        }
    }

    #[test]
    fn a_key_out_of_reach_is_worth_another_try_and_an_unknown_suite_is_not() {
        let out_of_reach = Check {
            retry: true,
            ..check(CheckName::Proof, "/proof/0", CheckOutcome::CouldNotCheck)
        };
        let unknown_suite = check(CheckName::Proof, "/proof/1", CheckOutcome::CouldNotCheck);
        assert_eq!(status(vec![out_of_reach.clone()]), 503);
        assert_eq!(status(vec![unknown_suite.clone()]), 400);
        assert_eq!(status(vec![out_of_reach, unknown_suite]), 400);
    }

    #[test]
    fn a_status_list_out_of_reach_is_worth_another_try() {
        let unseen = Check {
            retry: true,
            ..check(CheckName::Status, "/credentialStatus", CheckOutcome::CouldNotCheck)
        };
        assert_eq!(status(vec![unseen.clone()]), 503);
        assert_eq!(
            status(vec![unseen, check(CheckName::Proof, "/proof", CheckOutcome::Failed)]),
            400
        );
    }

    #[test]
    fn expired_and_revoked_credentials_and_odd_ones_are_kept() {
        assert_eq!(
            status(vec![
                check(CheckName::Validity, "/validUntil", CheckOutcome::Failed),
                check(CheckName::Status, "/credentialStatus/0", CheckOutcome::Failed),
                check(CheckName::Status, "/credentialStatus/1", CheckOutcome::CouldNotCheck),
                check(CheckName::DataModel, "/name", CheckOutcome::Warning),
                check(CheckName::Proof, "/proof/0", CheckOutcome::Passed),
            ]),
            200
        );
    }

    #[test]
    fn many_reasons_are_cut() {
        let many: Vec<Check> = (0..25)
            .map(|number| check(CheckName::DataModel, &format!("/{number}"), CheckOutcome::Failed))
            .collect();
        let Err(ApiError::InvalidData(text)) = unless_acceptable(&Verdict {
            policy: Policy::Strict,
            checks: many,
        }) else {
            panic!("accepted");
        };
        assert!(text.ends_with("/19: about /19; and 5 more"), "{text}");
    }
}
