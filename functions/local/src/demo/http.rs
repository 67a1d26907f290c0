//! A plain HTTP client that remembers what it sent and what came back, so that the walk can be told.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use reqwest::{Client, Request, Response, StatusCode, header, header::HeaderMap, redirect::Policy};
use serde_json::Value;

use super::Wrong;

/// Sends requests and keeps notes.
#[derive(Debug)]
pub(crate) struct Http {
    client: Client,
    notes: Notes,
}

/// Where the walk's parties note what they sent and got, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(Arc<Mutex<Vec<Exchange>>>);

/// One request and its answer, in a line each.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// `POST /oauth/token grant_type=authorization_code …`
    pub(crate) sent: String,
    /// `200 {"access_token": …}`
    pub(crate) received: String,
    /// How long it took.
    pub(crate) millis: u128,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Http {
    /// Follows no redirect by itself.
    pub(crate) fn new(notes: &Notes) -> reqwest::Result<Self> {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build()?;
        Ok(Self {
            client,
            notes: notes.clone(),
        })
    }

    /// To build requests with.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: Request) -> reqwest::Result<Answer> {
        let sent = format!(
            "{} {}{}",
            request.method(),
            path_of(request.url()),
            summary_of_request(&request)
        );
        let start = Instant::now();
        let response = self.client.execute(request).await?;
        let answer = Answer::read(response).await?;
        self.notes.add(Exchange {
            sent,
            received: answer.summary(),
            millis: start.elapsed().as_millis(),
        });
        Ok(answer)
    }
}

impl Notes {
    /// The notes since the last call.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, exchange: Exchange) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }
}

impl Answer {
    async fn read(response: Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Self {
            status,
            headers,
            body: response.text().await?,
        })
    }

    /// A header as text; empty if it is not there.
    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as JSON; null if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The answer, if it has this status.
    pub(crate) fn expect(self, status: StatusCode, what: &str) -> Result<Self, Wrong> {
        if self.status == status {
            Ok(self)
        } else {
            Err(Wrong::answer(what, &self))
        }
    }

    /// A text member of the JSON body.
    pub(crate) fn text_at(&self, pointer: &str) -> Result<String, Wrong> {
        match self.json().pointer(pointer).and_then(Value::as_str) {
            Some(text) => Ok(text.to_owned()),
            None => Err(Wrong::from(format!("the answer has no text at {pointer}"))),
        }
    }

    fn summary(&self) -> String {
        let status = self.status;
        let location = self.header(header::LOCATION);
        if status.is_redirection() {
            return format!("{status} to {}", shorten(location, 70));
        }
        if self.header(header::CONTENT_TYPE).starts_with("text/html") {
            let title = self
                .body
                .split_once("<title>")
                .and_then(|(_, rest)| rest.split_once("</title>"));
            return format!("{status} the page “{}”", title.map_or("", |(title, _)| title));
        }
        format!("{status} {}", summary_of_json(&self.body))
    }
}

fn path_of(url: &reqwest::Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    shorten(&format!("{}{query}", url.path()), 90)
}

fn summary_of_request(request: &Request) -> String {
    let Some(body) = request.body().and_then(reqwest::Body::as_bytes) else {
        return String::new();
    };
    let body = String::from_utf8_lossy(body);
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let fields: Vec<_> = body.split('&').map(summary_of_field).collect();
        return format!("\n{}", fields.join(" "));
    }
    format!("\n{}", summary_of_json(&body))
}

/// The outermost members, long values cut.
fn summary_of_json(body: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(body) else {
        return format!("{} bytes", body.len());
    };
    match &value {
        Value::Object(members) if credential_type(&value).is_none() => {
            let members = members.iter().take(SHOWN_MEMBERS).map(|(name, value)| {
                let length = if is_secret(name) { SECRET_LENGTH } else { 44 };
                format!("{name}: {}", shorten(&summary_of_value(value), length))
            });
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        _ => summary_of_value(&value),
    }
}

const SHOWN_MEMBERS: usize = 5;

fn summary_of_value(value: &Value) -> String {
    match (credential_type(value), value) {
        (Some(kind), _) => format!("a {kind} of {} bytes", value.to_string().len()),
        (None, Value::Array(items)) if items.iter().any(|item| item.is_object()) => match items.len() {
            1 => format!("[{}]", summary_of_value(&items[0])),
            count => format!("[{count} items]"),
        },
        _ => value.to_string(),
    }
}

/// The last, most special type of a credential.
fn credential_type(value: &Value) -> Option<&str> {
    value.get("credentialSubject")?;
    value.get("type")?.as_array()?.last()?.as_str()
}

fn summary_of_field(field: &str) -> String {
    let name = field.split('=').next().unwrap_or_default();
    let length = if is_secret(name) {
        name.len() + SECRET_LENGTH
    } else {
        40
    };
    shorten(field, length)
}

/// What is shown of a secret.
const SECRET_LENGTH: usize = 8;

fn is_secret(name: &str) -> bool {
    ["code", "secret", "token", "verifier", "csrf"]
        .iter()
        .any(|word| name == *word || name.ends_with(&format!("_{word}")))
}

/// At most `length` characters, the rest as an ellipsis.
fn shorten(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    text.chars().take(length - 1).chain(['…']).collect()
}
