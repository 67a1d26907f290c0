//! `Imsx_StatusInfo`, the error body of the CLR API (digest section 1.7).

use axum::response::{IntoResponse, Response};
use clr_core::{
    TableError,
    issuers::KeysError,
    issuing::IssueError,
    oauth::{SIGNATURE_ALGORITHMS, Scope},
    signer::SignError,
    status::StatusError,
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use super::log_internal;
use crate::rate_limit::TooManyRequests;

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
    /// 401, a bad token or a bad proof of possession, in the scheme `DPoP`.
    DpopRefused {
        /// `invalid_token` or `invalid_dpop_proof`.
        error: &'static str,
        /// What to fix.
        text: String,
    },
    /// 403, the token lacks this scope.
    InsufficientScope(Scope),
    /// 403, any other refusal.
    Forbidden(String),
    /// 404.
    NotFound(String),
    /// 405, with the methods that are allowed.
    NotAllowed(Vec<String>),
    /// 406.
    NotAcceptable(String),
    /// 409 with `Retry-After`: the same request is being worked on.
    Conflict(String),
    /// 412, the precondition that the request states.
    PreconditionFailed(String),
    /// 413.
    TooLarge(String),
    /// 415.
    UnsupportedMediaType(String),
    /// 422.
    Unprocessable(String),
    /// 429 with `Retry-After`.
    TooManyRequests(TooManyRequests),
    /// 503 with `Retry-After`: something that others keep could not be reached.
    Unreachable(String),
    /// 503 with `Retry-After`: trying again in a moment is sensible.
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
            Self::DpopRefused { text, .. } => (StatusCode::UNAUTHORIZED, "unauthorizedrequest", text),
            Self::Unauthorized(text) => (StatusCode::UNAUTHORIZED, "unauthorizedrequest", text),
            Self::InsufficientScope(scope) => (
                StatusCode::FORBIDDEN,
                "forbidden",
                format!("the access token lacks the scope {scope}"),
            ),
            Self::Forbidden(text) => (StatusCode::FORBIDDEN, "forbidden", text),
            Self::NotFound(text) => (StatusCode::NOT_FOUND, "not_found", text),
            Self::NotAllowed(methods) => {
                let text = format!("this path answers {} only", methods.join(", "));
                (StatusCode::METHOD_NOT_ALLOWED, "not_allowed", text)
            }
            Self::NotAcceptable(text) => (StatusCode::NOT_ACCEPTABLE, "not_acceptable", text),
            Self::Conflict(text) => (StatusCode::CONFLICT, "server_busy", text),
            Self::Unprocessable(text) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_data", text),
            Self::PreconditionFailed(text) => (StatusCode::PRECONDITION_FAILED, "unknown", text),
            Self::TooLarge(text) => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_data", text),
            Self::UnsupportedMediaType(text) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_data", text),
            Self::TooManyRequests(_) => {
                let text = "this address asked too often, try again later".to_owned();
                (StatusCode::TOO_MANY_REQUESTS, "server_busy", text)
            }
            Self::Unreachable(text) => (StatusCode::SERVICE_UNAVAILABLE, "server_busy", text),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "server_busy",
                "the service is busy, try again in a moment".into(),
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal_server_error",
                "the service failed".into(),
            ),
        }
    }
}

