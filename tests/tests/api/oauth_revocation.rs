//! `POST /oauth/revoke` (RFC 7009; digest section 2.4) and `POST /oauth/introspect` (RFC 7662).

use clr_core::oauth::{Client, OperatorClient, Scope};
use serde_json::{Value, json};
use tests::{Answer, TestApp};

use crate::oauth_client::{READ, TestClient};

async fn list(app: &TestApp, tokens: &Value) -> u16 {
    let token = tokens["access_token"].as_str().unwrap();
    app.get_as(token, "/ims/clr/v2p0/credentials").await.status.as_u16()
}

async fn revoke(app: &TestApp, client: &TestClient, token: &Value, hint: &str) -> Answer {
    let fields = [("token", token.as_str().unwrap()), ("token_type_hint", hint)];
    client.post(app, "/oauth/revoke", &fields).await
}

async fn introspect(app: &TestApp, client: &TestClient, token: &Value) -> Value {
    let answer = client
        .post(app, "/oauth/introspect", &[("token", token.as_str().unwrap())])
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (200, "no-store")
    );
    answer.json()
}

fn offline() -> String {
    format!("{READ} offline_access")
}

#[tokio::test]
async fn after_its_revocation_an_access_token_opens_nothing_and_the_grant_lives_on() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let tokens = client.tokens(&app, &offline()).await;
    assert_eq!(list(&app, &tokens).await, 200);
    let answer = revoke(&app, &client, &tokens["access_token"], "access_token").await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    assert_eq!(list(&app, &tokens).await, 401);
    let refreshed = client.refresh(&app, &tokens["refresh_token"]).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text());
    assert_eq!(list(&app, &refreshed.json()).await, 200);
}

#[tokio::test]
async fn after_the_revocation_of_a_refresh_token_nothing_of_the_grant_is_valid() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let tokens = client.tokens(&app, &offline()).await;
    let refreshed = client.refresh(&app, &tokens["refresh_token"]).await.json();
    // The one before the current one will do: it is what a client holds that did not get the answer.
    assert_eq!(
        revoke(&app, &client, &tokens["refresh_token"], "refresh_token")
            .await
            .status,
        200
    );
    for tokens in [&tokens, &refreshed] {
        assert_eq!(list(&app, tokens).await, 401);
        let answer = client.refresh(&app, &tokens["refresh_token"]).await;
        assert_eq!(answer.json()["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn a_wrong_hint_does_not_matter_and_a_missing_one_neither() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let tokens = client.tokens(&app, &offline()).await;
    assert_eq!(
        revoke(&app, &client, &tokens["refresh_token"], "access_token")
            .await
            .status,
        200
    );
    assert_eq!(list(&app, &tokens).await, 401);
    let tokens = client.tokens(&app, READ).await;
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(
        client.post(&app, "/oauth/revoke", &[("token", token)]).await.status,
        200
    );
    assert_eq!(list(&app, &tokens).await, 401);
}

#[tokio::test]
async fn an_unknown_token_and_another_clients_are_answered_alike_and_change_nothing() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let thief = TestClient::register(&app).await;
    let tokens = client.tokens(&app, &offline()).await;
    let unknown = json!(format!("f81d4fae7dec11d0a76500a0c91e6bf6.{}", "a".repeat(43)));
    for token in [&unknown, &json!("x"), &tokens["access_token"], &tokens["refresh_token"]] {
        let answer = revoke(&app, &thief, token, "access_token").await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    }
    assert_eq!(list(&app, &tokens).await, 200);
    assert_eq!(client.refresh(&app, &tokens["refresh_token"]).await.status, 200);
}

#[tokio::test]
async fn other_kinds_of_tokens_cannot_be_revoked_and_the_token_must_be_there() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let answer = revoke(&app, &client, &json!("x"), "id_token").await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["error"]),
        (400, &json!("unsupported_token_type"))
    );
    for path in ["/oauth/revoke", "/oauth/introspect"] {
        let answer = client.post(&app, path, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]),
            (400, &json!("invalid_request"))
        );
        let answer = app.post_form(path, &[("token", "x")]).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]),
            (401, &json!("invalid_client"))
        );
        let wrong = TestClient {
            secret: "wrong".to_owned(),
            ..client.clone()
        };
        assert_eq!(wrong.post(&app, path, &[("token", "x")]).await.status, 401);
    }
}

