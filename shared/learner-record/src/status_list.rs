//! Bitstring Status List v1.0: entries of credentials, and the lists that they point into. One bit for an entry
//! (`statusSize` 1); lists of others are read, too.
//!
//! <https://www.w3.org/TR/vc-bitstring-status-list/>

mod bitstring;

use std::fmt;

use jiff::Timestamp;
use serde_json::{Value, json};

pub use self::bitstring::{Bitstring, LIST_ENTRIES};
use crate::pointer::one_or_many;

/// What it means when the bit of an entry is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusPurpose {
    /// The credential is void, for good.
    Revocation,
    /// The credential is void for the time being.
    Suspension,
}

/// A `credentialStatus` of type `BitstringStatusListEntry`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusEntry {
    /// `revocation`, `suspension`, or what others mean.
    pub purpose: String,
    /// URL of the list credential.
    pub list: String,
    /// The place in the list.
    pub index: usize,
    /// Whether `statusListIndex` is a string, as it must be. Real ones are numbers.
    pub index_is_text: bool,
}

/// What a `BitstringStatusListCredential` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    /// What its bits may be asked for.
    pub purposes: Vec<String>,
    /// The bits.
    pub bits: Bitstring,
}

/// A list of ours, to be made a credential.
#[derive(Clone, Copy, Debug)]
pub struct ListCredential<'a> {
    /// Its URL.
    pub url: &'a str,
    /// The issuer's id.
    pub issuer: &'a str,
    /// What its bits mean.
    pub purpose: StatusPurpose,
    /// The bits.
    pub bits: &'a Bitstring,
    /// When the bits were these.
    pub valid_from: Timestamp,
    /// When nobody should rely on them any more.
    pub valid_until: Option<Timestamp>,
}

/// Why no status can be told, by the processing errors of the standard (section 3.5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusListError {
    /// A member is not what it must be.
    #[error("{member} {problem}")]
    Malformed {
        /// The member.
        member: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The list is shorter than a list may be.
    #[error("the list has {0} entries, and must have {LIST_ENTRIES} at least")]
    Length(usize),
    /// The entry points behind the end of the list.
    #[error("the entry is number {index} of a list of {entries}")]
    Range {
        /// The entry's index.
        index: usize,
        /// How many entries the list has.
        entries: usize,
    },
    /// The list is for other purposes than the entry.
    #[error("the entry is for {entry:?}, its list for {}", .list.join(", "))]
    Purpose {
        /// The entry's purpose.
        entry: String,
        /// The list's.
        list: Vec<String>,
    },
    /// Allowed, but not known here.
    #[error("{0}")]
    Unsupported(String),
}

impl StatusPurpose {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Revocation, Self::Suspension];

    /// As `statusPurpose` names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
        }
    }

    /// The purpose of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == name)
    }

    /// The `credentialStatus` object of an entry.
    #[must_use]
    pub fn entry(self, list: &str, index: usize) -> Value {
        json!({
            "id": format!("{list}#{index}"),
            "type": "BitstringStatusListEntry",
            "statusPurpose": self.as_str(),
            "statusListIndex": index.to_string(),
            "statusListCredential": list,
        })
    }
}

impl fmt::Display for StatusPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl StatusEntry {
    /// The entry that a `credentialStatus` object of type `BitstringStatusListEntry` is (section 2.1).
    ///
    /// # Errors
    /// A member is missing or malformed, or an entry has more than one bit.
    pub fn read(status: &Value) -> Result<Self, StatusListError> {
        let text = |member: &'static str| match status.get(member) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            Some(other) => Err(malformed(member, format!("must be a string, not {other}"))),
            None => Err(malformed(member, "is missing")),
        };
        let not_an_index = |found: &Value| malformed("statusListIndex", format!("is no whole number: {found}"));
        let (index, index_is_text) = match status.get("statusListIndex") {
            Some(found @ Value::String(text)) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                (text.parse().map_err(|_| not_an_index(found))?, true)
            }
            Some(found @ Value::Number(number)) => {
                let index = number.as_u64().and_then(|index| usize::try_from(index).ok());
                (index.ok_or_else(|| not_an_index(found))?, false)
            }
            Some(other) => return Err(not_an_index(other)),
            None => return Err(malformed("statusListIndex", "is missing")),
        };
        match status.get("statusSize").map(|size| (size, size.as_u64())) {
            None | Some((_, Some(1))) => {}
            Some((_, Some(2..))) => {
                return Err(StatusListError::Unsupported(
                    "a statusSize other than 1 is not read".to_owned(),
                ));
            }
            Some((found, _)) => {
                return Err(malformed(
                    "statusSize",
                    format!("is no whole number above zero: {found}"),
                ));
            }
        }
        Ok(Self {
            purpose: text("statusPurpose")?,
            list: text("statusListCredential")?,
            index,
            index_is_text,
        })
    }
}

