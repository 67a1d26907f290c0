//! The code: made by a learner's consent, redeemed once (RFC 6749, section 4.1; RFC 7636).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessTokenWish, Active, Decision, GRANT_SECONDS, Grant, Holder, RefreshToken, Refusal, State, Tokens};
use crate::{
    Digest, Randomness, Secret,
    learners::LearnerId,
    oauth::{
        ClientId, CodeChallenge, CodeVerifier, Expiry, GrantId, GrantToken, RedirectUri, Scope, Scopes, Thumbprint,
    },
};

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
    /// The key that must redeem it; none: any (RFC 9449, section 10).
    pub key: Option<Thumbprint>,
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
    /// The key that the request was proved with.
    pub key: Option<&'a Thumbprint>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Code {
    digest: Digest,
    redirect_uri: RedirectUri,
    challenge: CodeChallenge,
    key: Option<Thumbprint>,
    pub(super) expires: Expiry,
}

const CODE_SECONDS: i64 = 600;

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
            key: consent.key,
            expires: Expiry::after(now, CODE_SECONDS),
        });
        let holder = Holder::Learner(consent.learner);
        (
            Self {
                id,
                client: consent.client,
                holder,
                scopes: consent.scopes,
                given: now.as_second(),
                ends: Expiry::after(now, GRANT_SECONDS),
                state,
                version: 0,
            },
            code,
        )
    }

    /// Turns the code into tokens, once. A second time revokes what the first one gave (RFC 6749, section 4.1.2).
    pub fn redeem(&self, asked: Redemption<'_>, now: Timestamp, randomness: &Randomness) -> Decision<Tokens> {
        if asked.client != self.client {
            return Decision::refuse(Refusal::Code);
        }
        let code = match &self.state {
            State::Consented(code) if code.digest.matches(asked.code) && !code.expires.has_passed(now) => code,
            State::Active(Active {
                spent_code: Some(spent),
                ..
            }) if spent.matches(asked.code) => {
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
        if code.key.as_ref().is_some_and(|key| Some(key) != asked.key) {
            return Decision::refuse(Refusal::Key);
        }
        let Some(scopes) = self.narrowed(asked.scopes) else {
            return Decision::refuse(Refusal::Scope);
        };
        let mut active = Active {
            spent_code: Some(code.digest.clone()),
            access_tokens: Vec::new(),
            refresh_token: None,
        };
        let wish = AccessTokenWish { scopes, key: asked.key };
        let mut tokens = active.issue_access_token(self.id, wish, self.ends, now, randomness);
        if self.scopes.contains(Scope::OfflineAccess) {
            let (stored, token) = RefreshToken::fresh(self.id, None, self.ends, now, randomness);
            active.refresh_token = Some(stored);
            tokens.refresh_token = Some(token);
        }
        self.activate(active, tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::Access;

    const REDIRECT_URI: &str = "https://app.example/callback";

    /// A consent at second 0 of the clock, and a client that redeems it.
    struct Case {
        grant: Grant,
        code: Secret,
        client: ClientId,
        verifier: CodeVerifier,
        randomness: Randomness,
    }

    impl Case {
        fn granting(scopes: &[Scope]) -> Self {
            let randomness = Randomness::seeded(5);
            let client = ClientId::parse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6").unwrap();
            let verifier = CodeVerifier::parse(randomness.secret().reveal()).unwrap();
            let account = crate::learners::Account {
                issuer: "https://idp.example".into(),
                subject: "1".into(),
            };
            let consent = Consent {
                client,
                learner: LearnerId::of(&crate::TenantId::new("t").unwrap(), &account),
                scopes: scopes.iter().copied().collect(),
                redirect_uri: RedirectUri::try_from(REDIRECT_URI.to_owned()).unwrap(),
                challenge: verifier.challenge(),
                key: None,
            };
            let (grant, code) = Grant::consent(consent, Timestamp::UNIX_EPOCH, &randomness);
            Self {
                grant,
                code: code.secret,
                client,
                verifier,
                randomness,
            }
        }

        fn redemption(&self) -> Redemption<'_> {
            Redemption {
                client: self.client,
                code: &self.code,
                redirect_uri: REDIRECT_URI,
                verifier: &self.verifier,
                scopes: None,
                key: None,
            }
        }

        #[track_caller]
        fn check(&self, redemption: Redemption<'_>, seconds: i64, expected: Refusal) {
            let decision = self.grant.redeem(redemption, second(seconds), &self.randomness);
            assert_eq!(decision.answer.unwrap_err(), expected);
            assert_eq!(decision.store, None);
        }
    }

    fn second(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_code_gives_tokens_for_what_was_granted() {
        let case = Case::granting(&[Scope::CredentialReadonly, Scope::OfflineAccess]);
        let decision = case.grant.redeem(case.redemption(), second(599), &case.randomness);
        let (grant, tokens) = (decision.store.unwrap(), decision.answer.unwrap());
        assert_eq!(tokens.scopes, case.grant.scopes);
        assert!(tokens.refresh_token.is_some());
        let access = grant.access(&tokens.access_token.secret, second(599)).unwrap();
        assert_eq!(
            access,
            Access {
                key: None,
                client: case.client,
                holder: case.grant.holder.clone(),
                scopes: tokens.scopes
            }
        );
    }

    #[test]
    fn without_offline_access_there_is_no_refresh_token() {
        let case = Case::granting(&[Scope::CredentialReadonly]);
        let tokens = case
            .grant
            .redeem(case.redemption(), second(0), &case.randomness)
            .answer
            .unwrap();
        assert!(tokens.refresh_token.is_none());
    }

    #[test]
    fn a_code_redeemed_again_revokes_what_it_gave() {
        let case = Case::granting(&[Scope::CredentialReadonly, Scope::OfflineAccess]);
        let first = case.grant.redeem(case.redemption(), second(0), &case.randomness);
        let (active, tokens) = (first.store.unwrap(), first.answer.unwrap());
        // Even long after the code itself has expired.
        let again = active.redeem(case.redemption(), second(3_000), &case.randomness);
        assert_eq!(again.answer.unwrap_err(), Refusal::Code);
        let revoked = again.store.unwrap();
        assert!(revoked.is_revoked());
        assert!(revoked.access(&tokens.access_token.secret, second(3_000)).is_none());
        // And for good.
        let third = revoked.redeem(case.redemption(), second(3_001), &case.randomness);
        assert_eq!((third.answer.unwrap_err(), third.store), (Refusal::Code, None));
    }

    #[test]
    fn a_code_ends_after_ten_minutes() {
        let case = Case::granting(&[Scope::CredentialReadonly]);
        case.check(case.redemption(), 600, Refusal::Code);
    }

    #[test]
    fn only_the_client_that_asked_can_redeem_or_burn_a_code() {
        let case = Case::granting(&[Scope::CredentialReadonly]);
        let other = ClientId::parse("00000000-0000-4000-8000-000000000000").unwrap();
        let stranger = Redemption {
            client: other,
            ..case.redemption()
        };
        case.check(stranger, 0, Refusal::Code);
        let active = case
            .grant
            .redeem(case.redemption(), second(0), &case.randomness)
            .store
            .unwrap();
        assert_eq!(active.redeem(stranger, second(0), &case.randomness).store, None);
    }

    #[test]
    fn another_redirect_uri_verifier_code_or_wider_scope_is_refused_and_changes_nothing() {
        let case = Case::granting(&[Scope::CredentialReadonly]);
        let (secret, wider) = (
            case.randomness.secret(),
            [Scope::CredentialUpsert].into_iter().collect(),
        );
        let verifier = CodeVerifier::parse(secret.reveal()).unwrap();
        let ask = case.redemption();
        case.check(
            Redemption {
                redirect_uri: "https://app.example/callback/",
                ..ask
            },
            0,
            Refusal::RedirectUri,
        );
        case.check(
            Redemption {
                verifier: &verifier,
                ..ask
            },
            0,
            Refusal::Verifier,
        );
        case.check(Redemption { code: &secret, ..ask }, 0, Refusal::Code);
        case.check(
            Redemption {
                scopes: Some(&wider),
                ..ask
            },
            0,
            Refusal::Scope,
        );
    }

    #[test]
    fn a_narrower_scope_narrows_the_token() {
        let case = Case::granting(&[Scope::CredentialReadonly, Scope::CredentialUpsert]);
        let narrow = [Scope::CredentialReadonly].into_iter().collect();
        let asked = Redemption {
            scopes: Some(&narrow),
            ..case.redemption()
        };
        let decision = case.grant.redeem(asked, second(0), &case.randomness);
        let token = decision.answer.unwrap().access_token;
        assert_eq!(
            decision.store.unwrap().access(&token.secret, second(1)).unwrap().scopes,
            narrow
        );
    }
}
