//! A request from the outside: whatever becomes of its handler, there is an answer in the dialect of the path, with an id,
//! before Lambda's deadline, and one line in the log that tells what it took.
//!
//! The id is API Gateway's, else Lambda's, else a new one; it is in `x-request-id` of every answer and in every line of the log. One
//! that the caller sends is not taken: it would let strangers write into the log what operators search by.

use std::panic::AssertUnwindSafe;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use clr_core::metering::Meter;
use futures::FutureExt as _;
use http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::request::RequestContext;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::{ApiError, App, OAuthError, deadline::Deadline, paths, request_log::RequestLine};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The layer around all others.
pub(crate) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(&request, &app);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let deadline = Deadline::of(request.extensions(), app.clock.as_ref());
    let meter = Meter::default();
    let work = deadline.bound(AssertUnwindSafe(next.run(request)).catch_unwind());
    let span = tracing::error_span!("request", id);
    let mut response = meter
        .measure(async {
            match work.await {
                Some(Ok(response)) => response,
                Some(Err(_)) => panicked(&path),
                None => given_up(&path),
            }
        })
        .instrument(span)
        .await;
    let status = response.status();
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers
            .entry(header::RETRY_AFTER)
            .or_insert(HeaderValue::from_static("1"));
    }
    let usage = meter.usage();
    response.extensions_mut().insert(usage);
    app.request_log.write(&RequestLine {
        at: app.clock.now(),
        id: &id,
        tenant: app.config.tenant.as_str(),
        method: &method,
        route: route.as_ref().map_or(UNROUTED, MatchedPath::as_str),
        status,
        latency: started.elapsed(),
        usage,
    });
    response
}

/// What stands in the log for a path that is none of ours: its text is the caller's.
const UNROUTED: &str = "unrouted";

fn request_id(request: &Request, app: &App) -> String {
    let gateway = match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    };
    let lambda = || {
        let context = request.extensions().get::<lambda_http::Context>()?;
        Some(context.request_id.clone())
    };
    let given = gateway.or_else(lambda).filter(|id| !id.is_empty());
    given.unwrap_or_else(|| app.randomness.uuid().to_string())
}

/// Where it was, stands in the log already (`panics.rs`).
fn panicked(path: &str) -> Response {
    tracing::error!("a handler panicked");
    if speaks_oauth(path) {
        OAuthError::Internal.into_response()
    } else {
        ApiError::Internal.into_response()
    }
}

fn given_up(path: &str) -> Response {
    tracing::error!("a request was given up at its deadline");
    if speaks_oauth(path) {
        OAuthError::Busy.into_response()
    } else {
        ApiError::Busy.into_response()
    }
}

fn speaks_oauth(path: &str) -> bool {
    path.starts_with(paths::OAUTH_BASE)
}
