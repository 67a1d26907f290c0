//! Paging: `X-Total-Count`, `Link`, and what the two say together.

use jiff::{SignedDuration, Timestamp};
use reqwest::{Url, header};

use super::{
    api::Api,
    finding::{Faults, Stop, Tested},
    http::Answer,
    read,
    submission::Submission,
};

/// A target of a `Link` header (RFC 8288) that is a page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    relation: String,
    pub(crate) url: String,
    limit: u64,
    offset: u64,
    since: Option<String>,
}

impl Link {
    /// The link of this relation.
    pub(crate) fn find<'a>(links: &'a [Self], relation: &str) -> Option<&'a Self> {
        links.iter().find(|link| link.relation == relation)
    }
}

/// The links of a page. An access token goes where they lead, so each must be the same endpoint.
pub(crate) fn links(answer: &Answer, endpoint: &str) -> Result<Vec<Link>, String> {
    parse(&answer.joined_header(header::LINK), endpoint)
}

fn parse(header: &str, endpoint: &str) -> Result<Vec<Link>, String> {
    let mut links = Vec::new();
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>').ok_or("Link has a target without end")?;
        let parameters = after.find('<').map_or(after, |next| &after[..next]);
        rest = &after[parameters.len()..];
        let relation = parameters
            .split([';', ','])
            .find_map(|parameter| parameter.trim().strip_prefix("rel="));
        let relation = relation
            .ok_or_else(|| format!("the link to {target} has no rel"))?
            .trim_matches('"')
            .to_owned();
        let url =
            Url::parse(target).map_err(|_| format!("{relation} leads to {target:?}, which is no absolute URL"))?;
        let mut bare = url.clone();
        bare.set_query(None);
        if Url::parse(endpoint).ok() != Some(bare) {
            return Err(format!("{relation} leads to {target}, which is not {endpoint}"));
        }
        let parameter = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let number = |name: &str| {
            let value = parameter(name).and_then(|value| value.parse().ok());
            value.ok_or_else(|| format!("{relation} leads to {target}, without {name}"))
        };
        links.push(Link {
            limit: number("limit")?,
            offset: number("offset")?,
            since: parameter("since"),
            relation,
            url: target.to_owned(),
        });
    }
    Ok(links)
}

/// `read.total-count`: at least as many as this program submitted, and the same whatever the page.
pub(crate) async fn total_count(api: Api<'_>, submitted: usize) -> Tested<()> {
    let mut faults = Faults::default();
    let mut totals = Vec::new();
    for path in ["/credentials", "/credentials?limit=1", "/credentials?limit=1&offset=1"] {
        let answer = api.get(path).await?;
        let page = read::page(&answer)?;
        match page.total {
            None => faults.add(format!("{path}: X-Total-Count is missing or no number")),
            Some(total) => {
                faults.unless(total >= submitted as u64, || {
                    format!("{path}: X-Total-Count is {total}, after {submitted} were submitted")
                });
                faults.unless(total >= page.len() as u64, || {
                    format!("{path}: X-Total-Count is {total}, and the page has {}", page.len())
                });
                totals.push(total);
            }
        }
    }
    totals.dedup();
    faults.unless(totals.len() < 2, || {
        format!("X-Total-Count differs from page to page: {totals:?}")
    });
    faults.with(())
}

/// `read.links`.
pub(crate) async fn relations(api: Api<'_>) -> Tested<()> {
    let total = read::total(api).await?.unwrap_or_default();
    if total < 3 {
        return Err(Stop::skipped(format!(
            "the learner has {total} credentials; three make pages"
        )));
    }
    let mut faults = Faults::default();
    for (limit, offset) in [(1, 0), (1, 1), (2, 1), (1, total - 1)] {
        let path = format!("/credentials?limit={limit}&offset={offset}");
        faults.of(&path, of_page(api, &path, limit, offset, total).await?);
    }
    faults.with(())
}

async fn of_page(api: Api<'_>, path: &str, limit: u64, offset: u64, total: u64) -> Result<Faults, Stop> {
    let answer = api.get(path).await?;
    let given = read::page(&answer)?.len() as u64;
    let mut faults = Faults::default();
    let right = given >= 1 && given <= limit;
    faults.unless(right, || format!("the page has {given} credentials"));
    let links = match links(&answer, &api.url("/credentials")) {
        Ok(links) => links,
        Err(fault) => {
            faults.add(fault);
            return Ok(faults);
        }
    };
    let offset_of = |relation: &str| Link::find(&links, relation).map(|link| link.offset);
    let more = offset + given < total;
    let mut expect = |relation: &str, wanted: Option<u64>| {
        let found = offset_of(relation);
        faults.unless(found == wanted, || match (found, wanted) {
            (None, _) => format!("{relation} is missing"),
            (Some(found), Some(wanted)) => format!("{relation} leads to offset {found}, not {wanted}"),
            (Some(found), None) => format!("{relation} leads to offset {found}, and there is no such page"),
        });
    };
    expect("first", Some(0));
    expect("next", more.then_some(offset + given));
    expect("prev", (offset > 0).then(|| offset.saturating_sub(limit)));
    match Link::find(&links, "last") {
        None => faults.add("last is missing"),
        Some(last) => faults.of("last", of_last(api, last, total).await?),
    }
    Ok(faults)
}

