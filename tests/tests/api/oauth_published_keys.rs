//! Clients that publish their keys (`jwks_uri`, RFC 7591) and prove themselves with them (RFC 7523).

use std::time::Duration;

use clr_core::{
    fetch::{Fetcher, PAUSE},
    oauth::CLIENT_ASSERTION_TYPE,
};
use serde_json::{Value, json};
use tests::{Answer, TestApp, form_request};

use crate::{
    elsewhere::{Published, Server},
    oauth_client::{READ, TestClient, metadata},
    oauth_keys::TestKey,
};

const KEYS: &str = "/jwks.json";

/// A laptop, where applications on loopback may register.
async fn start() -> (TestApp, Server) {
    let server = Server::start().await;
    let app = TestApp::configured(|config| config.public_url = Some("http://127.0.0.1:8787".parse().unwrap())).await;
    (app.with_fetcher(server.fetcher()), server)
}

/// A client whose keys are at this URL.
async fn client_with_keys_at(app: &TestApp, url: &str) -> TestClient {
    TestClient::register_as(app, |metadata| {
        metadata["token_endpoint_auth_method"] = json!("private_key_jwt");
        metadata["jwks_uri"] = json!(url);
        for member in ["client_uri", "logo_uri", "tos_uri", "policy_uri"] {
            metadata[member] = json!("http://localhost/");
        }
    })
    .await
}

fn named(key: &TestKey, kid: &str) -> Value {
    let mut jwk = key.jwk();
    jwk["kid"] = json!(kid);
    jwk
}

/// Whether a request with an assertion by this key, called so, gets past the client's authentication.
async fn ask(app: &TestApp, client: &TestClient, key: &TestKey, kid: &str, changes: Value) -> Answer {
    let mut claims = json!({
        "iss": client.id,
        "sub": client.id,
        "aud": "http://127.0.0.1:8787",
        "jti": app.app.randomness.secret().reveal(),
        "exp": app.now().as_second() + 60,
    });
    claims
        .as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    let assertion = key.sign(json!({ "kid": kid }), &claims);
    let form = [
        ("client_assertion_type", CLIENT_ASSERTION_TYPE),
        ("client_assertion", &assertion),
        ("token", "unknown"),
    ];
    app.send(form_request("/oauth/introspect", &form)).await
}

#[track_caller]
fn assert_refused(answer: &Answer, text: &str) {
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert_eq!(answer.json()["error"], "invalid_client");
    let description = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert!(description.contains(text), "{text} in {description}");
}

#[tokio::test]
async fn a_client_proves_itself_with_a_key_that_it_publishes() {
    let (app, server) = start().await;
    let foreign = json!({"kty": "EC", "crv": "secp256k1", "x": "AAAA", "y": "AAAA"});
    server.publish(KEYS, json!({ "keys": [foreign, named(&TestKey::one(), "one")] }));
    let client = client_with_keys_at(&app, &server.url(KEYS)).await;
    assert!(server.requests().is_empty(), "nothing is fetched at a registration");
    let good = ask(&app, &client, &TestKey::one(), "one", json!({})).await;
    assert_eq!(good.status, 200, "{}", good.text());
    assert_eq!(server.requests(), [KEYS]);
    ask(&app, &client, &TestKey::one(), "one", json!({})).await;
    assert!(server.requests().is_empty(), "they are known now");
    // The name is right, the signature is another key's.
    let forged = ask(&app, &client, &TestKey::two(), "one", json!({})).await;
    assert_refused(&forged, "does not prove itself");
}

