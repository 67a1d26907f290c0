//! What a verifier says: one word, and each check with its reason.

use std::{collections::HashSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct as _};

use super::State;

/// Whose keys are believed, and what is looked at beside proofs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Policy {
    /// The key belongs to the issuer: its own document lists it.
    #[default]
    #[serde(rename = "strict")]
    Strict,
    /// As 1EdTech's validator: a key written into the verification method's fragment is believed, its controller must be the
    /// issuer where it is known.
    #[serde(rename = "1edtech")]
    OneEdTech,
    /// JSON-LD and proofs alone, by whatever key the verification method holds.
    #[serde(rename = "proof-only")]
    ProofOnly,
}

/// No policy has this name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no policy; there are `strict`, `1edtech` and `proof-only`")]
pub struct UnknownPolicy(String);

/// The judgement on a credential and those nested in it.
///
/// JSON: `{"verified": true, "verdict": "valid", "policy": "strict", "checks": [{"name", "pointer", "credentialId",
/// "outcome", "reason", "retry", "state"}]}`. Members and words are added, never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Under which policy.
    pub policy: Policy,
    /// All that was looked at: what is wrong first, then what could not be checked, what is odd, and what is good; among
    /// those the outer credential first, then the ones in it as they stand.
    pub checks: Vec<Check>,
}

/// The judgement in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything that the policy asks for was checked and is good.
    Valid,
    /// Something is wrong.
    Invalid,
    /// Nothing is wrong as far as could be seen, but something could not be looked at.
    CouldNotCheck,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// What was looked at.
    pub name: CheckName,
    /// JSON pointer into the document; empty for its root.
    pub pointer: String,
    /// `id` of the credential that it is about, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<String>,
    /// How it went.
    pub outcome: CheckOutcome,
    /// Why, in words for the person who has to act on it.
    pub reason: String,
    /// Somebody could not be reached: the same question may have another answer in a minute.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
    /// Of the checks `validity` and `status`, where the credential is not in force as far as could be seen: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
}

/// What is looked at in a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckName {
    /// Every claim has a defined meaning: safe JSON-LD.
    JsonLd,
    /// The rules of CLR 2.0, Open Badges 3.0 and Verifiable Credentials.
    DataModel,
    /// The schemas that it says it keeps.
    Schema,
    /// Signed by its issuer, unaltered since.
    Proof,
    /// Of a JWT: its claims say what the credential says.
    Jwt,
    /// A newer version of it.
    Refresh,
    /// Already and still valid.
    Validity,
    /// Neither revoked nor suspended.
    Status,
    /// About the person who is asked for.
    Recipient,
    /// Under the policy `1edtech`, of a nested credential: the page of its issuer is there.
    Issuer,
    /// Of a presentation: made for this challenge.
    Challenge,
    /// Of a presentation: made for this domain.
    Domain,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    /// Wrong: the verdict is invalid.
    Failed,
    /// Could not be looked at: the verdict cannot be valid.
    CouldNotCheck,
    /// Odd, without weight for the verdict.
    Warning,
    /// Good.
    Passed,
}

/// Of all checks together: the answer that tells them in three ways fits in a response of Lambda.
const MAX_BYTES: usize = 1_000_000;
/// As long as the longest URL that is fetched.
const MAX_TEXT_BYTES: usize = 2_048;
/// The names of a check's members.
const MEMBERS_BYTES: usize = 100;

impl Verdict {
    /// Of checks in the order of the document. Documents are strangers': what is said of one has a bounded length.
    pub(super) fn new(policy: Policy, mut checks: Vec<Check>) -> Self {
        // What means nothing in a credential means nothing in the record around it: the inner one, which comes later, knows best.
        let mut met = HashSet::new();
        checks.reverse();
        checks.retain(|check| {
            let is_fault = (check.name, check.outcome) == (CheckName::JsonLd, CheckOutcome::Failed);
            !is_fault || met.insert((check.pointer.clone(), check.reason.clone()))
        });
        checks.reverse();
        checks.sort_by_key(|check| check.outcome);
        let mut length = 0;
        let is_too_long = |check: &mut Check| {
            check.shorten();
            length += check.length();
            length > MAX_BYTES
        };
        let told = checks.iter_mut().position(is_too_long).unwrap_or(checks.len());
        if let Some(first) = checks.get(told) {
            let rest = Check {
                pointer: String::new(),
                credential_id: None,
                reason: format!("{} more checks came out so or better", checks.len() - told),
                retry: false,
                ..first.clone()
            };
            checks.truncate(told);
            checks.push(rest);
        }
        Self { policy, checks }
    }

