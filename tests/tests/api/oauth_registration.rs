//! `POST /oauth/register` (RFC 7591; digest section 2.1).

use axum::body::Body;
use http::{Method, header};
use serde_json::{Value, json};
use tests::{Answer, TestApp, request};

use crate::oauth_client::{READ, UPSERT, metadata};

async fn register(app: &TestApp, change: impl FnOnce(&mut Value)) -> Answer {
    let mut metadata = metadata();
    change(&mut metadata);
    app.post_json("/oauth/register", &metadata).await
}

#[track_caller]
fn check_refused(answer: &Answer, error: &str, description: &str) {
    assert_eq!(answer.status, 400, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["error"], error, "{body}");
    assert!(
        body["error_description"].as_str().unwrap().contains(description),
        "{description} in {body}"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn every_submitted_member_comes_back_with_fresh_credentials() {
    let app = TestApp::start().await;
    let answer = register(&app, |_| {}).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (201, "no-store")
    );
    let registered = answer.json();
    for (name, value) in metadata().as_object().unwrap() {
        assert_eq!(&registered[name], value, "{name}");
    }
    assert_eq!(registered["client_id_issued_at"], app.now().as_second());
    assert_eq!(registered["client_secret_expires_at"], 0);
    let again = register(&app, |_| {}).await.json();
    assert_ne!(again["client_id"], registered["client_id"]);
    assert_ne!(again["client_secret"], registered["client_secret"]);
}

#[tokio::test]
async fn each_required_member_is_missed_by_name() {
    let app = TestApp::start().await;
    for name in [
        "client_name",
        "client_uri",
        "logo_uri",
        "tos_uri",
        "policy_uri",
        "software_id",
        "software_version",
        "redirect_uris",
        "scope",
    ] {
        let answer = register(&app, |metadata| drop(metadata.as_object_mut().unwrap().remove(name))).await;
        check_refused(&answer, "invalid_client_metadata", &format!("{name} is missing"));
    }
}

#[tokio::test]
async fn optional_members_have_defaults() {
    let app = TestApp::start().await;
    let answer = register(&app, |metadata| {
        let metadata = metadata.as_object_mut().unwrap();
        for name in [
            "token_endpoint_auth_method",
            "grant_types",
            "response_types",
            "contacts",
        ] {
            metadata.remove(name);
        }
        metadata["scope"] = json!(READ);
    })
    .await
    .json();
    assert_eq!(answer["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(answer["grant_types"], json!(["authorization_code"]));
    assert_eq!(answer["response_types"], json!(["code"]));
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_plain_https_is_refused() {
    let app = TestApp::start().await;
    for uri in [
        "http://app.example/callback",
        "http://127.0.0.1:9000/callback",
        "app:/callback",
        "https://app.example/#fragment",
        "https://user:password@app.example/",
        "/callback",
    ] {
        let answer = register(&app, |metadata| metadata["redirect_uris"] = json!([uri])).await;
        check_refused(&answer, "invalid_redirect_uri", "");
    }
    let answer = register(&app, |metadata| metadata["redirect_uris"] = json!([])).await;
    check_refused(&answer, "invalid_redirect_uri", "redirect_uris has 1 to 10 members");
}

#[tokio::test]
async fn pages_that_are_not_https_are_refused() {
    let app = TestApp::start().await;
    for name in ["client_uri", "logo_uri", "tos_uri", "policy_uri"] {
        let answer = register(&app, |metadata| metadata[name] = json!("http://app.example/")).await;
        check_refused(&answer, "invalid_client_metadata", &format!("{name} is not https"));
    }
}

#[tokio::test]
async fn two_host_names_are_refused() {
    let app = TestApp::start().await;
    let answer = register(&app, |metadata| {
        metadata["tos_uri"] = json!("https://other.example/terms")
    })
    .await;
    check_refused(&answer, "invalid_client_metadata", "app.example, other.example");
    let answer = register(&app, |metadata| {
        metadata["redirect_uris"] = json!(["https://sub.app.example/callback"])
    })
    .await;
    check_refused(&answer, "invalid_client_metadata", "one host name");
}

#[tokio::test]
async fn a_laptop_takes_loopback_redirects_beside_any_one_host() {
    let app = TestApp::configured(|config| config.public_url = Some("http://127.0.0.1:8080".parse().unwrap())).await;
    let local = json!([
        "http://127.0.0.1:9000/callback",
        "http://localhost:9000/callback",
        "https://app.example/"
    ]);
    let answer = register(&app, |metadata| metadata["redirect_uris"] = local.clone()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["redirect_uris"]), (201, &local));
    let answer = register(&app, |metadata| {
        metadata["redirect_uris"] = json!(["http://app.example/"])
    })
    .await;
    check_refused(&answer, "invalid_redirect_uri", "is not https");
}

#[tokio::test]
async fn nobody_registers_an_operators_scope_or_grant_type() {
    let app = TestApp::start().await;
    let answer = register(&app, |metadata| {
        metadata["scope"] = json!(format!("{UPSERT} issue openid"))
    })
    .await;
    assert_eq!((answer.status.as_u16(), &answer.json()["scope"]), (201, &json!(UPSERT)));
    for scope in ["issue", "offline_access", "", "openid profile"] {
        let answer = register(&app, |metadata| metadata["scope"] = json!(scope)).await;
        check_refused(
            &answer,
            "invalid_client_metadata",
            "scope names none of those supported here",
        );
    }
    for grant_types in [json!(["client_credentials"]), json!(["authorization_code", "implicit"])] {
        let answer = register(&app, |metadata| metadata["grant_types"] = grant_types).await;
        check_refused(&answer, "invalid_client_metadata", "grant_types can hold");
    }
    let answer = register(&app, |metadata| metadata["response_types"] = json!(["token"])).await;
    check_refused(&answer, "invalid_client_metadata", "response_types can hold code only");
    let answer = register(&app, |metadata| metadata["token_endpoint_auth_method"] = json!("none")).await;
    check_refused(&answer, "invalid_client_metadata", "token_endpoint_auth_method");
}

#[tokio::test]
async fn sizes_and_counts_are_bounded_and_names_are_what_they_look_like() {
    let app = TestApp::start().await;
    let uris: Vec<String> = (0..11).map(|number| format!("https://app.example/{number}")).collect();
    check_refused(
        &register(&app, |m| m["redirect_uris"] = json!(uris)).await,
        "invalid_redirect_uri",
        "1 to 10",
    );
    for name in [
        "a".repeat(201),
        "  ".to_owned(),
        "turned \u{202e} around".to_owned(),
        "two\nlines".to_owned(),
    ] {
        let answer = register(&app, |metadata| metadata["client_name"] = json!(name)).await;
        check_refused(
            &answer,
            "invalid_client_metadata",
            "client_name is not 1 to 200 printable characters",
        );
    }
    let answer = register(&app, |metadata| metadata["padding"] = json!("a".repeat(70_000))).await;
    check_refused(&answer, "invalid_client_metadata", "longer than");
}

#[tokio::test]
async fn what_is_not_client_metadata_is_refused() {
    let app = TestApp::start().await;
    check_refused(
        &app.post_json("/oauth/register", &json!([])).await,
        "invalid_client_metadata",
        "",
    );
    let answer = register(&app, |metadata| {
        metadata["redirect_uris"] = json!("https://app.example/")
    })
    .await;
    check_refused(&answer, "invalid_client_metadata", "not client metadata");
    let untyped = request(
        Method::POST,
        "/oauth/register",
        None,
        Body::from(metadata().to_string()),
    );
    check_refused(&app.send(untyped).await, "invalid_client_metadata", "application/json");
}

#[tokio::test]
async fn metadata_that_can_be_read_in_two_ways_are_refused() {
    let app = TestApp::start().await;
    let text = metadata().to_string();
    for (once, twice) in [
        ("{\"client_name\"", "{\"client_name\":\"Somebody else\",\"client_name\""),
        ("\"contacts\":", "\"jwks\":{\"keys\":[],\"keys\":[]},\"contacts\":"),
    ] {
        assert!(text.contains(once));
        let mut request = request(
            Method::POST,
            "/oauth/register",
            None,
            Body::from(text.replacen(once, twice, 1)),
        );
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        check_refused(
            &app.send(request).await,
            "invalid_client_metadata",
            "stands twice in one object",
        );
    }
}
