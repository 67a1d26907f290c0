//! What was done in the institution's name: issues, changes of status, acts on keys.
//!
//! An act is written before it is answered ([`Table::append_audit`](crate::Table::append_audit)), and never changed. It names
//! who did it and what was signed with which key, down to the requests by which KMS can be asked about it. No learner data.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::Randomness;

/// Who does what `clr admin` does.
pub const OPERATOR: &str = "clr admin";

/// One act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Tells acts of one instant apart.
    pub id: Uuid,
    /// When it was done.
    #[serde(with = "time")]
    pub at: Timestamp,
    /// What was done.
    pub act: Act,
    /// Id of the client that asked for it; for `clr admin`, how the operator is known.
    pub actor: String,
    /// What it was done to: the id of a record or of a status list, a verification method.
    pub subject: String,
    /// `sha256-…` (a `digestSRI`) of what was given out, as it was given out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The verification methods of the keys that signed, in the order of their proofs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// Every document that was signed: the nested ones, then the one around them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed: Vec<SignedDocument>,
    /// What else is to be known of it, for example the new state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A kind of act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Act {
    /// A credential was signed and given out.
    Issue,
    /// The state of a credential was changed.
    ChangeStatus,
    /// A status list credential was signed.
    SignStatusList,
    /// A key was put into service.
    AddKey,
    /// A key no longer signs; what it signed stays valid.
    RetireKey,
    /// A key was taken out of `assertionMethod`: what it signed is no longer valid.
    CompromiseKey,
    /// What is kept of a learner was erased. The subject is the learner's id: a digest, by which a restored table is erased again.
    EraseLearner,
}

/// A document that was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedDocument {
    /// Its id.
    pub id: String,
    /// The KMS request of each of its signatures, in the order of the keys; empty: the keys are not in KMS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kms_requests: Vec<String>,
}

/// The digest of what is given out, as an entry has it.
#[must_use]
pub fn digest_of(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

impl AuditEntry {
    /// An act with nothing more to be said of it than who did what to what.
    #[must_use]
    pub fn new(
        act: Act,
        actor: impl Into<String>,
        subject: impl Into<String>,
        now: Timestamp,
        randomness: &Randomness,
    ) -> Self {
        Self {
            id: randomness.uuid(),
            at: now,
            act,
            actor: actor.into(),
            subject: subject.into(),
            digest: None,
            keys: Vec::new(),
            signed: Vec::new(),
            note: None,
        }
    }
}

impl std::fmt::Display for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

/// Times as RFC 3339 text.
mod time {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
