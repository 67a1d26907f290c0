//! Credentials as compact JWS: `text/plain` in and out, `compactJwsString` in the list (digest section 1.5).

use axum::body::Body;
use clr_core::oauth::Scope;
use http::Method;
use serde_json::{Value, json};
use tests::{Answer, PUBLIC_URL, TestApp, request};

use crate::records::{ISSUED, achievement, record, sign, sign_jws, signed, signed_jws};

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";

async fn app() -> (TestApp, String) {
    let app = TestApp::start().await;
    let scopes = [Scope::CredentialUpsert, Scope::CredentialReadonly];
    let token = app.learner_token("ada", &scopes).await;
    (app, token)
}

async fn post(app: &TestApp, token: &str, text: &str) -> Answer {
    let mut request = request(Method::POST, CREDENTIALS, Some(token), Body::from(text.to_owned()));
    request
        .headers_mut()
        .insert("content-type", "text/plain".parse().unwrap());
    app.send(request).await
}

#[tokio::test]
async fn a_jws_is_kept_and_given_back_byte_for_byte() {
    let (app, token) = app().await;
    let jws = signed_jws(&app, "urn:example:1", ISSUED).await;
    let answer = post(&app, &token, &format!("{jws}\n")).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(
        (answer.text(), answer.header("content-type")),
        (jws.clone(), "text/plain")
    );
    let list = app.get_as(&token, CREDENTIALS).await;
    assert_eq!(list.json(), json!({"compactJwsString": [jws]}));
    let path = answer.header("location").strip_prefix(PUBLIC_URL).unwrap().to_owned();
    let found = app.get_as(&token, &path).await;
    assert_eq!(
        (found.text(), found.header("content-type")),
        (jws.clone(), "text/plain")
    );
    assert_eq!(post(&app, &token, &jws).await.status, 200, "the same again");
}

#[tokio::test]
async fn the_same_credential_in_the_other_form_takes_its_place() {
    let (app, token) = app().await;
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    assert_eq!(app.post_json_as(&token, CREDENTIALS, &credential).await.status, 201);
    let jws = signed_jws(&app, "urn:example:1", ISSUED).await;
    assert_eq!(post(&app, &token, &jws).await.status, 200);
    let list = app.get_as(&token, CREDENTIALS).await;
    assert_eq!(list.json(), json!({"compactJwsString": [jws]}));
    let older = signed_jws(&app, "urn:example:1", "2026-01-09T00:00:00Z").await;
    assert_eq!(post(&app, &token, &older).await.status, 304);
}

#[tokio::test]
async fn a_jws_that_is_no_good_record_is_refused_with_the_reason() {
    let (app, token) = app().await;
    let jws = signed_jws(&app, "urn:example:1", ISSUED).await;
    let (signed, _) = jws.rsplit_once('.').unwrap();
    let unsigned_inside = record(
        "urn:example:1",
        ISSUED,
        vec![achievement("Algebra", "Solves equations.")],
    );
    let mut unsigned_inside = sign(&app, unsigned_inside).await;
    for holder in ["/credentialSubject/verifiableCredential/0", ""] {
        let holder = unsigned_inside.pointer_mut(holder).unwrap();
        holder.as_object_mut().unwrap().remove("proof");
    }
    let badge: Value = unsigned_inside["credentialSubject"]["verifiableCredential"][0].clone();
    for (text, word) in [
        ("a.b.c".to_owned(), "JWT"),
        (String::new(), "JWT"),
        (format!("{signed}.AAAA"), "signature"),
        (
            sign_jws(&app, &unsigned_inside).await,
            "/credentialSubject/verifiableCredential/0",
        ),
        (sign_jws(&app, &badge).await, "ClrCredential"),
    ] {
        let answer = post(&app, &token, &text).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(answer.description().contains(word), "{word}: {}", answer.description());
    }
    assert_eq!(app.get_as(&token, CREDENTIALS).await.json(), json!({}));
}

#[tokio::test]
async fn a_record_whose_issuer_cannot_be_reached_is_worth_another_try() {
    let (app, token) = app().await;
    let elsewhere = TestApp::configured(|config| config.issuer_id = Some("did:web:college.example".to_owned())).await;
    let record = signed(&elsewhere, "urn:example:1", ISSUED).await;
    let answer = app.post_json_as(&token, CREDENTIALS, &record).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(answer.header("retry-after"), "60");
    let jws = signed_jws(&elsewhere, "urn:example:1", ISSUED).await;
    assert_eq!(post(&app, &token, &jws).await.status, 503);

    // No retry could help here.
    let nowhere = TestApp::configured(|config| config.issuer_id = Some("https://10.0.0.1/issuer".to_owned())).await;
    let record = signed(&nowhere, "urn:example:1", ISSUED).await;
    let answer = app.post_json_as(&token, CREDENTIALS, &record).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.description().contains("not public"), "{}", answer.description());
}
