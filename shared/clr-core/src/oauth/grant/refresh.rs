//! Refresh tokens: each is used once, and what comes back too late ends the grant (RFC 9700, section 4.14).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessTokenWish, Decision, Grant, Refusal, State, Tokens};
use crate::{
    Digest, Randomness, Secret,
    oauth::{ClientId, Expiry, GrantId, GrantToken, Scopes, Thumbprint},
};

/// A client's wish for fresh tokens.
#[derive(Clone, Copy)]
pub struct Refreshing<'a> {
    /// The client, authenticated.
    pub client: ClientId,
    /// The secret part of the refresh token.
    pub refresh_token: &'a Secret,
    /// None: all that was granted.
    pub scopes: Option<&'a Scopes>,
    /// The key that the request was proved with. Refresh tokens are bound to their client, not to a key (RFC 9449, section 5).
    pub key: Option<&'a Thumbprint>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RefreshToken {
    current: Digest,
    previous: Option<Superseded>,
    pub(super) expires: Expiry,
}

/// A refresh token whose successor was issued. The client may not have received that: for a short while it may ask again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Superseded {
    digest: Digest,
    retry_until: Expiry,
}

/// A refresh token that is not used for this long ends.
const REFRESH_TOKEN_SECONDS: i64 = 90 * 24 * 3_600;
const RETRY_SECONDS: i64 = 30;

impl Grant {
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
        let Some(previous) = stored.superseded_by_use_of(asked.refresh_token, now) else {
            return self.revoke(now, Refusal::RefreshToken);
        };
        if stored.expires.has_passed(now) {
            return Decision::refuse(Refusal::RefreshToken);
        }
        let Some(scopes) = self.narrowed(asked.scopes) else {
            return Decision::refuse(Refusal::Scope);
        };
        let mut active = active.clone();
        let wish = AccessTokenWish { scopes, key: asked.key };
        let mut tokens = active.issue_access_token(self.id, wish, self.ends, now, randomness);
        let (stored, refresh_token) = RefreshToken::fresh(self.id, Some(previous), self.ends, now, randomness);
        active.refresh_token = Some(stored);
        tokens.refresh_token = Some(refresh_token);
        self.activate(active, tokens)
    }
}

impl RefreshToken {
    pub(super) fn fresh(
        grant: GrantId,
        previous: Option<Superseded>,
        ends: Expiry,
        now: Timestamp,
        randomness: &Randomness,
    ) -> (Self, GrantToken) {
        let token = GrantToken::fresh(grant, randomness);
        let expires = Expiry::after(now, REFRESH_TOKEN_SECONDS).min(ends);
        (
            Self {
                current: token.secret.digest(),
                previous,
                expires,
            },
            token,
        )
    }

    /// Whether the client may hold this one: the current one, or the one before it.
    pub(super) fn is_known(&self, presented: &Secret) -> bool {
        let previous = self.previous.as_ref();
        self.current.matches(presented) || previous.is_some_and(|previous| previous.digest.matches(presented))
    }

    /// Whether it can be used now.
    pub(super) fn is_live(&self, presented: &Secret, now: Timestamp) -> bool {
        !self.expires.has_passed(now) && self.superseded_by_use_of(presented, now).is_some()
    }

