//! OWASP API1, API2 and API5: whose object, whose token, whose function.

use axum::body::Body;
use clr_core::{TenantId, oauth::Scope};
use clr_server::paths::{self, Route};
use http::{HeaderName, Method, Request, StatusCode, header};
use serde_json::json;
use tests::{PUBLIC_URL, TestApp, json_request, request};
use tower::ServiceExt as _;

use crate::{
    oauth_client::TestClient,
    records::{ISSUED, signed},
};

const CREDENTIALS: &str = paths::CLR_CREDENTIALS;

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guard {
    /// Anyone.
    Open,
    /// A client that proves itself, by other means than an access token.
    Client,
    /// An application with this scope, for its learner.
    Learner(Scope),
    /// An operator's client with this scope.
    Operator(Scope),
}

/// A new endpoint has to be put into one of these classes.
fn guard(route: &Route) -> Guard {
    match (route.method, route.path) {
        (
            "GET",
            paths::CLR_DISCOVERY
            | paths::OAUTH_METADATA
            | paths::OPENID_CONFIGURATION
            | paths::DID_DOCUMENT
            | paths::JWKS
            | paths::ISSUER_PROFILE
            | paths::TERMS
            | paths::PRIVACY
            | paths::STATUS_LIST
            // A browser and its cookie: `oauth_attacks.rs`.
            | paths::AUTHORIZE
            | paths::SIGNED_IN
            | paths::GRANTS,
        )
        | ("POST", paths::AUTHORIZE | paths::GRANTS | paths::REGISTER | paths::VERIFY | paths::VERIFY_PRESENTATION) => {
            Guard::Open
        }
        ("GET" | "PUT" | "DELETE", paths::REGISTERED_CLIENT)
        | ("POST", paths::TOKEN | paths::PUSHED_REQUESTS | paths::REVOKE | paths::INTROSPECT) => Guard::Client,
        ("GET", paths::CLR_CREDENTIALS | paths::CLR_CREDENTIAL) => Guard::Learner(Scope::CredentialReadonly),
        ("POST", paths::CLR_CREDENTIALS) => Guard::Learner(Scope::CredentialUpsert),
        ("GET", paths::CLR_PROFILE) => Guard::Learner(Scope::ProfileReadonly),
        ("PUT", paths::CLR_PROFILE) => Guard::Learner(Scope::ProfileUpdate),
        ("POST", paths::ISSUE) => Guard::Operator(Scope::Issue),
        ("POST", paths::CHANGE_STATUS) => Guard::Operator(Scope::Status),
        (method, path) => panic!("who may call {method} {path}?"),
    }
}

