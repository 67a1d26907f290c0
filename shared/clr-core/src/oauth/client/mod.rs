//! Client applications: registered by their makers for learners, or made by the operator for the institution's own systems.

mod operator;
mod update;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

pub use self::{
    operator::{OperatorClient, OperatorClientFault},
    update::{ClientUpdate, UpdateFault},
};
use super::{ClientAuthentication, ClientKeys, Expiry, SingleUse, VerifiedClient, client_assertion::says_what_it_must};
use crate::{Digest, Randomness, Secret};

/// Names a client. Not a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(Uuid);

/// A client with its credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    id: ClientId,
    /// None: it proves itself with a key.
    secret: Option<Digest>,
    /// Lets its maker read, change and delete the registration (RFC 7592); none for an operator's client.
    registration_access_token: Option<Digest>,
    /// Epoch seconds.
    registered: i64,
    standing: Standing,
    /// It is gone then, unless it has redeemed a code.
    unused_until: Option<Expiry>,
    kind: ClientKind,
    version: u64,
}

/// What the operator thinks of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Nobody looked at it.
    NotReviewed,
    /// The operator approved of it as it is: consent may be remembered.
    Approved,
    /// It may do nothing any more.
    Revoked,
}

/// What a client is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientKind {
    /// Registered itself; acts for learners who consent.
    Application(Box<VerifiedClient>),
    /// Made by the operator; acts for the institution with client credentials.
    Operator(OperatorClient),
}

/// What a client gets at its registration, shown once.
#[derive(Debug)]
pub struct Credentials {
    /// None: it proves itself with a key.
    pub secret: Option<Secret>,
    /// For managing the registration.
    pub registration_access_token: Secret,
}

/// How a client proves itself in a request.
#[derive(Debug)]
pub enum ClientProof {
    /// `client_secret_basic`.
    Basic(Secret),
    /// `client_secret_post`.
    Post(Secret),
    /// `private_key_jwt`: the assertion.
    Assertion(String),
}

/// A registration that is not used ends after this long.
const UNUSED_SECONDS: i64 = 30 * 24 * 3_600;

impl ClientId {
    /// Reads what a caller presented; none when it cannot be one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Client {
    /// Gives a verified application fresh credentials.
    #[must_use]
    pub fn register(application: VerifiedClient, now: Timestamp, randomness: &Randomness) -> (Self, Credentials) {
        let credentials = Credentials {
            secret: secret_for(&application.authentication, randomness),
            registration_access_token: randomness.secret(),
        };
        let client = Self {
            id: ClientId(randomness.uuid()),
            secret: credentials.secret.as_ref().map(Secret::digest),
            registration_access_token: Some(credentials.registration_access_token.digest()),
            registered: now.as_second(),
            standing: Standing::NotReviewed,
            unused_until: Some(Expiry::after(now, UNUSED_SECONDS)),
            kind: ClientKind::Application(Box::new(application)),
            version: 0,
        };
        (client, credentials)
    }

    /// Makes an operator's client. The secret is shown once.
    #[must_use]
    pub fn of_operator(client: OperatorClient, now: Timestamp, randomness: &Randomness) -> (Self, Secret) {
        let secret = randomness.secret();
        let client = Self {
            id: ClientId(randomness.uuid()),
            secret: Some(secret.digest()),
            registration_access_token: None,
            registered: now.as_second(),
            standing: Standing::Approved,
            unused_until: None,
            kind: ClientKind::Operator(client),
            version: 0,
        };
        (client, secret)
    }

