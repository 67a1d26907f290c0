//! `limit`, `offset` and `since`, read into a page that exists (digest section 1.2).

use axum::extract::{FromRequestParts, Query};
use clr_core::table::credentials::{MAX_PAGE_ITEMS, PageRequest};
use clr_server::ApiError;
use http::request::Parts;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

const DEFAULT_LIMIT: u32 = 50;
/// The parameters are of format int32.
const LARGEST: i32 = i32::MAX;

/// The page that the caller asks for; `limit` is clamped at [`MAX_PAGE_ITEMS`].
#[derive(Debug)]
pub(crate) struct ListQuery(pub(crate) PageRequest);

impl<S: Send + Sync> FromRequestParts<S> for ListQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::InvalidQueryParameter("the query cannot be read".to_owned()))?;
        read(&pairs).map(Self).map_err(ApiError::InvalidQueryParameter)
    }
}

fn read(pairs: &[(String, String)]) -> Result<PageRequest, String> {
    let limit = single(pairs, "limit")?.map_or(Ok(DEFAULT_LIMIT), |text| number("limit", text, 1))?;
    let offset = single(pairs, "offset")?.map_or(Ok(0), |text| number("offset", text, 0))?;
    let since = single(pairs, "since")?.map(|text| instant("since", text)).transpose()?;
    Ok(PageRequest {
        limit: limit.min(MAX_PAGE_ITEMS),
        offset: u64::from(offset),
        since,
    })
}

fn single<'a>(pairs: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, String> {
    let mut values = pairs
        .iter()
        .filter(|(given, _)| given == name)
        .map(|(_, value)| value.as_str());
    let first = values.next();
    if values.next().is_some() {
        Err(format!("`{name}` stands more than once"))
    } else {
        Ok(first)
    }
}

fn number(name: &str, text: &str, smallest: u32) -> Result<u32, String> {
    let number = text.parse::<i32>().ok().and_then(|number| u32::try_from(number).ok());
    number.filter(|number| *number >= smallest).ok_or_else(|| {
        format!(
            "`{name}` is {:?}; it is a whole number from {smallest} to {LARGEST}",
            beginning(text)
        )
    })
}

/// Enough to recognize what was sent.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(40)]
}

/// A date-time with offset; without one, as the standard's own example has it, it is UTC.
fn instant(name: &str, text: &str) -> Result<Timestamp, String> {
    // A `+` that was not percent-encoded arrives as a space.
    let mended = text.replace(' ', "+");
    let with_offset = mended.parse::<Timestamp>().ok();
    let without = || TimeZone::UTC.to_timestamp(mended.parse::<DateTime>().ok()?).ok();
    let has_time = text.contains(['T', 't']);
    with_offset.or_else(without).filter(|_| has_time).ok_or_else(|| {
        format!(
            "`{name}` is {:?}; it is an ISO 8601 date and time such as 2026-01-31T12:00:00Z",
            beginning(text)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &[(&str, &str)]) -> Result<PageRequest, String> {
        let pairs: Vec<_> = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        read(&pairs)
    }

    fn since(text: &str) -> Result<String, String> {
        check(&[("since", text)]).map(|request| request.since.unwrap().to_string())
    }

    #[test]
    fn without_parameters_it_is_the_first_page_of_50() {
        assert_eq!(
            check(&[]),
            Ok(PageRequest {
                limit: 50,
                offset: 0,
                since: None
            })
        );
        assert_eq!(
            check(&[("unknown", "x")]),
            Ok(PageRequest {
                limit: 50,
                offset: 0,
                since: None
            })
        );
    }

    #[test]
    fn limit_is_clamped_at_100() {
        assert_eq!(check(&[("limit", "100")]).unwrap().limit, 100);
        assert_eq!(check(&[("limit", "2147483647")]).unwrap().limit, 100);
    }

    #[test]
    fn numbers_out_of_range_are_refused_by_the_name_of_the_parameter() {
        for (name, value) in [
            ("limit", "0"),
            ("limit", "-1"),
            ("limit", "2147483648"),
            ("limit", "ten"),
            ("limit", ""),
            ("limit", "1.0"),
            ("offset", "-1"),
            ("offset", "2147483648"),
            ("offset", "1e3"),
        ] {
            assert!(
                check(&[(name, value)])
                    .unwrap_err()
                    .starts_with(&format!("`{name}` is {value:?}")),
                "{name}={value}"
            );
        }
    }

    #[test]
    fn a_parameter_that_stands_twice_is_refused() {
        assert_eq!(
            check(&[("limit", "1"), ("limit", "2")]),
            Err("`limit` stands more than once".to_owned())
        );
    }

    #[test]
    fn since_is_read_as_an_instant() {
        assert_eq!(since("2026-01-31T12:00:00Z").as_deref(), Ok("2026-01-31T12:00:00Z"));
        assert_eq!(
            since("2026-01-31T12:00:00+02:00").as_deref(),
            Ok("2026-01-31T10:00:00Z")
        );
        assert_eq!(
            since("2026-01-31T12:00:00 02:00").as_deref(),
            Ok("2026-01-31T10:00:00Z"),
            "a + that was not encoded"
        );
        assert_eq!(
            since("2026-01-31T12:00:00").as_deref(),
            Ok("2026-01-31T12:00:00Z"),
            "the standard's own example"
        );
        assert_eq!(
            since("2026-01-31T12:00:00.5-05:00").as_deref(),
            Ok("2026-01-31T17:00:00.5Z")
        );
    }

    #[test]
    fn since_is_refused_when_it_is_no_date_and_time() {
        for text in [
            "",
            "yesterday",
            "2026-01-31",
            "2026-02-30T00:00:00Z",
            "1769860800",
            "2026-01-31 12:00:00Z",
        ] {
            assert!(since(text).unwrap_err().starts_with("`since` is"), "{text}");
        }
    }
}
