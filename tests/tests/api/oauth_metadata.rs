//! The authorization server's metadata (RFC 8414) says what is there.

use axum::{Json, body::Body, extract::State};
use clr_server::{App, PublicUrl, Routes, oauth_metadata};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{PUBLIC_URL, TestApp, request};
use tower::ServiceExt as _;

async fn document(app: &TestApp) -> Value {
    let router = clr_server::router(Routes::new().get("/metadata", metadata), app.app.clone());
    let response = router
        .oneshot(request(Method::GET, "/metadata", None, Body::empty()))
        .await
        .unwrap();
    serde_json::from_slice(&axum::body::to_bytes(response.into_body(), 10_000).await.unwrap()).unwrap()
}

async fn metadata(State(app): State<App>, url: PublicUrl) -> Json<Value> {
    Json(oauth_metadata(&url, &app.config))
}

#[tokio::test]
async fn every_endpoint_is_there_and_under_the_issuer() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    assert_eq!(document["issuer"], PUBLIC_URL);
    let mut endpoints = 0;
    for (name, url) in document
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| name.ends_with("_endpoint"))
    {
        let path = url
            .as_str()
            .unwrap()
            .strip_prefix(PUBLIC_URL)
            .expect("a path under the issuer");
        let answer = app.send(request(Method::POST, path, None, Body::empty())).await;
        assert_ne!(answer.status, StatusCode::NOT_FOUND, "{name}");
        assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{name}");
        endpoints += 1;
    }
    assert_eq!(endpoints, 6);
}

#[tokio::test]
async fn the_scopes_are_those_that_an_application_can_register() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let supported: Vec<&str> = document["scopes_supported"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(Value::as_str)
        .collect();
    let mut metadata = crate::oauth_client::metadata();
    metadata["scope"] = json!(format!("{} issue openid", supported.join(" ")));
    let registered = app.post_json("/oauth/register", &metadata).await.json();
    assert_eq!(registered["scope"], supported.join(" "));
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(document["response_types_supported"], json!(["code"]));
}
