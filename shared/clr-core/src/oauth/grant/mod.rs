//! A grant from consent to revocation, as rules over one item.
//!
//! ```text
//! consent ──> Consented ──redeem──> Active ──refresh──> Active
//!                                     │ the code or a superseded refresh token comes again
//!                                     │ the client, the learner or the operator revokes
//!                                     └──────────────> Revoked
//! ```
//!
//! Every rule answers with a [`Decision`]: the answer may be given once the changed grant is stored, on the condition that nobody
//! changed it in between ([`crate::Table::decide`]).

mod code;
mod decision;
mod inspection;
mod refresh;
mod revocation;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::{code::Code, refresh::RefreshToken};
pub use self::{
    code::{Consent, Redemption},
    decision::{Decision, Refusal},
    inspection::{Inspection, TokenKind},
    refresh::Refreshing,
};
use super::{ClientId, Expiry, GrantId, GrantToken, Scopes, Thumbprint};
use crate::{Digest, Randomness, Secret, learners::LearnerId};

/// What a holder allowed a client to do, and the tokens that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    id: GrantId,
    client: ClientId,
    holder: Holder,
    scopes: Scopes,
    /// Epoch seconds.
    given: i64,
    /// Nothing of it outlives this, however often it is refreshed.
    ends: Expiry,
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
    /// Epoch seconds.
    issued: i64,
    expires: Expiry,
    /// Only the holder of this key may use it; none: whoever bears it.
    key: Option<Thumbprint>,
}

/// What an access token is to be.
struct AccessTokenWish<'a> {
    scopes: Scopes,
    key: Option<&'a Thumbprint>,
}

/// A learner is asked again after a year at the latest.
const GRANT_SECONDS: i64 = 365 * 24 * 3_600;
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
    /// Whether it is bound to a key.
    pub is_bound: bool,
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
    /// The key that a request must be proved with; none: the token alone is enough.
    pub key: Option<Thumbprint>,
}

impl Grant {
    /// Tokens for a client that acts for the institution itself (RFC 6749, section 4.4): no refresh token.
    #[must_use]
    pub fn client_credentials(
        client: ClientId,
        scopes: Scopes,
        key: Option<&Thumbprint>,
        now: Timestamp,
        randomness: &Randomness,
    ) -> (Self, Tokens) {
        let id = GrantId::fresh(randomness);
        let mut active = Active {
            spent_code: None,
            access_tokens: Vec::new(),
            refresh_token: None,
        };
        let ends = Expiry::after(now, ACCESS_TOKEN_SECONDS);
        let wish = AccessTokenWish {
            scopes: scopes.clone(),
            key,
        };
        let tokens = active.issue_access_token(id, wish, ends, now, randomness);
        let state = State::Active(active);
        (
            Self {
                id,
                client,
                holder: Holder::Operator,
                scopes,
                given: now.as_second(),
                ends,
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
            key: token.key.clone(),
        };
        (!token.expires.has_passed(now)).then(access)
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> GrantId {
        self.id
    }

    /// Whose it is.
    #[must_use]
    pub fn client(&self) -> ClientId {
        self.client
    }

    /// In whose name.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// All that was granted.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// When it was given, in epoch seconds.
    #[must_use]
    pub fn given(&self) -> i64 {
        self.given
    }

    /// Nothing of it outlives this.
    #[must_use]
    pub fn ends(&self) -> Expiry {
        self.ends
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
}

impl Active {
    fn issue_access_token(
        &mut self,
        grant: GrantId,
        wish: AccessTokenWish<'_>,
        ends: Expiry,
        now: Timestamp,
        randomness: &Randomness,
    ) -> Tokens {
        let token = GrantToken::fresh(grant, randomness);
        self.access_tokens.retain(|token| !token.expires.has_passed(now));
        if self.access_tokens.len() >= MAX_LIVE_ACCESS_TOKENS {
            self.access_tokens.remove(0);
        }
        let expires = Expiry::after(now, ACCESS_TOKEN_SECONDS).min(ends);
        self.access_tokens.push(AccessToken {
            digest: token.secret.digest(),
            scopes: wish.scopes.clone(),
            issued: now.as_second(),
            expires,
            key: wish.key.cloned(),
        });
        Tokens {
            access_token: token,
            expires_in_seconds: expires.epoch_seconds() - now.as_second(),
            scopes: wish.scopes,
            is_bound: wish.key.is_some(),
            refresh_token: None,
        }
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
            None,
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
