//! A grant from consent to revocation, as rules over one item.
//!
//! ```text
//! consent ──> Consented ──redeem──> Active ──refresh──> Active
//!                                     │ the code or a superseded refresh token comes again
//!                                     └──────────────> Revoked
//! ```
//!
//! Every rule answers with a [`Decision`]: the answer may be given once the changed grant is stored, on the condition that nobody
//! changed it in between ([`crate::Table::decide`]).

mod code;
mod decision;
mod refresh;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::{code::Code, refresh::RefreshToken};
pub use self::{
    code::{Consent, Redemption},
    decision::{Decision, Refusal},
    refresh::Refreshing,
};
use super::{ClientId, Expiry, GrantId, GrantToken, Scopes};
use crate::{Digest, Randomness, Secret, learners::LearnerId};

/// What a holder allowed a client to do, and the tokens that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    id: GrantId,
    client: ClientId,
    holder: Holder,
    scopes: Scopes,
    state: State,
    version: u64,
}

/// In whose name a client acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    /// A learner who consented.
    Learner(LearnerId),
    /// The institution: the client was made by its operator.
    Operator,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    Consented(Code),
    Active(Active),
    Revoked { forgotten: Expiry },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Active {
    /// The code that was redeemed; none for client credentials. Seen again, it revokes the grant.
    spent_code: Option<Digest>,
    /// Oldest first, at most [`MAX_LIVE_ACCESS_TOKENS`].
    access_tokens: Vec<AccessToken>,
    refresh_token: Option<RefreshToken>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct AccessToken {
    digest: Digest,
    scopes: Scopes,
    expires: Expiry,
}

const ACCESS_TOKEN_SECONDS: i64 = 3_600;
const MAX_LIVE_ACCESS_TOKENS: usize = 8;

/// Tokens for a client.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Bearer token for the API.
    pub access_token: GrantToken,
    /// How long it lives.
    pub expires_in_seconds: i64,
    /// What it allows.
    pub scopes: Scopes,
    /// Only with `offline_access`.
    pub refresh_token: Option<GrantToken>,
}

/// What a valid access token allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The client.
    pub client: ClientId,
    /// In whose name.
    pub holder: Holder,
    /// To do what.
    pub scopes: Scopes,
}

impl Grant {
    /// Tokens for a client that acts for the institution itself (RFC 6749, section 4.4): no refresh token.
    #[must_use]
    pub fn client_credentials(
        client: ClientId,
        scopes: Scopes,
        now: Timestamp,
        randomness: &Randomness,
    ) -> (Self, Tokens) {
        let id = GrantId::fresh(randomness);
        let mut active = Active {
            spent_code: None,
            access_tokens: Vec::new(),
            refresh_token: None,
        };
        let tokens = Tokens {
            access_token: active.issue_access_token(id, scopes.clone(), now, randomness),
            expires_in_seconds: ACCESS_TOKEN_SECONDS,
            scopes: scopes.clone(),
            refresh_token: None,
        };
        let state = State::Active(active);
        (
            Self {
                id,
                client,
                holder: Holder::Operator,
                scopes,
                state,
                version: 0,
            },
            tokens,
        )
    }

    /// What this access token allows now; none when it is not valid.
    #[must_use]
    pub fn access(&self, access_token: &Secret, now: Timestamp) -> Option<Access> {
        let State::Active(active) = &self.state else {
            return None;
        };
        let token = active
            .access_tokens
            .iter()
            .find(|token| token.digest.matches(access_token))?;
        let access = || Access {
            client: self.client,
            holder: self.holder.clone(),
            scopes: token.scopes.clone(),
        };
        (!token.expires.has_passed(now)).then(access)
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> GrantId {
        self.id
    }

    /// How often it was stored.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether nothing of it is valid any more, and never will be.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        matches!(self.state, State::Revoked { .. })
    }

