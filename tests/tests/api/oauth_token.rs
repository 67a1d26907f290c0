//! `POST /oauth/token` (RFC 6749, section 5; RFC 7636; digest sections 2.3 and 2.4).

use std::time::Duration;

use axum::body::Body;
use clr_core::oauth::{Client, GrantToken, OperatorClient, Scope};
use http::{Method, header};
use serde_json::{Value, json};
use tests::{Answer, TestApp, form_request, request};

use crate::oauth_client::{READ, TestClient, UPSERT};

#[track_caller]
fn check_refused(answer: &Answer, error: &str) {
    let status = if error == "invalid_client" { 401 } else { 400 };
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.json()["error"], error, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("www-authenticate").starts_with("Basic"), status == 401);
}

/// Whether the API takes this access token.
async fn is_valid(app: &TestApp, access_token: &Value) -> bool {
    let token = GrantToken::parse(access_token.as_str().unwrap()).unwrap();
    let grant = app.app.table.grant(token.grant).await.unwrap().unwrap();
    grant.access(&token.secret, app.now()).is_some()
}

fn pass(app: &TestApp, seconds: u64) {
    app.clock.advance(Duration::from_secs(seconds).try_into().unwrap());
}

#[tokio::test]
async fn a_code_used_twice_is_refused_and_what_it_gave_is_dead() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let code = client.code(&app, &format!("{READ} offline_access")).await;
    let tokens = client.redeem(&app, &code).await.json();
    assert!(is_valid(&app, &tokens["access_token"]).await);
    check_refused(&client.redeem(&app, &code).await, "invalid_grant");
    assert!(!is_valid(&app, &tokens["access_token"]).await);
    check_refused(&client.refresh(&app, &tokens["refresh_token"]).await, "invalid_grant");
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let code = client.code(&app, READ).await;
    pass(&app, 600);
    check_refused(&client.redeem(&app, &code).await, "invalid_grant");
}

#[tokio::test]
async fn a_code_is_bound_to_verifier_redirect_uri_and_client() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let other = TestClient::register(&app).await;
    let code = client.code(&app, READ).await;
    for (place, value) in [(2, "https://app.example/"), (3, other.verifier.as_str())] {
        let mut form = client.redemption(&code);
        form[place].1 = value;
        check_refused(&client.token(&app, &form).await, "invalid_grant");
    }
    let stolen = TestClient {
        verifier: client.verifier.clone(),
        ..other
    };
    check_refused(&stolen.redeem(&app, &code).await, "invalid_grant");
    assert_eq!(
        client.redeem(&app, &code).await.status,
        200,
        "none of that burned the code"
    );
}

#[tokio::test]
async fn each_parameter_is_missed_by_name() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let code = client.code(&app, READ).await;
    for missing in ["grant_type", "code", "redirect_uri", "code_verifier"] {
        let form: Vec<_> = client
            .redemption(&code)
            .into_iter()
            .filter(|(name, _)| *name != missing)
            .collect();
        let answer = client.token(&app, &form).await;
        check_refused(&answer, "invalid_request");
        assert_eq!(answer.json()["error_description"], format!("{missing} is missing"));
    }
    let twice = [&client.redemption(&code)[..], &[("code", &code)]].concat();
    check_refused(&client.token(&app, &twice).await, "invalid_request");
    check_refused(
        &client.token(&app, &[("grant_type", "password")]).await,
        "unsupported_grant_type",
    );
    check_refused(
        &client.token(&app, &[("grant_type", "refresh_token")]).await,
        "invalid_request",
    );
}

#[tokio::test]
async fn tokens_that_cannot_be_ours_are_refused() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let unknown = format!("f81d4fae7dec11d0a76500a0c91e6bf6.{}", "a".repeat(43));
    for text in ["x", "a.b", &unknown] {
        check_refused(&client.redeem(&app, text).await, "invalid_grant");
        check_refused(&client.refresh(&app, &json!(text)).await, "invalid_grant");
    }
}

#[tokio::test]
async fn a_client_that_does_not_prove_itself_is_refused() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let other = TestClient::register(&app).await;
    let code = client.code(&app, READ).await;
    let form = client.redemption(&code);
    let wrong = TestClient {
        secret: other.secret.clone(),
        ..client.clone()
    };
    let wrong_secret = wrong.token(&app, &form).await;
    check_refused(&wrong_secret, "invalid_client");
    let unknown = TestClient {
        id: "f81d4fae-7dec-11d0-a765-00a0c91e6bf6".to_owned(),
        ..client.clone()
    };
    let unknown_client = unknown.token(&app, &form).await;
    check_refused(&unknown_client, "invalid_client");
    assert_eq!(
        unknown_client.body, wrong_secret.body,
        "an unknown client cannot be told from a wrong secret"
    );
    let garbage = TestClient {
        id: "x".to_owned(),
        ..client.clone()
    };
    check_refused(&garbage.token(&app, &form).await, "invalid_client");
    check_refused(&app.post_form("/oauth/token", &form).await, "invalid_client");
    let mut bearer = form_request("/oauth/token", &form);
    bearer
        .headers_mut()
        .insert(header::AUTHORIZATION, "Bearer x".parse().unwrap());
    check_refused(&app.send(bearer).await, "invalid_client");
    assert_eq!(client.redeem(&app, &code).await.status, 200);
}

