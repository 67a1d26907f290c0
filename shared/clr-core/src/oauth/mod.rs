//! The authorization server as pure rules over one item per grant (RFC 6749, 7636, 9700).
//!
//! Nothing here reads or writes: a rule takes what is stored, the time and fresh secrets, and says what must be stored and what may
//! be answered. [`crate::Table`] keeps it, the server crate speaks HTTP.

mod authorization_request;
mod client;
mod expiry;
mod grant;
mod parameters;
mod pending_authorization;
mod pkce;
mod redirect_uri;
mod registration;
mod scope;
mod token;

pub use self::{
    authorization_request::{
        AuthorizationError, AuthorizationErrorCode, AuthorizationRequest, CannotRedirect, RequestFault, UNKNOWN_CLIENT,
        requesting_client,
    },
    client::{Client, ClientId, ClientKind, OperatorClient, OperatorClientFault},
    expiry::Expiry,
    grant::{Access, Consent, Decision, Grant, Holder, Redemption, Refreshing, Refusal, Tokens},
    parameters::{Parameters, Repeated},
    pending_authorization::{AuthorizationId, PendingAuthorization, Stage},
    pkce::{CodeChallenge, CodeVerifier, MalformedPkce},
    redirect_uri::{RedirectUri, RedirectUriFault, Transport, is_loopback},
    registration::{ClientMetadata, MetadataFault, SecretMethod, VerifiedClient},
    scope::{Scope, Scopes, UnknownScope},
    token::{GrantId, GrantToken},
};

/// RFC 6749 allows %x20-21, %x23-5B and %x5D-7E in an error description: quotes become `'`, all else `?`.
#[must_use]
pub fn printable_description(text: &str) -> String {
    let printable = |character| match character {
        '"' | '\\' => '\'',
        ' '..='~' => character,
        _ => '?',
    };
    text.chars().map(printable).take(MAX_DESCRIPTION_LENGTH).collect()
}

const MAX_DESCRIPTION_LENGTH: usize = 400;
