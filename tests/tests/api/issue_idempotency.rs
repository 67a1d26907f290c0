//! `Idempotency-Key` on `POST /credentials/issue`: one record for one key, whoever asks how often.

use std::{collections::BTreeSet, sync::Arc};

use clr_core::{
    audit::Act,
    oauth::Scope,
    table::{AuditPosition, Begun, IdempotencyKey, Idempotent},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Answer, TestApp};

const PATH: &str = "/credentials/issue";
const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

fn minimal() -> Value {
    serde_json::from_str(include_str!("../../../shared/learner-record/fixtures/minimal.json")).unwrap()
}

async fn issue(app: &TestApp, token: Option<&str>, key: &str, body: &Value) -> Answer {
    let mut request = tests::json_request(PATH, token, body);
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    app.send(request).await
}

async fn open() -> TestApp {
    TestApp::configured(|config| config.open_issue = true).await
}

/// The ids of all records that are on record as issued.
async fn issued(app: &TestApp) -> Vec<String> {
    let since = AuditPosition::since(app.now() - SignedDuration::from_hours(48));
    let until = app.now() + SignedDuration::from_secs(1);
    let entries = app.app.table.audit(since, until, 1_000).await.unwrap().entries;
    assert!(entries.iter().all(|entry| entry.act == Act::Issue));
    entries.into_iter().map(|entry| entry.subject).collect()
}

#[tokio::test]
async fn the_same_request_gets_the_same_bytes() {
    let app = open().await;
    let first = issue(&app, None, KEY, &minimal()).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let second = issue(&app, None, &format!("\"{KEY}\""), &minimal()).await;
    assert_eq!((second.status, &second.body), (first.status, &first.body));
    assert_eq!(second.header("content-type"), "application/json");
    assert_eq!(
        issued(&app).await,
        [first.json()["verifiableCredential"]["id"].as_str().unwrap()]
    );
}

#[tokio::test]
async fn without_a_key_each_request_is_another_record() {
    let app = open().await;
    let (first, second) = (
        app.post_json(PATH, &minimal()).await,
        app.post_json(PATH, &minimal()).await,
    );
    assert_ne!(
        first.json()["verifiableCredential"]["id"],
        second.json()["verifiableCredential"]["id"]
    );
}

#[tokio::test]
async fn another_body_under_the_same_key_is_refused() {
    let app = open().await;
    issue(&app, None, KEY, &minimal()).await;
    let mut other = minimal();
    other["name"] = json!("Another record");
    let answer = issue(&app, None, KEY, &other).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(answer.description().contains("Idempotency-Key"));
    assert_eq!(issued(&app).await.len(), 1);
}

#[tokio::test]
async fn a_key_belongs_to_its_client() {
    let app = TestApp::start().await;
    let (one, two) = (
        app.operator_token(&[Scope::Issue]).await,
        app.operator_token(&[Scope::Issue]).await,
    );
    let first = issue(&app, Some(&one), KEY, &minimal()).await;
    let second = issue(&app, Some(&two), KEY, &minimal()).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_ne!(first.body, second.body);
}

#[tokio::test]
async fn a_key_stands_for_its_request_for_24_hours() {
    let app = open().await;
    let first = issue(&app, None, KEY, &minimal()).await;
    app.clock.advance(SignedDuration::from_secs(24 * 60 * 60 - 1));
    assert_eq!(issue(&app, None, KEY, &minimal()).await.body, first.body);
    app.clock.advance(SignedDuration::from_secs(1));
    let later = issue(&app, None, KEY, &minimal()).await;
    assert_eq!(later.status, 201);
    assert_ne!(later.body, first.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_by_32_tasks_gives_one_record() {
    let app = Arc::new(open().await);
    let tasks = (0..32).map(|_| {
        let app = Arc::clone(&app);
        tokio::spawn(async move { issue(&app, None, KEY, &minimal()).await })
    });
    let answers = futures::future::try_join_all(tasks).await.unwrap();
    let records: BTreeSet<_> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.text())
        .collect();
    assert_eq!(records.len(), 1, "one record");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.status, 409, "{}", answer.text());
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert_eq!(issued(&app).await.len(), 1, "one record is signed and on record");
    assert_eq!(
        issue(&app, None, KEY, &minimal()).await.text(),
        *records.first().unwrap()
    );
}

#[tokio::test]
async fn a_request_that_is_refused_leaves_its_key_free() {
    let app = open().await;
    let mut wrong = minimal();
    wrong["awardedDate"] = json!("yesterday");
    assert_eq!(issue(&app, None, KEY, &wrong).await.status, 400);
    assert_eq!(issue(&app, None, KEY, &minimal()).await.status, 201);
}

#[tokio::test]
async fn what_a_process_began_and_did_not_end_is_taken_over_after_its_time() {
    let app = open().await;
    let (key, body) = (IdempotencyKey::parse(KEY).unwrap(), minimal().to_string());
    let request = Idempotent {
        client: "anyone",
        key: &key,
        body: &body,
    };
    let begun = app
        .app
        .table
        .begin(request, app.now(), &app.app.randomness, app.app.patience())
        .await
        .unwrap();
    let Begun::Ours(lost) = begun else { panic!("{begun:?}") };
    let answer = issue(&app, None, KEY, &minimal()).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    app.clock.advance(SignedDuration::from_secs(30));
    let taken_over = issue(&app, None, KEY, &minimal()).await;
    assert_eq!(taken_over.status, 201, "{}", taken_over.text());

    // The first one was only slow: what it did is neither kept nor on record.
    let audit = clr_core::audit::AuditEntry::new(Act::Issue, "anyone", "urn:lost", app.now(), &app.app.randomness);
    assert!(
        !app.app
            .table
            .finish(&lost, "{}", &audit, app.app.patience())
            .await
            .unwrap()
    );
    app.app.table.release(&lost).await.unwrap();
    assert_eq!(issue(&app, None, KEY, &minimal()).await.body, taken_over.body);
    assert_eq!(issued(&app).await.len(), 1);
}

#[tokio::test]
async fn a_long_record_comes_again_byte_for_byte() {
    let app = open().await;
    let mut record = minimal();
    // Random text does not compress: this takes several items.
    let noise: String = (0..20_000)
        .map(|_| app.app.randomness.secret().reveal().to_owned())
        .collect();
    record["description"] = json!(noise);
    let first = issue(&app, None, KEY, &record).await;
    assert_eq!(first.status, 201);
    assert_eq!(issue(&app, None, KEY, &record).await.body, first.body);
}

#[tokio::test]
async fn a_key_is_one_text_of_bounded_length() {
    let app = open().await;
    for wrong in ["", "two words", &"k".repeat(129)] {
        let answer = issue(&app, None, wrong, &minimal()).await;
        assert_eq!(answer.status, 400, "{wrong:?}");
        assert!(answer.description().contains("Idempotency-Key"));
    }
    let mut request = tests::json_request(PATH, None, &minimal());
    for key in ["one", "two"] {
        request.headers_mut().append("idempotency-key", key.parse().unwrap());
    }
    assert_eq!(app.send(request).await.status, 400);
}

#[tokio::test]
async fn a_key_costs_one_write_more() {
    let app = TestApp::configured(|config| config.status_lists = false).await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let (answer, calls) = app.counted(issue(&app, Some(&token), KEY, &minimal())).await;
    assert_eq!((answer.status.as_u16(), calls), (201, 3));
    let (again, calls) = app.counted(issue(&app, Some(&token), KEY, &minimal())).await;
    assert_eq!((again.status.as_u16(), calls), (201, 4));
}