impl StatusList {
    /// The list in a `BitstringStatusListCredential` (section 2.2). Its proof, issuer and dates are the caller's to check.
    ///
    /// # Errors
    /// A member is missing or malformed, or the list is too short.
    pub fn read(credential: &Value) -> Result<Self, StatusListError> {
        let names = |value: Option<&Value>, name: &str| one_or_many(value).iter().any(|given| given == name);
        if !names(credential.get("type"), "BitstringStatusListCredential") {
            return Err(malformed("type", "does not name BitstringStatusListCredential"));
        }
        let subject = &credential["credentialSubject"];
        if !names(subject.get("type"), "BitstringStatusList") {
            return Err(malformed("credentialSubject.type", "does not name BitstringStatusList"));
        }
        let purposes: Option<Vec<String>> = one_or_many(subject.get("statusPurpose"))
            .iter()
            .map(|purpose| purpose.as_str().map(str::to_owned))
            .collect();
        let purposes = purposes
            .filter(|purposes| !purposes.is_empty())
            .ok_or_else(|| malformed("credentialSubject.statusPurpose", "is not one or more strings"))?;
        let encoded = subject["encodedList"]
            .as_str()
            .ok_or_else(|| malformed("credentialSubject.encodedList", "is not a string"))?;
        let bits = Bitstring::decode(encoded)?;
        if bits.bits() < LIST_ENTRIES {
            return Err(StatusListError::Length(bits.bits()));
        }
        Ok(Self { purposes, bits })
    }

    /// Whether the entry's bit is set (section 3.2).
    ///
    /// # Errors
    /// The list is for another purpose, or too short for the entry.
    pub fn is_set(&self, entry: &StatusEntry) -> Result<bool, StatusListError> {
        if !self.purposes.contains(&entry.purpose) {
            return Err(StatusListError::Purpose {
                entry: entry.purpose.clone(),
                list: self.purposes.clone(),
            });
        }
        self.bits.get(entry.index).ok_or(StatusListError::Range {
            index: entry.index,
            entries: self.bits.bits(),
        })
    }
}

impl ListCredential<'_> {
    /// The unsigned credential. It has no `ttl`: for how long it may be kept is told by the response that brings it.
    #[must_use]
    pub fn unsigned(&self) -> Value {
        let mut credential = json!({
            "@context": [crate::contexts::VC_V2],
            "id": self.url,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": self.issuer,
            "validFrom": format!("{:.0}", self.valid_from),
        });
        if let Some(until) = self.valid_until {
            credential["validUntil"] = format!("{until:.0}").into();
        }
        credential["credentialSubject"] = json!({
            "id": format!("{}#list", self.url),
            "type": "BitstringStatusList",
            "statusPurpose": self.purpose.as_str(),
            "encodedList": self.bits.encode(),
        });
        credential
    }
}

impl StatusListError {
    /// The URL that the standard names this error with.
    #[must_use]
    pub fn type_url(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "https://www.w3.org/ns/credentials/status-list#MALFORMED_VALUE_ERROR",
            Self::Length(_) => "https://www.w3.org/ns/credentials/status-list#STATUS_LIST_LENGTH_ERROR",
            Self::Range { .. } => "https://www.w3.org/ns/credentials/status-list#RANGE_ERROR",
            Self::Purpose { .. } | Self::Unsupported(_) => {
                "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR"
            }
        }
    }
}

fn malformed(member: &'static str, problem: impl Into<String>) -> StatusListError {
    StatusListError::Malformed {
        member,
        problem: problem.into(),
    }
}

#[cfg(test)]
mod tests {
    use canonical_rdf::Contexts;

    use super::*;
    use crate::{check_safe_mode, vectors};

    const LIST: &str = "https://records.example.edu/status/1";

    fn list_credential(bits: &Bitstring) -> Value {
        ListCredential {
            url: LIST,
            issuer: "did:web:records.example.edu",
            purpose: StatusPurpose::Revocation,
            bits,
            valid_from: "2026-01-15T09:30:00.5Z".parse().unwrap(),
            valid_until: Some("2026-01-22T09:30:00Z".parse().unwrap()),
        }
        .unsigned()
    }

    fn entry(index: usize) -> StatusEntry {
        StatusEntry::read(&StatusPurpose::Revocation.entry(LIST, index)).unwrap()
    }

