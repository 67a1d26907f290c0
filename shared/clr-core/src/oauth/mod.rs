//! The authorization server as pure rules over one item per grant (RFC 6749, 7636, 9700).
//!
//! Nothing here reads or writes: a rule takes what is stored, the time and fresh secrets, and says what must be stored and what may
//! be answered. [`crate::Table`] keeps it, the server crate speaks HTTP.

mod client;
mod expiry;
mod grant;
mod pkce;
mod redirect_uri;
mod registration;
mod scope;
mod token;

pub use self::{
    client::{Client, ClientId, ClientKind, OperatorClient, OperatorClientFault},
    expiry::Expiry,
    grant::{Access, Consent, Decision, Grant, Holder, Redemption, Refreshing, Refusal, Tokens},
    pkce::{CodeChallenge, CodeVerifier, MalformedPkce},
    redirect_uri::{RedirectUri, RedirectUriFault, Transport},
    registration::{ClientMetadata, MetadataFault, SecretMethod, VerifiedClient},
    scope::{Scope, Scopes, UnknownScope},
    token::{GrantId, GrantToken},
};
