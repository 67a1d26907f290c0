//! Killed while records are issued, and killed while their states are changed.

use std::time::Duration;

use clr_core::Randomness;
use futures::FutureExt as _;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tests::served::small_record;

use crate::{Prepared, all, until_killed};

const COUNT: usize = 100;

/// So that what is issued has status entries, and all of it can be verified within a minute.
const WITH_STATUS: [&str; 3] = ["--w3c-suites", "--attempts-per-minute", "1000000"];

/// One server, killed and started again twice. What was under way at the first kill is asked for again in the `last` round
/// alone: its key is held for half a minute.
pub(crate) async fn round(prepared: &Prepared, randomness: &Randomness, last: bool) -> String {
    let folder = prepared.copy();
    let (http, token) = (prepared.http.clone(), prepared.operator_token.clone());
    let served = prepared.serve(folder.path(), &WITH_STATUS);
    let post = {
        let base = served.base.clone();
        move |path: &str, body: &Value| http.post(format!("{base}{path}")).bearer_auth(&token).json(body)
    };

    let issue = {
        let post = post.clone();
        move |index: usize| {
            let body = json!({ "credential": small_record(&format!("urn:example:issued:{index}")) });
            let request = post("/credentials/issue", &body).header("idempotency-key", format!("issued-{index}"));
            answer(request, 201).boxed()
        }
    };
    let issued = until_killed(served, COUNT, randomness, issue.clone()).await;
    let served = prepared.serve(folder.path(), &WITH_STATUS);
    let asked: Vec<usize> = (0..COUNT).filter(|index| last || issued[*index].is_some()).collect();
    let credentials = all(asked.clone(), issue).await;
    for (index, after) in asked.iter().zip(&credentials) {
        let kept = issued[*index].as_ref().is_none_or(|before| before == after);
        assert!(kept, "who asks again under the same key gets what was issued before");
    }
    let credentials: Vec<Value> = credentials
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    let count = credentials.len();

    let change = {
        let post = post.clone();
        move |place: usize| {
            let body = json!({
                "credentialId": format!("urn:example:issued:{}", asked[place]),
                "credentialStatus": { "type": "BitstringStatusListEntry", "statusPurpose": "revocation" },
                "status": true,
            });
            answer(post("/credentials/status", &body), 200).boxed()
        }
    };
    let changed = until_killed(served, count, randomness, change.clone()).await;
    let _served = prepared.serve(folder.path(), &WITH_STATUS);
    let mut revoked = 0;
    for (index, credential) in credentials.iter().enumerate() {
        let is_revoked = is_revoked(post("/credentials/verify", credential)).await;
        revoked += usize::from(is_revoked);
        assert!(
            is_revoked || changed[index].is_none(),
            "an acknowledged change of {index} is lost"
        );
    }
    all((0..count).collect(), change).await;
    for credential in &credentials {
        assert!(is_revoked(post("/credentials/verify", credential)).await);
    }
    format!(
        "{} issues acknowledged and kept; {} changes acknowledged, {revoked} there",
        issued.iter().flatten().count(),
        changed.iter().flatten().count()
    )
}

/// The body of an answer with this status, or none where the server died before its end. Waits where another request is said
/// to work on the same.
async fn answer(request: RequestBuilder, status: u16) -> Option<String> {
    for _ in 0..TRIES {
        let answer = request.try_clone()?.send().await.ok()?;
        let got = answer.status().as_u16();
        let body = answer.text().await.ok()?;
        if got != 409 {
            assert_eq!(got, status, "{body}");
            return Some(body);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("a key is still held");
}

/// Once a second; the server holds a key for 30 seconds.
const TRIES: usize = 40;

async fn is_revoked(request: RequestBuilder) -> bool {
    // With --w3c-suites an invalid credential is a bad request.
    let answer = request.send().await.unwrap();
    let verdict: Value = answer.json().await.unwrap();
    let errors = verdict["errors"].as_array();
    let errors = errors.unwrap_or_else(|| panic!("no verdict: {verdict}"));
    assert!(errors.len() <= 1, "{errors:?}");
    errors
        .first()
        .is_some_and(|error| error.as_str().unwrap().contains("is revoked"))
}
