//! The URL under which clients know the service: from configuration, never from the `Host` header.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use clr_core::oauth::{Transport, is_loopback};
use http::request::Parts;
use lambda_http::request::RequestContext;
use url::Url;

use crate::App;

/// Base URL without a trailing slash, for example `https://records.example.edu`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The absolute URL of a path that starts with `/`.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The base, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PublicUrl {
    /// Whether browsers reach the service by https: cookies are for https only then.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// What is asked of the URLs of clients: a service on loopback is a laptop's, where clients are on loopback too.
    #[must_use]
    pub fn transport(&self) -> Transport {
        match Url::parse(&self.0) {
            Ok(url) if is_loopback(&url) => Transport::HttpsOrLoopback,
            _ => Transport::Https,
        }
    }
}

impl PublicUrl {
    /// The one of this request.
    pub(crate) fn of(parts: &Parts, app: &App) -> Self {
        if let Some(url) = &app.config.public_url {
            return Self(url.as_str().trim_end_matches('/').to_owned());
        }
        // API Gateway fills this in itself: a caller cannot choose it.
        let domain = match parts.extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => context.domain_name.clone(),
            _ => None,
        };
        Self(format!("https://{}", domain.unwrap_or_else(|| "localhost".to_owned())))
    }
}

impl FromRequestParts<App> for PublicUrl {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(parts, app))
    }
}
