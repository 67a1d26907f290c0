//! The authorization server as pure rules over one item per grant (RFC 6749, 7636, 9700).
//!
//! Nothing here reads or writes: a rule takes what is stored, the time and fresh secrets, and says what must be stored and what may
//! be answered. [`crate::Table`] keeps it, the server crate speaks HTTP.

mod authorization_request;
mod client;
mod client_assertion;
mod dpop;
mod expiry;
mod grant;
mod jwk;
mod parameters;
mod pending_authorization;
mod pkce;
mod pushed_request;
mod redirect_uri;
mod registration;
mod scope;
mod single_use;
mod token;

pub use self::{
    authorization_request::{
        AuthorizationError, AuthorizationErrorCode, AuthorizationRequest, CannotRedirect, RequestFault, UNKNOWN_CLIENT,
        requesting_client,
    },
    client::{
        Client, ClientId, ClientKind, ClientProof, ClientUpdate, Credentials, OperatorClient, OperatorClientFault,
        Standing, UpdateFault,
    },
    client_assertion::{CLIENT_ASSERTION_TYPE, ClientKeys, asserted_client},
    dpop::{DpopFault, DpopProof, ProvenRequest},
    expiry::Expiry,
    grant::{Access, Consent, Decision, Grant, Holder, Inspection, Redemption, Refreshing, Refusal, TokenKind, Tokens},
    jwk::{JwkFault, PublicJwk, SIGNATURE_ALGORITHMS, Thumbprint},
    parameters::{Parameters, Repeated},
    pending_authorization::{AuthorizationId, PendingAuthorization, Purpose, Stage, UpstreamRequest},
    pkce::{CodeChallenge, CodeVerifier, MalformedPkce},
    pushed_request::{PushedRequest, REQUEST_URI_PREFIX},
    redirect_uri::{RedirectUri, RedirectUriFault, Transport, is_loopback},
    registration::{ClientAuthentication, ClientMetadata, MetadataFault, VerifiedClient},
    scope::{Scope, Scopes, UnknownScope},
    single_use::SingleUse,
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
