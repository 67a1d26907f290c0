//! `Imsx_StatusInfo`, the error body of the CLR API (digest section 1.7).

use axum::response::{IntoResponse, Response};
use clr_core::{TableError, oauth::Scope, signer::SignError};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::log_internal;

/// An error of the CLR API. The text is the public description.
#[derive(Debug)]
#[non_exhaustive]
pub enum ApiError {
    /// 400, a query parameter.
    InvalidQueryParameter(String),
    /// 400, the body.
    InvalidData(String),
    /// 401, no token.
    NoToken,
    /// 401, a bad token.
    Unauthorized(String),
    /// 403, the token lacks this scope.
    InsufficientScope(Scope),
    /// 403, any other refusal.
    Forbidden(String),
    /// 404.
    NotFound(String),
    /// 405, with the methods that are allowed.
    NotAllowed(Vec<String>),
    /// 413.
    TooLarge(String),
    /// 415.
    UnsupportedMediaType(String),
    /// 429 or 503 with `Retry-After`: trying again is sensible.
    Busy,
    /// 500; the cause is in the log.
    Internal,
}

impl ApiError {
    /// Logs the cause and tells the caller nothing of it.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        log_internal(error);
        Self::Internal
    }

    fn parts(self) -> (StatusCode, &'static str, String) {
        match self {
            Self::InvalidQueryParameter(text) => (StatusCode::BAD_REQUEST, "invalid_query_parameter", text),
            Self::InvalidData(text) => (StatusCode::BAD_REQUEST, "invalid_data", text),
            Self::NoToken => {
                let text = "an access token is needed: `Authorization: Bearer …`".to_owned();
                (StatusCode::UNAUTHORIZED, "unauthorizedrequest", text)
            }
            Self::Unauthorized(text) => (StatusCode::UNAUTHORIZED, "unauthorizedrequest", text),
            Self::InsufficientScope(scope) => {
                (StatusCode::FORBIDDEN, "forbidden", format!("the access token lacks the scope {scope}"))
            }
            Self::Forbidden(text) => (StatusCode::FORBIDDEN, "forbidden", text),
            Self::NotFound(text) => (StatusCode::NOT_FOUND, "not_found", text),
            Self::NotAllowed(methods) => {
                let text = format!("this path answers {} only", methods.join(", "));
                (StatusCode::METHOD_NOT_ALLOWED, "not_allowed", text)
            }
            Self::TooLarge(text) => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_data", text),
            Self::UnsupportedMediaType(text) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_data", text),
            Self::Busy => {
                (StatusCode::SERVICE_UNAVAILABLE, "server_busy", "the service is busy, try again in a moment".into())
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error", "the service failed".into()),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let challenge = match &self {
            // Whoever sends no token is told no error (RFC 6750, section 3.1).
            Self::NoToken => Some("Bearer".to_owned()),
            Self::Unauthorized(_) => Some(r#"Bearer error="invalid_token""#.to_owned()),
            Self::InsufficientScope(scope) => Some(format!(r#"Bearer error="insufficient_scope", scope="{scope}""#)),
            _ => None,
        };
        let allow = match &self {
            Self::NotAllowed(methods) => HeaderValue::from_str(&methods.join(", ")).ok(),
            _ => None,
        };
        let (status, code, description) = self.parts();
        let body = json!({
            "imsx_codeMajor": "failure",
            "imsx_severity": if status == StatusCode::NOT_FOUND { "status" } else { "error" },
            "imsx_description": description,
            "imsx_codeMinor": {
                "imsx_codeMinorField": [
                    { "imsx_codeMinorFieldName": "clr-serverless", "imsx_codeMinorFieldValue": code }
                ]
            }
        });
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = challenge.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(allow) = allow {
            headers.insert(header::ALLOW, allow);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<TableError> for ApiError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Busy(_) => {
                log_internal(&error);
                Self::Busy
            }
            TableError::TooLarge => Self::TooLarge("the credential is too large to be stored".to_owned()),
            _ => Self::internal(&error),
        }
    }
}

impl From<SignError> for ApiError {
    fn from(error: SignError) -> Self {
        log_internal(&error);
        match error {
            SignError::Busy { .. } => Self::Busy,
            _ => Self::Internal,
        }
    }
}
