//! A client changes its registration ([RFC 7592, section 2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)).

use serde_json::{Map, Value};

use super::{Client, ClientKind, Standing, secret_for};
use crate::{
    Randomness, Secret,
    oauth::{ClientMetadata, MetadataFault, Transport, VerifiedClient},
};

/// A change that keeps every rule of a registration.
#[derive(Debug)]
pub struct ClientUpdate {
    application: VerifiedClient,
}

/// Which rule a change breaks.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpdateFault {
    /// What the request must say of the client, or must not say.
    #[error("{0}")]
    Request(String),
    /// The metadata.
    #[error(transparent)]
    Metadata(#[from] MetadataFault),
}

/// What the server alone decides.
const READ_ONLY: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

impl ClientUpdate {
    /// Reads a request to change this client: the whole metadata, with its `client_id` and, if any, its own `client_secret`.
    ///
    /// # Errors
    /// See [`UpdateFault`].
    pub fn read(mut members: Map<String, Value>, client: &Client, transport: Transport) -> Result<Self, UpdateFault> {
        let request = |text: String| Err(UpdateFault::Request(text));
        if let Some(name) = READ_ONLY.iter().find(|name| members.contains_key(**name)) {
            return request(format!("{name} cannot be changed by the client"));
        }
        if members.remove("client_id").as_ref().and_then(Value::as_str) != Some(&client.id.to_string()) {
            return request("client_id is missing or another client's".to_owned());
        }
        if let Some(secret) = members.remove("client_secret") {
            let secret = secret.as_str().map(Secret::presented);
            let own = client.secret.as_ref();
            if !secret.is_some_and(|secret| own.is_some_and(|own| own.matches(&secret))) {
                return request("client_secret is not the client's: it cannot be chosen".to_owned());
            }
        }
        let metadata: ClientMetadata = serde_json::from_value(Value::Object(members))
            .map_err(|error| UpdateFault::Request(format!("the body is not client metadata: {error}")))?;
        Ok(Self {
            application: metadata.verify(transport)?,
        })
    }
}

impl Client {
    /// The client as it is after the change. A way of proving itself that needs a secret, where there was none, makes one.
    ///
    /// The operator's approval was for what the client was: whatever changes ends it.
    #[must_use]
    pub fn updated(self, update: ClientUpdate, randomness: &Randomness) -> (Self, Option<Secret>) {
        let unchanged = self.application() == Some(&update.application);
        let (secret, fresh) = match (&self.secret, secret_for(&update.application.authentication, randomness)) {
            (Some(own), Some(_)) => (Some(own.clone()), None),
            (None, Some(fresh)) => (Some(fresh.digest()), Some(fresh)),
            (_, None) => (None, None),
        };
        let client = Self {
            secret,
            standing: if unchanged {
                self.standing
            } else {
                Standing::NotReviewed
            },
            kind: ClientKind::Application(Box::new(update.application)),
            ..self
        };
        (client, fresh)
    }
}
