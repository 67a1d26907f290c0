//! `POST /oauth/par`: the request is held against the registration before a browser is involved.

use axum::{
    Json,
    extract::{RawForm, State, rejection::RawFormRejection},
    response::{IntoResponse, Response},
};
use clr_core::oauth::{
    AuthorizationError, AuthorizationErrorCode, AuthorizationRequest, PushedRequest, REQUEST_URI_PREFIX, RequestFault,
};
use clr_server::{App, OAuthError, PublicUrl, paths};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::{
    asking::Asking,
    form::{self, NO_STORE},
};

/// Answers with a reference that the browser brings, once, within 90 seconds.
pub(crate) async fn push(
    State(app): State<App>,
    url: PublicUrl,
    headers: HeaderMap,
    form: Result<RawForm, RawFormRejection>,
) -> Result<Response, OAuthError> {
    let form = form::read(form)?;
    let asking = Asking::presented(&app, &url, paths::PUSHED_REQUESTS, &headers, &form)?;
    let client = asking.client().await?;
    let mut request = AuthorizationRequest::read_pushed(&form, &client).map_err(refuse)?;
    // A proof at this endpoint names the key as dpop_jkt does (RFC 9449, section 10.1).
    if let Some(key) = asking.proved_key().await? {
        if request.key.as_ref().is_some_and(|named| *named != key) {
            let text = "dpop_jkt is not the key of the DPoP proof".to_owned();
            return Err(OAuthError::InvalidDpopProof(text));
        }
        request.key = Some(key);
    }
    let (pushed, reference) = PushedRequest::keep(request, app.clock.now(), &app.randomness);
    app.table.insert_pushed_request(&pushed).await?;
    let answer = json!({
        "request_uri": format!("{REQUEST_URI_PREFIX}{}", reference.reveal()),
        "expires_in": PushedRequest::SECONDS,
    });
    Ok((StatusCode::CREATED, NO_STORE, Json(answer)).into_response())
}

fn refuse(fault: RequestFault) -> OAuthError {
    match fault {
        RequestFault::CannotRedirect(fault) => OAuthError::InvalidRequest(fault.to_string()),
        RequestFault::Redirect(error) => in_json(&error),
    }
}

fn in_json(error: &AuthorizationError) -> OAuthError {
    let text = error.description().to_owned();
    match error.code() {
        AuthorizationErrorCode::InvalidRequest => OAuthError::InvalidRequest(text),
        AuthorizationErrorCode::InvalidScope => OAuthError::InvalidScope(text),
        AuthorizationErrorCode::UnsupportedResponseType => OAuthError::UnsupportedResponseType(text),
        // A request that was not put to anybody cannot end in these.
        AuthorizationErrorCode::AccessDenied | AuthorizationErrorCode::ServerError => OAuthError::Internal,
    }
}
