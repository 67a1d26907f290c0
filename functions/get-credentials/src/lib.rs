//! `GET /ims/clr/v2p0/credentials`, getCredentials: the credentials of the learner who granted the token, page by page.
//! `GET /ims/clr/v2p0/credentials/{clrCredentialId}`: one of them (ours, not the standard's), with the state in which it was kept.
//!
//! Digest sections 1.2 to 1.4. Bodies leave as they came, byte for byte: they are put into the response as text.

mod links;
mod query;
mod response;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use clr_core::table::credentials::{Form, FoundCredential};
use clr_server::{
    ApiError, App, CREDENTIAL_STATE, Caller, CredentialReadonly, PublicUrl, Routes, credential_state, paths,
};
use http::{HeaderName, HeaderValue, header};

use crate::query::ListQuery;

const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::CLR_CREDENTIALS, list)
        .get(paths::CLR_CREDENTIAL, one)
}

async fn list(
    State(app): State<App>,
    public_url: PublicUrl,
    caller: Caller<CredentialReadonly>,
    ListQuery(request): ListQuery,
) -> Result<Response, ApiError> {
    let page = app
        .table
        .list_credentials(&caller.learner_id, request, app.patience())
        .await?;
    let links = links::header(
        &public_url.join(paths::CLR_CREDENTIALS),
        request,
        page.credentials.len(),
        page.total,
    );
    let mut response = json(response::body(&page.credentials));
    let headers = response.headers_mut();
    headers.insert(TOTAL_COUNT, HeaderValue::from(page.total));
    if let Ok(links) = HeaderValue::from_str(&links) {
        headers.insert(header::LINK, links);
    }
    Ok(response)
}

async fn one(
    State(app): State<App>,
    caller: Caller<CredentialReadonly>,
    clr_credential_id: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    // Another learner's credential, none at all and what cannot be an id look the same.
    let not_found = || ApiError::NotFound("the learner has no such credential".to_owned());
    let Path(clr_credential_id) = clr_credential_id.map_err(|_| not_found())?;
    if !is_clr_credential_id(&clr_credential_id) {
        return Err(not_found());
    }
    let patience = app.patience();
    let found = app
        .table
        .find_credential(&caller.learner_id, &clr_credential_id, patience)
        .await?;
    let FoundCredential { credential, judgement } = found.ok_or_else(not_found)?;
    let mut response = match credential.form {
        Form::Json => json(credential.text),
        Form::Jws => answer("text/plain", credential.text),
    };
    let state = credential_state(judgement);
    response.headers_mut().insert(CREDENTIAL_STATE, state);
    Ok(response)
}

/// 43 characters of base64url, as `CredentialIdentity` makes them. Anything longer is no key of the table.
fn is_clr_credential_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == 43 && text.bytes().all(allowed)
}

fn json(body: String) -> Response {
    answer("application/json", body)
}

fn answer(media_type: &'static str, body: String) -> Response {
    (
        [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")],
        body,
    )
        .into_response()
}
