//! Client applications: registered by their makers for learners, or made by the operator for the institution's own systems.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Scope, Scopes, VerifiedClient};
use crate::{Digest, Randomness, Secret};

/// Names a client. Not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(Uuid);

/// A client with its credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    id: ClientId,
    secret: Digest,
    /// Epoch seconds.
    registered: i64,
    kind: ClientKind,
}

/// What a client is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientKind {
    /// Registered itself; acts for learners who consent.
    Application(Box<VerifiedClient>),
    /// Made by the operator; acts for the institution with client credentials.
    Operator(OperatorClient),
}

/// A client that the operator made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorClient {
    name: String,
    scopes: Scopes,
}

/// Why the operator cannot have such a client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperatorClientFault {
    /// No scope at all.
    #[error("a client needs one scope at least")]
    NoScope,
    /// A scope that only a learner can grant.
    #[error("the scope {0} is a learner's to grant; operator clients can hold: {list}", list = operator_scopes())]
    LearnerScope(Scope),
    /// The name.
    #[error("the name of a client has 1 to {MAX_NAME_LENGTH} characters")]
    Name,
}

const MAX_NAME_LENGTH: usize = 100;

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
    /// Gives a verified application fresh credentials. The secret is shown once.
    #[must_use]
    pub fn register(application: VerifiedClient, now: Timestamp, randomness: &Randomness) -> (Self, Secret) {
        Self::with_fresh_credentials(ClientKind::Application(Box::new(application)), now, randomness)
    }

    /// Makes an operator's client. The secret is shown once.
    #[must_use]
    pub fn of_operator(client: OperatorClient, now: Timestamp, randomness: &Randomness) -> (Self, Secret) {
        Self::with_fresh_credentials(ClientKind::Operator(client), now, randomness)
    }

    fn with_fresh_credentials(kind: ClientKind, now: Timestamp, randomness: &Randomness) -> (Self, Secret) {
        let secret = randomness.secret();
        let id = ClientId(randomness.uuid());
        (
            Self {
                id,
                secret: secret.digest(),
                registered: now.as_second(),
                kind,
            },
            secret,
        )
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

    /// Whether this is its secret.
    #[must_use]
    pub fn is_authenticated_by(&self, secret: &Secret) -> bool {
        self.secret.matches(secret)
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
}

impl OperatorClient {
    /// A client of this name with these scopes.
    ///
    /// # Errors
    /// See [`OperatorClientFault`].
    pub fn new(name: &str, scopes: Scopes) -> Result<Self, OperatorClientFault> {
        if name.trim().is_empty() || name.chars().count() > MAX_NAME_LENGTH || name.chars().any(char::is_control) {
            return Err(OperatorClientFault::Name);
        }
        if scopes.is_empty() {
            return Err(OperatorClientFault::NoScope);
        }
        if let Some(scope) = scopes.iter().find(|scope| !Scope::OPERATOR.contains(scope)) {
            return Err(OperatorClientFault::LearnerScope(scope));
        }
        Ok(Self {
            name: name.to_owned(),
            scopes,
        })
    }

    /// What the operator called it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it may do.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }
}

fn operator_scopes() -> String {
    Scope::OPERATOR.into_iter().collect::<Scopes>().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(scopes: &[Scope]) -> Scopes {
        scopes.iter().copied().collect()
    }

    #[test]
    fn an_operator_client_cannot_hold_a_learners_scope() {
        let mixed = scopes(&[Scope::Issue, Scope::CredentialReadonly]);
        let fault = OperatorClient::new("registrar", mixed).unwrap_err();
        assert_eq!(fault, OperatorClientFault::LearnerScope(Scope::CredentialReadonly));
        assert!(
            fault.to_string().ends_with("operator clients can hold: issue, status"),
            "{fault}"
        );
    }

    #[test]
    fn an_operator_client_needs_a_name_and_a_scope() {
        assert_eq!(
            OperatorClient::new("registrar", scopes(&[])),
            Err(OperatorClientFault::NoScope)
        );
        assert_eq!(
            OperatorClient::new(" ", scopes(&[Scope::Issue])),
            Err(OperatorClientFault::Name)
        );
    }

    #[test]
    fn each_client_has_credentials_of_its_own() {
        let randomness = Randomness::seeded(1);
        let make = || {
            let client = OperatorClient::new("registrar", scopes(&[Scope::Issue])).unwrap();
            Client::of_operator(client, Timestamp::UNIX_EPOCH, &randomness)
        };
        let ((one, secret), (two, _)) = (make(), make());
        assert_ne!(one.id(), two.id());
        assert!(one.is_authenticated_by(&secret));
        assert!(!two.is_authenticated_by(&secret));
    }
}
