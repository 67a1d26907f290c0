//! Who and what is here cannot be found out by messages, by statuses, or by the number of calls to the store (which stands in for
//! time: the rest of an answer is a comparison of digests, in constant time).

use axum::body::Body;
use clr_core::oauth::{ClientId, Scope};
use http::{HeaderMap, Method};
use serde_json::json;
use tests::{Answer, TestApp, request};

use crate::oauth_client::{Browser, READ, REDIRECT_URI, TestClient};

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";
const NOBODY: &str = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";

/// Two answers that nobody can tell apart, each with its calls to the store.
#[track_caller]
fn assert_alike(what: &str, one: &(Answer, u32), other: &(Answer, u32)) {
    let names = |headers: &HeaderMap| {
        let mut names: Vec<_> = headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(one.0.status, other.0.status, "{what}");
    assert_eq!(one.0.text(), other.0.text(), "{what}");
    assert_eq!(names(&one.0.headers), names(&other.0.headers), "{what}");
    let challenge = |answer: &Answer| answer.header("www-authenticate").to_owned();
    assert_eq!(challenge(&one.0), challenge(&other.0), "{what}");
    assert_eq!(one.1, other.1, "{what}: calls to the store");
}

/// The operator's id, taken from a token's grant.
async fn operators_client(app: &TestApp) -> String {
    let client = clr_core::oauth::OperatorClient::new("registrar", [Scope::Issue].into_iter().collect()).unwrap();
    let (client, _) = clr_core::oauth::Client::of_operator(client, app.now(), &app.app.randomness);
    app.app.table.insert_client(&client).await.unwrap();
    client.id().to_string()
}

/// A client that the operator revoked.
async fn revoked_client(app: &TestApp) -> TestClient {
    let revoked = TestClient::register(app).await;
    let id = ClientId::parse(&revoked.id).unwrap();
    app.app
        .table
        .revoke_client(id, app.now(), app.app.patience())
        .await
        .unwrap();
    revoked
}

#[tokio::test]
async fn unknown_wrong_revoked_and_operators_clients_are_refused_alike() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let revoked = revoked_client(&app).await;
    let of = |id: &str, secret: &str| TestClient {
        id: id.to_owned(),
        secret: secret.to_owned(),
        ..client.clone()
    };
    let nobody = of(NOBODY, "wrong");
    let others = [
        ("a wrong secret", of(&client.id, "wrong")),
        ("a revoked client", revoked.clone()),
        ("an operator's client", of(&operators_client(&app).await, "wrong")),
        ("an id in capitals", of(&client.id.to_uppercase(), "wrong")),
    ];
    for (path, form) in [
        ("/oauth/token", &[("grant_type", "client_credentials")][..]),
        (
            "/oauth/token",
            &[("grant_type", "refresh_token"), ("refresh_token", "x")],
        ),
        ("/oauth/revoke", &[("token", "x")]),
        ("/oauth/introspect", &[("token", "x")]),
        ("/oauth/par", &[("scope", READ)]),
    ] {
        let none = app.counted(nobody.post(&app, path, form)).await;
        assert_eq!(none.0.status, 401, "{path}");
        for (what, other) in &others {
            assert_alike(
                &format!("{what} at {path}"),
                &none,
                &app.counted(other.post(&app, path, form)).await,
            );
        }
    }
}

#[tokio::test]
async fn a_browser_learns_of_no_client_that_could_not_ask_a_learner() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let revoked = revoked_client(&app).await;
    let operators = operators_client(&app).await;
    let ask = async |id: &str| {
        let path = client.authorization(READ, &[("client_id", Some(id))]);
        app.counted(app.get(&path)).await
    };
    let none = ask(NOBODY).await;
    assert_eq!(none.0.status, 400);
    assert_alike("an operator's client", &none, &ask(&operators).await);
    assert_alike("a revoked client", &none, &ask(&revoked.id).await);
    assert_eq!(ask(&client.id).await.0.status, 200, "{REDIRECT_URI}");
}

