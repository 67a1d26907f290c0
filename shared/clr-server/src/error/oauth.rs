//! OAuth errors as JSON (RFC 6749 section 5.2, RFC 7591 section 3.2.2).

use axum::response::{IntoResponse, Response};
use clr_core::{TableError, oauth::printable_description};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::log_internal;
use crate::rate_limit::TooManyRequests;

/// An error of the token or registration endpoint: its code of the standard, and what the caller can do.
#[derive(Debug)]
#[non_exhaustive]
pub enum OAuthError {
    /// `invalid_request`.
    InvalidRequest(String),
    /// `invalid_client`, 401.
    InvalidClient(String),
    /// `invalid_grant`.
    InvalidGrant(String),
    /// `unauthorized_client`.
    UnauthorizedClient(String),
    /// `unsupported_grant_type`.
    UnsupportedGrantType(String),
    /// `invalid_scope`.
    InvalidScope(String),
    /// `unsupported_response_type` (pushed requests).
    UnsupportedResponseType(String),
    /// `unsupported_token_type` (revocation).
    UnsupportedTokenType(String),
    /// `invalid_dpop_proof` (RFC 9449).
    InvalidDpopProof(String),
    /// `invalid_token`, 401: not the token that manages the registration.
    InvalidToken,
    /// `invalid_redirect_uri` (registration).
    InvalidRedirectUri(String),
    /// `invalid_client_metadata` (registration).
    InvalidClientMetadata(String),
    /// `too_many_requests`, 429 with `Retry-After`; the standard has no code for it.
    TooManyRequests(TooManyRequests),
    /// `temporarily_unavailable`, 503 with `Retry-After`.
    Busy,
    /// `server_error`, 500; the cause is in the log.
    Internal,
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let retry_after = match self {
            Self::TooManyRequests(refused) => refused.retry_after_seconds,
            _ => 1,
        };
        let (status, code, description) = match self {
            Self::InvalidRequest(text) => (StatusCode::BAD_REQUEST, "invalid_request", text),
            Self::InvalidClient(text) => (StatusCode::UNAUTHORIZED, "invalid_client", text),
            Self::InvalidGrant(text) => (StatusCode::BAD_REQUEST, "invalid_grant", text),
            Self::UnauthorizedClient(text) => (StatusCode::BAD_REQUEST, "unauthorized_client", text),
            Self::UnsupportedGrantType(text) => (StatusCode::BAD_REQUEST, "unsupported_grant_type", text),
            Self::InvalidScope(text) => (StatusCode::BAD_REQUEST, "invalid_scope", text),
            Self::UnsupportedResponseType(text) => (StatusCode::BAD_REQUEST, "unsupported_response_type", text),
            Self::UnsupportedTokenType(text) => (StatusCode::BAD_REQUEST, "unsupported_token_type", text),
            Self::InvalidDpopProof(text) => (StatusCode::BAD_REQUEST, "invalid_dpop_proof", text),
            Self::InvalidToken => (
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "the registration access token is missing, or not the one of this client".into(),
            ),
            Self::InvalidRedirectUri(text) => (StatusCode::BAD_REQUEST, "invalid_redirect_uri", text),
            Self::InvalidClientMetadata(text) => (StatusCode::BAD_REQUEST, "invalid_client_metadata", text),
            Self::TooManyRequests(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "this address tried too often, try again later".into(),
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "try again in a moment".into(),
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "the service failed".into(),
            ),
        };
        let body = json!({ "error": code, "error_description": printable_description(&description) });
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        match status {
            StatusCode::UNAUTHORIZED => {
                let challenge = if code == "invalid_token" {
                    r#"Bearer error="invalid_token""#
                } else {
                    r#"Basic realm="clients""#
                };
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
            }
            _ => {}
        }
        response
    }
}

impl From<TableError> for OAuthError {
    fn from(error: TableError) -> Self {
        log_internal(&error);
        match error {
            TableError::Busy(_) => Self::Busy,
            _ => Self::Internal,
        }
    }
}