    /// The judgement in one word.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let any = |outcome| self.checks.iter().any(|check| check.outcome == outcome);
        if any(CheckOutcome::Failed) {
            Outcome::Invalid
        } else if any(CheckOutcome::CouldNotCheck) || self.checks.is_empty() {
            Outcome::CouldNotCheck
        } else {
            Outcome::Valid
        }
    }

    /// Valid in every respect that the policy asks for.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.outcome() == Outcome::Valid
    }

    /// The checks that kept the verdict from being valid.
    pub fn obstacles(&self) -> impl Iterator<Item = &Check> {
        self.checks
            .iter()
            .filter(|check| matches!(check.outcome, CheckOutcome::Failed | CheckOutcome::CouldNotCheck))
    }
}

impl Check {
    fn shorten(&mut self) {
        let id = self.credential_id.iter_mut();
        for text in [&mut self.pointer, &mut self.reason].into_iter().chain(id) {
            if text.len() > MAX_TEXT_BYTES {
                text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
                text.push('…');
            }
        }
    }

    /// About the bytes that it is written with.
    fn length(&self) -> usize {
        let id = self.credential_id.as_ref().map_or(0, String::len);
        MEMBERS_BYTES + self.pointer.len() + self.reason.len() + id
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut verdict = serializer.serialize_struct("Verdict", 4)?;
        verdict.serialize_field("verified", &self.is_valid())?;
        verdict.serialize_field("verdict", &self.outcome())?;
        verdict.serialize_field("policy", &self.policy)?;
        verdict.serialize_field("checks", &self.checks)?;
        verdict.end()
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::OneEdTech => "1edtech",
            Self::ProofOnly => "proof-only",
        })
    }
}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Strict, Self::OneEdTech, Self::ProofOnly]
            .into_iter()
            .find(|policy| policy.to_string() == name)
            .ok_or_else(|| UnknownPolicy(name.to_owned()))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::CouldNotCheck => "could not check",
        })
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::JsonLd => "JSON-LD",
            Self::DataModel => "data model",
            Self::Schema => "schema",
            Self::Proof => "proof",
            Self::Jwt => "JWT claims",
            Self::Refresh => "newer version",
            Self::Validity => "validity period",
            Self::Status => "status",
            Self::Recipient => "recipient",
            Self::Issuer => "issuer",
            Self::Challenge => "challenge",
            Self::Domain => "domain",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(outcome: CheckOutcome) -> Check {
        Check {
            name: CheckName::Validity,
            pointer: "/validUntil".to_owned(),
            credential_id: None,
            outcome,
            reason: "expired on 2026-01-31T12:00:00Z".to_owned(),
            retry: false,
            state: None,
        }
    }

    fn outcome(checks: &[CheckOutcome]) -> Outcome {
        Verdict {
            policy: Policy::Strict,
            checks: checks.iter().copied().map(check).collect(),
        }
        .outcome()
    }

    #[test]
    fn the_worst_check_decides() {
        use CheckOutcome::{CouldNotCheck, Failed, Passed, Warning};
        assert_eq!(outcome(&[Passed, Warning]), Outcome::Valid);
        assert_eq!(outcome(&[Passed, CouldNotCheck, Warning]), Outcome::CouldNotCheck);
        assert_eq!(outcome(&[Passed, CouldNotCheck, Failed]), Outcome::Invalid);
        assert_eq!(outcome(&[]), Outcome::CouldNotCheck);
    }

    #[test]
    fn what_must_be_mended_stands_first() {
        use CheckOutcome::{CouldNotCheck, Failed, Passed, Warning};
        let mut first = check(Failed);
        first.pointer = "/a".to_owned();
        let checks = [
            check(Passed),
            check(Warning),
            first,
            check(CouldNotCheck),
            check(Failed),
        ];
        let verdict = Verdict::new(Policy::Strict, checks.to_vec());
        let order: Vec<_> = verdict.checks.iter().map(|check| check.outcome).collect();
        assert_eq!(order, [Failed, Failed, CouldNotCheck, Warning, Passed]);
        assert_eq!(verdict.checks[0].pointer, "/a", "among equals the order stays");
    }

    #[test]
    fn the_json_form_is_steady() {
        let verdict = Verdict {
            policy: Policy::OneEdTech,
            checks: vec![check(CheckOutcome::Failed)],
        };
        let expected = json!({
            "verified": false,
            "verdict": "invalid",
            "policy": "1edtech",
            "checks": [{
                "name": "validity",
                "pointer": "/validUntil",
                "outcome": "failed",
                "reason": "expired on 2026-01-31T12:00:00Z",
            }],
        });
        assert_eq!(serde_json::to_value(verdict).unwrap(), expected);
    }

    #[test]
    fn policies_are_read_by_the_names_they_are_written_with() {
        for policy in [Policy::Strict, Policy::OneEdTech, Policy::ProofOnly] {
            assert_eq!(policy.to_string().parse(), Ok(policy));
            assert_eq!(serde_json::to_value(policy).unwrap(), policy.to_string());
        }
        assert_eq!("lax".parse::<Policy>(), Err(UnknownPolicy("lax".to_owned())));
    }
}
