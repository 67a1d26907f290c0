//! What holds for every path and every method: no table row and no handler can be without it.

use std::collections::BTreeSet;

use axum::body::Body;
use clr_core::oauth::Scope;
use clr_server::{Routes, paths};
use http::{Method, StatusCode, header};
use serde_json::json;
use tests::{Answer, TestApp, json_request, request};
use tower::ServiceExt as _;

use crate::records::{ISSUED, signed};

/// Where learners are; no script of another origin has anything to do there.
const PAGES: [&str; 3] = [paths::AUTHORIZE, paths::SIGNED_IN, paths::GRANTS];

/// What may be kept by caches, and is not asked for with `Accept`.
const PUBLISHED: [&str; 9] = [
    paths::CLR_DISCOVERY,
    paths::OAUTH_METADATA,
    paths::OPENID_CONFIGURATION,
    paths::DID_DOCUMENT,
    paths::JWKS,
    paths::ISSUER_PROFILE,
    paths::STATUS_LIST,
    paths::TERMS,
    paths::PRIVACY,
];

/// Who calls these is known by a token.
const WITH_TOKEN: [(&str, &str); 7] = [
    ("GET", paths::CLR_CREDENTIALS),
    ("POST", paths::CLR_CREDENTIALS),
    ("GET", paths::CLR_CREDENTIAL),
    ("GET", paths::CLR_PROFILE),
    ("PUT", paths::CLR_PROFILE),
    ("POST", paths::ISSUE),
    ("POST", paths::CHANGE_STATUS),
];

/// These look at `Accept`.
const NEGOTIATED: [(&str, &str); 10] = [
    ("GET", paths::CLR_DISCOVERY),
    ("GET", paths::CLR_CREDENTIALS),
    ("POST", paths::CLR_CREDENTIALS),
    ("GET", paths::CLR_CREDENTIAL),
    ("GET", paths::CLR_PROFILE),
    ("PUT", paths::CLR_PROFILE),
    ("POST", paths::ISSUE),
    ("POST", paths::CHANGE_STATUS),
    ("POST", paths::VERIFY),
    ("POST", paths::VERIFY_PRESENTATION),
];

fn patterns() -> BTreeSet<&'static str> {
    paths::TABLE.iter().map(|route| route.path).collect()
}

