//! What was sent and what came, as it may be filed: without secrets, without the learner's records.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use learner_record::has_type;
use reqwest::{
    Request, StatusCode, Url,
    header::{self, HeaderMap},
};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// One request and its answer, each as HTTP writes them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Exchange {
    pub(crate) sent: String,
    pub(crate) received: String,
}

/// The exchanges and remarks of the test that runs, and all secrets of the run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notebook(Arc<Mutex<Notes>>);

#[derive(Default)]
struct Notes {
    exchanges: Vec<Exchange>,
    remarks: Vec<String>,
    secrets: Vec<(&'static str, String)>,
}

/// Secrets are not shown.
impl std::fmt::Debug for Notes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notes").finish_non_exhaustive()
    }
}

/// Members of forms, queries and JSON that are never shown.
const SECRET_MEMBERS: [&str; 9] = [
    "code",
    "code_verifier",
    "client_secret",
    "access_token",
    "refresh_token",
    "id_token",
    "registration_access_token",
    "token",
    "state",
];
const REDACTED: &str = "[secret]";
const SHOWN_CHARACTERS: usize = 3_000;
/// Answers' headers that say nothing about the standard are left out.
const SHOWN_HEADERS: [&str; 10] = [
    "content-type",
    "cache-control",
    "pragma",
    "link",
    "x-total-count",
    "www-authenticate",
    "location",
    "allow",
    "retry-after",
    "etag",
];

impl Notebook {
    /// Keeps this text out of the report, wherever it stands.
    pub(crate) fn keep_secret(&self, name: &'static str, secret: &str) {
        // Shorter texts would tear holes into words.
        if secret.len() >= 8 {
            self.notes().secrets.push((name, secret.to_owned()));
        }
    }

    /// Says something beside the outcome.
    pub(crate) fn remark(&self, text: impl Into<String>) {
        self.notes().remarks.push(text.into());
    }

    /// Notes what is about to be sent and what came back.
    pub(crate) fn note(&self, sent: String, status: StatusCode, headers: &HeaderMap, body: &[u8]) {
        let received = received(status, headers, body);
        self.notes().exchanges.push(Exchange { sent, received });
    }

    /// What was noted since the last call.
    pub(crate) fn take(&self) -> (Vec<Exchange>, Vec<String>) {
        let mut notes = self.notes();
        (std::mem::take(&mut notes.exchanges), std::mem::take(&mut notes.remarks))
    }

    /// The text without the secrets of the run.
    pub(crate) fn redact(&self, text: &str) -> String {
        let notes = self.notes();
        notes.secrets.iter().fold(text.to_owned(), |text, (name, secret)| {
            text.replace(secret.as_str(), &format!("[{name}]"))
        })
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request as HTTP writes it.
pub(crate) fn sent(request: &Request) -> String {
    let mut text = format!("{} {}", request.method(), shown_url(request.url()));
    for name in [header::AUTHORIZATION, header::CONTENT_TYPE] {
        let Some(value) = request.headers().get(&name).and_then(|value| value.to_str().ok()) else {
            continue;
        };
        let value = match value.split_once(' ') {
            Some((scheme, _)) if name == header::AUTHORIZATION => format!("{scheme} {REDACTED}"),
            _ => value.to_owned(),
        };
        text.push_str(&format!("\n{name}: {value}"));
    }
    if let Some(body) = request.body().and_then(reqwest::Body::as_bytes) {
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value == FORM);
        text.push_str("\n\n");
        text.push_str(&if is_form { shown_form(body) } else { shown_body(body) });
    }
    text
}

const FORM: &str = "application/x-www-form-urlencoded";

fn received(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> String {
    let mut text = status.to_string();
    for (name, value) in headers {
        if !SHOWN_HEADERS.contains(&name.as_str()) {
            continue;
        }
        let value = value.to_str().unwrap_or("(not text)");
        let value = match Url::parse(value) {
            Ok(url) if name == header::LOCATION => shown_url(&url),
            _ => value.to_owned(),
        };
        text.push_str(&format!("\n{name}: {value}"));
    }
    if !body.is_empty() {
        text.push_str("\n\n");
        text.push_str(&shown_body(body));
    }
    text
}

fn shown_url(url: &Url) -> String {
    let Some(query) = url.query() else {
        return url.to_string();
    };
    let mut shown = url.clone();
    shown.set_query(None);
    format!("{shown}?{}", shown_form(query.as_bytes()))
}

fn shown_form(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let field = |field: &str| match field.split_once('=') {
        Some((name, _)) if SECRET_MEMBERS.contains(&name) => format!("{name}={REDACTED}"),
        _ => field.to_owned(),
    };
    cut(&text.split('&').map(field).collect::<Vec<_>>().join("&"))
}

fn shown_body(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            show(&mut value);
            cut(&format!("{value:#}"))
        }
        Err(_) => {
            let text = String::from_utf8_lossy(body);
            if is_compact_jws(text.trim()) {
                summary_of_text(text.trim())
            } else {
                cut(&text)
            }
        }
    }
}

