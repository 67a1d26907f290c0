//! Bearer tokens at the API (RFC 6750), seen through an endpoint that tells who calls.

use std::time::Duration;

use axum::{Router, body::Body};
use clr_core::oauth::Scope;
use clr_server::{Caller, CredentialReadonly, Issue, OperatorCaller, Routes};
use http::{Method, Request, Response, StatusCode, header};
use tests::{TestApp, request};
use tower::ServiceExt as _;

fn router(app: &TestApp) -> Router {
    clr_server::router(
        Routes::new().get("/learner", learner).get("/operator", operator),
        app.app.clone(),
    )
}

async fn learner(caller: Caller<CredentialReadonly>) -> String {
    caller.learner_id.to_string()
}

async fn operator(caller: OperatorCaller<Issue>) -> String {
    caller.client_id
}

async fn call(app: &TestApp, path: &str, token: Option<&str>) -> Response<Body> {
    router(app)
        .oneshot(request(Method::GET, path, token, Body::empty()))
        .await
        .unwrap()
}

#[track_caller]
fn check(response: &Response<Body>, status: StatusCode, challenge: &str) {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], challenge);
}

#[tokio::test]
async fn a_token_stands_for_its_learner() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    let response = call(&app, "/learner", Some(&token)).await;
    assert_eq!(response.status(), StatusCode::OK);
    let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
    assert_eq!(body, app.learner_id("ada").as_str());
}

#[tokio::test]
async fn without_a_token_the_challenge_names_no_error() {
    let app = TestApp::start().await;
    check(&call(&app, "/learner", None).await, StatusCode::UNAUTHORIZED, "Bearer");
    let basic = Request::get("/learner")
        .header(header::AUTHORIZATION, "Basic YTpi")
        .body(Body::empty())
        .unwrap();
    check(
        &router(&app).oneshot(basic).await.unwrap(),
        StatusCode::UNAUTHORIZED,
        "Bearer",
    );
}

#[tokio::test]
async fn an_unknown_or_altered_token_is_invalid() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    let last = if token.ends_with('A') { "E" } else { "A" };
    let altered = format!("{}{last}", &token[..token.len() - 1]);
    let other_grant = format!("f81d4fae7dec11d0a76500a0c91e6bf6{}", &token[32..]);
    for token in ["x", "a.b", &altered, &other_grant] {
        let response = call(&app, "/learner", Some(token)).await;
        check(&response, StatusCode::UNAUTHORIZED, r#"Bearer error="invalid_token""#);
    }
}

#[tokio::test]
async fn an_expired_token_is_invalid() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    app.clock.advance(Duration::from_secs(3_599).try_into().unwrap());
    assert_eq!(call(&app, "/learner", Some(&token)).await.status(), StatusCode::OK);
    app.clock.advance(Duration::from_secs(1).try_into().unwrap());
    let response = call(&app, "/learner", Some(&token)).await;
    check(&response, StatusCode::UNAUTHORIZED, r#"Bearer error="invalid_token""#);
}

#[tokio::test]
async fn a_token_without_the_scope_is_forbidden_and_the_scope_is_named() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialUpsert]).await;
    let scope = Scope::CredentialReadonly;
    let challenge = format!(r#"Bearer error="insufficient_scope", scope="{scope}""#);
    check(
        &call(&app, "/learner", Some(&token)).await,
        StatusCode::FORBIDDEN,
        &challenge,
    );
    let response = call(&app, "/operator", Some(&token)).await;
    check(
        &response,
        StatusCode::FORBIDDEN,
        r#"Bearer error="insufficient_scope", scope="issue""#,
    );
}

#[tokio::test]
async fn an_operators_token_opens_the_operators_endpoints_only() {
    let app = TestApp::start().await;
    let token = app.operator_token(&[Scope::Issue]).await;
    assert_eq!(call(&app, "/operator", Some(&token)).await.status(), StatusCode::OK);
    assert_eq!(
        call(&app, "/learner", Some(&token)).await.status(),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn open_issue_lifts_the_issue_scope_and_no_other() {
    let app = TestApp::configured(|config| config.open_issue = true).await;
    assert_eq!(call(&app, "/operator", None).await.status(), StatusCode::OK);
    assert_eq!(call(&app, "/learner", None).await.status(), StatusCode::UNAUTHORIZED);
}
