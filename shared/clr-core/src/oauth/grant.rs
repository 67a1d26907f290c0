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

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ClientId, CodeChallenge, CodeVerifier, Expiry, GrantId, GrantToken, RedirectUri, Scope, Scopes};
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
struct Code {
    digest: Digest,
    redirect_uri: RedirectUri,
    challenge: CodeChallenge,
    expires: Expiry,
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

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct RefreshToken {
    current: Digest,
    previous: Option<Superseded>,
    expires: Expiry,
}

/// A refresh token whose successor was issued. The client may not have received that: for a short while it may ask again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Superseded {
    digest: Digest,
    retry_until: Expiry,
}

const CODE_SECONDS: i64 = 600;
const ACCESS_TOKEN_SECONDS: i64 = 3_600;
/// A refresh token that is not used for this long ends.
const REFRESH_TOKEN_SECONDS: i64 = 90 * 24 * 3_600;
const RETRY_SECONDS: i64 = 30;
const MAX_LIVE_ACCESS_TOKENS: usize = 8;

/// What the learner agreed to.
#[derive(Clone, Debug)]
pub struct Consent {
    /// The client that asked.
    pub client: ClientId,
    /// Who agreed.
    pub learner: LearnerId,
    /// To what: never empty.
    pub scopes: Scopes,
    /// Where the code goes.
    pub redirect_uri: RedirectUri,
    /// What the client must answer to redeem the code.
    pub challenge: CodeChallenge,
}

/// A client's wish to turn a code into tokens.
#[derive(Clone, Copy)]
pub struct Redemption<'a> {
    /// The client, authenticated.
    pub client: ClientId,
    /// The secret part of the code.
    pub code: &'a Secret,
    /// Equal to that of the authorization request.
    pub redirect_uri: &'a str,
    /// Answers the challenge.
    pub verifier: &'a CodeVerifier,
    /// None: all that was granted.
    pub scopes: Option<&'a Scopes>,
}

/// A client's wish for fresh tokens.
#[derive(Clone, Copy)]
pub struct Refreshing<'a> {
    /// The client, authenticated.
    pub client: ClientId,
    /// The secret part of the refresh token.
    pub refresh_token: &'a Secret,
    /// None: all that was granted.
    pub scopes: Option<&'a Scopes>,
}

/// What a rule decided. The answer holds only once the grant, where there is one, is stored.
#[derive(Debug)]
#[must_use]
pub struct Decision<T> {
    /// The grant as it must be stored; none: it stays as it is.
    pub store: Option<Grant>,
    /// The answer.
    pub answer: Result<T, Refusal>,
}

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

/// Why no tokens were issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Unknown, expired, used, revoked or given to another client: a caller learns no more.
    #[error("the code is not valid: unknown, expired, already used, or given to another client")]
    Code,
    /// As for the code.
    #[error("the refresh token is not valid: unknown, expired, revoked, superseded, or given to another client")]
    RefreshToken,
    /// Not the one of the authorization request.
    #[error("redirect_uri is not the one that the code was sent to")]
    RedirectUri,
    /// PKCE.
    #[error("code_verifier does not answer the code_challenge of the authorization request")]
    Verifier,
    /// Wider than what was granted, or nothing.
    #[error("scope asks for none, or for more than was granted")]
    Scope,
}

impl Grant {
    /// A learner's consent, and the code to be redeemed for tokens.
    #[must_use]
    pub fn consent(consent: Consent, now: Timestamp, randomness: &Randomness) -> (Self, GrantToken) {
        let id = GrantId::fresh(randomness);
        let code = GrantToken::fresh(id, randomness);
        let state = State::Consented(Code {
            digest: code.secret.digest(),
            redirect_uri: consent.redirect_uri,
            challenge: consent.challenge,
            expires: Expiry::after(now, CODE_SECONDS),
        });
        let holder = Holder::Learner(consent.learner);
        (Self { id, client: consent.client, holder, scopes: consent.scopes, state, version: 0 }, code)
    }

    /// Tokens for a client that acts for the institution itself (RFC 6749, section 4.4): no refresh token.
    #[must_use]
    pub fn client_credentials(
        client: ClientId,
        scopes: Scopes,
        now: Timestamp,
        randomness: &Randomness,
    ) -> (Self, Tokens) {
        let id = GrantId::fresh(randomness);
        let mut active = Active { spent_code: None, access_tokens: Vec::new(), refresh_token: None };
        let tokens = Tokens {
            access_token: active.issue_access_token(id, scopes.clone(), now, randomness),
            expires_in_seconds: ACCESS_TOKEN_SECONDS,
            scopes: scopes.clone(),
            refresh_token: None,
        };
        let state = State::Active(active);
        (Self { id, client, holder: Holder::Operator, scopes, state, version: 0 }, tokens)
    }