impl ApiError {
    /// The header that tells a program what the description tells its author.
    fn header(&self) -> Option<(HeaderName, String)> {
        match self {
            // Whoever sends no token is told no error (RFC 6750, section 3.1).
            Self::NoToken => Some((header::WWW_AUTHENTICATE, "Bearer".to_owned())),
            Self::Unauthorized(_) => Some((header::WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#.to_owned())),
            Self::DpopRefused { error, .. } => {
                let algorithms = SIGNATURE_ALGORITHMS.join(" ");
                Some((
                    header::WWW_AUTHENTICATE,
                    format!(r#"DPoP error="{error}", algs="{algorithms}""#),
                ))
            }
            Self::InsufficientScope(scope) => Some((
                header::WWW_AUTHENTICATE,
                format!(r#"Bearer error="insufficient_scope", scope="{scope}""#),
            )),
            Self::NotAllowed(methods) => Some((header::ALLOW, methods.join(", "))),
            Self::TooManyRequests(refused) => Some((header::RETRY_AFTER, refused.retry_after_seconds.to_string())),
            Self::Unreachable(_) => Some((header::RETRY_AFTER, "60".to_owned())),
            Self::Busy | Self::Conflict(_) => Some((header::RETRY_AFTER, "1".to_owned())),
            _ => None,
        }
    }
}

/// Much less than Lambda takes, more than anybody reads.
const MAX_DESCRIPTION_BYTES: usize = 200_000;

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let header = self.header();
        let (status, code, mut description) = self.parts();
        // It tells of documents of strangers, with names and values from there.
        description.truncate(description.floor_char_boundary(MAX_DESCRIPTION_BYTES));
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
        if let Some((name, text)) = header
            && let Ok(value) = HeaderValue::from_str(&text)
        {
            headers.insert(name, value);
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

impl From<KeysError> for ApiError {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Key(error) => error.into(),
            KeysError::History(error) => error.into(),
        }
    }
}

impl From<StatusError> for ApiError {
    fn from(error: StatusError) -> Self {
        match error {
            StatusError::NoChange(_) => Self::InvalidData(error.to_string()),
            StatusError::Table(error) => error.into(),
            StatusError::Keys(error) => error.into(),
            StatusError::Sign(IssueError::Sign(error)) => error.into(),
            StatusError::Sign(_) => Self::internal(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use axum::body::to_bytes;
    use serde_json::Value;

    use super::*;

    fn text() -> String {
        "what to fix".to_owned()
    }

    type Row = (ApiError, u16, &'static str, Option<(&'static str, &'static str)>);

    /// Each variant, its status, its code, and the header that goes with it.
    fn table() -> Vec<Row> {
        let insufficient = "Bearer error=\"insufficient_scope\", \
                            scope=\"https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.upsert\"";
        vec![
            (
                ApiError::InvalidQueryParameter(text()),
                400,
                "invalid_query_parameter",
                None,
            ),
            (ApiError::InvalidData(text()), 400, "invalid_data", None),
            (
                ApiError::NoToken,
                401,
                "unauthorizedrequest",
                Some(("www-authenticate", "Bearer")),
            ),
            (
                ApiError::Unauthorized(text()),
                401,
                "unauthorizedrequest",
                Some(("www-authenticate", "Bearer error=\"invalid_token\"")),
            ),
            (
                ApiError::DpopRefused {
                    error: "invalid_token",
                    text: text(),
                },
                401,
                "unauthorizedrequest",
                Some((
                    "www-authenticate",
                    "DPoP error=\"invalid_token\", algs=\"ES256 ES384 EdDSA Ed25519 RS256 PS256\"",
                )),
            ),
            (
                ApiError::InsufficientScope(Scope::CredentialUpsert),
                403,
                "forbidden",
                Some(("www-authenticate", insufficient)),
            ),
            (ApiError::Forbidden(text()), 403, "forbidden", None),
            (ApiError::NotFound(text()), 404, "not_found", None),
            (
                ApiError::NotAllowed(vec!["GET".to_owned(), "HEAD".to_owned()]),
                405,
                "not_allowed",
                Some(("allow", "GET, HEAD")),
            ),
            (ApiError::NotAcceptable(text()), 406, "not_acceptable", None),
            (
                ApiError::Conflict(text()),
                409,
                "server_busy",
                Some(("retry-after", "1")),
            ),
            (ApiError::PreconditionFailed(text()), 412, "unknown", None),
            (ApiError::TooLarge(text()), 413, "invalid_data", None),
            (ApiError::Unprocessable(text()), 422, "invalid_data", None),
            (ApiError::UnsupportedMediaType(text()), 415, "invalid_data", None),
            (
                ApiError::TooManyRequests(TooManyRequests {
                    retry_after_seconds: 42,
                }),
                429,
                "server_busy",
                Some(("retry-after", "42")),
            ),
            (
                ApiError::Unreachable(text()),
                503,
                "server_busy",
                Some(("retry-after", "60")),
            ),
            (ApiError::Busy, 503, "server_busy", Some(("retry-after", "1"))),
            (ApiError::Internal, 500, "internal_server_error", None),
        ]
    }

    async fn body_of(response: Response) -> Value {
        serde_json::from_slice(&to_bytes(response.into_body(), usize::MAX).await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn every_error_has_its_status_its_code_and_its_header() {
        for (error, status, code, header) in table() {
            let name = format!("{error:?}");
            let response = error.into_response();
            assert_eq!(response.status(), status, "{name}");
            assert_eq!(response.headers()["cache-control"], "no-store", "{name}");
            if let Some((header, value)) = header {
                assert_eq!(response.headers()[header], value, "{name}");
            }
            let body = body_of(response).await;
            let minor = &body["imsx_codeMinor"]["imsx_codeMinorField"][0];
            assert_eq!(minor["imsx_codeMinorFieldValue"], code, "{name}");
            assert_eq!(
                body["imsx_severity"],
                if status == 404 { "status" } else { "error" },
                "{name}"
            );
        }
    }

    #[tokio::test]
    async fn every_error_is_an_imsx_status_info() {
        let Some(vectors) = crate::vectors::root() else { return };
        let schema = fs::read(vectors.join("schemas/clr/clr_v2p0_imsx_statusinfo_schema.json")).unwrap();
        let schema: Value = serde_json::from_slice(&schema).unwrap();
        for (error, ..) in table() {
            let name = format!("{error:?}");
            let body = body_of(error.into_response()).await;
            check_object(&body, &schema, &name);
            check_object(&body["imsx_codeMinor"], &schema["$defs"]["Imsx_CodeMinor"], &name);
            let field = &body["imsx_codeMinor"]["imsx_codeMinorField"][0];
            check_object(field, &schema["$defs"]["Imsx_CodeMinorField"], &name);
        }
    }

    /// What this closed schema asks of an object: no other members, none missing, enumerations kept.
    fn check_object(object: &Value, schema: &Value, name: &str) {
        let members = object.as_object().unwrap();
        for (member, value) in members {
            let property = schema["properties"]
                .get(member)
                .unwrap_or_else(|| panic!("{name}: {member} is not allowed"));
            if let Some(allowed) = property["enum"].as_array() {
                assert!(allowed.contains(value), "{name}: {member} cannot be {value}");
            }
        }
        for required in schema["required"].as_array().unwrap() {
            assert!(
                members.contains_key(required.as_str().unwrap()),
                "{name}: {required} is missing"
            );
        }
    }
}
