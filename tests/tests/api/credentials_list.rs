//! getCredentials, and one credential by its id (digest sections 1.2 to 1.4).

use std::{collections::BTreeSet, sync::Arc};

use clr_core::oauth::Scope;
use serde_json::{Value, json};
use tests::{Answer, PUBLIC_URL, TestApp};

use crate::records::{ISSUED, record, sign_again, signed};

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";
const BOTH: [Scope; 2] = [Scope::CredentialUpsert, Scope::CredentialReadonly];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_of_8_concurrent_clients_are_listed_in_three_pages_without_gap_and_duplicate() {
    let app = Arc::new(TestApp::start().await);
    let nested =
        signed(&app, "urn:example:template", ISSUED).await["credentialSubject"]["verifiableCredential"].clone();
    let clients = (0..8).map(|client| {
        let (app, nested) = (app.clone(), nested.clone());
        tokio::spawn(async move {
            let token = app.learner_token("ada", &BOTH).await;
            for number in (client..250).step_by(8) {
                let mut credential = signed_frame(&app, number).await;
                credential["credentialSubject"]["verifiableCredential"] = nested.clone();
                let credential = sign_again(&app, credential).await;
                let answer = app.post_json_as(&token, CREDENTIALS, &credential).await;
                assert_eq!(answer.status, 201, "{}", answer.text());
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }

    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    let mut path = format!("{CREDENTIALS}?limit=100");
    let mut pages = Vec::new();
    let mut ids = Vec::new();
    loop {
        let answer = app.get_as(&token, &path).await;
        assert_eq!((answer.status.as_u16(), answer.header("x-total-count")), (200, "250"));
        let credentials = answer.json()["credential"].as_array().unwrap().clone();
        ids.extend(
            credentials
                .iter()
                .map(|credential| credential["id"].as_str().unwrap().to_owned()),
        );
        pages.push((credentials.len(), relations(&answer)));
        let Some(next) = link(&answer, "next") else { break };
        path = next.strip_prefix(PUBLIC_URL).unwrap().to_owned();
    }
    assert_eq!(
        pages,
        [
            (100, "first=0 last=200 next=100".to_owned()),
            (100, "first=0 last=200 next=200 prev=0".to_owned()),
            (50, "first=0 last=200 prev=100".to_owned()),
        ]
    );
    assert_eq!(ids.len(), 250);
    let delivered: BTreeSet<String> = (0..250).map(|number| format!("urn:example:{number}")).collect();
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), delivered);
}

#[tokio::test]
async fn an_empty_list_is_an_empty_object() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    let answer = app.get_as(&token, CREDENTIALS).await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.text().as_str(),
            answer.header("x-total-count")
        ),
        (200, "{}", "0")
    );
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(relations(&answer), "first=0 last=0");
}

#[tokio::test]
async fn since_filters_counts_and_stays_in_the_links() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    for (id, valid_from) in [
        ("urn:example:1", "2026-01-01T00:00:00Z"),
        ("urn:example:2", "2026-01-02T00:00:00Z"),
        ("urn:example:3", "2026-01-03T00:00:00Z"),
    ] {
        let credential = signed(&app, id, valid_from).await;
        assert_eq!(app.post_json_as(&token, CREDENTIALS, &credential).await.status, 201);
    }
    let answer = app
        .get_as(&token, &format!("{CREDENTIALS}?since=2026-01-01T00:00:00Z&limit=1"))
        .await;
    assert_eq!(answer.header("x-total-count"), "2");
    assert_eq!(answer.json()["credential"][0]["id"], "urn:example:2");
    let next = link(&answer, "next").unwrap();
    assert_eq!(
        next,
        format!("{PUBLIC_URL}{CREDENTIALS}?limit=1&offset=1&since=2026-01-01T00:00:00Z")
    );
    let second = app.get_as(&token, next.strip_prefix(PUBLIC_URL).unwrap()).await;
    assert_eq!(second.json()["credential"][0]["id"], "urn:example:3");
    assert_eq!(link(&second, "next"), None);
}

#[tokio::test]
async fn parameters_out_of_range_are_refused_by_name() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("offset=-1", "offset"),
        ("offset=1.5", "offset"),
        ("since=yesterday", "since"),
        ("limit=1&limit=2", "limit"),
    ] {
        let answer = app.get_as(&token, &format!("{CREDENTIALS}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        let code = &answer.json()["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"];
        assert_eq!(code, "invalid_query_parameter", "{query}");
        assert!(
            answer.description().contains(&format!("`{name}`")),
            "{query}: {}",
            answer.description()
        );
    }
}

#[tokio::test]
async fn another_learners_credential_is_not_there() {
    let app = TestApp::start().await;
    let (ada, bob) = (
        app.learner_token("ada", &BOTH).await,
        app.learner_token("bob", &BOTH).await,
    );
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    let answer = app.post_json_as(&ada, CREDENTIALS, &credential).await;
    let path = answer.header("location").strip_prefix(PUBLIC_URL).unwrap().to_owned();
    assert_eq!(app.get_as(&ada, &path).await.json(), credential);

    let of_another = app.get_as(&bob, &path).await;
    let of_nobody = app.get_as(&bob, &format!("{CREDENTIALS}/AAAA")).await;
    assert_eq!((of_another.status.as_u16(), of_nobody.status.as_u16()), (404, 404));
    assert_eq!(of_another.text(), of_nobody.text());
    assert_eq!(app.get_as(&bob, CREDENTIALS).await.json(), json!({}));
}

#[tokio::test]
async fn what_cannot_be_an_id_is_not_there() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    let hash = "A".repeat(43);
    for id in [
        hash.clone(),
        "A".repeat(5_000),
        "%FF".to_owned(),
        "a%2Fb".to_owned(),
        format!("{hash}%00"),
    ] {
        let answer = app.get_as(&token, &format!("{CREDENTIALS}/{id}")).await;
        assert_eq!(answer.status, 404, "{id}: {}", answer.text());
        assert_eq!(answer.description(), "the learner has no such credential");
    }
}

#[tokio::test]
async fn a_token_without_the_scope_reads_nothing() {
    let app = TestApp::start().await;
    let writer = app.learner_token("ada", &[Scope::CredentialUpsert]).await;
    for path in [CREDENTIALS.to_owned(), format!("{CREDENTIALS}/AAAA")] {
        let answer = app.get_as(&writer, &path).await;
        assert_eq!(answer.status, 403);
        assert!(
            answer.description().contains("credential.readonly"),
            "{}",
            answer.description()
        );
        assert_eq!(app.get(&path).await.status, 401);
    }
}

/// A completed record with this number, its nested credentials still to come.
async fn signed_frame(app: &TestApp, number: u32) -> Value {
    crate::records::sign(app, record(&format!("urn:example:{number}"), ISSUED, Vec::new())).await
}

fn relations(answer: &Answer) -> String {
    let offset = |relation: &str| {
        let target = link(answer, relation)?;
        let (_, after) = target.split_once("&offset=")?;
        Some(format!("{relation}={}", after.split('&').next()?))
    };
    ["first", "last", "next", "prev"]
        .into_iter()
        .filter_map(offset)
        .collect::<Vec<_>>()
        .join(" ")
}

fn link(answer: &Answer, relation: &str) -> Option<String> {
    let ending = format!(">; rel=\"{relation}\"");
    let links = answer.header("link").split(", ");
    links
        .filter_map(|link| link.strip_suffix(&ending))
        .find_map(|link| link.strip_prefix('<'))
        .map(str::to_owned)
}
