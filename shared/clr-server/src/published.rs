//! Public documents, cacheable and revalidated by their content (RFC 9110, section 13.1.2).

use axum::response::{IntoResponse, Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

/// A document that anybody may have.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its media type.
    pub media_type: &'static str,
    /// Its text.
    pub text: String,
    /// How long it may be kept without asking again.
    pub max_age_seconds: u32,
}

impl Published {
    /// A document that may be kept for five minutes.
    #[must_use]
    pub fn document(media_type: &'static str, text: String) -> Self {
        Self {
            media_type,
            text,
            max_age_seconds: 300,
        }
    }

    /// The document; 304 without it when the caller has it already.
    #[must_use]
    pub fn answer(self, headers: &HeaderMap) -> Response {
        let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&self.text)));
        let mut response = if names(headers, &tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, self.media_type)], self.text).into_response()
        };
        let headers = response.headers_mut();
        let cache_control = format!("public, max-age={}", self.max_age_seconds);
        for (name, text) in [(header::CACHE_CONTROL, cache_control), (header::ETAG, tag)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// Whether `If-None-Match` names the tag; weak comparison, as that field asks for.
fn names(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Published {
        Published::document("application/json", r#"{"a":1}"#.to_owned())
    }

    fn status(if_none_match: &str) -> StatusCode {
        let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, if_none_match.parse().unwrap())]);
        document().answer(&headers).status()
    }

    #[test]
    fn the_tag_that_was_given_is_recognized() {
        let first = document().answer(&HeaderMap::new());
        let tag = first.headers()[header::ETAG].to_str().unwrap();
        assert_eq!(status(tag), StatusCode::NOT_MODIFIED);
        assert_eq!(status(&format!("\"other\", W/{tag}")), StatusCode::NOT_MODIFIED);
        assert_eq!(status("*"), StatusCode::NOT_MODIFIED);
        assert_eq!(status("\"other\""), StatusCode::OK);
    }
}
