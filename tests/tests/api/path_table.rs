//! The path table holds for every function, and for what no function answers.

use std::collections::BTreeSet;

use axum::body::Body;
use clr_server::paths;
use http::Method;
use tests::{TestApp, request};

#[test]
fn each_function_answers_what_the_table_says_and_nothing_else() {
    let functions = local::functions();
    for (name, routes) in &functions {
        let answered: BTreeSet<_> = routes
            .endpoints()
            .iter()
            .map(|endpoint| (endpoint.method.as_str(), endpoint.path))
            .collect();
        let listed: BTreeSet<_> = paths::routes()
            .filter(|route| route.function == *name)
            .map(|route| (route.method, route.path))
            .collect();
        assert_eq!(answered, listed, "{name}");
    }
    let named: BTreeSet<_> = functions.iter().map(|(name, _)| *name).collect();
    let listed: BTreeSet<_> = paths::routes().map(|route| route.function).collect();
    assert_eq!(named, listed);
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_are_allowed() {
    let app = TestApp::start().await;
    for (method, path, allow) in [
        (Method::DELETE, "/ims/clr/v2p0/credentials", "GET, HEAD, POST, OPTIONS"),
        (Method::POST, "/ims/clr/v2p0/discovery", "GET, HEAD, OPTIONS"),
        (Method::PUT, "/ims/clr/v2p0/credentials/abc", "GET, HEAD, OPTIONS"),
    ] {
        let answer = app.send(request(method.clone(), path, None, Body::empty())).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
        let code = &answer.json()["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"];
        assert_eq!(code, "not_allowed");
    }
}

#[tokio::test]
async fn options_tells_methods_and_answers_browsers() {
    let app = TestApp::start().await;
    let answer = app
        .send(request(
            Method::OPTIONS,
            "/ims/clr/v2p0/credentials",
            None,
            Body::empty(),
        ))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("allow")),
        (204, "GET, HEAD, POST, OPTIONS")
    );
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(
        answer.header("access-control-allow-methods"),
        "GET, HEAD, POST, OPTIONS"
    );
    assert!(answer.header("access-control-allow-headers").contains("Authorization"));
    let nothing = app
        .send(request(Method::OPTIONS, "/nothing", None, Body::empty()))
        .await;
    assert_eq!(nothing.status, 404);
}

#[tokio::test]
async fn a_browser_client_may_read_answers_and_errors() {
    let app = TestApp::start().await;
    for path in ["/ims/clr/v2p0/discovery", "/ims/clr/v2p0/credentials", "/nothing"] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert!(
            answer.header("access-control-expose-headers").contains("X-Total-Count"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_consent_page_is_not_for_foreign_scripts() {
    let app = TestApp::start().await;
    let answer = app.get("/oauth/authorize").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn head_answers_as_get_without_the_body() {
    let app = TestApp::start().await;
    let path = "/ims/clr/v2p0/discovery";
    let (get, head) = (
        app.get(path).await,
        app.send(request(Method::HEAD, path, None, Body::empty())).await,
    );
    assert_eq!((head.status, head.header("etag")), (get.status, get.header("etag")));
    assert!(head.body.is_empty() && !get.body.is_empty());
}
