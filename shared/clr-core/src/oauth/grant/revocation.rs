//! How a grant ends before its time (RFC 7009).

use jiff::Timestamp;

use super::{ACCESS_TOKEN_SECONDS, Active, Decision, Grant, Refusal, State};
use crate::{
    Secret,
    oauth::{ClientId, Expiry},
};

impl Grant {
    /// A client gives a token back. With a refresh token the whole grant ends (RFC 7009, section 2.1), an access token ends alone.
    ///
    /// What is not a token of this client changes nothing and is not told apart.
    pub fn give_back(&self, client: ClientId, token: &Secret, now: Timestamp) -> Decision<()> {
        let unchanged = Decision {
            store: None,
            answer: Ok(()),
        };
        let (State::Active(active), true) = (&self.state, client == self.client) else {
            return unchanged;
        };
        if active
            .refresh_token
            .as_ref()
            .is_some_and(|stored| stored.is_known(token))
        {
            return self.end(now);
        }
        let left = active
            .access_tokens
            .iter()
            .filter(|stored| !stored.digest.matches(token));
        let left: Vec<_> = left.cloned().collect();
        if left.len() == active.access_tokens.len() {
            return unchanged;
        }
        if left.is_empty() && active.refresh_token.is_none() {
            return self.end(now);
        }
        let active = Active {
            access_tokens: left,
            ..active.clone()
        };
        Decision {
            store: Some(Self {
                state: State::Active(active),
                ..self.clone()
            }),
            answer: Ok(()),
        }
    }

    /// Learner, operator or client ends all of it.
    pub fn end(&self, now: Timestamp) -> Decision<()> {
        Decision {
            store: (!self.is_revoked()).then(|| self.revoked(now)),
            answer: Ok(()),
        }
    }

    pub(super) fn revoke<T>(&self, now: Timestamp, refusal: Refusal) -> Decision<T> {
        Decision {
            store: Some(self.revoked(now)),
            answer: Err(refusal),
        }
    }

    fn revoked(&self, now: Timestamp) -> Self {
        let state = State::Revoked {
            forgotten: Expiry::after(now, ACCESS_TOKEN_SECONDS),
        };
        Self { state, ..self.clone() }
    }
}
