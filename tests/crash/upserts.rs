//! Killed during 1 000 upserts.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use clr_core::Randomness;
use futures::{FutureExt as _, future::BoxFuture};
use serde_json::{Value, json};
use tests::served::{signed, small_record};

use crate::{Prepared, all, until_killed};

const COUNT: usize = 1_000;

/// One in so many records is so large that it takes several items of the table.
const LARGE: usize = 100;

/// A signed record as it is sent.
#[derive(Debug)]
pub(crate) struct Record {
    id: String,
    value: Value,
    text: String,
}

/// Distinct records, signed by the service.
pub(crate) async fn records(prepared: &Prepared, randomness: &Randomness) -> Arc<Vec<Record>> {
    let base = format!("http://127.0.0.1:{}", prepared.port);
    let send = |index| {
        let mut unsigned = small_record(&format!("urn:example:record:{index}"));
        if index % LARGE == 0 {
            // Nothing that compression could make small.
            let text: String = (0..12_000).map(|_| randomness.secret().reveal().to_owned()).collect();
            unsigned["description"] = json!(text);
        }
        let (http, base, token) = (prepared.http.clone(), base.clone(), prepared.operator_token.clone());
        async move { Some(signed(&http, &base, &token, &unsigned).await) }.boxed()
    };
    let records = all((0..COUNT).collect(), send).await;
    let record = |value: Value| Record {
        id: value["id"].as_str().unwrap().to_owned(),
        text: value.to_string(),
        value,
    };
    Arc::new(records.into_iter().map(record).collect())
}

/// One server, killed and started again.
pub(crate) async fn round(prepared: &Prepared, records: &Arc<Vec<Record>>, randomness: &Randomness) -> String {
    let folder = prepared.copy();
    let served = prepared.serve(folder.path(), &[]);
    let url = format!("{}/ims/clr/v2p0/credentials", served.base);
    let (http, token, sent) = (
        prepared.http.clone(),
        prepared.learner_token.clone(),
        Arc::clone(records),
    );
    let upsert = {
        let url = url.clone();
        move |index: usize| -> BoxFuture<'static, Option<u16>> {
            let request = http
                .post(&url)
                .bearer_auth(&token)
                .header("content-type", "application/json");
            let request = request.body(sent[index].text.clone());
            async move {
                let answer = request.send().await.ok()?;
                let status = answer.status().as_u16();
                // An answer that breaks off is none.
                let body = answer.text().await.ok()?;
                assert!(matches!(status, 200 | 201), "{status} {body}");
                Some(status)
            }
            .boxed()
        }
    };
    let answers = until_killed(served, COUNT, randomness, upsert.clone()).await;
    let acknowledged: BTreeSet<usize> = (0..COUNT).filter(|index| answers[*index].is_some()).collect();

    let _served = prepared.serve(folder.path(), &[]);
    let found = list(prepared, &url, 100).await;
    check(records, &acknowledged, &found).unwrap();
    let never_sent = (0..COUNT).find(|index| found.iter().all(|value| value["id"] != records[*index].id.as_str()));
    if let Some(index) = never_sent {
        let more = acknowledged.iter().copied().chain([index]).collect();
        check(records, &more, &found).expect_err("this check notices what is missing");
    }
    assert_eq!(
        list(prepared, &url, 37).await,
        found,
        "pages of another size hold the same"
    );

    let rest: Vec<_> = (0..COUNT).filter(|index| !acknowledged.contains(index)).collect();
    all(rest, upsert).await;
    let complete = list(prepared, &url, 100).await;
    check(records, &(0..COUNT).collect(), &complete).unwrap();
    assert_eq!(complete[..found.len()], found, "what was there keeps its place");
    format!(
        "{} acknowledged, {} there after the kill, {} after all were sent again",
        acknowledged.len(),
        found.len(),
        complete.len()
    )
}

/// Every acknowledged record is there, none twice, each as it was sent.
fn check(records: &[Record], acknowledged: &BTreeSet<usize>, found: &[Value]) -> Result<(), String> {
    let known: BTreeMap<&str, &Record> = records.iter().map(|record| (record.id.as_str(), record)).collect();
    let mut seen = BTreeSet::new();
    for value in found {
        let id = value["id"].as_str().ok_or("a record without id")?;
        let record = known.get(id).ok_or_else(|| format!("{id} was never sent"))?;
        if record.value != *value {
            return Err(format!("{id} is not what was sent"));
        }
        if !seen.insert(id) {
            return Err(format!("{id} is there twice"));
        }
    }
    match acknowledged
        .iter()
        .find(|index| !seen.contains(records[**index].id.as_str()))
    {
        Some(index) => Err(format!("{} was acknowledged and is lost", records[*index].id)),
        None => Ok(()),
    }
}

/// All records of the learner, page by page. A gap in the ordinals would leave a page without what its offset promises.
async fn list(prepared: &Prepared, url: &str, limit: usize) -> Vec<Value> {
    let mut found = Vec::new();
    loop {
        let request = prepared.http.get(url).bearer_auth(&prepared.learner_token);
        let request = request.query(&[("limit", limit), ("offset", found.len())]);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let total: usize = answer.headers()["x-total-count"].to_str().unwrap().parse().unwrap();
        let page: Value = answer.json().await.unwrap();
        // The member is absent where there is none.
        let page = page["credential"].as_array().cloned().unwrap_or_default();
        // A page that would be too large for Lambda ends before its limit; none is empty before the end.
        let small = page.iter().all(|value| value["description"].is_null());
        assert!(
            !small || page.len() == limit.min(total - found.len()),
            "{} at offset {} of {total}",
            page.len(),
            found.len()
        );
        if page.is_empty() {
            assert_eq!(found.len(), total, "X-Total-Count");
            return found;
        }
        found.extend(page);
    }
}
