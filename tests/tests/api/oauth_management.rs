//! `GET|PUT|DELETE /oauth/register/{client_id}` (RFC 7592).

use std::time::Duration;

use axum::body::Body;
use clr_core::oauth::ClientId;
use http::{Method, header};
use serde_json::{Value, json};
use tests::{Answer, PUBLIC_URL, TestApp, json_request, request};

use crate::oauth_client::{READ, TestClient, metadata};

/// What a registration answered.
struct Registered(Value);

impl Registered {
    async fn at(app: &TestApp) -> Self {
        Self(app.post_json("/oauth/register", &metadata()).await.json())
    }

    fn text(&self, member: &str) -> &str {
        self.0[member].as_str().unwrap()
    }

    fn path(&self) -> &str {
        self.text("registration_client_uri").strip_prefix(PUBLIC_URL).unwrap()
    }

    fn client(&self, app: &TestApp) -> TestClient {
        TestClient {
            id: self.text("client_id").to_owned(),
            secret: self.text("client_secret").to_owned(),
            verifier: app.app.randomness.secret().reveal().to_owned(),
        }
    }

    async fn send(&self, app: &TestApp, method: Method, token: &str, body: Option<&Value>) -> Answer {
        let mut sent = match body {
            Some(body) => json_request(self.path(), Some(token), body),
            None => request(Method::GET, self.path(), Some(token), Body::empty()),
        };
        *sent.method_mut() = method;
        app.send(sent).await
    }

    async fn update(&self, app: &TestApp, change: impl FnOnce(&mut Value)) -> Answer {
        let mut body = metadata();
        body["client_id"] = self.0["client_id"].clone();
        change(&mut body);
        let token = self.text("registration_access_token");
        self.send(app, Method::PUT, token, Some(&body)).await
    }
}

#[track_caller]
fn check_refused(answer: &Answer) {
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert_eq!(answer.json()["error"], "invalid_token");
    assert_eq!(answer.header("www-authenticate"), r#"Bearer error="invalid_token""#);
}

#[tokio::test]
async fn a_client_reads_its_registration_with_the_same_token_as_often_as_it_likes() {
    let app = TestApp::start().await;
    let registered = Registered::at(&app).await;
    let token = registered.text("registration_access_token");
    for _ in 0..2 {
        let read = registered.send(&app, Method::GET, token, None).await;
        assert_eq!((read.status.as_u16(), read.header("cache-control")), (200, "no-store"));
        let mut expected = registered.0.clone();
        // Only its digest is kept.
        expected.as_object_mut().unwrap().remove("client_secret");
        assert_eq!(read.json(), expected);
    }
}

#[tokio::test]
async fn only_the_token_of_this_client_manages_it() {
    let app = TestApp::start().await;
    let (registered, other) = (Registered::at(&app).await, Registered::at(&app).await);
    let access_token = registered.client(&app).tokens(&app, READ).await["access_token"].clone();
    for token in [
        "",
        "wrong",
        other.text("registration_access_token"),
        registered.text("client_secret"),
        access_token.as_str().unwrap(),
    ] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let body = (method == Method::PUT).then(metadata);
            check_refused(&registered.send(&app, method, token, body.as_ref()).await);
        }
    }
    for path in [
        "/oauth/register/f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "/oauth/register/x",
    ] {
        let token = other.text("registration_access_token");
        check_refused(&app.get_as(token, path).await);
        check_refused(&app.get(path).await);
    }
    let mut twice = request(Method::GET, registered.path(), Some("x"), Body::empty());
    let token = format!("Bearer {}", registered.text("registration_access_token"));
    twice
        .headers_mut()
        .append(header::AUTHORIZATION, token.parse().unwrap());
    check_refused(&app.send(twice).await);
}

#[tokio::test]
async fn an_update_replaces_all_metadata_and_keeps_credentials() {
    let app = TestApp::start().await;
    let registered = Registered::at(&app).await;
    let answer = registered
        .update(&app, |body| {
            body["client_name"] = json!("Renamed Wallet");
            body["client_secret"] = registered.0["client_secret"].clone();
            body.as_object_mut().unwrap().remove("contacts");
        })
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let updated = answer.json();
    assert_eq!(updated["client_name"], "Renamed Wallet");
    assert_eq!((updated.get("contacts"), updated.get("client_secret")), (None, None));
    assert_eq!(
        updated["registration_access_token"],
        registered.0["registration_access_token"]
    );
    let client = registered.client(&app);
    assert!(
        client.tokens(&app, READ).await["access_token"].is_string(),
        "the secret is still its"
    );
    let token = registered.text("registration_access_token");
    assert_eq!(registered.send(&app, Method::GET, token, None).await.json(), updated);
}

#[tokio::test]
async fn an_update_keeps_the_rules_of_a_registration() {
    let app = TestApp::start().await;
    let registered = Registered::at(&app).await;
    let check = async |error: &str, change: fn(&mut Value)| {
        let answer = registered.update(&app, change).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]),
            (400, &json!(error)),
            "{}",
            answer.text()
        );
    };
    check("invalid_client_metadata", |body| {
        drop(body.as_object_mut().unwrap().remove("tos_uri"))
    })
    .await;
    check("invalid_redirect_uri", |body| {
        body["redirect_uris"] = json!(["http://app.example/"])
    })
    .await;
    check("invalid_client_metadata", |body| {
        drop(body.as_object_mut().unwrap().remove("client_id"))
    })
    .await;
    check("invalid_client_metadata", |body| {
        body["client_id"] = json!("f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
    })
    .await;
    check("invalid_client_metadata", |body| {
        body["client_secret"] = json!("one of my choice")
    })
    .await;
    for name in [
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
    ] {
        let answer = registered
            .update(&app, |body| body[name] = registered.0[name].clone())
            .await;
        assert_eq!(answer.status, 400, "{name}");
        assert!(answer.text().contains(name));
    }
}

