//! Provider read: the list of credentials.

use std::sync::Arc;

use canonical_rdf::Contexts;
use clr_core::verification::{Check, CheckName, CheckOutcome, Policy, credential_in_jws};
use learner_record::{CredentialKind, has_proof, has_type};
use serde::Serialize;
use serde_json::Value;

use super::{
    api::{Api, closed},
    finding::{Faults, Stop, Tested},
    http::Answer,
    links::{Link, links},
};
use crate::verify;

/// One page, or several together.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) credentials: Vec<Value>,
    pub(crate) tokens: Vec<Value>,
    /// `X-Total-Count`, of the last page that was read.
    pub(crate) total: Option<u64>,
    /// The pages' bodies.
    pub(crate) texts: Vec<String>,
}

/// What a consumer shows of a credential.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) issuer: String,
    pub(crate) verdict: String,
}

/// More pages than this are not read.
const MOST_PAGES: usize = 300;

impl List {
    /// Of both arrays.
    pub(crate) fn len(&self) -> usize {
        self.credentials.len() + self.tokens.len()
    }

    /// The ids of the credentials; a JWS stands for itself.
    fn names(&self) -> Vec<String> {
        let ids = self
            .credentials
            .iter()
            .map(|credential| format!("{} {}", issuer_of(credential), credential["id"]));
        ids.chain(self.tokens.iter().map(Value::to_string)).collect()
    }
}

/// The number of credentials, if the host tells it.
pub(crate) async fn total(api: Api<'_>) -> Result<Option<u64>, Stop> {
    let answer = api.get("/credentials?limit=1").await?;
    Ok(page(&answer)?.total)
}

/// A page of the list; anything else is a failure.
pub(crate) fn page(answer: &Answer) -> Result<List, Stop> {
    let mut faults = answer.expect_json(200);
    let body = answer.json();
    closed(
        &mut faults,
        "the list",
        &body,
        &[("credential", false), ("compactJwsString", false)],
    );
    if let Some(text) = faults.text() {
        return Err(Stop::Failed(text));
    }
    let array = |name: &str| match body.get(name) {
        None => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(item) => vec![item.clone()],
    };
    Ok(List {
        credentials: array("credential"),
        tokens: array("compactJwsString"),
        total: answer.header("x-total-count").parse().ok(),
        texts: vec![answer.text()],
    })
}

/// All pages from this one on, by `next`.
pub(crate) async fn walk(api: Api<'_>, path: &str) -> Result<List, Stop> {
    let mut all = List::default();
    let mut url = api.url(path);
    for _ in 0..MOST_PAGES {
        let answer = api.get_url(&url).await?;
        let page = page(&answer)?;
        all.credentials.extend(page.credentials);
        all.tokens.extend(page.tokens);
        all.texts.extend(page.texts);
        all.total = page.total;
        let links = links(&answer, &api.url("/credentials")).map_err(Stop::Failed)?;
        match Link::find(&links, "next") {
            Some(next) if next.url == url => return Err(Stop::failed(format!("next leads to the page itself: {url}"))),
            Some(next) => url = next.url.clone(),
            None => return Ok(all),
        }
    }
    Err(Stop::skipped(format!(
        "the learner has more credentials than {MOST_PAGES} pages hold: take a test learner with few"
    )))
}

/// `read.credentials`: verifiable credentials only; what a consumer shows of them.
pub(crate) async fn credentials(api: Api<'_>) -> Tested<Vec<Shown>> {
    let list = page(&api.get("/credentials").await?)?;
    let mut faults = Faults::default();
    let mut shown = Vec::new();
    for (index, credential) in list.credentials.iter().enumerate() {
        let place = format!("credential {index}");
        faults.unless(CredentialKind::of(credential) == CredentialKind::Clr, || {
            format!("{place} is no ClrCredential")
        });
        faults.unless(has_type(credential, "VerifiableCredential"), || {
            format!("{place} has not the type VerifiableCredential")
        });
        faults.unless(has_proof(credential), || format!("{place} has no embedded proof"));
        shown.push(show(credential, credential.clone(), &place, &mut faults).await);
    }
    for (index, token) in list.tokens.iter().enumerate() {
        let place = format!("compactJwsString {index}");
        match token.as_str().map(credential_in_jws) {
            Some(Ok(credential)) => shown.push(show(&credential, token.clone(), &place, &mut faults).await),
            _ => faults.add(format!("{place} is no VC-JWT")),
        }
    }
    api.http
        .notebook
        .remark(format!("{} credentials were read", list.len()));
    faults.with(shown)
}

