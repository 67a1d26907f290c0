//! Is a credential revoked or suspended? (digest section 5.4)
//!
//! A `BitstringStatusListEntry` points at a bit of a signed list, a `1EdTechRevocationList` at an unsigned list of ids.

use learner_record::{StatusEntry, StatusListError, items};
use serde_json::Value;

use super::{CheckOutcome, Policy, State, gathered::Gathered};
use crate::fetch::FetchError;

/// An entry of `credentialStatus` that is understood.
#[derive(Debug)]
pub(super) enum Entry {
    /// A bit of a list.
    Bit(StatusEntry),
    /// The URL of a list of revoked ids.
    RevokedIds(String),
}

/// What an entry says of its credential.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) outcome: CheckOutcome,
    pub(super) reason: String,
    /// Whether asking again may tell more.
    pub(super) retry: bool,
    /// What it means for the credential.
    pub(super) state: State,
}

/// A credential can be revoked and suspended; each entry costs a look into a list.
pub(super) const MOST_ENTRIES: usize = 8;

/// The entries of `credentialStatus` that are looked at, each with its pointer, and how many there are.
pub(super) fn entries(credential: &Value) -> (Vec<(String, &Value)>, usize) {
    let mut entries = items("/credentialStatus".to_owned(), credential.get("credentialStatus"));
    let count = entries.len();
    entries.truncate(MOST_ENTRIES);
    (entries, count)
}

impl Entry {
    /// # Errors
    /// What no one could look up, or not here.
    pub(super) fn read(entry: &Value) -> Result<Self, Told> {
        let kind = match entry.get("type") {
            Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
            kind => kind.and_then(Value::as_str),
        };
        match kind {
            Some("BitstringStatusListEntry") => StatusEntry::read(entry).map(Self::Bit).map_err(|error| match error {
                StatusListError::Malformed { .. } => Told::failed(error.to_string()),
                error => Told::unseen(error.to_string(), false),
            }),
            Some("1EdTechRevocationList") => match entry.get("id").and_then(Value::as_str) {
                Some(url) => Ok(Self::RevokedIds(url.to_owned())),
                None => Err(Told::failed("has no id, which is the URL of its list".to_owned())),
            },
            kind => Err(Told::unseen(
                format!(
                    "can be revoked in a way that is not known here: {}",
                    kind.unwrap_or("no type")
                ),
                false,
            )),
        }
    }
}

/// What the bit of an entry says, in a list that may be believed.
pub(super) fn of_bit(entry: &StatusEntry, bit: Result<bool, StatusListError>) -> Told {
    match bit {
        Ok(false) if entry.purpose == "revocation" => Told::passed("is not revoked"),
        Ok(false) if entry.purpose == "suspension" => Told::passed("is not suspended"),
        Ok(false) => Told::passed(&format!("has no status of the purpose {:?}", entry.purpose)),
        Ok(true) if entry.purpose == "revocation" => Told {
            state: State::Revoked,
            ..Told::failed("is revoked by its issuer".to_owned())
        },
        Ok(true) if entry.purpose == "suspension" => Told {
            state: State::Suspended,
            ..Told::failed("is suspended by its issuer for the time being".to_owned())
        },
        Ok(true) => Told {
            outcome: CheckOutcome::Warning,
            reason: format!(
                "has a status of the purpose {:?}: ask its issuer what it means",
                entry.purpose
            ),
            retry: false,
            state: State::Valid,
        },
        Err(error) => Told::unseen(format!("the status list does not fit: {error}"), false),
    }
}

/// What a list of revoked ids says. It has no proof: it is as good as the connection that it came over.
pub(super) fn of_revoked_ids(url: &str, id: Option<&str>, gathered: &Gathered, policy: Policy) -> Told {
    let list = match gathered.json(url) {
        Ok(list) => list,
        // 1EdTech's validator warns.
        Err(error) if policy == Policy::OneEdTech && !matches!(error, FetchError::Refused(_)) => {
            return Told {
                outcome: CheckOutcome::Warning,
                ..Told::not_had(&error)
            };
        }
        Err(error) => return Told::not_had(&error),
    };
    // Both spellings are met: the standard's text has the plural, its validator the singular.
    let revoked = ["revokedCredential", "revokedCredentials"].map(|member| list.get(member));
    if revoked.iter().all(Option::is_none) {
        return Told::unseen(
            "the revocation list lists nothing: it has no revokedCredential".to_owned(),
            false,
        );
    }
    for entry in revoked
        .into_iter()
        .flatten()
        .flat_map(|entries| items(String::new(), Some(entries)))
    {
        let (_, entry) = entry;
        let listed = entry.as_str().or_else(|| entry.get("id")?.as_str());
        if listed != id || id.is_none() || entry.get("revoked") == Some(&Value::Bool(false)) {
            continue;
        }
        let why = entry.get("revocationReason").and_then(Value::as_str);
        let why = why.map(|reason| format!(": {}", reason.chars().take(200).collect::<String>()));
        return Told {
            state: State::Revoked,
            ..Told::failed(format!("is revoked by its issuer{}", why.unwrap_or_default()))
        };
    }
    if id.is_none() {
        return Told::unseen("has no id that a revocation list could name".to_owned(), false);
    }
    Told::passed("is not revoked")
}

impl Told {
    pub(super) fn failed(reason: String) -> Self {
        Self {
            outcome: CheckOutcome::Failed,
            reason,
            retry: false,
            state: State::Unknown,
        }
    }

    pub(super) fn unseen(reason: String, retry: bool) -> Self {
        Self {
            outcome: CheckOutcome::CouldNotCheck,
            reason,
            retry,
            state: State::Unknown,
        }
    }

    pub(super) fn not_had(error: &FetchError) -> Self {
        let retry = matches!(error, FetchError::OutOfReach(_));
        Self::unseen(
            format!("can be revoked, and whether it was could not be seen: {error}"),
            retry,
        )
    }

    fn passed(reason: &str) -> Self {
        Self {
            outcome: CheckOutcome::Passed,
            reason: reason.to_owned(),
            retry: false,
            state: State::Valid,
        }
    }
}
