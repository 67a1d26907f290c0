//! The web page that the Profile of an issuer names.
//!
//! 1EdTech's validator visits it for the Open Badges credentials in a record (digest section 7.1), and so does the policy
//! `1edtech`: they come from issuers whom nobody chose who reads the record. It proves nothing about a signature: a page that is
//! not there is a warning, one that could not be asked leaves it open.

use learner_record::CredentialKind;

use super::{
    Check, CheckName, CheckOutcome, Policy,
    checks::Judge,
    subject::{Role, Subject},
};
use crate::fetch::FetchError;

/// The page to visit, where the policy has it visited.
pub(super) fn url_to_visit(subject: &Subject, policy: Policy) -> Option<&str> {
    let credential = subject.credential();
    let is_visited = policy == Policy::OneEdTech
        && subject.role == Role::Nested
        && CredentialKind::of(credential) == CredentialKind::Achievement;
    credential.get("issuer").filter(|_| is_visited)?.get("url")?.as_str()
}

impl Judge {
    /// None: there is no page to visit, or it is this deployment's own issuer's.
    pub(super) fn check_issuer_page(&self, subject: &Subject) -> Option<Check> {
        let url = url_to_visit(subject, self.policy)?;
        let (outcome, reason, retry) = match self.gathered.texts.get(url)? {
            Ok(_) => (CheckOutcome::Passed, "the issuer's page is there".to_owned(), false),
            Err(FetchError::OutOfReach(reason)) => (CheckOutcome::CouldNotCheck, reason.clone(), true),
            Err(error) => (CheckOutcome::Warning, error.to_string(), false),
        };
        Some(Check {
            retry,
            ..subject.check(CheckName::Issuer, "/issuer/url", outcome, reason)
        })
    }
}