fn call(route: &Route, token: Option<&str>) -> Request<Body> {
    let path = route
        .path
        .replace("{clr_credential_id}", &"A".repeat(43))
        .replace("{client_id}", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
    let mut request = json_request(&path, token, &json!({}));
    *request.method_mut() = route.method.parse().unwrap();
    request
}

async fn tokens(app: &TestApp) -> Vec<(Guard, String)> {
    let mut tokens = Vec::new();
    for scope in Scope::LEARNER {
        tokens.push((Guard::Learner(scope), app.learner_token("ada", &[scope]).await));
    }
    for scope in Scope::OPERATOR {
        tokens.push((Guard::Operator(scope), app.operator_token(&[scope]).await));
    }
    tokens
}

#[tokio::test]
async fn each_function_is_for_the_one_kind_of_token_that_it_is_for() {
    let app = TestApp::start().await;
    let tokens = tokens(&app).await;
    let mut guarded = 0;
    for route in paths::TABLE {
        let guard = guard(route);
        if !matches!(guard, Guard::Learner(_) | Guard::Operator(_)) {
            continue;
        }
        guarded += 1;
        for (kind, token) in &tokens {
            let answer = app.send(call(route, Some(token))).await;
            let refused = matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            assert_eq!(refused, *kind != guard, "{kind:?} at {route:?}: {}", answer.text());
            if refused {
                assert_eq!(answer.status, 403, "{kind:?} at {route:?}");
                assert_eq!(answer.json()["imsx_codeMajor"], "failure");
            }
        }
        for token in [None, Some("x"), Some("f81d4fae7dec11d0a76500a0c91e6bf6.secret")] {
            let answer = app.send(call(route, token)).await;
            assert_eq!(answer.status, 401, "{token:?} at {route:?}");
            assert!(!answer.header("www-authenticate").is_empty(), "{route:?}");
        }
    }
    assert_eq!(guarded, 7);
}

#[tokio::test]
async fn an_access_token_is_no_clients_proof_and_no_cookie() {
    let app = TestApp::start().await;
    let clients = || paths::TABLE.iter().filter(|route| guard(route) == Guard::Client);
    for (kind, token) in tokens(&app).await {
        for route in clients() {
            let mut request = call(route, Some(&token));
            let headers = request.headers_mut();
            headers.insert(
                header::CONTENT_TYPE,
                "application/x-www-form-urlencoded".parse().unwrap(),
            );
            let answer = app.send(request).await;
            assert_eq!(answer.status, 401, "{kind:?} at {route:?}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_token_counts_in_the_authorization_header_and_nowhere_else() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    assert_eq!(app.get_as(&token, CREDENTIALS).await.status, 200);
    for path in [
        format!("{CREDENTIALS}?access_token={token}"),
        format!("{CREDENTIALS}?token={token}&Authorization=Bearer%20{token}"),
    ] {
        assert_eq!(app.get(&path).await.status, 401, "{path}");
    }
    let with = async |name: &str, value: &str| {
        let mut request = request(Method::GET, CREDENTIALS, None, Body::empty());
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        app.send(request).await.status.as_u16()
    };
    for (name, value) in [
        ("cookie", format!("access_token={token}; Authorization=Bearer {token}")),
        ("x-authorization", format!("Bearer {token}")),
        ("proxy-authorization", format!("Bearer {token}")),
        ("authorization", token.clone()),
        ("authorization", format!("Token {token}")),
        ("authorization", format!("Bearer {token}, Bearer {token}")),
        ("authorization", format!("Bearer{token}")),
        ("authorization", format!("Bearer {}", token.to_uppercase())),
    ] {
        assert_eq!(with(name, &value).await, 401, "{name}: {value}");
    }
    let mut twice = request(Method::GET, CREDENTIALS, Some(&token), Body::empty());
    let value = format!("Bearer {token}").parse().unwrap();
    twice.headers_mut().append(header::AUTHORIZATION, value);
    assert_eq!(app.send(twice).await.status, 401);
}

#[tokio::test]
async fn another_learners_credential_looks_like_none_at_all_and_stays_as_it_is() {
    let app = TestApp::start().await;
    let both = [Scope::CredentialReadonly, Scope::CredentialUpsert];
    let (ada, ben) = (
        app.learner_token("ada", &both).await,
        app.learner_token("ben", &both).await,
    );
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    let delivered = app.post_json_as(&ada, CREDENTIALS, &credential).await;
    let path = delivered
        .header("location")
        .strip_prefix(PUBLIC_URL)
        .unwrap()
        .to_owned();
    let nothing = format!("{CREDENTIALS}/{}", "A".repeat(43));
    let (others, none) = (app.get_as(&ben, &path).await, app.get_as(&ben, &nothing).await);
    assert_eq!((others.status.as_u16(), &others.body), (404, &none.body));
    let calls = async |path: &str| app.counted(app.get_as(&ben, path)).await.1;
    assert_eq!(
        calls(&path).await,
        calls(&nothing).await,
        "nor by the time that it takes"
    );
    assert_eq!(app.get_as(&ben, CREDENTIALS).await.json(), json!({}));

    // The same credential, newer, delivered to somebody else, is that one's alone.
    let newer = signed(&app, "urn:example:1", "2026-01-11T00:00:00Z").await;
    assert_eq!(app.post_json_as(&ben, CREDENTIALS, &newer).await.status, 201);
    assert_eq!(app.get_as(&ada, &path).await.json(), credential);
    assert_eq!(app.get_as(&ben, &path).await.json(), newer);
}

#[tokio::test]
async fn ids_that_could_be_keys_of_other_items_name_nothing() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    for id in [
        "COUNT",
        "LEARNER",
        "ORD%230000000000",
        "..",
        "..%2Fprofile",
        "%00",
        "%0d%0a",
        "A%20",
        "*",
        &"A".repeat(42),
        &"A".repeat(44),
        &"A".repeat(10_000),
        &format!("{}%23", "A".repeat(42)),
        &"%C3%A9".repeat(22),
    ] {
        let answer = app.get_as(&token, &format!("{CREDENTIALS}/{id}")).await;
        assert_eq!(answer.status, 404, "{id}: {}", answer.text());
        assert_eq!(answer.json()["imsx_codeMajor"], "failure", "{id}");
    }
}

#[tokio::test]
async fn a_token_of_another_tenant_opens_no_function() {
    let app = TestApp::start().await;
    let tokens = tokens(&app).await;
    let mut other = app.app.clone();
    other.table = app.app.table.seen_by(TenantId::new("other").unwrap());
    let other = clr_server::router(local::routes(), other);
    for route in paths::TABLE {
        for (kind, token) in &tokens {
            if guard(route) == *kind {
                let answer = other.clone().oneshot(call(route, Some(token))).await.unwrap();
                assert_eq!(answer.status(), 401, "{route:?}");
            }
        }
    }
}

#[tokio::test]
async fn nobody_looks_after_another_clients_registration() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let registered = app
        .post_json("/oauth/register", &crate::oauth_client::metadata())
        .await
        .json();
    let thief = registered["registration_access_token"].as_str().unwrap();
    let (others, nobodys) = (
        format!("/oauth/register/{}", client.id),
        "/oauth/register/f81d4fae-7dec-11d0-a765-00a0c91e6bf6".to_owned(),
    );
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let send = async |path: &str| {
            let mut request = json_request(path, Some(thief), &json!({"client_id": client.id}));
            *request.method_mut() = method.clone();
            app.counted(app.send(request)).await
        };
        let ((answer, calls), (none, none_calls)) = (send(&others).await, send(&nobodys).await);
        assert_eq!((answer.status.as_u16(), &answer.body), (401, &none.body), "{method}");
        assert_eq!(calls, none_calls, "{method}");
    }
    assert_eq!(
        client.post(&app, "/oauth/introspect", &[("token", "x")]).await.status,
        200,
        "it is still there"
    );
}
