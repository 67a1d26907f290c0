//! Requests that no handler takes: 404, 405 and `OPTIONS`, answered from the path table.
//!
//! API Gateway would answer unrouted paths itself, in its own words; its `$default` route leads to `discovery` and so here.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, Uri, header};

use crate::{ApiError, paths};

/// The fallback of every function's router.
pub(crate) async fn answer(method: Method, uri: Uri) -> Response {
    let allowed = paths::allowed_methods(uri.path());
    if allowed.is_empty() {
        return ApiError::NotFound("there is nothing at this path".to_owned()).into_response();
    }
    if method == Method::OPTIONS {
        let methods = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        let allow = HeaderValue::from_str(&methods).unwrap_or(HeaderValue::from_static("OPTIONS"));
        return (StatusCode::NO_CONTENT, [(header::ALLOW, allow)]).into_response();
    }
    ApiError::NotAllowed(allowed.iter().map(ToString::to_string).collect()).into_response()
}
