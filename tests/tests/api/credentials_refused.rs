//! upsertCredential: what is refused, and whether its author can tell why.

use axum::body::Body;
use clr_core::oauth::Scope;
use http::{Method, header};
use serde_json::{Value, json};
use tests::{Answer, TestApp, request};

use crate::records::{ISSUED, achievement, record, sign_again, signed};

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";

#[tokio::test]
async fn a_broken_proof_is_refused_and_nothing_is_kept() {
    let (app, token) = app().await;
    let mut credential = signed(&app, "urn:example:1", ISSUED).await;
    credential["name"] = "Transcript with honours".into();
    let answer = app.post_json_as(&token, CREDENTIALS, &credential).await;
    check(&answer, 400, "invalid_data", &["proof"]);
    assert_eq!(app.get_as(&token, CREDENTIALS).await.json(), json!({}));
}

#[tokio::test]
async fn a_nested_credential_that_was_altered_is_refused_with_its_place() {
    let (app, token) = app().await;
    let mut credential = signed(&app, "urn:example:1", ISSUED).await;
    credential["credentialSubject"]["verifiableCredential"][0]["name"] = "Geometry".into();
    let credential = sign_again(&app, credential).await;
    let answer = app.post_json_as(&token, CREDENTIALS, &credential).await;
    check(
        &answer,
        400,
        "invalid_data",
        &["/credentialSubject/verifiableCredential/0"],
    );
}

#[tokio::test]
async fn a_credential_without_proof_is_refused() {
    let (app, token) = app().await;
    let mut credential = signed(&app, "urn:example:1", ISSUED).await;
    credential.as_object_mut().unwrap().remove("proof");
    check(
        &app.post_json_as(&token, CREDENTIALS, &credential).await,
        400,
        "invalid_data",
        &["is not signed"],
    );
}

#[tokio::test]
async fn an_unknown_context_is_refused_by_its_url() {
    let (app, token) = app().await;
    let mut credential = signed(&app, "urn:example:1", ISSUED).await;
    credential["@context"]
        .as_array_mut()
        .unwrap()
        .push("https://context.example/v1".into());
    let answer = app.post_json_as(&token, CREDENTIALS, &credential).await;
    check(&answer, 400, "invalid_data", &["https://context.example/v1"]);
}

#[tokio::test]
async fn a_suite_that_is_not_supported_is_refused_by_its_name() {
    let (app, token) = app().await;
    let mut credential = signed(&app, "urn:example:1", ISSUED).await;
    match &mut credential["proof"] {
        Value::Array(proofs) => proofs[0]["cryptosuite"] = "tea-leaves-2027".into(),
        proof => proof["cryptosuite"] = "tea-leaves-2027".into(),
    }
    let answer = app.post_json_as(&token, CREDENTIALS, &credential).await;
    check(&answer, 400, "invalid_data", &["tea-leaves-2027"]);
}

#[tokio::test]
async fn json_that_is_no_clr_credential_is_refused() {
    let (app, token) = app().await;
    for body in [
        json!({}),
        json!([]),
        json!("text"),
        json!(null),
        json!({ "type": ["VerifiableCredential"] }),
    ] {
        let answer = app.post_json_as(&token, CREDENTIALS, &body).await;
        check(&answer, 400, "invalid_data", &["ClrCredential"]);
    }
    let achievement = achievement("Algebra", "Solves equations.");
    check(
        &app.post_json_as(&token, CREDENTIALS, &achievement).await,
        400,
        "invalid_data",
        &["ClrCredential"],
    );
}

#[tokio::test]
async fn an_unsigned_incomplete_record_is_refused_with_reasons() {
    let (app, token) = app().await;
    let mut record = record("urn:example:1", ISSUED, Vec::new());
    record["type"] = json!(["VerifiableCredential", "ClrCredential"]);
    check(
        &app.post_json_as(&token, CREDENTIALS, &record).await,
        400,
        "invalid_data",
        &["not accepted"],
    );
}

#[tokio::test]
async fn what_is_not_json_is_refused_with_line_and_column() {
    let (app, token) = app().await;
    check(
        &post(&app, &token, "application/json", "{\n \"a\": ,}").await,
        400,
        "invalid_data",
        &["line 2 column 7"],
    );
    check(
        &post(&app, &token, "application/json", "").await,
        400,
        "invalid_data",
        &["line 1 column 0"],
    );
    let twice = r#"{"name": "A", "name": "B"}"#;
    check(
        &post(&app, &token, "application/json", twice).await,
        400,
        "invalid_data",
        &["\"name\" stands twice"],
    );
    let deep = "[".repeat(100_000);
    check(
        &post(&app, &token, "application/json", &deep).await,
        400,
        "invalid_data",
        &["recursion"],
    );
}

#[tokio::test]
async fn another_content_type_is_refused() {
    let (app, token) = app().await;
    check(
        &post(&app, &token, "application/xml", "<a/>").await,
        415,
        "invalid_data",
        &["application/xml"],
    );
    let request = request(Method::POST, CREDENTIALS, Some(&token), Body::from("{}"));
    check(&app.send(request).await, 415, "invalid_data", &["content type"]);
}

#[tokio::test]
async fn a_body_over_the_bound_is_refused_and_one_at_the_bound_is_read() {
    let (app, token) = app().await;
    let at_the_bound = format!("\"{}\"", "a".repeat(3_999_998));
    check(
        &post(&app, &token, "application/json", &at_the_bound).await,
        400,
        "invalid_data",
        &["ClrCredential"],
    );
    let over = format!("{at_the_bound} ");
    check(
        &post(&app, &token, "application/json", &over).await,
        413,
        "invalid_data",
        &["4000000"],
    );
}

#[tokio::test]
async fn a_token_without_the_scope_is_refused() {
    let (app, _) = app().await;
    let reader = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    let answer = app.post_json_as(&reader, CREDENTIALS, &credential).await;
    check(&answer, 403, "forbidden", &["credential.upsert"]);
    assert!(answer.header("www-authenticate").contains("insufficient_scope"));
}

#[tokio::test]
async fn without_a_token_the_body_is_not_even_looked_at() {
    let (app, _) = app().await;
    let answer = app.post_json(CREDENTIALS, &json!({})).await;
    check(&answer, 401, "unauthorizedrequest", &[]);
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
}

/// An `Imsx_StatusInfo` with this code, whose description holds these words.
#[track_caller]
fn check(answer: &Answer, status: u16, code: &str, words: &[&str]) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let minor = &answer.json()["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"];
    assert_eq!(minor, code, "{}", answer.text());
    for word in words {
        assert!(
            answer.description().contains(word),
            "{word:?} is not in {:?}",
            answer.description()
        );
    }
}

async fn app() -> (TestApp, String) {
    let app = TestApp::start().await;
    let token = app
        .learner_token("ada", &[Scope::CredentialUpsert, Scope::CredentialReadonly])
        .await;
    (app, token)
}

async fn post(app: &TestApp, token: &str, content_type: &str, body: &str) -> Answer {
    let mut request = request(Method::POST, CREDENTIALS, Some(token), Body::from(body.to_owned()));
    request
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type.parse().unwrap());
    app.send(request).await
}