#[tokio::test]
async fn a_client_proves_itself_in_the_one_way_that_it_registered() {
    let app = TestApp::start().await;
    let basic = TestClient::register(&app).await;
    let post = TestClient::register_as(&app, |metadata| {
        metadata["token_endpoint_auth_method"] = json!("client_secret_post");
    })
    .await;
    for client in [&basic, &post] {
        let code = client.code(&app, READ).await;
        let own = [
            ("client_id", client.id.as_str()),
            ("client_secret", client.secret.as_str()),
        ];
        let form = [&client.redemption(&code)[..], &own].concat();
        check_refused(&client.token(&app, &form).await, "invalid_request");
        let other = [&client.redemption(&code)[..], &[("client_id", "x")]].concat();
        check_refused(&client.token(&app, &other).await, "invalid_request");
        let (in_form, in_header) = (
            app.post_form("/oauth/token", &form).await,
            client.redeem(&app, &code).await,
        );
        let (own, foreign) = if client.id == basic.id {
            (in_header, in_form)
        } else {
            (in_form, in_header)
        };
        assert_eq!(own.status, 200, "{}", own.text());
        check_refused(&foreign, "invalid_client");
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_or_too_long_is_refused() {
    let app = TestApp::start().await;
    check_refused(&app.post_json("/oauth/token", &json!({})).await, "invalid_request");
    let untyped = request(
        Method::POST,
        "/oauth/token",
        None,
        Body::from("grant_type=refresh_token"),
    );
    check_refused(&app.send(untyped).await, "invalid_request");
    let long = "a".repeat(40_000);
    check_refused(
        &app.post_form("/oauth/token", &[("grant_type", &long)]).await,
        "invalid_request",
    );
}

#[tokio::test]
async fn scope_can_narrow_and_never_widens() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let code = client.code(&app, &format!("{READ} offline_access")).await;
    let redeem = |scope| [&client.redemption(&code)[..], &[("scope", scope)]].concat();
    check_refused(&client.token(&app, &redeem(UPSERT)).await, "invalid_scope");
    check_refused(&client.token(&app, &redeem("openid")).await, "invalid_scope");
    let tokens = client.token(&app, &redeem(READ)).await.json();
    assert_eq!(tokens["scope"], READ);
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let refresh = |scope| {
        [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("scope", scope),
        ]
    };
    check_refused(&client.token(&app, &refresh(UPSERT)).await, "invalid_scope");
    assert_eq!(client.token(&app, &refresh(READ)).await.json()["scope"], READ);
}

#[tokio::test]
async fn a_refresh_token_is_given_for_offline_access_only() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    assert_eq!(client.tokens(&app, READ).await.get("refresh_token"), None);
    assert!(client.tokens(&app, &format!("{READ} offline_access")).await["refresh_token"].is_string());
}

#[tokio::test]
async fn a_refresh_token_is_retried_within_thirty_seconds_and_reuse_after_that_ends_all() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let first = client.tokens(&app, &format!("{READ} offline_access")).await;
    assert_eq!(client.refresh(&app, &first["refresh_token"]).await.status, 200);
    pass(&app, 29);
    let retried = client.refresh(&app, &first["refresh_token"]).await;
    assert_eq!(retried.status, 200, "{}", retried.text());
    let current = client.refresh(&app, &retried.json()["refresh_token"]).await.json();
    pass(&app, 30);
    assert!(is_valid(&app, &current["access_token"]).await);
    check_refused(&client.refresh(&app, &first["refresh_token"]).await, "invalid_grant");
    assert!(!is_valid(&app, &current["access_token"]).await);
    check_refused(&client.refresh(&app, &current["refresh_token"]).await, "invalid_grant");
}

#[tokio::test]
async fn another_client_cannot_refresh() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let thief = TestClient::register(&app).await;
    let tokens = client.tokens(&app, &format!("{READ} offline_access")).await;
    check_refused(&thief.refresh(&app, &tokens["refresh_token"]).await, "invalid_grant");
    assert_eq!(client.refresh(&app, &tokens["refresh_token"]).await.status, 200);
}

#[tokio::test]
async fn client_credentials_are_for_the_operators_clients_only() {
    let app = TestApp::start().await;
    let operator = OperatorClient::new("registrar", [Scope::Issue].into_iter().collect()).unwrap();
    let (operator, secret) = Client::of_operator(operator, app.now(), &app.app.randomness);
    app.app.table.insert_client(&operator).await.unwrap();
    let application = TestClient::register(&app).await;
    let operator = TestClient {
        id: operator.id().to_string(),
        secret: secret.reveal().to_owned(),
        verifier: application.verifier.clone(),
    };
    let form = [("grant_type", "client_credentials")];
    let answer = operator.token(&app, &form).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let tokens = answer.json();
    assert_eq!((&tokens["scope"], tokens.get("refresh_token")), (&json!("issue"), None));
    assert!(is_valid(&app, &tokens["access_token"]).await);
    let wider = [form[0], ("scope", READ)];
    check_refused(&operator.token(&app, &wider).await, "invalid_scope");
    check_refused(&application.token(&app, &form).await, "unauthorized_client");
    let code = application.code(&app, READ).await;
    check_refused(&operator.redeem(&app, &code).await, "unauthorized_client");
}