#[tokio::test]
async fn unknown_ended_and_foreign_tokens_look_alike() {
    let app = TestApp::start().await;
    let (client, other) = (TestClient::register(&app).await, TestClient::register(&app).await);
    let scope = format!("{READ} offline_access");
    let text = |tokens: &serde_json::Value, name: &str| tokens[name].as_str().unwrap().to_owned();
    let (ended, live) = (client.tokens(&app, &scope).await, other.tokens(&app, &scope).await);
    let unknown = format!("f81d4fae7dec11d0a76500a0c91e6bf6.{}", "a".repeat(43));
    for name in ["access_token", "refresh_token"] {
        client
            .post(&app, "/oauth/revoke", &[("token", &text(&ended, name))])
            .await;
    }
    let bearer = async |token: &str| app.counted(app.get_as(token, CREDENTIALS)).await;
    let none = bearer(&unknown).await;
    assert_alike(
        "a revoked access token",
        &none,
        &bearer(&text(&ended, "access_token")).await,
    );
    let crossed = format!(
        "{}.{}",
        text(&live, "access_token").split_once('.').unwrap().0,
        "a".repeat(43)
    );
    assert_alike("a wrong secret of a live grant", &none, &bearer(&crossed).await);
    assert_alike(
        "a refresh token in its place",
        &none,
        &bearer(&text(&live, "refresh_token")).await,
    );

    for token in [
        text(&ended, "refresh_token"),
        text(&live, "refresh_token"),
        crossed.clone(),
    ] {
        let refresh = async |token: &str| {
            let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
            app.counted(client.token(&app, &form)).await
        };
        let (none, answer) = (refresh(&unknown).await, refresh(&token).await);
        assert_eq!(none.0.json()["error"], "invalid_grant");
        assert_alike("a refresh token", &none, &answer);
        let inspect = async |token: &str| {
            app.counted(client.post(&app, "/oauth/introspect", &[("token", token)]))
                .await
        };
        assert_alike("introspection", &inspect(&unknown).await, &inspect(&token).await);
        assert_eq!(inspect(&token).await.0.json(), json!({"active": false}));
    }
    assert_eq!(
        other.refresh(&app, &live["refresh_token"]).await.status,
        200,
        "the other client's is as good as before"
    );
}

#[tokio::test]
async fn a_new_learner_and_a_known_one_see_the_same() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    client.tokens(&app, READ).await;
    let calls = async |learner: &str| {
        let browser = Browser::open(&app, &client.authorization(READ, &[])).await;
        let form = browser.form("sign_in", &[("learner", learner)]);
        let form: Vec<_> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
        let (page, calls) = app.counted(browser.send(&form)).await;
        (page.status.as_u16(), calls)
    };
    assert_eq!(
        calls("ada").await,
        calls("ben").await,
        "ada allowed this application before, ben never came"
    );
}

#[tokio::test]
async fn pushed_requests_of_others_are_as_unknown_as_none() {
    let app = TestApp::start().await;
    let (client, other) = (TestClient::register(&app).await, TestClient::register(&app).await);
    let path = other.authorization(READ, &[]);
    let parameters: Vec<(String, String)> = serde_urlencoded::from_str(path.split_once('?').unwrap().1).unwrap();
    let parameters: Vec<_> = parameters.iter().map(|(name, value)| (&**name, &**value)).collect();
    let pushed = other.post(&app, "/oauth/par", &parameters).await.json();
    let ask = async |reference: &str| {
        let query = [("client_id", client.id.as_str()), ("request_uri", reference)];
        let path = format!("/oauth/authorize?{}", serde_urlencoded::to_string(query).unwrap());
        app.counted(app.get(&path)).await
    };
    let unknown = format!("urn:ietf:params:oauth:request_uri:{}", "a".repeat(43));
    let (none, others) = (ask(&unknown).await, ask(pushed["request_uri"].as_str().unwrap()).await);
    assert_eq!(none.0.status, 400);
    assert_alike("a pushed request", &none, &others);
}

#[tokio::test]
async fn status_lists_and_paths_that_are_not_there_look_alike() {
    let app = TestApp::start().await;
    let one = app.counted(app.get(&format!("/status/{NOBODY}"))).await;
    let two = app
        .counted(app.get("/status/00000000-0000-4000-8000-000000000000"))
        .await;
    assert_eq!(one.0.status, 404);
    assert_alike("lists", &one, &two);
    let head = app
        .send(request(Method::HEAD, &format!("/status/{NOBODY}"), None, Body::empty()))
        .await;
    assert_eq!(head.status, 404);
}
