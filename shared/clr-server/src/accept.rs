//! `Accept` (RFC 9110, section 12.5.1): whoever accepts nothing of what an endpoint can give is told so, 406, before anything is done.
//!
//! That holds for the CLR API and the endpoints beside it, which are called by programs of their own. OAuth's endpoints, the pages and
//! the published documents disregard `Accept`, as the RFC allows: what asks for them (a DID resolver, a verifier that fetches a status
//! list) is better served than refused. A body that is JSON is given to everybody who accepts any kind of JSON that credentials are
//! exchanged as; errors are always `application/json`.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, header};

use crate::{ApiError, json_body, paths};

/// Compact JWS.
const JWS: &str = "text/plain";

/// What endpoints can give: method, path, and whether it may be a compact JWS where it is not JSON.
const GIVEN: &[(&str, &str, bool)] = &[
    ("GET", paths::CLR_DISCOVERY, false),
    ("GET", paths::CLR_CREDENTIALS, false),
    ("POST", paths::CLR_CREDENTIALS, true),
    ("GET", paths::CLR_CREDENTIAL, true),
    ("GET", paths::CLR_PROFILE, false),
    ("PUT", paths::CLR_PROFILE, false),
    ("POST", paths::ISSUE, false),
    ("POST", paths::CHANGE_STATUS, false),
    ("POST", paths::VERIFY, false),
    ("POST", paths::VERIFY_PRESENTATION, false),
];

/// Lets a request through unless its `Accept` leaves nothing to be given.
pub(crate) async fn or_refuse(request: Request, next: Next) -> Response {
    let Some(given) = given(request.method().as_str(), request.uri().path()) else {
        return next.run(request).await;
    };
    let accept = Accept::of(request.headers());
    if given.iter().any(|media_type| accept.takes(media_type)) {
        return next.run(request).await;
    }
    let text = format!("Accept leaves nothing that can be given here: {}", given.join(", "));
    ApiError::NotAcceptable(text).into_response()
}

fn given(method: &str, path: &str) -> Option<Vec<&'static str>> {
    let method = if method == "HEAD" { "GET" } else { method };
    let (.., may_be_jws) = GIVEN
        .iter()
        .find(|(given, pattern, _)| *given == method && paths::matches(pattern, path))?;
    let jws = may_be_jws.then_some(JWS);
    Some(json_body::MEDIA_TYPES.into_iter().chain(jws).collect())
}

/// What a caller accepts. Parameters beside `q` are not looked at: no representation here has any.
struct Accept(Vec<Range>);

struct Range {
    /// In lower case; `*` stands for any.
    kind: String,
    subtype: String,
    is_refused: bool,
}

impl Accept {
    fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT).iter();
        let texts = values.filter_map(|value| value.to_str().ok());
        Self(texts.flat_map(elements).filter_map(Range::read).collect())
    }

    /// The most specific range counts. No range at all, because the header is absent, empty or cannot be read: everything is accepted.
    fn takes(&self, media_type: &str) -> bool {
        let Some((kind, subtype)) = media_type.split_once('/') else {
            return false;
        };
        let specificity = |range: &Range| match (&*range.kind, &*range.subtype) {
            (k, s) if k == kind && s == subtype => Some(2),
            (k, "*") if k == kind => Some(1),
            ("*", "*") => Some(0),
            _ => None,
        };
        let matching = self.0.iter().filter_map(|range| Some((specificity(range)?, range)));
        // Of two ranges that are as specific, one that accepts wins.
        let decisive = matching.max_by_key(|(specificity, range)| (*specificity, !range.is_refused));
        self.0.is_empty() || decisive.is_some_and(|(_, range)| !range.is_refused)
    }
}

impl Range {
    fn read(element: &str) -> Option<Self> {
        let mut parts = element.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim_end().eq_ignore_ascii_case("q").then(|| value.trim())
        });
        let is_zero = |quality: &str| quality.parse::<f32>().is_ok_and(|quality| quality <= 0.0);
        Some(Self {
            kind: kind.to_ascii_lowercase(),
            subtype: subtype.to_ascii_lowercase(),
            is_refused: quality.is_some_and(is_zero),
        })
    }
}

/// The elements of a list. A comma inside a quoted parameter separates nothing.
fn elements(text: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |character| {
        is_quoted ^= character == '"';
        character == ',' && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(accept: &[&'static str], media_type: &str) -> bool {
        let values = accept
            .iter()
            .map(|value| (header::ACCEPT, http::HeaderValue::from_static(value)));
        Accept::of(&HeaderMap::from_iter(values)).takes(media_type)
    }

    #[test]
    fn the_most_specific_range_decides() {
        for (accept, is_taken) in [
            (&["*/*"][..], true),
            (&["application/*"], true),
            (&["Application/JSON;charset=utf-8"], true),
            (&["text/html", "application/json;q=0.1"], true),
            (&["text/html;p=\"a,application/json\""], false),
            (&["text/html, */*;q=0.001"], true),
            (&["application/json;q=0, */*"], false),
            (&["application/json; Q=0.000, application/*"], false),
            (&["application/*;q=0, application/json"], true),
            (&["*/*;q=0"], false),
            (&["text/*"], false),
        ] {
            assert_eq!(takes(accept, "application/json"), is_taken, "{accept:?}");
        }
    }

    #[test]
    fn without_a_range_that_can_be_read_everything_is_accepted() {
        for accept in [&[][..], &[""], &[", ,"], &["json"]] {
            assert!(takes(accept, "application/json"), "{accept:?}");
        }
    }

    #[test]
    fn head_is_judged_as_get_and_other_paths_not_at_all() {
        assert_eq!(
            given("HEAD", paths::CLR_CREDENTIALS),
            given("GET", paths::CLR_CREDENTIALS)
        );
        assert!(given("GET", "/ims/clr/v2p0/credentials/abc").unwrap().contains(&JWS));
        assert_eq!(given("GET", paths::JWKS), None);
        assert_eq!(given("DELETE", paths::CLR_CREDENTIALS), None);
    }
}
