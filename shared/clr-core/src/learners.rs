//! Learners: who signed in, and by what they are known.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::TenantId;

/// Names a learner: the same for the same account at the same identity provider, for ever. 43 base64url characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LearnerId(String);

/// An account at an identity provider: what a learner is, with the tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The identity provider (`iss`).
    pub issuer: String,
    /// The account there (`sub`).
    pub subject: String,
}

/// Who signed in, as an identity provider tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: Account,
    /// To be shown.
    pub name: Option<String>,
    /// What the provider vouches for.
    pub identifiers: Vec<Identifier>,
}

/// A learner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learner {
    /// Follows from the account.
    pub id: LearnerId,
    /// Where the learner signs in.
    pub account: Account,
    /// To be shown to the learner.
    pub name: Option<String>,
    /// By what records can name the learner, in order and without doubles.
    identifiers: Vec<Identifier>,
    version: u64,
}

/// One identifier of a learner, and why it is believed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identifier {
    /// What kind it is.
    pub kind: IdentifierKind,
    /// Normalized: an e-mail address in lower case, all without surrounding space.
    value: String,
    /// Who said so.
    pub vouched_by: Voucher,
}

/// Kinds of identifiers, in the words of 1EdTech's `IdentifierTypeEnum` where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IdentifierKind {
    /// E-mail address.
    EmailAddress,
    /// Student number in the institution's information system.
    SisSourcedId,
    /// Decentralized identifier.
    Did,
}

/// Who vouches for an identifier. Nobody else's word counts when records are matched to learners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voucher {
    /// The identity provider, for example with `email_verified`.
    IdentityProvider,
    /// A roster that the operator imported.
    Roster,
    /// The learner, with a proof.
    Proof,
}

