//! What a token is, for those who may know (RFC 7662).

use jiff::Timestamp;

use super::{Grant, Holder, State};
use crate::{
    Secret,
    oauth::{ClientId, Expiry, Scopes, Thumbprint},
};

/// A token that is valid now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// What it is for.
    pub kind: TokenKind,
    /// Whose it is.
    pub client: ClientId,
    /// In whose name.
    pub holder: Holder,
    /// What it allows.
    pub scopes: Scopes,
    /// Epoch seconds; none for a refresh token, which is as old as its last use.
    pub issued: Option<i64>,
    /// When it ends.
    pub expires: Expiry,
    /// The key that it is bound to.
    pub key: Option<Thumbprint>,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// To be used at the API.
    Access,
    /// To be turned into fresh tokens.
    Refresh,
}

impl Grant {
    /// What this token is; none when it is not valid now.
    #[must_use]
    pub fn inspect(&self, token: &Secret, now: Timestamp) -> Option<Inspection> {
        let State::Active(active) = &self.state else {
            return None;
        };
        let inspection = |kind, scopes: &Scopes, issued, expires, key: Option<&Thumbprint>| Inspection {
            kind,
            client: self.client,
            holder: self.holder.clone(),
            scopes: scopes.clone(),
            issued,
            expires,
            key: key.cloned(),
        };
        if let Some(refresh) = active
            .refresh_token
            .as_ref()
            .filter(|refresh| refresh.is_live(token, now))
        {
            return Some(inspection(
                TokenKind::Refresh,
                &self.scopes,
                None,
                refresh.expires,
                None,
            ));
        }
        let access = active
            .access_tokens
            .iter()
            .find(|access| access.digest.matches(token))?;
        (!access.expires.has_passed(now)).then(|| {
            inspection(
                TokenKind::Access,
                &access.scopes,
                Some(access.issued),
                access.expires,
                access.key.as_ref(),
            )
        })
    }
}