#[tokio::test]
async fn a_changed_registration_is_no_longer_approved() {
    let app = TestApp::start().await;
    let registered = Registered::at(&app).await;
    let id = ClientId::parse(registered.text("client_id")).unwrap();
    let stored = async || app.app.table.client(id, app.now()).await.unwrap().unwrap();
    assert!(app.app.table.replace_client(&stored().await.approved()).await.unwrap());
    assert_eq!(registered.update(&app, |_| {}).await.status, 200);
    assert_eq!(
        stored().await.standing(),
        clr_core::oauth::Standing::Approved,
        "nothing changed"
    );
    assert_eq!(
        registered
            .update(&app, |body| body["client_name"] = json!("My Bank"))
            .await
            .status,
        200
    );
    assert_eq!(stored().await.standing(), clr_core::oauth::Standing::NotReviewed);
}

#[tokio::test]
async fn a_client_that_goes_over_to_secrets_gets_one_and_back_loses_it() {
    let app = TestApp::start().await;
    let registered = Registered::at(&app).await;
    let keys = json!({ "keys": [crate::oauth_keys::TestKey::one().jwk()] });
    let to_keys = registered
        .update(&app, |body| {
            body["token_endpoint_auth_method"] = json!("private_key_jwt");
            body["jwks"] = keys.clone();
        })
        .await;
    assert_eq!(to_keys.status, 200, "{}", to_keys.text());
    let client = registered.client(&app);
    let refused = client.token(&app, &client.redemption("x")).await;
    assert_eq!(refused.json()["error"], "invalid_client");
    let to_secret = registered.update(&app, |_| {}).await.json();
    assert_ne!(to_secret["client_secret"], registered.0["client_secret"]);
    let client = TestClient {
        secret: to_secret["client_secret"].as_str().unwrap().to_owned(),
        ..client
    };
    assert!(client.tokens(&app, READ).await["access_token"].is_string());
}

#[tokio::test]
async fn a_deleted_client_takes_all_its_grants_with_it_at_once() {
    let app = TestApp::start().await;
    let registered = Registered::at(&app).await;
    let client = registered.client(&app);
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(client.tokens(&app, &format!("{READ} offline_access")).await);
    }
    let pending_code = client.code(&app, READ).await;
    let list = async |token: &Value| {
        app.get_as(token.as_str().unwrap(), "/ims/clr/v2p0/credentials")
            .await
            .status
            .as_u16()
    };
    assert_eq!(list(&tokens[0]["access_token"]).await, 200);
    let token = registered.text("registration_access_token");
    let deleted = registered.send(&app, Method::DELETE, token, None).await;
    assert_eq!(deleted.status, 204, "{}", deleted.text());
    for tokens in &tokens {
        assert_eq!(list(&tokens["access_token"]).await, 401);
        let refreshed = client.refresh(&app, &tokens["refresh_token"]).await;
        assert_eq!(refreshed.json()["error"], "invalid_client");
    }
    assert_eq!(
        client.redeem(&app, &pending_code).await.json()["error"],
        "invalid_client"
    );
    check_refused(&registered.send(&app, Method::DELETE, token, None).await);
    check_refused(&registered.send(&app, Method::GET, token, None).await);
    assert_eq!(app.get(&client.authorization(READ, &[])).await.status, 400);
}

#[tokio::test]
async fn a_registration_that_is_never_used_ends_after_thirty_days() {
    const DAY: u64 = 24 * 3_600;
    let app = TestApp::start().await;
    let (used, unused) = (Registered::at(&app).await, Registered::at(&app).await);
    used.client(&app).tokens(&app, READ).await;
    app.clock.advance(Duration::from_secs(30 * DAY - 1).try_into().unwrap());
    assert_eq!(app.get(&unused.client(&app).authorization(READ, &[])).await.status, 200);
    app.clock.advance(Duration::from_secs(1).try_into().unwrap());
    assert_eq!(app.get(&unused.client(&app).authorization(READ, &[])).await.status, 400);
    let refused = unused.client(&app).redeem(&app, "x").await;
    assert_eq!(refused.json()["error"], "invalid_client");
    let token = unused.text("registration_access_token");
    check_refused(&unused.send(&app, Method::GET, token, None).await);
    assert!(used.client(&app).tokens(&app, READ).await["access_token"].is_string());
}

#[tokio::test]
async fn the_store_holds_digests_of_the_credentials_only() {
    let app = TestApp::start().await;
    let registered = Registered::at(&app).await;
    let id = ClientId::parse(registered.text("client_id")).unwrap();
    let stored = app.app.table.stored_client(id).await.unwrap().unwrap();
    let stored = serde_json::to_string(&stored).unwrap();
    for name in ["client_secret", "registration_access_token"] {
        assert!(!stored.contains(registered.text(name)), "{name}");
    }
}

#[tokio::test]
async fn an_update_that_was_begun_before_the_first_use_does_not_bring_the_end_back() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let id = ClientId::parse(&client.id).unwrap();
    let stored = async || app.app.table.stored_client(id).await.unwrap().unwrap();
    let before = stored().await;
    assert!(before.unused_until().is_some());
    client.tokens(&app, READ).await;
    assert!(!app.app.table.replace_client(&before).await.unwrap());
    assert_eq!(stored().await.unused_until(), None);
    assert!(app.app.table.replace_client(&stored().await).await.unwrap());
}