    /// Whether it may do anything now.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.standing != Standing::Revoked && self.unused_until.is_none_or(|end| !end.has_passed(now))
    }

    /// Where the keys are that decide whether this proves that it is the client: none where that can be told without them.
    #[must_use]
    pub fn keys_to_fetch(&self, proof: &ClientProof, audiences: &[String], now: Timestamp) -> Option<&Url> {
        let ClientProof::Assertion(assertion) = proof else {
            return None;
        };
        let url = self.authentication().keys_url()?;
        says_what_it_must(assertion, self.id, audiences, now).then_some(url)
    }

    /// Whether this proves that it is the client, in the one way that it registered. With an assertion comes what must not be
    /// presented again. `published`: the keys that it publishes, where they were fetched.
    #[must_use]
    pub fn is_proved_by(
        &self,
        proof: &ClientProof,
        published: Option<&ClientKeys>,
        audiences: &[String],
        now: Timestamp,
    ) -> Option<Option<SingleUse>> {
        let has_secret = |secret| self.secret.as_ref().is_some_and(|digest| digest.matches(secret));
        match (self.authentication(), proof) {
            (ClientAuthentication::ClientSecretBasic, ClientProof::Basic(secret))
            | (ClientAuthentication::ClientSecretPost, ClientProof::Post(secret)) => has_secret(secret).then_some(None),
            (ClientAuthentication::PrivateKeyJwt(keys), ClientProof::Assertion(assertion)) => {
                keys.verify(assertion, self.id, audiences, now).map(Some)
            }
            (ClientAuthentication::PublishedKeys(_), ClientProof::Assertion(assertion)) => {
                published?.verify(assertion, self.id, audiences, now).map(Some)
            }
            _ => None,
        }
    }

    /// Whether this is the token that manages the registration.
    #[must_use]
    pub fn is_managed_by(&self, token: &Secret) -> bool {
        self.registration_access_token
            .as_ref()
            .is_some_and(|digest| digest.matches(token))
    }

    /// The operator approves of it; only what it is now is approved.
    #[must_use]
    pub fn approved(self) -> Self {
        Self {
            standing: Standing::Approved,
            unused_until: None,
            ..self
        }
    }

    /// The same, able to do nothing any more.
    #[must_use]
    pub fn revoked(self) -> Self {
        Self {
            standing: Standing::Revoked,
            ..self
        }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// When it was made, in epoch seconds.
    #[must_use]
    pub fn issued(&self) -> i64 {
        self.registered
    }

    /// What the operator thinks of it.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// When it ends unless it is used; none once it was.
    #[must_use]
    pub fn unused_until(&self) -> Option<Expiry> {
        self.unused_until
    }

    /// How often it was stored.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.kind {
            ClientKind::Application(application) => &application.client_name,
            ClientKind::Operator(operator) => operator.name(),
        }
    }

    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> &ClientKind {
        &self.kind
    }

    /// The application that learners can allow something; none for an operator's client.
    #[must_use]
    pub fn application(&self) -> Option<&VerifiedClient> {
        match &self.kind {
            ClientKind::Application(application) => Some(application),
            ClientKind::Operator(_) => None,
        }
    }

    /// The operator's client, which may use client credentials; none for an application.
    #[must_use]
    pub fn operator(&self) -> Option<&OperatorClient> {
        match &self.kind {
            ClientKind::Application(_) => None,
            ClientKind::Operator(operator) => Some(operator),
        }
    }

    /// The same, stored once more.
    pub(crate) fn next_version(mut self) -> Self {
        self.version += 1;
        self
    }

    fn authentication(&self) -> &ClientAuthentication {
        match &self.kind {
            ClientKind::Application(application) => &application.authentication,
            ClientKind::Operator(_) => &ClientAuthentication::ClientSecretBasic,
        }
    }
}

fn secret_for(authentication: &ClientAuthentication, randomness: &Randomness) -> Option<Secret> {
    match authentication {
        ClientAuthentication::ClientSecretBasic | ClientAuthentication::ClientSecretPost => Some(randomness.secret()),
        ClientAuthentication::PrivateKeyJwt(_) | ClientAuthentication::PublishedKeys(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::Scope;

    #[test]
    fn each_client_has_credentials_of_its_own() {
        let (randomness, now) = (Randomness::seeded(1), Timestamp::UNIX_EPOCH);
        let make = || {
            let client = OperatorClient::new("registrar", [Scope::Issue].into_iter().collect()).unwrap();
            Client::of_operator(client, now, &randomness)
        };
        let ((one, secret), (two, _)) = (make(), make());
        assert_ne!(one.id(), two.id());
        let proof = ClientProof::Basic(secret.clone());
        assert_eq!(one.is_proved_by(&proof, None, &[], now), Some(None));
        assert_eq!(two.is_proved_by(&proof, None, &[], now), None);
        assert_eq!(
            one.is_proved_by(&ClientProof::Post(secret), None, &[], now),
            None,
            "not its way"
        );
    }

    #[test]
    fn a_revoked_client_is_not_in_force() {
        let client = OperatorClient::new("registrar", [Scope::Issue].into_iter().collect()).unwrap();
        let (client, _) = Client::of_operator(client, Timestamp::UNIX_EPOCH, &Randomness::seeded(1));
        assert!(client.is_in_force(Timestamp::UNIX_EPOCH));
        assert!(!client.revoked().is_in_force(Timestamp::UNIX_EPOCH));
    }
}
