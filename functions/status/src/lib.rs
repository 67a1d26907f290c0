//! States of issued credentials: `POST /credentials/status` changes them, `GET /status/{list}` is a Bitstring Status List
//! credential that tells them.
//!
//! Who changes states is a client that the operator made, with the scope `status`. The exchange is the VC-API's:
//! `{"credentialId": …, "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": …}, "status": …}`, or an
//! array of such objects, which is done wholly or not at all. The lists are for everybody, and no request for one is logged:
//! it would tell who verifies whom.
//!
//! <https://w3c-ccg.github.io/vc-api/#update-status>, <https://www.w3.org/TR/vc-bitstring-status-list/>

mod request;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use clr_core::status::{Changed, StatusError};
use clr_server::{ApiError, App, JsonBody, OperatorCaller, PublicUrl, Published, Routes, Status, paths};
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Value, json};
use uuid::Uuid;

/// How long a list may be kept without asking again. A state is told to everybody this long after it was changed.
const MAX_AGE_SECONDS: u32 = 60;

/// This function's endpoints.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .post(paths::CHANGE_STATUS, change)
        .get(paths::STATUS_LIST, list)
        .signing()
}

async fn change(
    State(app): State<App>,
    caller: OperatorCaller<Status>,
    public_url: PublicUrl,
    body: JsonBody,
) -> Result<Response, ApiError> {
    let changes = request::read(&body.value)?;
    let base = public_url.join(paths::STATUS_LISTS);
    let changed = app.status_lists(&base).change(&changes, &caller.client_id).await;
    let changed = changed.map_err(|error| refusal(error, body.value.is_array()))?;
    let answer = Json(changed.iter().map(told).collect::<Vec<_>>());
    Ok(([(header::CACHE_CONTROL, "no-store")], answer).into_response())
}

fn told(change: &Changed) -> Value {
    json!({
        "credentialId": change.credential_id,
        "credentialStatus": change.place.purpose.entry(&change.list, change.place.index),
        "status": change.set,
        "changed": change.changed,
    })
}

fn refusal(error: StatusError, is_bulk: bool) -> ApiError {
    let StatusError::NoChange(faults) = &error else {
        return error.into();
    };
    let line = |(position, fault): &(usize, _)| {
        if is_bulk {
            format!("/{position}/credentialId: {fault}")
        } else {
            format!("/credentialId: {fault}")
        }
    };
    let lines: Vec<_> = faults.iter().map(line).collect();
    ApiError::InvalidData(format!("no state was changed:\n{}", lines.join("\n")))
}

async fn list(
    State(app): State<App>,
    Path(list): Path<String>,
    public_url: PublicUrl,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let unknown = || ApiError::NotFound("there is no such status list".to_owned());
    let list: Uuid = list.parse().map_err(|_| unknown())?;
    let base = public_url.join(paths::STATUS_LISTS);
    let signed = app.status_lists(&base).published(list).await?.ok_or_else(unknown)?;
    let mut response = Published {
        media_type: media_type(&headers),
        text: signed.text,
        max_age_seconds: MAX_AGE_SECONDS,
    }
    .answer(&headers);
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

/// `application/vc` for who asks for it by name; verifiers of today read what they know as JSON only.
fn media_type(headers: &HeaderMap) -> &'static str {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let mut ranges = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| range.split(';').next().unwrap_or_default().trim());
    if ranges.any(|range| range.eq_ignore_ascii_case("application/vc")) {
        "application/vc"
    } else {
        "application/json"
    }
}