/// A path of this pattern, where nothing is.
fn path(pattern: &str) -> String {
    let segments = pattern.split('/').map(|segment| match segment {
        "{clr_credential_id}" => "A".repeat(43),
        parameter if parameter.starts_with('{') => "f81d4fae-7dec-11d0-a765-00a0c91e6bf6".to_owned(),
        other => other.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

fn methods() -> Vec<Method> {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
        Method::PATCH,
        Method::TRACE,
    ];
    let unknown = Method::from_bytes(b"PROPFIND").unwrap();
    known.into_iter().chain([unknown]).collect()
}

/// Every pattern and method, and what an empty request without a token gets.
async fn answers(app: &TestApp) -> Vec<(&'static str, Method, Answer)> {
    let mut answers = Vec::new();
    for pattern in patterns() {
        for method in methods() {
            let answer = app
                .send(request(method.clone(), &path(pattern), None, Body::empty()))
                .await;
            answers.push((pattern, method, answer));
        }
    }
    answers
}

fn allow(pattern: &str) -> String {
    let methods = paths::allowed_methods(&path(pattern));
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

fn code(answer: &Answer) -> String {
    let fields = &answer.json()["imsx_codeMinor"]["imsx_codeMinorField"];
    fields[0]["imsx_codeMinorFieldValue"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn methods_are_answered_or_refused_as_the_table_says() {
    let app = TestApp::start().await;
    for (pattern, method, answer) in answers(&app).await {
        let row = format!("{method} {pattern}");
        let is_allowed = paths::allowed_methods(&path(pattern)).contains(&method);
        if method == Method::OPTIONS {
            assert_eq!(
                (answer.status, answer.header("allow")),
                (StatusCode::NO_CONTENT, &*allow(pattern)),
                "{row}"
            );
            assert!(answer.body.is_empty(), "{row}");
        } else if is_allowed {
            assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{row}");
            assert!(!answer.text().contains("there is nothing at this path"), "{row}");
            assert!(!answer.status.is_server_error(), "{row}: {}", answer.text());
        } else {
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{row}");
            assert_eq!(answer.header("allow"), allow(pattern), "{row}");
            assert!(method == Method::HEAD || code(&answer) == "not_allowed", "{row}");
        }
    }
}

#[tokio::test]
async fn a_browser_of_any_origin_reads_everything_but_the_pages() {
    let app = TestApp::start().await;
    let exposed = "Link, X-Total-Count, Location, ETag, Retry-After, WWW-Authenticate, Preference-Applied, X-Request-Id, Credential-State";
    for (pattern, method, answer) in answers(&app).await {
        let row = format!("{method} {pattern}");
        let is_page = PAGES.contains(&pattern);
        let origin = if is_page { "" } else { "*" };
        assert_eq!(answer.header("access-control-allow-origin"), origin, "{row}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{row}");
        let seen = answer.header("access-control-expose-headers");
        assert_eq!(seen, if is_page { "" } else { exposed }, "{row}");
        let is_preflight = method == Method::OPTIONS && !is_page;
        let methods = if is_preflight { allow(pattern) } else { String::new() };
        assert_eq!(answer.header("access-control-allow-methods"), methods, "{row}");
        for name in [
            "Authorization",
            "DPoP",
            "Content-Type",
            "Prefer",
            "If-Match",
            "If-None-Match",
            "Idempotency-Key",
        ] {
            let allowed = answer.header("access-control-allow-headers").split(", ");
            assert_eq!(
                allowed.into_iter().any(|allowed| allowed == name),
                is_preflight,
                "{row}: {name}"
            );
        }
    }
}

#[tokio::test]
async fn nothing_is_kept_by_caches_but_what_is_published() {
    let app = TestApp::start().await;
    for (pattern, method, answer) in answers(&app).await {
        let row = format!("{method} {pattern}");
        let kept = answer.header("cache-control");
        if method == Method::OPTIONS {
            continue;
        }
        if PUBLISHED.contains(&pattern) && answer.status.is_success() {
            assert!(kept.starts_with("public, max-age="), "{row}: {kept}");
            assert!(answer.header("etag").starts_with('"'), "{row}");
        } else {
            assert!(kept.contains("no-store"), "{row}: {} {kept:?}", answer.status);
        }
    }
}

#[tokio::test]
async fn every_refusal_is_json_and_says_how_to_do_better() {
    let app = TestApp::start().await;
    for (pattern, method, answer) in answers(&app).await {
        let row = format!("{method} {pattern}");
        let is_answered = paths::allowed_methods(&path(pattern)).contains(&method);
        if answer.status.is_client_error() && !(PAGES.contains(&pattern) && is_answered) {
            assert_eq!(answer.header("content-type"), "application/json", "{row}");
        }
        if answer.status == StatusCode::UNAUTHORIZED {
            assert!(!answer.header("www-authenticate").is_empty(), "{row}");
        }
    }
}

#[tokio::test]
async fn every_answer_has_an_id_that_the_caller_did_not_choose() {
    let app = TestApp::start().await;
    let mut ids = BTreeSet::new();
    let answers = answers(&app).await;
    for (pattern, method, answer) in &answers {
        assert!(!answer.header("x-request-id").is_empty(), "{method} {pattern}");
        ids.insert(answer.header("x-request-id"));
    }
    assert_eq!(ids.len(), answers.len());
}

#[tokio::test]
async fn a_browser_may_read_that_a_handler_panicked() {
    async fn panics() -> String {
        panic!("on purpose")
    }
    let app = TestApp::start().await;
    let router = clr_server::router(Routes::new().get("/panics", panics), app.app.clone());
    let response = router
        .oneshot(request(Method::GET, "/panics", None, Body::empty()))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(response.headers().contains_key("x-request-id"));
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::start().await;
    for route in paths::TABLE.iter().filter(|route| route.method == "GET") {
        let path = path(route.path);
        let get = app.get(&path).await;
        let head = app.send(request(Method::HEAD, &path, None, Body::empty())).await;
        assert!(head.body.is_empty(), "{path}");
        assert_eq!(head.status, get.status, "{path}");
        for name in [
            header::CONTENT_TYPE,
            header::CACHE_CONTROL,
            header::ETAG,
            header::WWW_AUTHENTICATE,
        ] {
            assert_eq!(head.header(name.as_str()), get.header(name.as_str()), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn who_calls_without_a_token_is_told_to_bring_one() {
    let app = TestApp::start().await;
    for (method, pattern) in WITH_TOKEN {
        let mut request = json_request(&path(pattern), None, &json!({}));
        *request.method_mut() = method.parse().unwrap();
        let answer = app.send(request).await;
        let row = format!("{method} {pattern}");
        assert_eq!(
            (answer.status.as_u16(), answer.header("www-authenticate")),
            (401, "Bearer"),
            "{row}"
        );
        assert_eq!(code(&answer), "unauthorizedrequest", "{row}");
    }
}

#[tokio::test]
async fn a_caller_who_accepts_nothing_of_it_is_refused_where_accept_counts() {
    let app = TestApp::start().await;
    for route in paths::routes() {
        let row = format!("{} {}", route.method, route.path);
        let send = async |accept: &str| {
            let mut request = request(route.method.parse().unwrap(), &path(route.path), None, Body::empty());
            request.headers_mut().insert(header::ACCEPT, accept.parse().unwrap());
            app.send(request).await
        };
        let looked_up = if route.method == "HEAD" { "GET" } else { route.method };
        let counts = NEGOTIATED.contains(&(looked_up, route.path));
        for accept in ["image/png", "application/json;q=0, text/html", "*/*;q=0"] {
            let answer = send(accept).await;
            assert_eq!(answer.status == StatusCode::NOT_ACCEPTABLE, counts, "{row}: {accept}");
            if counts && route.method != "HEAD" {
                assert_eq!(code(&answer), "not_acceptable", "{row}");
                assert_eq!(answer.header("content-type"), "application/json", "{row}");
            }
        }
        for accept in [
            "*/*",
            "application/*",
            "text/html, application/json;q=0.1",
            "application/vc+ld+json",
            "",
        ] {
            assert_ne!(send(accept).await.status, StatusCode::NOT_ACCEPTABLE, "{row}: {accept}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_answered_is_not_done_either() {
    let app = TestApp::start().await;
    let scopes = [
        Scope::CredentialReadonly,
        Scope::CredentialUpsert,
        Scope::ProfileReadonly,
        Scope::ProfileUpdate,
    ];
    let token = app.learner_token("ada", &scopes).await;
    let before = app.get_as(&token, paths::CLR_PROFILE).await.text();
    let profile = json!({ "id": "urn:example:ada", "type": ["Profile"] });
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    for (method, path, body) in [
        (Method::PUT, paths::CLR_PROFILE, profile),
        (Method::POST, paths::CLR_CREDENTIALS, credential),
    ] {
        let mut request = json_request(path, Some(&token), &body);
        *request.method_mut() = method;
        request
            .headers_mut()
            .insert(header::ACCEPT, "image/png".parse().unwrap());
        assert_eq!(app.send(request).await.status, StatusCode::NOT_ACCEPTABLE, "{path}");
    }
    assert_eq!(app.get_as(&token, paths::CLR_PROFILE).await.text(), before);
    assert_eq!(app.get_as(&token, paths::CLR_CREDENTIALS).await.json(), json!({}));
}

#[tokio::test]
async fn a_compact_jws_is_given_to_who_accepts_text() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    for (path, status) in [
        (path(paths::CLR_CREDENTIAL), 404),
        (paths::CLR_CREDENTIALS.to_owned(), 406),
    ] {
        let mut request = request(Method::GET, &path, Some(&token), Body::empty());
        request
            .headers_mut()
            .insert(header::ACCEPT, "text/plain".parse().unwrap());
        assert_eq!(app.send(request).await.status.as_u16(), status, "{path}");
    }
}
