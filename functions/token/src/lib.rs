//! `POST /oauth/token`: a client turns a code, a refresh token or its own credentials into an access token.
//!
//! [RFC 6749, section 3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2). Each grant type has a file of its own; each request
//! costs one read, of client and grant together, and one write.

mod authorization_code;
mod client_authentication;
mod client_credentials;
mod refresh_token;
mod request;

use axum::{
    Json,
    extract::{RawForm, State, rejection::RawFormRejection},
    response::{IntoResponse, Response},
};
use clr_core::oauth::{GrantToken, Parameters, Refusal, Tokens};
use clr_server::{App, OAuthError, Routes, paths};
use http::{HeaderMap, header};
use serde::Serialize;

use self::{client_authentication::ClientCredentials, request::TokenRequest};

/// The longest that a client can need is well below this.
const MAX_FORM_BYTES: usize = 16 * 1024;

/// The endpoint.
#[must_use]
pub fn routes() -> Routes {
    Routes::new().post(paths::TOKEN, token)
}

async fn token(
    State(app): State<App>,
    headers: HeaderMap,
    form: Result<RawForm, RawFormRejection>,
) -> Result<TokenResponse, OAuthError> {
    let form = parameters(form)?;
    let credentials = ClientCredentials::presented(&headers, &form)?;
    let tokens = match TokenRequest::read(&form)? {
        TokenRequest::AuthorizationCode(request) => authorization_code::redeem(&app, &credentials, &request).await?,
        TokenRequest::RefreshToken(request) => refresh_token::refresh(&app, &credentials, &request).await?,
        TokenRequest::ClientCredentials(request) => client_credentials::issue(&app, &credentials, request).await?,
    };
    Ok(TokenResponse::from(tokens))
}

fn parameters(form: Result<RawForm, RawFormRejection>) -> Result<Parameters, OAuthError> {
    match form {
        Ok(RawForm(body)) if body.len() <= MAX_FORM_BYTES => Ok(Parameters::parse(&body)),
        Ok(_) => Err(OAuthError::InvalidRequest(format!(
            "the body is longer than {MAX_FORM_BYTES} bytes"
        ))),
        Err(_) => Err(OAuthError::InvalidRequest(
            "the body is not of type application/x-www-form-urlencoded".to_owned(),
        )),
    }
}

/// What a rule of the grant refused, in the words of the standard.
fn refuse(refusal: Refusal) -> OAuthError {
    let text = refusal.to_string();
    match refusal {
        Refusal::Code | Refusal::RefreshToken | Refusal::RedirectUri | Refusal::Verifier => {
            OAuthError::InvalidGrant(text)
        }
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
            token_type: "Bearer",
            expires_in: tokens.expires_in_seconds,
            scope: tokens.scopes.to_string(),
            refresh_token: tokens.refresh_token.as_ref().map(GrantToken::reveal),
        }
    }
}

impl IntoResponse for TokenResponse {
    fn into_response(self) -> Response {
        let no_store = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
        (no_store, Json(self)).into_response()
    }
}
