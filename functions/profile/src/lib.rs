//! `GET /ims/clr/v2p0/profile`, getProfile: the Profile of the learner who granted the token.
//! `PUT /ims/clr/v2p0/profile`, putProfile: puts another one in its place.
//!
//! Digest sections 1.1 and 1.6. What is put is held against the data model, kept byte for byte, and is the answer: 200, or 304 when
//! it is there already. Before that, the Profile says what the learner's identity provider vouches for. What an application puts is
//! never believed: records find their learner by what the sign-in said, not by the Profile.
//!
//! An application that changes a Profile, rather than replaces it, sends the `ETag` that it read as `If-Match`; 412 tells that another
//! one was faster.

mod vouched;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use clr_core::table::MAX_PROFILE_BYTES;
use clr_server::{
    ApiError, App, Caller, EntityTag, JsonBody, ProfileReadonly, ProfileUpdate, PublicUrl, RequiredScope, Routes, paths,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use learner_record::Finding;

/// More findings than this help nobody.
const MAX_FINDINGS: usize = 20;

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::CLR_PROFILE, profile)
        .put(paths::CLR_PROFILE, put_profile)
}

async fn profile(
    State(app): State<App>,
    public_url: PublicUrl,
    caller: Caller<ProfileReadonly>,
) -> Result<Response, ApiError> {
    let current = Current::read(&app, &public_url, &caller).await?;
    Ok(answer(current.text))
}

async fn put_profile(
    State(app): State<App>,
    public_url: PublicUrl,
    caller: Caller<ProfileUpdate>,
    headers: HeaderMap,
    JsonBody { value, text, .. }: JsonBody,
) -> Result<Response, ApiError> {
    if text.len() > MAX_PROFILE_BYTES {
        return Err(ApiError::TooLarge(format!(
            "the Profile is longer than {MAX_PROFILE_BYTES} bytes"
        )));
    }
    let findings = learner_record::validate_profile(&value).errors;
    if !findings.is_empty() {
        return Err(ApiError::InvalidData(told(&findings)));
    }
    if !headers.contains_key(header::IF_MATCH) {
        let is_new = app
            .table
            .put_profile(&caller.learner_id, &text, &app.randomness)
            .await?;
        return Ok(if is_new { answer(text) } else { not_modified(&text) });
    }
    let current = Current::read(&app, &public_url, &caller).await?;
    if !EntityTag::of(&current.text).is_in_if_match(&headers) {
        return Err(another_was_faster());
    }
    if current.is_put && current.text == text {
        return Ok(not_modified(&text));
    }
    let seen = current.is_put.then_some(current.text.as_str());
    let replaced = app
        .table
        .replace_profile(&caller.learner_id, seen, &text, &app.randomness);
    if replaced.await? {
        Ok(answer(text))
    } else {
        Err(another_was_faster())
    }
}

/// What a learner's Profile is now.
struct Current {
    text: String,
    /// Whether an application put it.
    is_put: bool,
}

impl Current {
    async fn read<S: RequiredScope>(app: &App, public_url: &PublicUrl, caller: &Caller<S>) -> Result<Self, ApiError> {
        let id = &caller.learner_id;
        let (put, learner) = app.table.profile_and_learner(id, app.patience()).await?;
        let is_put = put.is_some();
        let vouched = || {
            let id = format!("{}#{id}", public_url.join(paths::CLR_PROFILE));
            vouched::profile(id, learner.as_ref()).to_string()
        };
        Ok(Self {
            text: put.unwrap_or_else(vouched),
            is_put,
        })
    }
}

fn answer(text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::ETAG, EntityTag::of(&text).value()),
    ];
    (headers, text).into_response()
}

fn not_modified(text: &str) -> Response {
    (StatusCode::NOT_MODIFIED, [(header::ETAG, EntityTag::of(text).value())]).into_response()
}

fn another_was_faster() -> ApiError {
    ApiError::PreconditionFailed(
        "If-Match names another Profile than the one that is here: read it again, change that one".to_owned(),
    )
}

fn told(findings: &[Finding]) -> String {
    let mut texts: Vec<String> = findings.iter().take(MAX_FINDINGS).map(ToString::to_string).collect();
    if let Some(more) = findings.len().checked_sub(MAX_FINDINGS).filter(|more| *more > 0) {
        texts.push(format!("and {more} more"));
    }
    format!("the Profile is not accepted: {}", texts.join("; "))
}
