//! Public documents, cacheable and revalidated by their content (RFC 9110, section 13.1.2).

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::EntityTag;

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
        let tag = EntityTag::of(&self.text);
        let mut response = if tag.is_in_if_none_match(headers) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, self.media_type)], self.text).into_response()
        };
        let headers = response.headers_mut();
        let cache_control = format!("public, max-age={}", self.max_age_seconds);
        if let Ok(cache_control) = HeaderValue::from_str(&cache_control) {
            headers.insert(header::CACHE_CONTROL, cache_control);
        }
        headers.insert(header::ETAG, tag.value());
        response
    }
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
