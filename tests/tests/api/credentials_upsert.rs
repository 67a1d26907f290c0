//! upsertCredential: what is accepted, and what is answered (digest section 1.5).

use axum::body::Body;
use clr_core::oauth::Scope;
use http::{HeaderName, Method, Request, header};
use tests::{Answer, PUBLIC_URL, TestApp, request};

use crate::records::{ISSUED, achievement, record, sign, sign_again, signed};

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";

#[tokio::test]
async fn a_new_credential_is_answered_with_itself_and_its_url() {
    let (app, token) = app().await;
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    let text = format!(" {credential:#}\n");
    let answer = post(&app, &token, &text, &[]).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.text(), text);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");

    let path = answer.header("location").strip_prefix(PUBLIC_URL).unwrap().to_owned();
    let found = app.get_as(&token, &path).await;
    assert_eq!((found.status.as_u16(), found.text()), (200, text));
}

#[tokio::test]
async fn the_clr_credential_id_is_the_hash_of_issuer_and_credential() {
    let (app, token) = app().await;
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    let expected = learner_record::CredentialIdentity::of(&credential)
        .unwrap()
        .clr_credential_id();
    let answer = app.post_json_as(&token, CREDENTIALS, &credential).await;
    assert_eq!(
        answer.header("location"),
        format!("{PUBLIC_URL}{CREDENTIALS}/{expected}")
    );
}

#[tokio::test]
async fn prefer_minimal_is_answered_with_the_id_alone() {
    let (app, token) = app().await;
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    let answer = post(&app, &token, &credential.to_string(), &[("prefer", "return=minimal")]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("preference-applied")),
        (201, "return=minimal")
    );
    let id = answer.json()["clrCredentialId"].as_str().unwrap().to_owned();
    assert_eq!(answer.json(), serde_json::json!({ "clrCredentialId": id }));
    assert!(answer.header("location").ends_with(&format!("/{id}")));
}

#[tokio::test]
async fn the_answer_has_the_content_type_of_the_request() {
    let (app, token) = app().await;
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    for media_type in [
        "application/vc",
        "application/vc+ld+json",
        "application/ld+json",
        "application/json",
    ] {
        let answer = post(&app, &token, &credential.to_string(), &[("content-type", media_type)]).await;
        assert!(answer.status.is_success(), "{media_type}: {}", answer.text());
        assert_eq!(answer.header("content-type"), media_type);
    }
}

#[tokio::test]
async fn identical_bytes_are_answered_200() {
    let (app, token) = app().await;
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    assert_eq!(app.post_json_as(&token, CREDENTIALS, &credential).await.status, 201);
    let again = app.post_json_as(&token, CREDENTIALS, &credential).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, credential));
    assert_eq!(app.get_as(&token, CREDENTIALS).await.header("x-total-count"), "1");
}

#[tokio::test]
async fn a_newer_version_replaces_and_an_older_one_is_answered_304() {
    let (app, token) = app().await;
    let older = signed(&app, "urn:example:1", "2026-01-01T00:00:00Z").await;
    let newer = signed(&app, "urn:example:1", "2026-01-02T00:00:00Z").await;
    assert_eq!(app.post_json_as(&token, CREDENTIALS, &older).await.status, 201);
    assert_eq!(app.post_json_as(&token, CREDENTIALS, &newer).await.status, 200);
    let refused = app.post_json_as(&token, CREDENTIALS, &older).await;
    assert_eq!((refused.status.as_u16(), refused.text().as_str()), (304, ""));
    let listed = app.get_as(&token, CREDENTIALS).await.json();
    assert_eq!(listed, serde_json::json!({ "credential": [newer] }));
}

#[tokio::test]
async fn another_text_with_the_same_time_replaces() {
    let (app, token) = app().await;
    let first = signed(&app, "urn:example:1", ISSUED).await;
    let mut second = first.clone();
    second["name"] = "Transcript with another name".into();
    let second = sign_again(&app, second).await;
    assert_eq!(app.post_json_as(&token, CREDENTIALS, &first).await.status, 201);
    assert_eq!(app.post_json_as(&token, CREDENTIALS, &second).await.status, 200);
    assert_eq!(
        app.get_as(&token, CREDENTIALS).await.json(),
        serde_json::json!({ "credential": [second] })
    );
}

#[tokio::test]
async fn ids_that_differ_in_percent_encoding_only_are_the_same_credential() {
    let (app, token) = app().await;
    let first = signed(&app, "https://records.example.edu/a~b", ISSUED).await;
    let second = signed(&app, "https://records.example.edu/a%7Eb", ISSUED).await;
    assert_eq!(app.post_json_as(&token, CREDENTIALS, &first).await.status, 201);
    assert_eq!(app.post_json_as(&token, CREDENTIALS, &second).await.status, 200);
    assert_eq!(app.get_as(&token, CREDENTIALS).await.header("x-total-count"), "1");
}

#[tokio::test]
async fn an_expired_credential_is_kept() {
    let (app, token) = app().await;
    let mut expired = record(
        "urn:example:1",
        "2025-01-01T00:00:00Z",
        vec![achievement("Algebra", "Solves equations.")],
    );
    expired["validUntil"] = "2025-12-31T00:00:00Z".into();
    let expired = sign(&app, expired).await;
    let answer = app.post_json_as(&token, CREDENTIALS, &expired).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[tokio::test]
async fn a_record_with_62_nested_credentials_comes_back_byte_for_byte() {
    let (app, token) = app().await;
    let narrative = "Explains, applies and combines what the course is about. ".repeat(45);
    let achievements = (0..62)
        .map(|number| achievement(&format!("Course-{number}"), &narrative))
        .collect();
    let credential = sign(&app, record("urn:example:big", ISSUED, achievements)).await;
    let text = format!("{credential:#}");
    assert!(text.len() > 270_000, "{} bytes", text.len());
    let answer = post(&app, &token, &text, &[]).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert!(answer.text() == text);
    let listed = app.get_as(&token, CREDENTIALS).await.text();
    assert!(listed == format!("{{\"credential\":[{text}]}}"));
}

async fn app() -> (TestApp, String) {
    let app = TestApp::start().await;
    let token = app
        .learner_token("ada", &[Scope::CredentialUpsert, Scope::CredentialReadonly])
        .await;
    (app, token)
}

async fn post(app: &TestApp, token: &str, text: &str, headers: &[(&'static str, &'static str)]) -> Answer {
    let mut request: Request<Body> = request(Method::POST, CREDENTIALS, Some(token), Body::from(text.to_owned()));
    request
        .headers_mut()
        .insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(HeaderName::from_static(name), value.parse().unwrap());
    }
    app.send(request).await
}
