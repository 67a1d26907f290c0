//! `POST /credentials/issue`: completes, checks and signs a record as this deployment's issuer.
//!
//! The caller is a client that the operator made, with the scope `issue`. The exchange is the VC-API's:
//! `{"credential": …, "options": {…}}` in, `{"verifiableCredential": …}` out; a bare ClrCredential is taken too. No option is
//! known yet, and what stands in `options` changes nothing.
//!
//! <https://w3c-ccg.github.io/vc-api/#issue-credential>

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use clr_core::{
    issuers::Issuer,
    issuing::{IssueError, Issued, Issuing},
};
use clr_server::{ApiError, App, Issue, MAX_BODY_BYTES, OperatorCaller, PublicUrl, Routes, paths};
use http::{StatusCode, header};
use learner_record::{Findings, StatusPurpose};
use serde_json::{Value, json};

/// This function's endpoint.
#[must_use]
pub fn routes() -> Routes {
    Routes::new().post(paths::ISSUE, issue).signing()
}

async fn issue(
    State(app): State<App>,
    _caller: OperatorCaller<Issue>,
    public_url: PublicUrl,
    body: Result<Bytes, BytesRejection>,
) -> Result<Signed, ApiError> {
    let mut record = unsigned_record(&body.map_err(unreadable)?)?;
    if app.config.w3c_suites {
        put_own_issuer(&mut record, app.issuers.all().await?);
    }
    let base = public_url.join(paths::STATUS_LISTS);
    let issuing = Issuing {
        issuers: &app.issuers,
        contexts: app.contexts,
        clock: &*app.clock,
        randomness: &app.randomness,
        status: app
            .config
            .status_lists
            .then(|| (app.status_lists(&base), StatusPurpose::Revocation)),
    };
    let Issued { credential, .. } = issuing.issue(record).await.map_err(refusal)?;
    Ok((
        StatusCode::CREATED,
        [(header::CACHE_CONTROL, "no-store")],
        Json(json!({ "verifiableCredential": credential })),
    ))
}

type Signed = (StatusCode, [(header::HeaderName, &'static str); 1], Json<Value>);

/// Puts our own issuer's id in place of another's. W3C's suites write issuers of their own and mean ours; where that is no id at
/// all they want it refused.
fn put_own_issuer(record: &mut Value, own: &[Issuer]) {
    let Some(first) = own.first() else { return };
    let is_issuer = |id: &str| {
        ["did:", "https://", "http://"]
            .iter()
            .any(|scheme| id.starts_with(scheme))
    };
    let written = match record.get_mut("issuer") {
        Some(Value::Object(profile)) => profile.get_mut("id"),
        written => written,
    };
    if let Some(id) = written
        && let Some(text) = id.as_str()
        && is_issuer(text)
        && !own.iter().any(|issuer| issuer.id == text)
    {
        *id = first.id.clone().into();
    }
}

/// The member `credential` of a VC-API request, or the body itself.
fn unsigned_record(body: &[u8]) -> Result<Value, ApiError> {
    let not_json = |reason: &dyn std::fmt::Display| ApiError::InvalidData(format!("the body is not JSON: {reason}"));
    let text = std::str::from_utf8(body).map_err(|error| not_json(&error))?;
    let mut request = learner_record::read(text).map_err(|error| not_json(&error))?;
    match request.get_mut("credential") {
        Some(credential) => Ok(credential.take()),
        None => Ok(request),
    }
}

fn refusal(error: IssueError) -> ApiError {
    match error {
        IssueError::Record(findings) => ApiError::InvalidData(told(&findings)),
        IssueError::ForeignIssuer { .. } => ApiError::InvalidData(error.to_string()),
        IssueError::Sign(error) => error.into(),
        IssueError::Table(error) => error.into(),
        other => ApiError::internal(&other),
    }
}

/// Each finding on a line of its own.
fn told(Findings(findings): &Findings) -> String {
    /// Whoever has more to mend than this mends the first ones first.
    const MOST: usize = 500;
    let mut text = format!("the record cannot be issued, {} to mend:", findings.len());
    for finding in findings.iter().take(MOST) {
        text += &format!("\n{finding}");
    }
    if findings.len() > MOST {
        text += &format!("\nand {} more", findings.len() - MOST);
    }
    text
}

fn unreadable(rejection: BytesRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::TooLarge(format!("a request body holds at most {MAX_BODY_BYTES} bytes"))
    } else {
        ApiError::InvalidData(rejection.body_text())
    }
}
