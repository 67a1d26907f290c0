//! Where a browser may be sent: registered text, compared exactly (RFC 9700, section 2.1).

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Whether http is taken for loopback addresses: on a laptop only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// https, always.
    Https,
    /// https, or http to a loopback address.
    HttpsOrLoopback,
}

/// An absolute URL without fragment and credentials. Kept as it was written, since it is compared exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri {
    text: String,
    url: Url,
}

/// Why a text is no redirect URI.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriFault {
    /// Not an absolute http(s) URL in printable ASCII.
    #[error("{0:?} is not an absolute URL")]
    NotAbsolute(String),
    /// `#…`.
    #[error("{0:?} has a fragment")]
    Fragment(String),
    /// `user:password@`.
    #[error("{0:?} carries credentials")]
    Credentials(String),
    /// Not https.
    #[error("{0:?} is not https")]
    NotHttps(String),
    /// A parameter that the answer will carry: a client could take the registered one for it.
    #[error("the query of a redirect URI cannot have {0}: the answer brings it")]
    AnswerParameter(&'static str),
}

/// Parameters of authorization responses (RFC 6749, sections 4.1.2 and 4.2.2; RFC 9207; OpenID Connect).
const ANSWER_PARAMETERS: [&str; 12] = [
    "code",
    "state",
    "iss",
    "scope",
    "error",
    "error_description",
    "error_uri",
    "response",
    "access_token",
    "token_type",
    "expires_in",
    "id_token",
];

/// No URL may be longer.
pub(super) const MAX_URL_LENGTH: usize = 2_000;

impl RedirectUri {
    /// Reads a URI of a registration.
    ///
    /// # Errors
    /// See [`RedirectUriFault`].
    pub fn registered(text: &str, transport: Transport) -> Result<Self, RedirectUriFault> {
        let uri = Self::try_from(text.to_owned())?;
        let names = || uri.url.query_pairs().map(|(name, _)| name);
        if let Some(name) = ANSWER_PARAMETERS
            .iter()
            .find(|answer| names().any(|name| name == **answer))
        {
            return Err(RedirectUriFault::AnswerParameter(name));
        }
        if uri.url.scheme() == "https" || (transport == Transport::HttpsOrLoopback && is_loopback(&uri.url)) {
            return Ok(uri);
        }
        Err(RedirectUriFault::NotHttps(text.to_owned()))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As a URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The URL with these parameters added to its query.
    pub(crate) fn with_parameters(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        url
    }
}

/// Whether a URL names this machine itself.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// A byte that all parsers of URLs read in the same way.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'\\'
}

impl TryFrom<String> for RedirectUri {
    type Error = RedirectUriFault;

    fn try_from(text: String) -> Result<Self, RedirectUriFault> {
        // The URL parser skips tabs and line breaks, turns spaces into %20 and `\` into `/`, which others take for a letter before
        // an `@`: such a text would not be what it says.
        let printable = text.len() <= MAX_URL_LENGTH && text.bytes().all(is_plain);
        let url = if printable { Url::parse(&text).ok() } else { None };
        let Some(url) = url.filter(|url| url.has_host() && matches!(url.scheme(), "https" | "http")) else {
            return Err(RedirectUriFault::NotAbsolute(text));
        };
        if url.fragment().is_some() {
            return Err(RedirectUriFault::Fragment(text));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RedirectUriFault::Credentials(text));
        }
        Ok(Self { text, url })
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.text
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, transport: Transport) -> Result<String, RedirectUriFault> {
        RedirectUri::registered(text, transport).map(String::from)
    }

    #[test]
    fn https_is_taken_and_kept_as_written() {
        assert_eq!(
            check("https://App.example", Transport::Https),
            Ok("https://App.example".to_owned())
        );
    }

    #[test]
    fn http_is_taken_on_a_laptop_for_loopback_only() {
        let text = "http://127.0.0.1:9000/callback";
        assert_eq!(check(text, Transport::HttpsOrLoopback), Ok(text.to_owned()));
        assert_eq!(
            check(text, Transport::Https),
            Err(RedirectUriFault::NotHttps(text.to_owned()))
        );
        let text = "http://app.example/callback";
        assert_eq!(
            check(text, Transport::HttpsOrLoopback),
            Err(RedirectUriFault::NotHttps(text.to_owned()))
        );
    }

    #[test]
    fn other_schemes_fragments_credentials_and_hidden_characters_are_refused() {
        for text in [
            "/callback",
            "javascript:alert(1)",
            "https://app.example/#there",
            "https://user@app.example/",
            "https://app.exa\nmple/",
            "https://app.example/a b",
            &format!("https://app.example/{}", "a".repeat(MAX_URL_LENGTH)),
        ] {
            assert!(check(text, Transport::HttpsOrLoopback).is_err(), "{text}");
        }
    }

    #[test]
    fn a_query_with_a_parameter_of_the_answer_is_refused() {
        for query in [
            "code=x",
            "a=1&state=",
            "%63ode=x",
            "iss=https%3A%2F%2Fevil.example",
            "error",
        ] {
            let text = format!("https://app.example/callback?{query}");
            assert!(
                matches!(
                    check(&text, Transport::Https),
                    Err(RedirectUriFault::AnswerParameter(_))
                ),
                "{text}"
            );
        }
        assert!(check("https://app.example/callback?codes=1&Code=2", Transport::Https).is_ok());
    }

    #[test]
    fn parameters_are_added_to_an_existing_query() {
        let uri = RedirectUri::registered("https://app.example/callback?a=1", Transport::Https).unwrap();
        let url = uri.with_parameters(&[("code", "x y"), ("state", "a&b\r\n")]);
        assert_eq!(
            url.as_str(),
            "https://app.example/callback?a=1&code=x+y&state=a%26b%0D%0A"
        );
    }
}
