//! Cross-origin requests of browser clients.
//!
//! Everything but the pages for learners may be called from any origin: callers are known by a token that a page holds
//! itself, never by a cookie, so a foreign page gains nothing that its own server could not do.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderValue, Method, header};

use crate::paths;

const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, DPoP, Content-Type, Accept, Prefer, Idempotency-Key, If-Match, If-None-Match",
);
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "Link, X-Total-Count, Location, ETag, Retry-After, WWW-Authenticate, Preference-Applied, X-Request-Id, Credential-State",
);
/// Browsers keep a preflight answer for two hours at most.
const PREFLIGHT_SECONDS: HeaderValue = HeaderValue::from_static("7200");

/// Adds what browsers ask for. Preflights are `OPTIONS` requests, answered with `Allow` from the path table.
pub(crate) async fn allow(request: Request, next: Next) -> Response {
    let is_page = [paths::AUTHORIZE, paths::SIGNED_IN, paths::GRANTS].contains(&request.uri().path());
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // Nothing that is answered is taken for something else than it says, such as a page with scripts.
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_page {
        return response;
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
    if is_preflight && let Some(methods) = headers.get(header::ALLOW).cloned() {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
    }
    response
}