    /// When nothing of it can be valid any more.
    #[must_use]
    pub fn expires(&self) -> Expiry {
        match &self.state {
            State::Consented(code) => code.expires,
            State::Revoked { forgotten } => *forgotten,
            State::Active(active) => {
                let access_tokens = active.access_tokens.iter().map(|token| token.expires);
                let refresh_token = active.refresh_token.iter().map(|token| token.expires);
                // An active grant has issued an access token at least, and the newest one is kept.
                access_tokens
                    .chain(refresh_token)
                    .max()
                    .unwrap_or(Expiry::after(Timestamp::UNIX_EPOCH, 0))
            }
        }
    }

    /// The same, stored once more.
    pub(crate) fn next_version(mut self) -> Self {
        self.version += 1;
        self
    }

    fn narrowed(&self, asked: Option<&Scopes>) -> Option<Scopes> {
        let scopes = asked.unwrap_or(&self.scopes);
        (scopes.is_subset(&self.scopes) && !scopes.is_empty()).then(|| scopes.clone())
    }

    fn activate(&self, active: Active, tokens: Tokens) -> Decision<Tokens> {
        Decision {
            store: Some(Self {
                state: State::Active(active),
                ..self.clone()
            }),
            answer: Ok(tokens),
        }
    }

    fn revoke<T>(&self, now: Timestamp, refusal: Refusal) -> Decision<T> {
        let state = State::Revoked {
            forgotten: Expiry::after(now, ACCESS_TOKEN_SECONDS),
        };
        Decision {
            store: Some(Self { state, ..self.clone() }),
            answer: Err(refusal),
        }
    }
}

impl Active {
    fn issue_access_token(
        &mut self,
        grant: GrantId,
        scopes: Scopes,
        now: Timestamp,
        randomness: &Randomness,
    ) -> GrantToken {
        let token = GrantToken::fresh(grant, randomness);
        self.access_tokens.retain(|token| !token.expires.has_passed(now));
        if self.access_tokens.len() >= MAX_LIVE_ACCESS_TOKENS {
            self.access_tokens.remove(0);
        }
        let expires = Expiry::after(now, ACCESS_TOKEN_SECONDS);
        self.access_tokens.push(AccessToken {
            digest: token.secret.digest(),
            scopes,
            expires,
        });
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::Scope;

    fn now() -> Timestamp {
        Timestamp::from_second(1_700_000_000).unwrap()
    }

    fn issued() -> (Grant, Tokens) {
        let client = ClientId::parse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6").unwrap();
        Grant::client_credentials(
            client,
            [Scope::Issue].into_iter().collect(),
            now(),
            &Randomness::seeded(3),
        )
    }

    #[test]
    fn client_credentials_act_for_the_institution_and_cannot_be_refreshed() {
        let (grant, tokens) = issued();
        let access = grant.access(&tokens.access_token.secret, now()).unwrap();
        assert_eq!((access.client, access.holder), (grant.client, Holder::Operator));
        assert!(access.scopes.contains(Scope::Issue));
        assert!(tokens.refresh_token.is_none());
    }

    #[test]
    fn an_access_token_ends_after_an_hour_and_the_item_with_it() {
        let (grant, tokens) = issued();
        let after = |seconds| Timestamp::from_second(now().as_second() + seconds).unwrap();
        assert!(grant.access(&tokens.access_token.secret, after(3_599)).is_some());
        assert!(!grant.expires().has_passed(after(3_599)));
        assert!(grant.access(&tokens.access_token.secret, after(3_600)).is_none());
        assert!(grant.expires().has_passed(after(3_600)));
    }

    #[test]
    fn another_secret_opens_nothing() {
        let (grant, _) = issued();
        assert!(grant.access(&Randomness::seeded(4).secret(), now()).is_none());
    }

    #[test]
    fn an_item_holds_digests_only() {
        let (grant, tokens) = issued();
        let item = serde_json::to_string(&grant).unwrap();
        assert!(!item.contains(tokens.access_token.secret.reveal()));
        assert_eq!(serde_json::from_str::<Grant>(&item).unwrap(), grant);
    }
}
