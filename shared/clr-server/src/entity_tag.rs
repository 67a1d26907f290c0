//! Entity tags (RFC 9110, section 8.8.3): strong, made from the text itself.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use sha2::{Digest as _, Sha256};

/// The tag of a representation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityTag(String);

impl EntityTag {
    /// Another text has another tag.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(text))))
    }

    /// As the value of `ETag`.
    #[must_use]
    pub fn value(&self) -> HeaderValue {
        // Quotes around base64url.
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("\"\""))
    }

    /// Whether `If-None-Match` names it; weak comparison, as that field asks for.
    pub(crate) fn is_in_if_none_match(&self, headers: &HeaderMap) -> bool {
        tags(headers, &header::IF_NONE_MATCH).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.0)
    }

    /// Whether `If-Match` names it; strong comparison, as that field asks for.
    #[must_use]
    pub fn is_in_if_match(&self, headers: &HeaderMap) -> bool {
        tags(headers, &header::IF_MATCH).any(|tag| tag == "*" || tag == self.0)
    }
}

/// None of our own tags holds a comma, so that whatever a list splits into beside them does not matter.
fn tags<'a>(headers: &'a HeaderMap, field: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(field).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(field: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(field, value.parse().unwrap())])
    }

    #[test]
    fn if_match_compares_strongly_and_if_none_match_weakly() {
        let tag = EntityTag::of("{}");
        for (value, strong, weak) in [
            (tag.0.clone(), true, true),
            (format!("\"other\", {}", tag.0), true, true),
            (format!("W/{}", tag.0), false, true),
            ("*".to_owned(), true, true),
            ("\"other\"".to_owned(), false, false),
        ] {
            assert_eq!(tag.is_in_if_match(&named(header::IF_MATCH, &value)), strong, "{value}");
            assert_eq!(
                tag.is_in_if_none_match(&named(header::IF_NONE_MATCH, &value)),
                weak,
                "{value}"
            );
        }
        assert!(!tag.is_in_if_match(&HeaderMap::new()) && !tag.is_in_if_none_match(&HeaderMap::new()));
    }
}
