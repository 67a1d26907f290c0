//! The language of pages, by what the browser prefers.
//!
//! To add one: a variant here, and its texts wherever the compiler then misses them.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};

/// A language that pages are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English: the one for everybody else.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// As HTML and HTTP name it (RFC 5646).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The best of ours for a header `Accept-Language` (RFC 9110, section 12.5.4).
    pub(crate) fn preferred(headers: &HeaderMap) -> Self {
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let mut best = (0.0, Self::default());
        for range in accepted.unwrap_or_default().split(',').take(MAX_RANGES) {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let quality = parts
                .find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok())
                .unwrap_or(1.0);
            let primary = tag.split('-').next().unwrap_or_default();
            let known = Self::ALL
                .into_iter()
                .find(|language| language.tag().eq_ignore_ascii_case(primary));
            if let Some(language) = known
                && quality > best.0
                && quality <= 1.0
            {
                best = (quality, language);
            }
        }
        best.1
    }
}

const MAX_RANGES: usize = 20;

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::preferred(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_known_language_is_taken_and_english_otherwise() {
        for (header, expected) in [
            ("de", Language::German),
            ("de-AT,de;q=0.9,en;q=0.8", Language::German),
            ("en;q=0.8, de;q=0.9", Language::German),
            ("fr, de;q=0.1", Language::German),
            ("en, de", Language::English),
            ("fr", Language::English),
            ("de;q=0", Language::English),
            ("de;q=7", Language::English),
            ("", Language::English),
            ("*", Language::English),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, header.parse().unwrap())]);
            assert_eq!(Language::preferred(&headers), expected, "{header}");
        }
        assert_eq!(Language::preferred(&HeaderMap::new()), Language::English);
    }
}
