//! Pushed authorization requests (RFC 9126).

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Answer, TestApp};

use crate::{
    oauth_client::{Browser, READ, STATE, TestClient, UPSERT, query},
    oauth_keys::TestKey,
};

const PAR: &str = "/oauth/par";

/// The parameters of the usual request, after changes.
fn parameters(client: &TestClient, changes: &[(&str, Option<&str>)]) -> Vec<(String, String)> {
    let path = client.authorization(READ, changes);
    serde_urlencoded::from_str(path.split_once('?').unwrap().1).unwrap()
}

async fn push(app: &TestApp, client: &TestClient, changes: &[(&str, Option<&str>)]) -> Answer {
    let parameters = parameters(client, changes);
    let parameters: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    client.post(app, PAR, &parameters).await
}

fn path(client: &TestClient, request_uri: &Value) -> String {
    let parameters = [
        ("client_id", client.id.as_str()),
        ("request_uri", request_uri.as_str().unwrap()),
    ];
    format!("/oauth/authorize?{}", serde_urlencoded::to_string(parameters).unwrap())
}

#[tokio::test]
async fn a_pushed_request_is_brought_by_the_browser_once() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let answer = push(&app, &client, &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (201, "no-store"),
        "{}",
        answer.text()
    );
    let pushed = answer.json();
    assert_eq!(pushed["expires_in"], 90);
    // What the query says beside it does not count.
    let path = path(&client, &pushed["request_uri"]) + "&scope=openid&redirect_uri=https%3A%2F%2Fevil.example";
    let code = client.code_of(&app, &path, READ).await;
    assert_eq!(client.redeem(&app, &code).await.status, 200);
    let again = app.get(&path).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (400, ""));
}

#[tokio::test]
async fn the_answer_has_state_and_issuer_as_always() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let pushed = push(&app, &client, &[]).await.json();
    let mut browser = Browser::open(&app, &path(&client, &pushed["request_uri"])).await;
    browser.sign_in("ada").await;
    browser.answer("allow", &[("scope", READ)]).await;
    let answer = query(&browser.location());
    assert_eq!(
        (&answer["state"], &answer["iss"]),
        (&json!(STATE), &json!(tests::PUBLIC_URL))
    );
}

#[tokio::test]
async fn a_pushed_request_ends_after_ninety_seconds_and_is_its_clients_alone() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let other = TestClient::register(&app).await;
    let pushed = push(&app, &client, &[]).await.json();
    for path in [
        path(&other, &pushed["request_uri"]),
        path(&client, &json!("urn:ietf:params:oauth:request_uri:unknown")),
        path(&client, &json!("https://app.example/request.jwt")),
    ] {
        let answer = app.get(&path).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (400, ""), "{path}");
    }
    app.clock.advance(Duration::from_secs(90).try_into().unwrap());
    assert_eq!(app.get(&path(&client, &pushed["request_uri"])).await.status, 400);
}

#[tokio::test]
async fn faults_are_told_to_the_client_at_once() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    for (changes, error) in [
        ([("scope", Some("openid"))], "invalid_scope"),
        ([("response_type", Some("token"))], "unsupported_response_type"),
        ([("code_challenge_method", Some("plain"))], "invalid_request"),
        ([("redirect_uri", Some("https://evil.example/"))], "invalid_request"),
        ([("state", None)], "invalid_request"),
        (
            [("request_uri", Some("urn:ietf:params:oauth:request_uri:x"))],
            "invalid_request",
        ),
        (
            [("client_id", Some("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"))],
            "invalid_request",
        ),
    ] {
        let answer = push(&app, &client, &changes).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]),
            (400, &json!(error)),
            "{changes:?}"
        );
    }
    let wrong = TestClient {
        secret: "wrong".to_owned(),
        ..client.clone()
    };
    assert_eq!(push(&app, &wrong, &[]).await.json()["error"], "invalid_client");
    assert_eq!(app.post_form(PAR, &[]).await.status, 401);
}

#[tokio::test]
async fn a_client_that_registered_for_it_must_push() {
    let app = TestApp::start().await;
    let client = TestClient::register_as(&app, |metadata| {
        metadata["require_pushed_authorization_requests"] = json!(true)
    })
    .await;
    let answer = app.get(&client.authorization(READ, &[])).await;
    let location = url::Url::parse(answer.header("location")).unwrap();
    assert_eq!(query(&location)["error"], "invalid_request");
    let pushed = push(&app, &client, &[]).await.json();
    assert_eq!(app.get(&path(&client, &pushed["request_uri"])).await.status, 200);
}

#[tokio::test]
async fn a_scope_that_the_client_gave_up_meanwhile_is_not_asked_for() {
    let app = TestApp::start().await;
    let mut metadata = crate::oauth_client::metadata();
    let registered = app.post_json("/oauth/register", &metadata).await.json();
    let client = TestClient {
        id: registered["client_id"].as_str().unwrap().to_owned(),
        secret: registered["client_secret"].as_str().unwrap().to_owned(),
        verifier: app.app.randomness.secret().reveal().to_owned(),
    };
    let pushed = push(&app, &client, &[]).await.json();
    metadata["scope"] = json!(UPSERT);
    metadata["client_id"] = registered["client_id"].clone();
    let uri = registered["registration_client_uri"]
        .as_str()
        .unwrap()
        .strip_prefix(tests::PUBLIC_URL)
        .unwrap();
    let mut update = tests::json_request(uri, registered["registration_access_token"].as_str(), &metadata);
    *update.method_mut() = http::Method::PUT;
    assert_eq!(app.send(update).await.status, 200);
    assert_eq!(app.get(&path(&client, &pushed["request_uri"])).await.status, 400);
}

#[tokio::test]
async fn a_proof_at_the_push_binds_the_code_to_its_key() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let key = TestKey::one();
    let parameters = parameters(&client, &[]);
    let parameters: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut request = client.request(PAR, &parameters);
    let proof = key.proof(&app, "POST", PAR, &json!({}));
    request.headers_mut().insert("dpop", proof.parse().unwrap());
    let pushed = app.send(request).await;
    assert_eq!(pushed.status, 201, "{}", pushed.text());
    let code = client
        .code_of(&app, &path(&client, &pushed.json()["request_uri"]), READ)
        .await;
    assert_eq!(client.redeem(&app, &code).await.json()["error"], "invalid_dpop_proof");
}
