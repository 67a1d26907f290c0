//! `POST /credentials/issue`: completes, checks and signs a credential as an issuer of this deployment.
//!
//! The caller is a client that the operator made, with the scope `issue`. The exchange is the VC-API's:
//! `{"credential": …, "options": {…}}` in, `{"verifiableCredential": …}` out; a bare credential is taken too. The options are
//! those of `request.rs`. With `Idempotency-Key` a request may be sent again: it is done once, and answered with the same
//! bytes for 24 hours. Nothing is answered that is not in the audit.
//!
//! <https://w3c-ccg.github.io/vc-api/#issue-credential>

mod request;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use clr_core::{
    Patience,
    audit::AuditEntry,
    issuers::Issuer,
    issuing::{IssueError, Issuing},
    table::{Attempt, Begun, IdempotencyKey, Idempotent, credentials::MAX_PAGE_BYTES},
};
use clr_server::{ApiError, App, Issue, JsonBody, OperatorCaller, PublicUrl, Routes, paths};
use http::{HeaderMap, StatusCode, header};
use learner_record::Findings;
use serde_json::Value;

use crate::request::Request;

/// This function's endpoint.
#[must_use]
pub fn routes() -> Routes {
    Routes::new().post(paths::ISSUE, issue).signing()
}

async fn issue(
    State(app): State<App>,
    OperatorCaller { client_id, .. }: OperatorCaller<Issue>,
    public_url: PublicUrl,
    headers: HeaderMap,
    JsonBody { value, text, .. }: JsonBody,
) -> Result<Response, ApiError> {
    let mut request = Request::read(value)?;
    if app.config.w3c_suites {
        put_own_issuer(&mut request.credential, app.issuers.all().await?);
    }
    let service = Service {
        app: &app,
        client: &client_id,
        status_lists: public_url.join(paths::STATUS_LISTS),
        patience: app.patience(),
    };
    let Some(key) = idempotency_key(&headers)? else {
        let (answer, audit) = service.sign(request).await?;
        app.table.append_audit(&audit).await?;
        return Ok(created(answer));
    };
    let idempotent = Idempotent {
        client: &client_id,
        key: &key,
        body: &text,
    };
    let begun = app
        .table
        .begin(idempotent, app.clock.now(), &app.randomness, service.patience)
        .await?;
    match begun {
        Begun::Ours(attempt) => {
            let done = service.sign_once(request, &attempt).await;
            if done.is_err() {
                release(&app, &attempt).await;
            }
            done.map(created)
        }
        Begun::Done(answer) => Ok(created(answer)),
        Begun::Running => Err(still_running()),
        Begun::OtherBody => Err(ApiError::Unprocessable(
            "this Idempotency-Key was used for another body: a new request needs a new key".to_owned(),
        )),
    }
}

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

/// For whom, and with what.
struct Service<'a> {
    app: &'a App,
    client: &'a str,
    /// Their address.
    status_lists: String,
    patience: Patience<'a>,
}

impl Service<'_> {
    /// The answer, and what the audit is to say of it.
    async fn sign(&self, request: Request) -> Result<(String, AuditEntry), ApiError> {
        let app = self.app;
        let issuing = Issuing {
            issuers: &app.issuers,
            contexts: app.contexts,
            clock: &*app.clock,
            randomness: &app.randomness,
            lists: Some(app.status_lists(&self.status_lists)),
            gives_status: app.config.status_lists,
        };
        let issued = issuing
            .issue(request.credential, &request.options)
            .await
            .map_err(refusal)?;
        let credential = issued.credential.to_string();
        let answer = format!("{{\"verifiableCredential\":{credential}}}");
        if length_in_response(&answer) > MAX_PAGE_BYTES {
            let text = "the signed credential is longer than a response can be: issue it in several records";
            return Err(ApiError::TooLarge(text.to_owned()));
        }
        let audit = issued.audit(self.client, &credential, app.clock.now(), &app.randomness);
        Ok((answer, audit))
    }

    /// The same, kept for who asks again.
    async fn sign_once(&self, request: Request, attempt: &Attempt) -> Result<String, ApiError> {
        let (answer, audit) = self.sign(request).await?;
        if self.app.table.finish(attempt, &answer, &audit, self.patience).await? {
            Ok(answer)
        } else {
            Err(still_running())
        }
    }
}

/// Frees the key of a request that came to nothing. If that fails too, it is free when the time of this request is over.
async fn release(app: &App, attempt: &Attempt) {
    if let Err(error) = app.table.release(attempt).await {
        tracing::warn!(%error, "an idempotency key could not be released");
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, ApiError> {
    let mut written = headers.get_all("idempotency-key").iter();
    let Some(first) = written.next() else {
        return Ok(None);
    };
    let key = first.to_str().ok().and_then(IdempotencyKey::parse);
    match (key, written.next()) {
        (Some(key), None) => Ok(Some(key)),
        _ => Err(ApiError::InvalidData(
            "Idempotency-Key is one key of 1 to 128 visible ASCII characters, such as a UUID".to_owned(),
        )),
    }
}

fn still_running() -> ApiError {
    ApiError::Conflict("a request with this Idempotency-Key is being worked on, ask again in a moment".to_owned())
}

fn created(answer: String) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_TYPE, "application/json"),
    ];
    (StatusCode::CREATED, headers, answer).into_response()
}

/// As Lambda counts it: a JSON string with its quotes and backslashes escaped.
fn length_in_response(answer: &str) -> u64 {
    let escaped = answer.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    (answer.len() + escaped) as u64
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
