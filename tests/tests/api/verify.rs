//! `POST /credentials/verify`: what a relying party learns.

use axum::body::Body;
use clr_core::oauth::Scope;
use serde_json::{Value, json};
use tests::{Answer, TestApp};

const PATH: &str = "/credentials/verify";

async fn signed(app: &TestApp) -> Value {
    let text = include_str!("../../../shared/learner-record/fixtures/minimal.json");
    let record: Value = serde_json::from_str(text).unwrap();
    let token = app.operator_token(&[Scope::Issue]).await;
    let answer = app.post_json_as(&token, "/credentials/issue", &record).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["verifiableCredential"].clone()
}

#[track_caller]
fn assert_verdict(answer: &Answer, status: u16, verdict: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["verdict"], verdict, "{}", answer.text());
    assert_eq!(body["verified"], status == 200);
    assert!(!body["checks"].as_array().unwrap().is_empty());
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_signed_record_is_valid_for_anyone_in_an_envelope_or_bare() {
    let app = TestApp::start().await;
    let record = signed(&app).await;
    assert_verdict(
        &app.post_json(PATH, &json!({"verifiableCredential": record})).await,
        200,
        "valid",
    );
    let answer = app.post_json(PATH, &record).await;
    assert_verdict(&answer, 200, "valid");
    assert_eq!(answer.json()["policy"], "strict");
}

#[tokio::test]
async fn an_altered_record_is_invalid_and_the_reason_names_the_place() {
    let app = TestApp::start().await;
    let mut record = signed(&app).await;
    record["name"] = json!("Another name");
    let answer = app.post_json(PATH, &json!({"verifiableCredential": record})).await;
    assert_verdict(&answer, 400, "invalid");
    let body = answer.json();
    let failed = body["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["outcome"] == "failed")
        .unwrap();
    assert_eq!(
        (&failed["name"], &failed["pointer"]),
        (&json!("proof"), &json!("/proof"))
    );
    assert!(failed["reason"].as_str().unwrap().contains("altered"));
}

#[tokio::test]
async fn a_record_whose_key_is_out_of_reach_could_not_be_checked_until_the_policy_believes_it() {
    let app = TestApp::configured(|config| config.issuer_id = Some("did:web:college.example".to_owned())).await;
    let record = signed(&app).await;
    assert_verdict(&app.post_json(PATH, &record).await, 200, "valid");

    let elsewhere = TestApp::start().await;
    assert_verdict(&elsewhere.post_json(PATH, &record).await, 400, "could-not-check");
    let body = json!({"verifiableCredential": record, "options": {"policy": "1edtech"}});
    assert_verdict(&elsewhere.post_json(PATH, &body).await, 200, "valid");
}

#[tokio::test]
async fn what_cannot_be_judged_at_all_is_an_error_of_the_api() {
    let app = TestApp::start().await;
    let post = |body: String| {
        let mut request = tests::request(http::Method::POST, PATH, None, Body::from(body));
        request
            .headers_mut()
            .insert("content-type", "application/json".parse().unwrap());
        app.send(request)
    };
    for body in ["", "{", "[1,", "\u{feff}{}"] {
        let answer = post(body.to_owned()).await;
        assert_eq!(answer.status, 400, "{body:?}");
        assert_eq!(answer.json()["imsx_codeMajor"], "failure", "{body:?}");
        assert!(
            answer.description().contains("JSON"),
            "{body:?}: {}",
            answer.description()
        );
    }
    let answer = app
        .post_json(PATH, &json!({"verifiableCredential": {}, "options": {"policy": "lax"}}))
        .await;
    assert_eq!(answer.status, 400);
    assert!(answer.description().contains("proof-only"));
    let answer = post(format!("\"{}\"", "x".repeat(4_000_001))).await;
    assert_eq!(answer.status, 413);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(post(deep).await.status, 400);
}
