//! A request that the client pushed before it sends the browser (RFC 9126).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AuthorizationRequest, Expiry};
use crate::{Digest, Randomness, Secret};

/// A verified request that waits for its browser, once and shortly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushedRequest {
    /// Of the reference; only the client knows that.
    id: Digest,
    request: AuthorizationRequest,
    expires: Expiry,
}

/// What stands before the reference in `request_uri`.
pub const REQUEST_URI_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

impl PushedRequest {
    /// How long the browser may take.
    pub const SECONDS: i64 = 90;

    /// Keeps a request; the secret is the reference to it.
    #[must_use]
    pub fn keep(request: AuthorizationRequest, now: Timestamp, randomness: &Randomness) -> (Self, Secret) {
        let reference = randomness.secret();
        let pushed = Self {
            id: reference.digest(),
            request,
            expires: Expiry::after(now, Self::SECONDS),
        };
        (pushed, reference)
    }

    /// The digest that a `request_uri` refers to.
    #[must_use]
    pub fn referred(request_uri: &str) -> Option<Digest> {
        let reference = request_uri.strip_prefix(REQUEST_URI_PREFIX)?;
        Some(Secret::presented(reference).digest())
    }

    /// Its name in the store.
    #[must_use]
    pub fn id(&self) -> &Digest {
        &self.id
    }

    /// What was pushed.
    #[must_use]
    pub fn request(&self) -> &AuthorizationRequest {
        &self.request
    }

    /// When it is too late.
    #[must_use]
    pub fn expires(&self) -> Expiry {
        self.expires
    }
}
