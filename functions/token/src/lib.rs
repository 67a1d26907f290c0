//! What clients do without the learner, each proving itself as it registered:
//!
//! - `POST /oauth/token`: turn a code, a refresh token or its own credentials into an access token
//!   ([RFC 6749, section 3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2)). Each grant type has a file of its own.
//! - `POST /oauth/par`: push an authorization request ([RFC 9126](https://www.rfc-editor.org/rfc/rfc9126)).
//! - `POST /oauth/revoke`: give a token back ([RFC 7009](https://www.rfc-editor.org/rfc/rfc7009)).
//! - `POST /oauth/introspect`: ask what a token is ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)).
//!
//! Each costs one read, of client and grant together, and one write where something changes; an assertion or a proof of possession costs
//! one write more, so that it cannot come again.

mod asking;
mod authorization_code;
mod client_authentication;
mod client_credentials;
mod form;
mod introspection;
mod pushed_request;
mod refresh_token;
mod request;
mod revocation;

use axum::{
    Json,
    extract::{RawForm, State, rejection::RawFormRejection},
    response::{IntoResponse, Response},
};
use clr_core::oauth::{GrantToken, Refusal, Tokens};
use clr_server::{App, OAuthError, PublicUrl, Routes, paths};
use http::HeaderMap;
use serde::Serialize;

use self::{asking::Asking, request::TokenRequest};

/// The endpoints.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .post(paths::TOKEN, token)
        .post(paths::PUSHED_REQUESTS, pushed_request::push)
        .post(paths::REVOKE, revocation::revoke)
        .post(paths::INTROSPECT, introspection::introspect)
}

async fn token(
    State(app): State<App>,
    url: PublicUrl,
    headers: HeaderMap,
    form: Result<RawForm, RawFormRejection>,
) -> Result<TokenResponse, OAuthError> {
    let form = form::read(form)?;
    let asking = Asking::presented(&app, &url, paths::TOKEN, &headers, &form)?;
    let tokens = match TokenRequest::read(&form)? {
        TokenRequest::AuthorizationCode(request) => authorization_code::redeem(&asking, &request).await?,
        TokenRequest::RefreshToken(request) => refresh_token::refresh(&asking, &request).await?,
        TokenRequest::ClientCredentials(request) => client_credentials::issue(&asking, request).await?,
    };
    Ok(TokenResponse::from(tokens))
}

/// What a rule of the grant refused, in the words of the standard.
fn refuse(refusal: Refusal) -> OAuthError {
    let text = refusal.to_string();
    match refusal {
        Refusal::Code | Refusal::RefreshToken | Refusal::RedirectUri | Refusal::Verifier => {
            OAuthError::InvalidGrant(text)
        }
        Refusal::Key => OAuthError::InvalidDpopProof(text),
        Refusal::Scope => OAuthError::InvalidScope(text),
    }
}

/// RFC 6749, section 5.1.
#[derive(Serialize)]
struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

impl From<Tokens> for TokenResponse {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access_token.reveal(),
            token_type: if tokens.is_bound { "DPoP" } else { "Bearer" },
            expires_in: tokens.expires_in_seconds,
            scope: tokens.scopes.to_string(),
            refresh_token: tokens.refresh_token.as_ref().map(GrantToken::reveal),
        }
    }
}

impl IntoResponse for TokenResponse {
    fn into_response(self) -> Response {
        (form::NO_STORE, Json(self)).into_response()
    }
}
