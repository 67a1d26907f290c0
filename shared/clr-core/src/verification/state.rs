//! What a verdict says of a credential's life, apart from whether it is well signed and well formed.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::{Check, CheckName, Verdict};

/// Where a credential is in its life; of two that hold at once the later one counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// In force.
    #[default]
    Valid,
    /// It can be revoked, and whether it was could not be seen.
    Unknown,
    /// Its validity period is yet to begin.
    NotYetValid,
    /// Its validity period is over.
    Expired,
    /// Out of force for the time being.
    Suspended,
    /// Out of force for good.
    Revoked,
}

/// What was known of a record's life at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Of the record itself.
    pub state: State,
    /// The worst among the credentials in it.
    pub nested: State,
    /// When it was judged.
    pub at: Timestamp,
}

/// No state has this name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no state of a credential")]
pub struct UnknownState(String);

/// Members of a record that tell its own life.
const OWN_MEMBERS: [&str; 5] = [
    "validFrom",
    "issuanceDate",
    "validUntil",
    "expirationDate",
    "credentialStatus",
];

impl State {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Valid,
        Self::Unknown,
        Self::NotYetValid,
        Self::Expired,
        Self::Suspended,
        Self::Revoked,
    ];
}

impl Verdict {
    /// What it says of the record's life; it was given at this time.
    #[must_use]
    pub fn judgement(&self, at: Timestamp) -> Judgement {
        let worst = |own: bool| {
            let checks = self.checks.iter().filter(|check| is_own(check) == own);
            checks.filter_map(|check| check.state).max().unwrap_or_default()
        };
        Judgement {
            state: worst(true),
            nested: worst(false),
            at,
        }
    }
}

fn is_own(check: &Check) -> bool {
    debug_assert!(check.state.is_none() || matches!(check.name, CheckName::Validity | CheckName::Status));
    let member = check.pointer.split('/').nth(1);
    member.is_none_or(|member| OWN_MEMBERS.contains(&member))
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Valid => "valid",
            Self::Unknown => "unknown",
            Self::NotYetValid => "not-yet-valid",
            Self::Expired => "expired",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        })
    }
}

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(name: &str) -> Result<Self, UnknownState> {
        let mut all = Self::ALL.into_iter();
        all.find(|state| state.to_string() == name)
            .ok_or_else(|| UnknownState(name.to_owned()))
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verification::{CheckOutcome, Policy};

    fn judged(checks: &[(&str, State)]) -> (State, State) {
        let checks = checks.iter().map(|(pointer, state)| Check {
            name: CheckName::Status,
            pointer: (*pointer).to_owned(),
            credential_id: None,
            outcome: CheckOutcome::Failed,
            reason: String::new(),
            retry: false,
            state: Some(*state),
        });
        let verdict = Verdict {
            policy: Policy::Strict,
            checks: checks.collect(),
        };
        let judgement = verdict.judgement(Timestamp::UNIX_EPOCH);
        (judgement.state, judgement.nested)
    }

    #[test]
    fn the_worst_state_counts_and_those_of_the_record_and_in_it_are_told_apart() {
        assert_eq!(judged(&[]), (State::Valid, State::Valid));
        let own = [("/validUntil", State::Expired), ("/credentialStatus/1", State::Revoked)];
        assert_eq!(judged(&own), (State::Revoked, State::Valid));
        let nested = [
            ("/credentialSubject/verifiableCredential/0/validUntil", State::Expired),
            ("/endorsement/0/credentialStatus", State::Unknown),
        ];
        assert_eq!(judged(&nested), (State::Valid, State::Expired));
    }

    #[test]
    fn states_are_read_by_the_names_they_are_written_with() {
        for state in State::ALL {
            assert_eq!(state.to_string().parse(), Ok(state));
        }
        assert_eq!("dead".parse::<State>(), Err(UnknownState("dead".to_owned())));
    }
}