impl LearnerId {
    /// SHA-256 over tenant, issuer and subject, each after its length.
    #[must_use]
    pub fn of(tenant: &TenantId, account: &Account) -> Self {
        let mut hash = Sha256::new();
        for part in [tenant.as_str(), &account.issuer, &account.subject] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(URL_SAFE_NO_PAD.encode(hash.finalize()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads what an operator wrote; none where it is no learner's id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let decoded = URL_SAFE_NO_PAD.decode(text).ok()?;
        (decoded.len() == 32).then(|| Self(text.to_owned()))
    }

    /// From a key of the table.
    pub(crate) fn from_key(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for LearnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Identifier {
    /// Normalizes the value.
    #[must_use]
    pub fn new(kind: IdentifierKind, value: &str, vouched_by: Voucher) -> Self {
        let value = value.trim();
        let value = match kind {
            IdentifierKind::EmailAddress => value.to_lowercase(),
            IdentifierKind::SisSourcedId | IdentifierKind::Did => value.to_owned(),
        };
        Self {
            kind,
            value,
            vouched_by,
        }
    }

    /// The normalized value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl Identity {
    /// The id under which the learner is kept.
    #[must_use]
    pub fn learner_id(&self, tenant: &TenantId) -> LearnerId {
        LearnerId::of(tenant, &self.account)
    }

    /// The learner as known after this sign-in; `known` is what was kept of earlier ones.
    #[must_use]
    pub fn learner(&self, tenant: &TenantId, known: Option<Learner>) -> Learner {
        let mut learner = known.unwrap_or_else(|| Learner::new(tenant, self.account.clone()));
        learner.name.clone_from(&self.name);
        learner.replace_identifiers(Voucher::IdentityProvider, self.identifiers.iter().cloned());
        learner
    }
}

impl Learner {
    /// A learner at the first sign-in.
    #[must_use]
    pub fn new(tenant: &TenantId, account: Account) -> Self {
        Self {
            id: LearnerId::of(tenant, &account),
            account,
            name: None,
            identifiers: Vec::new(),
            version: 0,
        }
    }

    /// By what records can name the learner.
    #[must_use]
    pub fn identifiers(&self) -> &[Identifier] {
        &self.identifiers
    }

    /// Whether this text is the learner's id, the account at the identity provider, or one of the identifiers.
    #[must_use]
    pub fn is_known_as(&self, text: &str) -> bool {
        let is_same = |known: &Identifier| Identifier::new(known.kind, text, known.vouched_by).value() == known.value();
        self.id.as_str() == text || self.account.subject == text || self.identifiers.iter().any(is_same)
    }

    /// How often it was stored.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The same, stored once more.
    pub(crate) fn next_version(mut self) -> Self {
        self.version += 1;
        self
    }

    /// What one voucher now says replaces what the same voucher said before; the others' words stay.
    pub fn replace_identifiers(&mut self, vouched_by: Voucher, identifiers: impl IntoIterator<Item = Identifier>) {
        self.identifiers
            .retain(|identifier| identifier.vouched_by != vouched_by);
        self.identifiers.extend(
            identifiers
                .into_iter()
                .filter(|identifier| identifier.vouched_by == vouched_by),
        );
        self.identifiers.sort();
        self.identifiers.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(issuer: &str, subject: &str) -> Account {
        Account {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
        }
    }

    fn id(tenant: &str, issuer: &str, subject: &str) -> LearnerId {
        LearnerId::of(&TenantId::new(tenant).unwrap(), &account(issuer, subject))
    }

    #[test]
    fn a_learner_id_is_stable_and_its_parts_cannot_be_shifted() {
        assert_eq!(id("t", "https://idp.example", "1"), id("t", "https://idp.example", "1"));
        let others = [
            id("u", "https://idp.example", "1"),
            id("t", "https://idp.exampl", "e1"),
            id("t", "https://idp.example1", ""),
            id("thttps", "://idp.example", "1"),
        ];
        for (position, other) in others.iter().enumerate() {
            assert_ne!(*other, id("t", "https://idp.example", "1"));
            assert!(!others[position + 1..].contains(other));
        }
    }

    #[test]
    fn a_learner_is_found_by_what_an_operator_knows() {
        let tenant = TenantId::new("t").unwrap();
        let mut learner = Learner::new(&tenant, account("https://idp.example", "1234"));
        let mail = Identifier::new(
            IdentifierKind::EmailAddress,
            "ada@example.edu",
            Voucher::IdentityProvider,
        );
        learner.replace_identifiers(Voucher::IdentityProvider, [mail]);
        for text in [learner.id.as_str(), "1234", " Ada@Example.edu"] {
            assert!(learner.is_known_as(text), "{text}");
        }
        for text in ["", "123", "ada", "https://idp.example"] {
            assert!(!learner.is_known_as(text), "{text}");
        }
        assert_eq!(LearnerId::parse(learner.id.as_str()), Some(learner.id));
        assert_eq!(LearnerId::parse("ada@example.edu"), None);
    }

    #[test]
    fn a_sign_in_replaces_the_providers_words_and_leaves_the_rosters() {
        let mut learner = Learner::new(&TenantId::new("t").unwrap(), account("https://idp.example", "1"));
        let number = Identifier::new(IdentifierKind::SisSourcedId, " 0042 ", Voucher::Roster);
        let old = Identifier::new(
            IdentifierKind::EmailAddress,
            "Old@Example.edu",
            Voucher::IdentityProvider,
        );
        let new = Identifier::new(
            IdentifierKind::EmailAddress,
            "New@Example.edu",
            Voucher::IdentityProvider,
        );
        learner.replace_identifiers(Voucher::Roster, [number.clone()]);
        learner.replace_identifiers(Voucher::IdentityProvider, [old]);
        learner.replace_identifiers(Voucher::IdentityProvider, [new.clone(), new.clone()]);
        assert_eq!(learner.identifiers(), [new, number]);
        assert_eq!(learner.identifiers()[0].value(), "new@example.edu");
        assert_eq!(learner.identifiers()[1].value(), "0042");
    }
}