    /// Turns the code into tokens, once. A second time revokes what the first one gave (RFC 6749, section 4.1.2).
    pub fn redeem(&self, asked: Redemption<'_>, now: Timestamp, randomness: &Randomness) -> Decision<Tokens> {
        if asked.client != self.client {
            return Decision::refuse(Refusal::Code);
        }
        let code = match &self.state {
            State::Consented(code) if code.digest.matches(asked.code) && !code.expires.has_passed(now) => code,
            State::Active(Active { spent_code: Some(spent), .. }) if spent.matches(asked.code) => {
                return self.revoke(now, Refusal::Code);
            }
            _ => return Decision::refuse(Refusal::Code),
        };
        if code.redirect_uri.as_str() != asked.redirect_uri {
            return Decision::refuse(Refusal::RedirectUri);
        }
        if !asked.verifier.answers(&code.challenge) {
            return Decision::refuse(Refusal::Verifier);
        }
        let Some(scopes) = self.narrowed(asked.scopes) else {
            return Decision::refuse(Refusal::Scope);
        };
        let mut active =
            Active { spent_code: Some(code.digest.clone()), access_tokens: Vec::new(), refresh_token: None };
        let access_token = active.issue_access_token(self.id, scopes.clone(), now, randomness);
        let refresh_token = self.scopes.contains(Scope::OfflineAccess).then(|| {
            let token = GrantToken::fresh(self.id, randomness);
            active.refresh_token = Some(RefreshToken {
                current: token.secret.digest(),
                previous: None,
                expires: Expiry::after(now, REFRESH_TOKEN_SECONDS),
            });
            token
        });
        self.activate(active, Tokens { access_token, expires_in_seconds: ACCESS_TOKEN_SECONDS, scopes, refresh_token })
    }

    /// Turns a refresh token into fresh tokens, itself included (RFC 9700, section 4.14).
    ///
    /// The previous refresh token is taken for 30 seconds more, since the client may not have received its successor. Any other
    /// refresh token of this grant was superseded: client and thief cannot be told apart, so everything is revoked.
    pub fn refresh(&self, asked: Refreshing<'_>, now: Timestamp, randomness: &Randomness) -> Decision<Tokens> {
        let (State::Active(active), true) = (&self.state, asked.client == self.client) else {
            return Decision::refuse(Refusal::RefreshToken);
        };
        let Some(stored) = &active.refresh_token else {
            return Decision::refuse(Refusal::RefreshToken);
        };
        let previous = if stored.current.matches(asked.refresh_token) {
            Superseded { digest: stored.current.clone(), retry_until: Expiry::after(now, RETRY_SECONDS) }
        } else {
            match &stored.previous {
                Some(previous)
                    if previous.digest.matches(asked.refresh_token) && !previous.retry_until.has_passed(now) =>
                {
                    previous.clone()
                }
                _ => return self.revoke(now, Refusal::RefreshToken),
            }
        };
        if stored.expires.has_passed(now) {
            return Decision::refuse(Refusal::RefreshToken);
        }
        let Some(scopes) = self.narrowed(asked.scopes) else {
            return Decision::refuse(Refusal::Scope);
        };
        let mut active = active.clone();
        let access_token = active.issue_access_token(self.id, scopes.clone(), now, randomness);
        let refresh_token = GrantToken::fresh(self.id, randomness);
        active.refresh_token = Some(RefreshToken {
            current: refresh_token.secret.digest(),
            previous: Some(previous),
            expires: Expiry::after(now, REFRESH_TOKEN_SECONDS),
        });
        let refresh_token = Some(refresh_token);
        self.activate(active, Tokens { access_token, expires_in_seconds: ACCESS_TOKEN_SECONDS, scopes, refresh_token })
    }

    /// What this access token allows now; none when it is not valid.
    #[must_use]
    pub fn access(&self, access_token: &Secret, now: Timestamp) -> Option<Access> {
        let State::Active(active) = &self.state else {
            return None;
        };
        let token = active.access_tokens.iter().find(|token| token.digest.matches(access_token))?;
        let access = || Access { client: self.client, holder: self.holder.clone(), scopes: token.scopes.clone() };
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
                access_tokens.chain(refresh_token).max().unwrap_or(Expiry::after(Timestamp::UNIX_EPOCH, 0))
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
        Decision { store: Some(Self { state: State::Active(active), ..self.clone() }), answer: Ok(tokens) }
    }

    fn revoke<T>(&self, now: Timestamp, refusal: Refusal) -> Decision<T> {
        let state = State::Revoked { forgotten: Expiry::after(now, ACCESS_TOKEN_SECONDS) };
        Decision { store: Some(Self { state, ..self.clone() }), answer: Err(refusal) }
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
        self.access_tokens.push(AccessToken { digest: token.secret.digest(), scopes, expires });
        token
    }
}

impl<T> Decision<T> {
    fn refuse(refusal: Refusal) -> Self {
        Self { store: None, answer: Err(refusal) }
    }
}