async fn show(credential: &Value, document: Value, place: &str, faults: &mut Faults) -> Shown {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // Keys that 1EdTech's validator believes are enough here: whom to believe is the reader's to say.
    let verdict = verify::verdict(Arc::new(document), Policy::OneEdTech, Contexts::standard()).await;
    let proof = |name| matches!(name, CheckName::Proof | CheckName::Jwt | CheckName::JsonLd);
    let failed = |check: &&Check| check.outcome == CheckOutcome::Failed && proof(check.name);
    for check in verdict.checks.iter().filter(failed) {
        faults.add(format!("{place}{}: {}", check.pointer, check.reason));
    }
    Shown {
        id: text(&credential["id"]),
        name: text(&credential["name"]),
        issuer: issuer_of(credential),
        verdict: verdict.outcome().to_string(),
    }
}

/// `read.pages`: in three pages or more, nothing is missing and nothing comes twice.
pub(crate) async fn pages(api: Api<'_>) -> Tested<()> {
    let Some(total) = total(api).await? else {
        return Err(Stop::failed(
            "X-Total-Count is missing: nobody knows where the list ends",
        ));
    };
    if total < 3 {
        return Err(Stop::skipped(format!(
            "the learner has {total} credentials; three make pages"
        )));
    }
    let limit = (total / 3).clamp(1, 100);
    let list = walk(api, &format!("/credentials?limit={limit}&offset=0")).await?;
    let mut faults = Faults::default();
    let mut names = list.names();
    faults.unless(names.len() as u64 == total, || {
        format!("the pages have {} credentials, X-Total-Count says {total}", names.len())
    });
    names.sort_unstable();
    let twice = names
        .windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0].clone());
    faults.unless(twice.is_none(), || format!("{} comes twice", twice.unwrap_or_default()));
    faults.with(())
}

/// Where two documents differ first.
pub(crate) fn difference(expected: &Value, found: &Value) -> String {
    fn differ(expected: &Value, found: &Value, pointer: &str) -> Option<String> {
        match (expected, found) {
            (Value::Object(one), Value::Object(other)) => {
                let names = one.keys().chain(other.keys());
                names
                    .into_iter()
                    .find_map(|name| match (one.get(name), other.get(name)) {
                        (Some(one), Some(other)) => differ(one, other, &format!("{pointer}/{name}")),
                        (Some(_), None) => Some(format!("{pointer}/{name} is lost")),
                        _ => Some(format!("{pointer}/{name} was not submitted")),
                    })
            }
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                let pairs = one.iter().zip(other).enumerate();
                pairs
                    .into_iter()
                    .find_map(|(index, (one, other))| differ(one, other, &format!("{pointer}/{index}")))
            }
            _ => (expected != found).then(|| format!("{pointer} came back changed")),
        }
    }
    differ(expected, found, "").unwrap_or_else(|| "came back changed".to_owned())
}

fn issuer_of(credential: &Value) -> String {
    learner_record::issuer_id(credential).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_is_named_by_its_pointer() {
        let submitted = json!({"a": {"b": [1, 2.5]}, "c": "x"});
        for (found, told) in [
            (json!({"a": {"b": [1, 2.5]}}), "/c is lost"),
            (json!({"a": {"b": [1, 2]}, "c": "x"}), "/a/b/1 came back changed"),
            (json!({"a": {"b": [1]}, "c": "x"}), "/a/b came back changed"),
            (json!({"a": {"b": [1, 2.5]}, "c": "x", "d": 1}), "/d was not submitted"),
        ] {
            assert_eq!(difference(&submitted, &found), told);
        }
    }
}
