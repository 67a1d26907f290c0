//! The deployment as a visitor meets it: plain requests, no redirect followed.

use std::time::Duration;

use reqwest::{Certificate, Client, Method, StatusCode, header, redirect::Policy};
use serde_json::Value;

use crate::failure::chain;

/// Longer than Lambda's own, so that the deployment's word is heard.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Where the deployment answers.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// Without a slash at its end.
    pub(super) base: String,
    client: Client,
}

/// What it answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) date: Option<String>,
    pub(super) body: String,
}

impl Site {
    /// `on_this_machine`: no proxy stands in between, and this certificate is trusted if there is one.
    pub(super) fn new(
        base: String,
        on_this_machine: bool,
        certificate: Option<Certificate>,
    ) -> Result<Self, reqwest::Error> {
        let mut client = Client::builder().redirect(Policy::none()).timeout(TIMEOUT);
        if on_this_machine {
            client = client.no_proxy();
        }
        client = client.tls_certs_merge(certificate);
        Ok(Self {
            base,
            client: client.build()?,
        })
    }

    /// Any request. The error tells why there is no answer.
    pub(super) async fn send(
        &self,
        method: Method,
        url: &str,
        body: Option<(&'static str, &'static str)>,
    ) -> Result<Answer, String> {
        let mut request = self.client.request(method, url);
        if let Some((content_type, text)) = body {
            request = request.header(header::CONTENT_TYPE, content_type).body(text);
        }
        let failed = |error: reqwest::Error| chain(&error.without_url());
        let response = request.send().await.map_err(failed)?;
        let date = response.headers().get(header::DATE);
        Ok(Answer {
            status: response.status(),
            date: date.and_then(|date| date.to_str().ok()).map(str::to_owned),
            body: response.text().await.map_err(failed)?,
        })
    }

    /// A JSON document at an absolute URL.
    pub(super) async fn document(&self, url: &str) -> Result<(Value, Answer), String> {
        let answer = self.send(Method::GET, url, None).await?;
        if answer.status != StatusCode::OK {
            return Err(format!("{url} answers {}", answer.status));
        }
        let document = serde_json::from_str(&answer.body).map_err(|error| format!("{url} is no JSON: {error}"))?;
        Ok((document, answer))
    }

    /// The URL of one of its paths.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}
