//! Codes, access tokens and refresh tokens: each names its grant, so that one read finds it.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Randomness, Secret};

/// Names a grant. Not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantId(Uuid);

/// `{grant id}.{secret}`: what a client is handed as code, access token or refresh token, and presents again.
#[derive(Clone, Debug)]
pub struct GrantToken {
    /// The grant that it belongs to.
    pub grant: GrantId,
    /// What proves it, 256 bits as base64url.
    pub secret: Secret,
}

/// 256 bits as base64url without padding.
const SECRET_LENGTH: usize = 43;

impl GrantId {
    /// A new grant's name.
    #[must_use]
    pub fn fresh(randomness: &Randomness) -> Self {
        Self(randomness.uuid())
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl GrantToken {
    /// A new token of a grant.
    #[must_use]
    pub fn fresh(grant: GrantId, randomness: &Randomness) -> Self {
        Self {
            grant,
            secret: randomness.secret(),
        }
    }

    /// Reads what a caller presented; none when it cannot be one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (grant, secret) = text.split_once('.')?;
        let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if secret.len() != SECRET_LENGTH || !secret.bytes().all(base64url) {
            return None;
        }
        Some(Self {
            grant: GrantId(Uuid::try_parse(grant).ok()?),
            secret: Secret::presented(secret),
        })
    }

    /// The text, to be handed to its owner.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}.{}", self.grant, self.secret.reveal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revealed_token_is_read_back() {
        let randomness = Randomness::seeded(1);
        let token = GrantToken::fresh(GrantId::fresh(&randomness), &randomness);
        let read = GrantToken::parse(&token.reveal()).unwrap();
        assert_eq!(read.grant, token.grant);
        assert!(token.secret.digest().matches(&read.secret));
    }

    #[test]
    fn what_cannot_be_ours_is_not_read() {
        for text in [
            "",
            ".",
            "abc",
            "7e3b8f0e2c0a4a0e8a55f6c9c4b1d2e3.short",
            "no-uuid.".repeat(9).as_str(),
        ] {
            assert!(GrantToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn debug_output_names_the_grant_and_hides_the_secret() {
        let randomness = Randomness::seeded(1);
        let token = GrantToken::fresh(GrantId::fresh(&randomness), &randomness);
        assert!(!format!("{token:?}").contains(token.secret.reveal()));
    }
}