/// The page that `last` leads to ends the list.
async fn of_last(api: Api<'_>, last: &Link, total: u64) -> Result<Faults, Stop> {
    let answer = api.get_url(&last.url).await?;
    let given = read::page(&answer)?.len() as u64;
    let mut faults = Faults::default();
    faults.unless(given > 0 && last.offset + given == total, || {
        format!("offset {} brings {given} of {total} credentials", last.offset)
    });
    let links = links(&answer, &api.url("/credentials")).unwrap_or_default();
    faults.unless(Link::find(&links, "next").is_none(), || "a page follows".to_owned());
    Ok(faults)
}

/// `read.since`: the first of the submissions is the oldest.
pub(crate) async fn since(api: Api<'_>, submissions: &[Submission]) -> Tested<()> {
    let mut faults = Faults::default();
    let none = api.get("/credentials?since=2999-01-01T00:00:00Z").await?;
    let none = read::page(&none)?;
    faults.unless(none.len() == 0, || {
        format!("since the year 2999, {} credentials were issued", none.len())
    });
    faults.unless(none.total.is_none_or(|total| total == 0), || {
        "X-Total-Count does not count what is left".to_owned()
    });
    let [oldest, newer @ ..] = submissions else {
        return Err(Stop::skipped(
            "nothing was submitted: it is not known what was issued when",
        ));
    };
    let moment: Timestamp = oldest
        .valid_from
        .parse()
        .map_err(|_| Stop::skipped("the submission has no time"))?;
    let since = moment + SignedDuration::from_mins(1);
    let list = read::walk(api, &format!("/credentials?limit=100&since={since}")).await?;
    let has = |submission: &Submission| {
        list.credentials
            .iter()
            .any(|credential| credential["id"] == submission.id.as_str())
    };
    faults.unless(!has(oldest), || {
        format!("since {since} brings {}, issued {}", oldest.id, oldest.valid_from)
    });
    for submission in newer {
        faults.unless(has(submission), || {
            format!(
                "since {since} does not bring {}, issued {}",
                submission.id, submission.valid_from
            )
        });
    }
    let answer = api.get(&format!("/credentials?limit=1&since={since}")).await?;
    match links(&answer, &api.url("/credentials")) {
        Ok(links) => {
            let lost = links.iter().find(|link| link.since.is_none());
            faults.unless(lost.is_none(), || {
                format!(
                    "{} leads on without since",
                    lost.map(|link| link.relation.clone()).unwrap_or_default()
                )
            });
        }
        Err(fault) => faults.add(fault),
    }
    faults.with(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINT: &str = "https://a.example/ims/clr/v2p0/credentials";

    #[test]
    fn links_are_read_whatever_stands_in_their_targets() {
        let header =
            format!("<{ENDPOINT}?limit=2&offset=4&since=a,b>; rel=\"next\", <{ENDPOINT}?offset=0&limit=2>;rel=first");
        let links = parse(&header, ENDPOINT).unwrap();
        assert_eq!(links.len(), 2);
        let next = Link::find(&links, "next").unwrap();
        assert_eq!((next.limit, next.offset, next.since.as_deref()), (2, 4, Some("a,b")));
        assert_eq!(Link::find(&links, "first").unwrap().offset, 0);
        assert_eq!(parse("", ENDPOINT), Ok(Vec::new()));
    }

    #[test]
    fn a_link_that_leads_elsewhere_is_not_followed() {
        for target in [
            "https://b.example/ims/clr/v2p0/credentials?limit=1&offset=0",
            "http://a.example/ims/clr/v2p0/credentials?limit=1&offset=0",
            "/ims/clr/v2p0/credentials?limit=1&offset=0",
            "https://a.example/ims/clr/v2p0/credentials?limit=1",
        ] {
            assert!(
                parse(&format!("<{target}>; rel=\"next\""), ENDPOINT).is_err(),
                "{target}"
            );
        }
        assert!(parse(&format!("<{ENDPOINT}?limit=1&offset=0>"), ENDPOINT).is_err());
    }
}
