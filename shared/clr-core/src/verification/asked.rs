//! What a verifier asks the proofs of a credential to say, beside being good.

use std::sync::Arc;

use serde_json::Value;

use super::{Check, CheckName, Verdict, Verifier, presentation::check_member, subject::Subject};

/// Nothing is asked where there is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `proofPurpose`.
    pub purpose: Option<String>,
    /// `challenge`.
    pub challenge: Option<String>,
    /// One of `domain`.
    pub domain: Option<String>,
}

impl Verifier<'_> {
    /// [`Verifier::verify`], and whether the proofs say what is asked.
    pub async fn verify_as_asked(&self, document: Arc<Value>, asked: &Asked) -> Verdict {
        let outer = Subject::outer(document.clone());
        let Verdict { policy, mut checks } = self.verify(document).await;
        checks.extend(asked.checks(&outer));
        Verdict::new(policy, checks)
    }
}

impl Asked {
    fn checks(&self, outer: &Subject) -> Vec<Check> {
        [
            (CheckName::Proof, "proofPurpose", &self.purpose),
            (CheckName::Challenge, "challenge", &self.challenge),
            (CheckName::Domain, "domain", &self.domain),
        ]
        .into_iter()
        .filter_map(|(name, member, asked)| Some(check_member(outer, name, member, asked.as_deref()?)))
        .collect()
    }
}