#[tokio::test]
async fn a_client_learns_of_its_own_tokens_and_of_no_others() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let other = TestClient::register(&app).await;
    let tokens = client.tokens(&app, &offline()).await;
    let access = introspect(&app, &client, &tokens["access_token"]).await;
    assert_eq!(
        (&access["active"], &access["client_id"]),
        (&json!(true), &json!(client.id))
    );
    assert_eq!(access["scope"], offline());
    assert_eq!(access["exp"], app.now().as_second() + 3_600);
    assert_eq!(access["iat"], app.now().as_second());
    assert_eq!(
        (&access["token_type"], &access["iss"]),
        (&json!("Bearer"), &json!(tests::PUBLIC_URL))
    );
    assert!(access["sub"].is_string());
    let refresh = introspect(&app, &client, &tokens["refresh_token"]).await;
    assert_eq!((&refresh["active"], refresh.get("token_type")), (&json!(true), None));
    let nothing = json!({"active": false});
    assert_eq!(introspect(&app, &other, &tokens["access_token"]).await, nothing);
    assert_eq!(introspect(&app, &other, &tokens["refresh_token"]).await, nothing);
    assert_eq!(introspect(&app, &client, &json!("x")).await, nothing);
    revoke(&app, &client, &tokens["access_token"], "access_token").await;
    assert_eq!(introspect(&app, &client, &tokens["access_token"]).await, nothing);
    client.refresh(&app, &tokens["refresh_token"]).await;
    app.clock
        .advance(std::time::Duration::from_secs(31).try_into().unwrap());
    assert_eq!(
        introspect(&app, &client, &tokens["refresh_token"]).await,
        nothing,
        "superseded"
    );
}

#[tokio::test]
async fn a_client_of_the_operator_may_ask_about_all_tokens() {
    let app = TestApp::start().await;
    let operator = OperatorClient::new("registrar", [Scope::Issue].into_iter().collect()).unwrap();
    let (operator, secret) = Client::of_operator(operator, app.now(), &app.app.randomness);
    app.app.table.insert_client(&operator).await.unwrap();
    let client = TestClient::register(&app).await;
    let tokens = client.tokens(&app, READ).await;
    let operator = TestClient {
        id: operator.id().to_string(),
        secret: secret.reveal().to_owned(),
        verifier: String::new(),
    };
    assert_eq!(
        introspect(&app, &operator, &tokens["access_token"]).await["active"],
        true
    );
    let own = operator
        .post(&app, "/oauth/token", &[("grant_type", "client_credentials")])
        .await
        .json();
    let own = introspect(&app, &operator, &own["access_token"]).await;
    assert_eq!((&own["active"], own.get("sub")), (&json!(true), None));
}

#[tokio::test]
async fn a_client_that_the_operator_revokes_is_dead_at_once() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let tokens = client.tokens(&app, &offline()).await;
    let id = clr_core::oauth::ClientId::parse(&client.id).unwrap();
    app.app
        .table
        .revoke_client(id, app.now(), app.app.patience())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(list(&app, &tokens).await, 401);
    assert_eq!(
        client.refresh(&app, &tokens["refresh_token"]).await.json()["error"],
        "invalid_client"
    );
    assert_eq!(app.get(&client.authorization(READ, &[])).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_succeeds_after_the_revocation_was_answered() {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    let app = Arc::new(TestApp::start().await);
    let client = TestClient::register(&app).await;
    for _ in 0..8 {
        let tokens = client.tokens(&app, &offline()).await;
        let answered = Arc::new(AtomicBool::new(false));
        let users = (0..8).map(|user| {
            let (app, client, tokens, answered) = (app.clone(), client.clone(), tokens.clone(), answered.clone());
            tokio::spawn(async move {
                for _ in 0..6 {
                    let after = answered.load(Ordering::SeqCst);
                    let succeeded = if user % 2 == 0 {
                        list(&app, &tokens).await == 200
                    } else {
                        client.refresh(&app, &tokens["refresh_token"]).await.status == 200
                    };
                    assert!(!(after && succeeded), "user {user} got in after the revocation");
                }
            })
        });
        let users: Vec<_> = users.collect();
        tokio::task::yield_now().await;
        assert_eq!(
            revoke(&app, &client, &tokens["refresh_token"], "refresh_token")
                .await
                .status,
            200
        );
        answered.store(true, Ordering::SeqCst);
        for user in users {
            user.await.unwrap();
        }
        assert_eq!(list(&app, &tokens).await, 401);
    }
}
