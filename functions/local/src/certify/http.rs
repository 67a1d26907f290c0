//! The client: https, or http to this machine's own hosts; no redirect is followed, no answer is read without end.

use std::time::Duration;

use clr_core::oauth::is_loopback;
use reqwest::{
    RequestBuilder, StatusCode, Url,
    header::{self, HeaderMap},
    redirect::Policy,
};
use serde_json::Value;

use super::{
    finding::{Faults, Stop},
    notebook::{self, Notebook},
};
use crate::failure::chain;

const TIMEOUT: Duration = Duration::from_secs(60);
const MAX_ANSWER_BYTES: usize = 16_000_000;

/// Sends requests and notes them.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: reqwest::Client,
    pub(crate) notebook: Notebook,
    /// Whether the host is on this machine.
    local: bool,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Http {
    /// For the host at this URL.
    pub(crate) fn new(base: &Url, notebook: Notebook) -> reqwest::Result<Self> {
        let local = is_loopback(base);
        let builder = reqwest::Client::builder().redirect(Policy::none()).timeout(TIMEOUT);
        let builder = builder.user_agent(concat!("clr-certify/", env!("CARGO_PKG_VERSION")));
        let client = if local { builder.no_proxy() } else { builder }.build()?;
        Ok(Self {
            client,
            notebook,
            local,
        })
    }

    /// An address that the host or the operator names: https; http on this machine, where the host is.
    pub(crate) fn address(&self, text: &str) -> Result<Url, String> {
        let url = Url::parse(text).map_err(|error| format!("{text:?} is not an absolute URL: {error}"))?;
        match url.scheme() {
            "https" => Ok(url),
            "http" if self.local && is_loopback(&url) => Ok(url),
            _ => Err(format!("{text:?} is not https")),
        }
    }

    /// To build requests with.
    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Answer, Stop> {
        let request = request.build().map_err(|error| Stop::skipped(chain(&error)))?;
        let place = format!("{} {}", request.method(), request.url());
        let sent = notebook::sent(&request);
        let unreachable = |error: reqwest::Error| Stop::skipped(format!("{place} got no answer: {}", chain(&error)));
        let mut response = self.client.execute(request).await.map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(Stop::skipped(format!(
                    "{place} was answered with more than {MAX_ANSWER_BYTES} bytes"
                )));
            }
            body.extend_from_slice(&chunk);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        self.notebook.note(sent, status, &headers, &body);
        Ok(Answer { status, headers, body })
    }
}

impl Answer {
    /// A header as text; empty if it is not there.
    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Several lines of one header as one.
    pub(crate) fn joined_header(&self, name: impl header::AsHeaderName) -> String {
        let lines = self.headers.get_all(name).iter();
        lines
            .filter_map(|value| value.to_str().ok())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The media type without parameters, in small letters.
    pub(crate) fn media_type(&self) -> String {
        let value = self.header(header::CONTENT_TYPE);
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The faults of an answer that should have this status and be JSON.
    pub(crate) fn expect_json(&self, status: u16) -> Faults {
        let mut faults = self.expect(status);
        let media_type = self.media_type();
        faults.unless(media_type == "application/json", || {
            format!("the answer is of type {media_type:?}, not application/json")
        });
        faults.unless(!self.json().is_null(), || "the answer is not JSON".to_owned());
        faults
    }

    /// The faults of an answer that should have this status.
    pub(crate) fn expect(&self, status: u16) -> Faults {
        let mut faults = Faults::default();
        faults.unless(self.status.as_u16() == status, || {
            format!("{status} was expected, the host answered {}", self.status)
        });
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_for_hosts_on_this_machine() {
        let http = |base: &str| Http::new(&base.parse().unwrap(), Notebook::default()).unwrap();
        let local = http("http://127.0.0.1:8080");
        assert!(local.address("http://localhost:1/x").is_ok());
        assert!(local.address("http://a.example/").is_err());
        let remote = http("https://a.example");
        assert!(remote.address("https://b.example/token").is_ok());
        for text in [
            "http://a.example/",
            "http://127.0.0.1/",
            "/token",
            "ftp://a.example",
            "",
        ] {
            assert!(remote.address(text).is_err(), "{text}");
        }
    }
}