    /// What a client may still present after this use; none when the use itself came too late.
    fn superseded_by_use_of(&self, presented: &Secret, now: Timestamp) -> Option<Superseded> {
        if self.current.matches(presented) {
            let retry_until = Expiry::after(now, RETRY_SECONDS);
            return Some(Superseded {
                digest: self.current.clone(),
                retry_until,
            });
        }
        let previous = self
            .previous
            .as_ref()
            .filter(|previous| previous.digest.matches(presented))?;
        (!previous.retry_until.has_passed(now)).then(|| previous.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        learners::{Account, LearnerId},
        oauth::{CodeVerifier, Consent, Redemption, RedirectUri, Scope},
    };

    /// A grant that changes as a client refreshes it.
    struct Case {
        grant: Grant,
        client: ClientId,
        randomness: Randomness,
    }

    impl Case {
        fn new() -> (Self, Tokens) {
            let randomness = Randomness::seeded(6);
            let client = ClientId::parse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6").unwrap();
            let verifier = CodeVerifier::parse(randomness.secret().reveal()).unwrap();
            let account = Account {
                issuer: "https://idp.example".into(),
                subject: "1".into(),
            };
            let consent = Consent {
                client,
                learner: LearnerId::of(&crate::TenantId::new("t").unwrap(), &account),
                scopes: [Scope::CredentialReadonly, Scope::OfflineAccess].into_iter().collect(),
                redirect_uri: RedirectUri::try_from("https://app.example/".to_owned()).unwrap(),
                challenge: verifier.challenge(),
                key: None,
            };
            let (grant, code) = Grant::consent(consent, second(0), &randomness);
            let redemption = Redemption {
                client,
                code: &code.secret,
                redirect_uri: "https://app.example/",
                verifier: &verifier,
                scopes: None,
                key: None,
            };
            let decision = grant.redeem(redemption, second(0), &randomness);
            (
                Self {
                    grant: decision.store.unwrap(),
                    client,
                    randomness,
                },
                decision.answer.unwrap(),
            )
        }

        fn refresh(&mut self, tokens: &Tokens, seconds: i64) -> Result<Tokens, Refusal> {
            let refresh_token = &tokens.refresh_token.as_ref().unwrap().secret;
            let asked = Refreshing {
                client: self.client,
                refresh_token,
                scopes: None,
                key: None,
            };
            let decision = self.grant.refresh(asked, second(seconds), &self.randomness);
            if let Some(changed) = decision.store {
                self.grant = changed;
            }
            decision.answer
        }

        fn allows(&self, tokens: &Tokens, seconds: i64) -> bool {
            self.grant
                .access(&tokens.access_token.secret, second(seconds))
                .is_some()
        }
    }

    fn second(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn refreshing_gives_fresh_tokens_and_keeps_the_live_ones() {
        let (mut case, first) = Case::new();
        let second = case.refresh(&first, 100).unwrap();
        let third = case.refresh(&second, 200).unwrap();
        assert!([first, second, third].iter().all(|tokens| case.allows(tokens, 200)));
    }

    #[test]
    fn the_previous_token_is_taken_within_thirty_seconds() {
        let (mut case, first) = Case::new();
        case.refresh(&first, 100).unwrap();
        let retried = case.refresh(&first, 129).unwrap();
        assert!(case.refresh(&retried, 500).is_ok());
    }

    #[test]
    fn a_retry_does_not_extend_the_window() {
        let (mut case, first) = Case::new();
        case.refresh(&first, 100).unwrap();
        case.refresh(&first, 129).unwrap();
        assert_eq!(case.refresh(&first, 130).unwrap_err(), Refusal::RefreshToken);
        assert!(case.grant.is_revoked());
    }

    #[test]
    fn a_superseded_token_revokes_everything() {
        let (mut case, first) = Case::new();
        let current = case.refresh(&first, 100).unwrap();
        assert_eq!(case.refresh(&first, 130).unwrap_err(), Refusal::RefreshToken);
        assert!(case.grant.is_revoked());
        assert!(!case.allows(&current, 130));
        assert_eq!(case.refresh(&current, 131).unwrap_err(), Refusal::RefreshToken);
    }

    #[test]
    fn a_thief_who_was_quick_is_found_out_when_the_client_comes_back() {
        let (mut case, first) = Case::new();
        let clients = case.refresh(&first, 100).unwrap();
        let thiefs = case.refresh(&first, 110).unwrap();
        assert!(case.refresh(&clients, 4_000).is_err());
        assert!(case.refresh(&thiefs, 4_001).is_err());
    }

    #[test]
    fn another_client_can_neither_use_nor_end_it() {
        let (mut case, first) = Case::new();
        let owner = case.client;
        case.client = ClientId::parse("00000000-0000-4000-8000-000000000000").unwrap();
        assert_eq!(case.refresh(&first, 1).unwrap_err(), Refusal::RefreshToken);
        case.client = owner;
        assert!(case.refresh(&first, 2).is_ok());
    }

    #[test]
    fn an_unused_refresh_token_ends_after_ninety_days() {
        let (mut case, first) = Case::new();
        assert_eq!(
            case.refresh(&first, REFRESH_TOKEN_SECONDS).unwrap_err(),
            Refusal::RefreshToken
        );
        let renewed = case.refresh(&first, REFRESH_TOKEN_SECONDS - 1).unwrap();
        assert!(case.refresh(&renewed, REFRESH_TOKEN_SECONDS + 1_000).is_ok());
    }

    #[test]
    fn a_grant_ends_after_a_year_however_often_it_is_refreshed() {
        const MONTH: i64 = 30 * 24 * 3_600;
        let (mut case, mut tokens) = Case::new();
        for month in 1..=12 {
            tokens = case.refresh(&tokens, month * MONTH).unwrap();
        }
        let year = 365 * 24 * 3_600;
        let last = case.refresh(&tokens, year - 60).unwrap();
        assert_eq!(last.expires_in_seconds, 60);
        assert!(!case.allows(&last, year));
        assert_eq!(case.refresh(&last, year).unwrap_err(), Refusal::RefreshToken);
        assert!(case.grant.expires().has_passed(second(year)));
    }

    #[test]
    fn live_access_tokens_are_bounded_and_the_oldest_goes_first() {
        let (mut case, first) = Case::new();
        let mut issued = vec![first];
        for seconds in 1..12 {
            let tokens = case.refresh(&issued[issued.len() - 1], seconds).unwrap();
            issued.push(tokens);
        }
        let live: Vec<bool> = issued.iter().map(|tokens| case.allows(tokens, 12)).collect();
        assert_eq!(live, [[false; 4].as_slice(), &[true; 8]].concat());
    }
}
