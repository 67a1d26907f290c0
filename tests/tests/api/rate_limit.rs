//! Bounded attempts on open endpoints, over the real routers.

use std::{net::SocketAddr, time::Duration};

use axum::{body::Body, extract::ConnectInfo};
use clr_server::{
    Routes,
    rate_limit::{Verification, Within},
};
use http::{Method, Request};
use tests::{Answer, TestApp, json_request, request};
use tower::ServiceExt as _;

use crate::oauth_client::metadata;

async fn app() -> TestApp {
    TestApp::configured(|config| config.attempts_per_minute = 60).await
}

fn from_address(mut request: Request<Body>, address: &str) -> Request<Body> {
    let address: SocketAddr = address.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

async fn register(app: &TestApp, address: &str) -> Answer {
    app.send(from_address(
        json_request("/oauth/register", None, &metadata()),
        address,
    ))
    .await
}

#[tokio::test]
async fn the_sixty_first_registration_of_a_minute_is_told_when_to_come_back() {
    let app = app().await;
    app.clock.advance(Duration::from_secs(15).try_into().unwrap());
    for attempt in 0..60 {
        let answer = register(&app, "192.0.2.1:1000").await;
        assert_eq!(answer.status, 201, "attempt {attempt}: {}", answer.text());
    }
    let refused = register(&app, "192.0.2.1:2000").await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "45"));
    assert_eq!(refused.json()["error"], "too_many_requests");
    assert_eq!(refused.header("cache-control"), "no-store");
    assert_eq!(register(&app, "192.0.2.2:1000").await.status, 201, "another address");
    app.clock.advance(Duration::from_secs(45).try_into().unwrap());
    assert_eq!(register(&app, "192.0.2.1:1000").await.status, 201, "the next minute");
}

#[tokio::test]
async fn a_header_cannot_name_another_address() {
    let app = app().await;
    for attempt in 0..61 {
        let mut request = json_request("/oauth/register", None, &metadata());
        let forwarded = format!("198.51.100.{attempt}");
        for name in ["x-forwarded-for", "forwarded", "x-real-ip"] {
            request.headers_mut().insert(name, forwarded.parse().unwrap());
        }
        let answer = app.send(from_address(request, "192.0.2.1:1000")).await;
        assert_eq!(answer.status, if attempt < 60 { 201 } else { 429 }, "attempt {attempt}");
    }
}

#[tokio::test]
async fn an_address_that_nobody_tells_is_counted_too() {
    let app = app().await;
    for _ in 0..60 {
        app.post_json("/oauth/register", &metadata()).await;
    }
    assert_eq!(app.post_json("/oauth/register", &metadata()).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_of_a_hundred_attempts_at_once_are_let_through() {
    let app = app().await;
    let attempts = (0..100).map(|_| register(&app, "192.0.2.1:1000"));
    let answers = futures::future::join_all(attempts).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 60);
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 40);
}

async fn open(_: Within<Verification>) -> &'static str {
    "answered"
}

#[tokio::test]
async fn classes_are_counted_apart_and_answer_in_their_own_dialect() {
    let app = app().await;
    for _ in 0..61 {
        register(&app, "192.0.2.1:1000").await;
    }
    let router = clr_server::router(Routes::new().get("/open", open), app.app.clone());
    let mut statuses = Vec::new();
    for _ in 0..61 {
        let request = from_address(request(Method::GET, "/open", None, Body::empty()), "192.0.2.1:1000");
        let response = router.clone().oneshot(request).await.unwrap();
        statuses.push(response.status().as_u16());
        if response.status() == 429 {
            assert_eq!(response.headers()["retry-after"], "60");
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["imsx_codeMajor"], "failure");
        }
    }
    assert_eq!(statuses, [vec![200; 60], vec![429]].concat());
}

#[tokio::test]
async fn a_counter_that_fails_takes_nothing_down() {
    let app = app().await;
    let mut broken = app.app.clone();
    let client = local::embedded_table::start(dynoxide::Database::memory().unwrap())
        .await
        .unwrap();
    broken.table = clr_core::Table::new(client, "no-such-table", broken.table.tenant().clone());
    let router = clr_server::router(Routes::new().get("/open", open), broken);
    let request = request(Method::GET, "/open", None, Body::empty());
    assert_eq!(router.oneshot(request).await.unwrap().status(), 200);
}