/// Takes secrets out, and puts summaries in the place of credentials and Profiles.
fn show(value: &mut Value) {
    let is_profile = has_type(value, "Profile");
    match value {
        Value::Object(members) if is_profile || members.contains_key("credentialSubject") => {
            let text = Value::Object(members.clone()).to_string();
            *value = json!({
                "id": members.get("id"),
                "type": members.get("type"),
                "(summary)": format!("{} bytes, {}", text.len(), digest(&text)),
            });
        }
        Value::Object(members) => {
            for (name, member) in members {
                if SECRET_MEMBERS.contains(&name.as_str()) {
                    *member = REDACTED.into();
                } else {
                    show(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(show),
        Value::String(text) if is_compact_jws(text) => *text = summary_of_text(text),
        _ => {}
    }
}

fn is_compact_jws(text: &str) -> bool {
    text.len() > 200 && text.starts_with("ey") && text.matches('.').count() == 2
}

fn summary_of_text(text: &str) -> String {
    format!("(a compact JWS of {} bytes, {})", text.len(), digest(text))
}

/// As Subresource Integrity writes it.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}… ({} bytes in all)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_forms_queries_headers_and_json_are_not_shown() {
        let client = reqwest::Client::new();
        let request = client
            .post("https://a.example/token?code=SECRET&limit=1")
            .bearer_auth("SECRET");
        let request = request
            .form(&[("grant_type", "x"), ("code_verifier", "SECRET")])
            .build()
            .unwrap();
        let shown = sent(&request);
        assert!(!shown.contains("SECRET"), "{shown}");
        assert!(
            shown.contains("limit=1") && shown.contains("grant_type=x") && shown.contains("Bearer"),
            "{shown}"
        );

        let headers = HeaderMap::from_iter([(
            header::LOCATION,
            "https://b.example/?code=SECRET&scope=x".parse().unwrap(),
        )]);
        let body = json!({"access_token": "SECRET", "scope": "x", "deep": [{"client_secret": "SECRET"}]}).to_string();
        let shown = received(StatusCode::OK, &headers, body.as_bytes());
        assert!(!shown.contains("SECRET"), "{shown}");
    }

    #[test]
    fn a_secret_that_was_learned_is_shown_nowhere() {
        let notebook = Notebook::default();
        notebook.keep_secret("access token", "long-enough-secret");
        notebook.keep_secret("nothing", "");
        assert_eq!(notebook.redact("not long-enough-secret!"), "not [access token]!");
    }

    #[test]
    fn of_credentials_and_profiles_the_id_is_shown_and_not_what_they_say() {
        let body =
            json!({"credential": [{"id": "urn:1", "type": ["ClrCredential"], "credentialSubject": {"name": "Ada"}}]});
        let shown = shown_body(body.to_string().as_bytes());
        assert!(shown.contains("urn:1") && !shown.contains("Ada"), "{shown}");
        let profile = json!({"id": "urn:2", "type": ["Profile"], "name": "Ada"}).to_string();
        let shown = shown_body(profile.as_bytes());
        assert!(shown.contains("urn:2") && !shown.contains("Ada"), "{shown}");
        let jws = format!("ey{}.{}.ZZ", "A".repeat(200), "B".repeat(20));
        assert!(!shown_body(jws.as_bytes()).contains("BBBB"));
        assert!(!shown_body(json!({"compactJwsString": [jws]}).to_string().as_bytes()).contains("BBBB"));
    }
}
