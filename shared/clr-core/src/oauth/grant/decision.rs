//! What a rule answers with.

use super::Grant;

/// What a rule decided. The answer holds only once the grant, where there is one, is stored.
#[derive(Debug)]
#[must_use]
pub struct Decision<T> {
    /// The grant as it must be stored; none: it stays as it is.
    pub store: Option<Grant>,
    /// The answer.
    pub answer: Result<T, Refusal>,
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
    /// DPoP.
    #[error("the request is not proved with the key that the authorization request named (dpop_jkt)")]
    Key,
    /// Wider than what was granted, or nothing.
    #[error("scope asks for none, or for more than was granted")]
    Scope,
}

impl<T> Decision<T> {
    pub(super) fn refuse(refusal: Refusal) -> Self {
        Self {
            store: None,
            answer: Err(refusal),
        }
    }
}