    #[test]
    fn a_list_credential_tells_the_bits_it_was_made_of_and_is_safe_json_ld() {
        let mut bits = Bitstring::cleared(LIST_ENTRIES);
        bits.set(94_567, true);
        let credential = list_credential(&bits);
        assert_eq!(check_safe_mode(&credential, Contexts::standard()), []);
        assert_eq!(credential["validFrom"], "2026-01-15T09:30:00Z");
        let list = StatusList::read(&credential).unwrap();
        assert_eq!(list.is_set(&entry(94_567)), Ok(true));
        assert_eq!(list.is_set(&entry(94_568)), Ok(false));
        assert_eq!(
            list.is_set(&entry(LIST_ENTRIES)),
            Err(StatusListError::Range {
                index: LIST_ENTRIES,
                entries: LIST_ENTRIES
            })
        );
    }

    #[test]
    fn a_list_answers_for_its_own_purposes_only() {
        let mut credential = list_credential(&Bitstring::cleared(LIST_ENTRIES));
        credential["credentialSubject"]["statusPurpose"] = json!(["suspension", "refresh"]);
        let list = StatusList::read(&credential).unwrap();
        let error = list.is_set(&entry(1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the entry is for \"revocation\", its list for suspension, refresh"
        );
        let suspension = StatusEntry::read(&StatusPurpose::Suspension.entry(LIST, 1)).unwrap();
        assert_eq!(list.is_set(&suspension), Ok(false));
    }

    #[test]
    fn a_short_list_is_refused_with_the_standards_error() {
        let error = StatusList::read(&list_credential(&Bitstring::cleared(LIST_ENTRIES - 8))).unwrap_err();
        assert_eq!(error, StatusListError::Length(LIST_ENTRIES - 8));
        assert!(error.type_url().ends_with("#STATUS_LIST_LENGTH_ERROR"));
    }

    #[test]
    fn a_credential_of_another_type_is_no_list() {
        for (pointer, value) in [
            ("/type", json!(["VerifiableCredential"])),
            ("/credentialSubject/type", json!("RevocationList2020")),
            ("/credentialSubject/statusPurpose", json!([])),
            ("/credentialSubject/statusPurpose", json!([1])),
            ("/credentialSubject/encodedList", json!(7)),
        ] {
            let mut credential = list_credential(&Bitstring::cleared(LIST_ENTRIES));
            *credential.pointer_mut(pointer).unwrap() = value;
            let error = StatusList::read(&credential).unwrap_err();
            assert!(matches!(error, StatusListError::Malformed { .. }), "{pointer}: {error}");
        }
    }

    #[test]
    fn an_entry_has_the_five_members_of_the_standard() {
        let entry = StatusPurpose::Suspension.entry(LIST, 5);
        assert_eq!(
            entry,
            json!({
                "id": "https://records.example.edu/status/1#5",
                "type": "BitstringStatusListEntry",
                "statusPurpose": "suspension",
                "statusListIndex": "5",
                "statusListCredential": LIST,
            })
        );
    }

    #[test]
    fn a_malformed_entry_is_told_by_its_member() {
        let whole = StatusPurpose::Revocation.entry(LIST, 5);
        for (member, value) in [
            ("statusListIndex", json!(true)),
            ("statusListIndex", json!("-1")),
            ("statusListIndex", json!("0x10")),
            ("statusListIndex", json!("")),
            ("statusListIndex", json!(1.5)),
            ("statusListIndex", json!("99999999999999999999999999")),
            ("statusListCredential", json!(null)),
            ("statusPurpose", json!(["revocation"])),
            ("statusSize", json!(0)),
            ("statusSize", json!("1")),
        ] {
            let mut entry = whole.clone();
            entry[member] = value;
            match StatusEntry::read(&entry) {
                Err(StatusListError::Malformed { member: told, .. }) => assert_eq!(told, member),
                other => panic!("{entry}: {other:?}"),
            }
        }
        let mut wide = whole.clone();
        wide["statusSize"] = json!(2);
        assert!(matches!(StatusEntry::read(&wide), Err(StatusListError::Unsupported(_))));
    }

    #[test]
    fn the_published_list_revokes_its_entry_23() {
        let Some(root) = vectors::root() else {
            return;
        };
        let folder = root.join("credentials/ob30/bit-string-list");
        let revoked = vectors::json(&folder.join("credential-status-revoked.json"));
        let entry = StatusEntry::read(&revoked["credentialStatus"]).unwrap();
        assert_eq!((entry.index, entry.index_is_text), (23, false));
        let list = StatusList::read(&vectors::json(&folder.join("testlist"))).unwrap();
        assert_eq!(list.is_set(&entry), Ok(true));
        assert_eq!(list.bits.count_set(), 1, "only entry 23 is revoked");
    }
}
