//! `POST /ims/clr/v2p0/credentials`, upsertCredential: takes a signed ClrCredential for the learner who granted the token.
//!
//! Digest sections 1.5 and 5.6. The credential comes as JSON or as a compact JWS. It is verified, its bytes are kept as they came, and they are the answer:
//! 201 when it is new, 200 when it replaced an equal one or was there already, 304 when a newer version is there. One that has expired,
//! is suspended or revoked is kept in that state, which the header `Credential-State` tells.

mod preference;
mod refusal;
mod submission;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use clr_core::{
    table::credentials::{SubmittedCredential, Upserted},
    verification::Policy,
};
use clr_server::{
    ApiError, App, CREDENTIAL_STATE, Caller, CredentialBody, CredentialUpsert, PublicUrl, Routes, credential_state,
    paths,
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use learner_record::{CredentialIdentity, CredentialKind, Version};
use serde_json::json;

use crate::{preference::Preference, submission::Submission};

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    Routes::new().post(paths::CLR_CREDENTIALS, upsert_credential)
}

async fn upsert_credential(
    State(app): State<App>,
    public_url: PublicUrl,
    caller: Caller<CredentialUpsert>,
    preference: Preference,
    body: CredentialBody,
) -> Result<Response, ApiError> {
    let submission = Submission::read(body)?;
    if CredentialKind::of(&submission.credential) != CredentialKind::Clr {
        return Err(ApiError::InvalidData(
            "/type: the body is not a ClrCredential".to_owned(),
        ));
    }
    let status_lists = public_url.join(paths::STATUS_LISTS);
    let verifier = app.verifier(Policy::Strict, &status_lists);
    let verdict = verifier.verify(submission.document.clone()).await;
    refusal::unless_acceptable(&verdict)?;

    let unidentifiable = |findings| ApiError::InvalidData(format!("{findings}"));
    let clr_credential_id = CredentialIdentity::of(&submission.credential)
        .map_err(unidentifiable)?
        .clr_credential_id();
    let Version(issued) = Version::of(&submission.credential).map_err(unidentifiable)?;
    let judgement = verdict.judgement(verifier.now);
    let submitted = SubmittedCredential {
        clr_credential_id: &clr_credential_id,
        issued,
        form: submission.form,
        text: &submission.text,
        judgement,
    };
    let upserted = app
        .table
        .upsert_credential(&caller.learner_id, &submitted, app.patience())
        .await?;

    let location = public_url.join(&format!("{}/{clr_credential_id}", paths::CLR_CREDENTIALS));
    let (media_type, text) = match preference {
        Preference::Representation => (submission.media_type, submission.text),
        Preference::Minimal => (
            "application/json",
            json!({ "clrCredentialId": clr_credential_id }).to_string(),
        ),
    };
    let mut response = answer(upserted, &location, preference, media_type, text);
    if upserted != Upserted::Older {
        let state = credential_state(judgement);
        response.headers_mut().insert(CREDENTIAL_STATE, state);
    }
    Ok(response)
}

fn answer(
    upserted: Upserted,
    location: &str,
    preference: Preference,
    media_type: &'static str,
    text: String,
) -> Response {
    let status = match upserted {
        Upserted::Created => StatusCode::CREATED,
        Upserted::Replaced | Upserted::Identical => StatusCode::OK,
        Upserted::Older => return StatusCode::NOT_MODIFIED.into_response(),
    };
    let mut response = (
        status,
        [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")],
        text,
    )
        .into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::from_str(location) {
        headers.insert(header::LOCATION, location);
    }
    if preference == Preference::Minimal {
        headers.insert(
            HeaderName::from_static("preference-applied"),
            HeaderValue::from_static("return=minimal"),
        );
    }
    response
}
