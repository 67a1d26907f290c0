//! The `Link` header of a page (digest section 1.4).

use clr_core::table::credentials::PageRequest;

/// `first` and `last` always, `next` when more follows, `prev` when something comes before. `given`: how many are on this
/// page, which can be fewer than `limit`.
pub(crate) fn header(url: &str, request: PageRequest, given: usize, total: u64) -> String {
    let PageRequest { limit, offset, since } = request;
    let since = since.map_or_else(String::new, |since| format!("&since={since}"));
    let link =
        |relation: &str, offset: u64| format!("<{url}?limit={limit}&offset={offset}{since}>; rel=\"{relation}\"");
    let limit = u64::from(limit);
    let mut links = vec![link("first", 0), link("last", total.saturating_sub(1) / limit * limit)];
    let next = offset + given as u64;
    if given > 0 && next < total {
        links.push(link("next", next));
    }
    if offset > 0 {
        links.push(link("prev", offset.saturating_sub(limit)));
    }
    links.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relations and their offsets; `limit` is 100.
    fn check(offset: u64, given: usize, total: u64) -> String {
        let header = header(
            "https://a.example/c",
            PageRequest {
                limit: 100,
                offset,
                since: None,
            },
            given,
            total,
        );
        let relation = |link: &str| {
            let (target, relation) = link.split_once(">; rel=").unwrap();
            let offset = target.strip_prefix("<https://a.example/c?limit=100&offset=").unwrap();
            format!("{} {offset}", relation.trim_matches('"'))
        };
        header.split(", ").map(relation).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn the_pages_of_250_are_linked() {
        assert_eq!(check(0, 100, 250), "first 0, last 200, next 100");
        assert_eq!(check(100, 100, 250), "first 0, last 200, next 200, prev 0");
        assert_eq!(check(200, 50, 250), "first 0, last 200, prev 100");
    }

    #[test]
    fn a_full_last_page_is_the_last() {
        assert_eq!(check(0, 100, 200), "first 0, last 100, next 100");
        assert_eq!(check(100, 100, 200), "first 0, last 100, prev 0");
    }

    #[test]
    fn nothing_is_before_and_after_an_empty_list() {
        assert_eq!(check(0, 0, 0), "first 0, last 0");
    }

    #[test]
    fn an_offset_between_pages_and_past_the_end_leads_back() {
        assert_eq!(check(50, 100, 120), "first 0, last 100, prev 0");
        assert_eq!(check(500, 0, 120), "first 0, last 100, prev 400");
    }

    #[test]
    fn a_page_that_was_cut_is_followed_by_the_next_credential() {
        assert_eq!(check(100, 7, 250), "first 0, last 200, next 107, prev 0");
    }

    #[test]
    fn since_stays_in_every_target() {
        let since = Some("2026-01-31T12:00:00+02:00".parse().unwrap());
        assert_eq!(
            header(
                "https://a.example/c",
                PageRequest {
                    limit: 2,
                    offset: 2,
                    since
                },
                2,
                5
            ),
            "<https://a.example/c?limit=2&offset=0&since=2026-01-31T10:00:00Z>; rel=\"first\", \
             <https://a.example/c?limit=2&offset=4&since=2026-01-31T10:00:00Z>; rel=\"last\", \
             <https://a.example/c?limit=2&offset=4&since=2026-01-31T10:00:00Z>; rel=\"next\", \
             <https://a.example/c?limit=2&offset=0&since=2026-01-31T10:00:00Z>; rel=\"prev\""
        );
    }
}