#[tokio::test]
async fn an_application_gets_tokens_with_a_published_key() {
    let (app, server) = start().await;
    server.publish(KEYS, json!({ "keys": [named(&TestKey::one(), "one")] }));
    let client = client_with_keys_at(&app, &server.url(KEYS)).await;
    let code = client.code(&app, READ).await;
    let assertion = TestKey::one().assertion(&app, &client.id, &json!({"aud": "http://127.0.0.1:8787/oauth/token"}));
    let form = [
        &client.redemption(&code)[..],
        &[
            ("client_assertion_type", CLIENT_ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ],
    ]
    .concat();
    let answer = app.send(form_request("/oauth/token", &form)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let replayed = app.send(form_request("/oauth/token", &form)).await;
    assert_refused(&replayed, "used before");
}

#[tokio::test]
async fn a_new_key_is_found_and_its_server_is_asked_once_a_minute_at_most() {
    let (app, server) = start().await;
    server.publish(KEYS, json!({ "keys": [named(&TestKey::one(), "one")] }));
    let client = client_with_keys_at(&app, &server.url(KEYS)).await;
    let (one, two) = (TestKey::one(), TestKey::two());
    assert_eq!(ask(&app, &client, &one, "one", json!({})).await.status, 200);
    server.publish(KEYS, json!({ "keys": [named(&two, "two")] }));
    for _ in 0..10 {
        assert_refused(
            &ask(&app, &client, &two, "two", json!({})).await,
            "does not prove itself",
        );
    }
    assert_eq!(server.requests().len(), 1, "a stranger's assertions make no requests");
    later(PAUSE).await;
    assert_eq!(ask(&app, &client, &two, "two", json!({})).await.status, 200);
    assert_refused(
        &ask(&app, &client, &one, "one", json!({})).await,
        "does not prove itself",
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_server_that_fails_is_asked_once_a_minute_however_many_ask() {
    let (app, server) = start().await;
    let client = client_with_keys_at(&app, &server.url(KEYS)).await;
    let key = TestKey::one();
    let attempts = (0..32).map(|_| ask(&app, &client, &key, "one", json!({})));
    for answer in futures::future::join_all(attempts).await {
        assert_refused(
            &answer,
            "keys under jwks_uri could not be had: localhost has no such document",
        );
    }
    assert_eq!(server.requests().len(), 1);
    server.publish(KEYS, json!({ "keys": [named(&key, "one")] }));
    later(PAUSE).await;
    assert_eq!(ask(&app, &client, &key, "one", json!({})).await.status, 200);
    // It fails again while a stranger names a key that there never was: the known one stays good.
    server.put(KEYS, Published::Json(json!("broken")));
    later(PAUSE).await;
    assert_eq!(ask(&app, &client, &key, "other", json!({})).await.status, 401);
}

#[tokio::test]
async fn keys_that_are_known_stay_good_while_their_server_is_away() {
    let (app, server) = start().await;
    server.publish(KEYS, json!({ "keys": [named(&TestKey::one(), "one")] }));
    let client = client_with_keys_at(&app, &server.url(KEYS)).await;
    assert_eq!(ask(&app, &client, &TestKey::one(), "one", json!({})).await.status, 200);
    server.put(KEYS, Published::RedirectTo("https://localhost:1/".to_owned()));
    later(PAUSE).await;
    assert_eq!(ask(&app, &client, &TestKey::two(), "two", json!({})).await.status, 401);
    assert_eq!(ask(&app, &client, &TestKey::one(), "one", json!({})).await.status, 200);
    later(clr_core::fetch::MAX_AGE).await;
    let gone = ask(&app, &client, &TestKey::one(), "one", json!({})).await;
    assert_refused(&gone, "localhost could not be reached");
}

#[tokio::test]
async fn an_assertion_that_cannot_be_right_makes_no_request() {
    let (app, server) = start().await;
    let client = client_with_keys_at(&app, &server.url(KEYS)).await;
    let now = app.now().as_second();
    for changes in [
        json!({"iss": "somebody else"}),
        json!({"aud": "https://another.example"}),
        json!({"exp": now - 1}),
        json!({"exp": now + 90_000}),
        json!({"jti": ""}),
        json!({"nbf": now + 3_600}),
    ] {
        let answer = ask(&app, &client, &TestKey::one(), "one", changes.clone()).await;
        assert_refused(&answer, "does not prove itself");
        assert!(server.requests().is_empty(), "{changes}");
    }
}

#[tokio::test]
async fn what_is_no_set_of_public_keys_is_not_believed() {
    let (app, server) = start().await;
    let one = TestKey::one();
    let mut private = named(&one, "one");
    private["d"] = json!("AAAA");
    let long = json!({ "keys": [named(&one, "one")], "padding": "x".repeat(70_000) });
    for (number, (document, text)) in [
        (json!("text"), "is not a JWK Set"),
        (json!({ "keys": [named(&one, "one"), private] }), "private"),
        (json!({ "keys": [] }), "no key of a kind"),
        (json!({ "keys": vec![named(&one, "one"); 21] }), "at most 20 keys"),
        (long, "too long"),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/{number}.json");
        server.publish(&path, document);
        let client = client_with_keys_at(&app, &server.url(&path)).await;
        assert_refused(&ask(&app, &client, &one, "one", json!({})).await, text);
    }
}

#[tokio::test]
async fn a_deployment_asks_no_private_address_for_keys() {
    let (app, server) = start().await;
    let (key, public) = (TestKey::one(), app.with_fetcher(Fetcher::new()));
    server.publish(KEYS, json!({ "keys": [named(&key, "one")] }));
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let url = format!("https://{host}:{}{KEYS}", server.port);
        let client = client_with_keys_at(&app, &url).await;
        let answer = ask(&public, &client, &key, "one", json!({})).await;
        assert_refused(&answer, "not public");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_registration_has_its_keys_or_says_where_they_are() {
    let app = TestApp::start().await;
    let mut with_url = metadata();
    with_url["token_endpoint_auth_method"] = json!("private_key_jwt");
    with_url["jwks_uri"] = json!("https://app.example/jwks.json");
    let answer = app.post_json("/oauth/register", &with_url).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.json()["jwks_uri"], "https://app.example/jwks.json");
    assert_eq!(answer.json().get("client_secret"), None);
    for (changes, text) in [
        (json!({"jwks": {"keys": [TestKey::one().jwk()]}}), "do not go together"),
        (json!({"jwks_uri": "https://other.example/jwks.json"}), "one host name"),
        (json!({"jwks_uri": "http://app.example/jwks.json"}), "not https"),
        (json!({"jwks_uri": "https://a:b@app.example/jwks.json"}), "credentials"),
        (json!({"jwks_uri": 7}), "not client metadata"),
        (
            json!({"token_endpoint_auth_method": "client_secret_basic"}),
            "private_key_jwt only",
        ),
    ] {
        let mut changed = with_url.clone();
        changed
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        let answer = app.post_json("/oauth/register", &changed).await;
        assert_eq!(answer.json()["error"], "invalid_client_metadata");
        assert!(answer.text().contains(text), "{text} in {}", answer.text());
    }
}

/// Moves the clock by which fetched documents grow old.
async fn later(duration: Duration) {
    tokio::time::pause();
    tokio::time::advance(duration).await;
    tokio::time::resume();
}
