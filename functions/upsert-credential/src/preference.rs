//! `Prefer: return=minimal` (RFC 7240, section 4.2).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};

/// What the caller wants back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preference {
    /// The credential as it was submitted: the standard's answer.
    Representation,
    /// Its `clrCredentialId` alone.
    Minimal,
}

impl<S: Sync> FromRequestParts<S> for Preference {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl Preference {
    /// Of a preference that is stated twice the first counts (RFC 7240, section 2).
    fn of(headers: &HeaderMap) -> Self {
        let stated = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        let mut returns = stated.flat_map(|value| value.split(',')).filter_map(|preference| {
            let (token, _parameters) = preference.split_once(';').unwrap_or((preference, ""));
            let (name, value) = token.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("return")
                .then(|| value.trim().trim_matches('"'))
        });
        if returns.next() == Some("minimal") {
            Self::Minimal
        } else {
            Self::Representation
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(values: &[&'static str]) -> Preference {
        let values = values
            .iter()
            .map(|value| ("prefer".parse().unwrap(), HeaderValue::from_static(value)));
        Preference::of(&HeaderMap::from_iter(values))
    }

    #[test]
    fn minimal_is_found_among_other_preferences() {
        assert_eq!(read(&["return=minimal"]), Preference::Minimal);
        assert_eq!(
            read(&["respond-async, Return = \"minimal\"; foo=1"]),
            Preference::Minimal
        );
        assert_eq!(read(&["wait=10", "return=minimal"]), Preference::Minimal);
    }

    #[test]
    fn without_it_the_representation_is_returned() {
        assert_eq!(read(&[]), Preference::Representation);
        assert_eq!(
            read(&["return=representation, return=minimal"]),
            Preference::Representation
        );
        assert_eq!(read(&["minimal", "wait=10"]), Preference::Representation);
    }
}
