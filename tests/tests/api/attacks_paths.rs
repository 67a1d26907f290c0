//! OWASP API9: nothing is served but what the path table lists.

use axum::body::Body;
use clr_server::paths;
use http::Method;
use tests::{TestApp, request};

#[tokio::test]
async fn nothing_is_at_the_paths_that_scanners_try() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/admin",
        "/.env",
        "/.git/config",
        "/debug",
        "/debug/pprof/",
        "/metrics",
        "/health",
        "/actuator/env",
        "/server-status",
        "/swagger.json",
        "/openapi.json",
        "/api-docs",
        "/graphql",
        "/config.json",
        "/robots.txt",
        "/oauth",
        "/oauth/",
        "/oauth/clients",
        "/oauth/admin",
        "/oauth/token/",
        "/oauth//token",
        "//oauth/token",
        "/oauth/token/x",
        "/OAuth/token",
        "/oauth/Token",
        "/oauth/%74oken",
        "/oauth%2Ftoken",
        "/oauth/authorize/..",
        "/oauth/register/",
        "/ims/clr/v1p0/credentials",
        "/ims/ob/v3p0/credentials",
        "/ims/clr/v2p0",
        "/ims/clr/v2p0/",
        "/ims/clr/v2p0/credentials/",
        "/ims/clr/v2p0//credentials",
        "/ims/clr/v2p0/credentials/a/b",
        "/ims/clr/v2p0/../../admin",
        "/ims/clr/v2p0/..%2f..%2fadmin",
        "/ims/clr/v2p0/credentials;a=b",
        "/ims/clr/v2p0/credentials.json",
        "/credentials",
        "/credentials/",
        "/credentials/issue/",
        "/credentials/derive",
        "/presentations",
        "/status",
        "/status/",
        "/status/a/b",
        "/.well-known/",
        "/.well-known/security",
        "/issuer/",
        "/dev",
        "/prod",
        "/%00",
        "/%0d%0aX-Evil:1",
        "/a%20b",
        "/2015-03-31/functions/token/invocations",
    ] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = app.send(request(method.clone(), path, None, Body::empty())).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
            assert_eq!(answer.json()["imsx_codeMajor"], "failure", "{method} {path}");
            assert!(answer.headers.get("x-evil").is_none());
            // What was asked for is not sent back.
            assert!(
                !answer.text().contains(path) || path == "/",
                "{path}: {}",
                answer.text()
            );
        }
    }
}

#[tokio::test]
async fn methods_that_no_endpoint_has_are_refused_everywhere() {
    let app = TestApp::start().await;
    for route in paths::TABLE {
        let path = route.path.replace('{', "a").replace('}', "b");
        for method in ["TRACE", "CONNECT", "PATCH", "PROPFIND", "DEBUG", "get", "GETX"] {
            let answer = app
                .send(request(method.parse().unwrap(), &path, None, Body::from("x")))
                .await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert!(!answer.header("allow").is_empty(), "{method} {path}");
        }
    }
}
