//! `GET|POST /oauth/authorize` (RFC 6749, section 4.1; RFC 7636; RFC 9207; RFC 9700; digest section 2.2).

use std::time::Duration;

use clr_core::oauth::{Client, OperatorClient, Scope};
use http::StatusCode;
use serde_json::{Value, json};
use tests::TestApp;
use url::Url;

use crate::oauth_client::{Browser, READ, REDIRECT_URI, STATE, TestClient, UPSERT, query};

/// The request after these changes gets a page and leads nowhere.
async fn check_page(app: &TestApp, path: &str, text: &str) {
    let answer = app.get(path).await;
    assert_eq!(answer.status, 400, "{path}");
    assert_eq!(answer.header("location"), "");
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text().contains(text), "{text} in {}", answer.text());
}

/// The request after these changes sends the browser back with this error.
async fn check_redirect(app: &TestApp, path: &str, error: &str, description: &str) -> Value {
    let answer = app.get(path).await;
    assert_eq!(answer.status, StatusCode::FOUND, "{path}: {}", answer.text());
    let location = Url::parse(answer.header("location")).unwrap();
    assert!(location.as_str().starts_with(REDIRECT_URI), "{location}");
    let answer = query(&location);
    assert_eq!(answer["error"], error, "{answer}");
    assert!(
        answer["error_description"].as_str().unwrap().contains(description),
        "{answer}"
    );
    assert_eq!(answer["iss"], "https://records.example.edu");
    assert_eq!(answer.get("code"), None);
    answer
}

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_gets_a_page_and_no_redirect() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let path = |changes: &[(&str, Option<&str>)]| client.authorization(READ, changes);
    let stranger = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
    check_page(&app, &path(&[("client_id", Some(stranger))]), "not registered here").await;
    check_page(&app, &path(&[("client_id", Some("../x"))]), "not registered here").await;
    check_page(&app, &path(&[("client_id", None)]), "client_id is missing").await;
    check_page(&app, &path(&[("redirect_uri", None)]), "redirect_uri is not one").await;
    for other in [
        "https://app.example/callback",
        "https://app.example/callback?from=clr&x=1",
        "https://app.example/callback?from=clr/",
        "https://APP.example/callback?from=clr",
        "https://evil.example/callback?from=clr",
    ] {
        check_page(&app, &path(&[("redirect_uri", Some(other))]), "redirect_uri is not one").await;
    }
    let twice = format!("{}&redirect_uri=https%3A%2F%2Fevil.example", path(&[]));
    check_page(&app, &twice, "redirect_uri is not one").await;
    check_page(
        &app,
        &format!("{}&client_id={stranger}", path(&[])),
        "client_id is there twice",
    )
    .await;
}

#[tokio::test]
async fn an_operators_client_cannot_ask_learners() {
    let app = TestApp::start().await;
    let operator = OperatorClient::new("registrar", [Scope::Issue].into_iter().collect()).unwrap();
    let (operator, _) = Client::of_operator(operator, app.now(), &app.app.randomness);
    app.app.table.insert_client(&operator).await.unwrap();
    let client = TestClient::register(&app).await;
    let path = client.authorization(READ, &[("client_id", Some(&operator.id().to_string()))]);
    check_page(&app, &path, "the application is not registered here").await;
}

#[tokio::test]
async fn other_faults_go_back_to_the_client_with_its_state() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let path = |changes: &[(&str, Option<&str>)]| client.authorization(READ, changes);
    for (changes, error, description) in [
        (
            &[("code_challenge", None), ("code_challenge_method", None)][..],
            "invalid_request",
            "PKCE",
        ),
        (
            &[("code_challenge_method", Some("plain"))],
            "invalid_request",
            "code_challenge_method is not S256",
        ),
        (
            &[("code_challenge_method", None)],
            "invalid_request",
            "code_challenge_method is not S256",
        ),
        (
            &[("code_challenge", Some("too-short"))],
            "invalid_request",
            "code_challenge is not 43",
        ),
        (
            &[("response_type", None)],
            "invalid_request",
            "response_type is missing",
        ),
        (
            &[("response_type", Some("token"))],
            "unsupported_response_type",
            "not code",
        ),
        (
            &[("response_mode", Some("fragment"))],
            "invalid_request",
            "response_mode",
        ),
        (&[("scope", None)], "invalid_scope", "scope is missing"),
        (&[("scope", Some("openid"))], "invalid_scope", "openid"),
        (
            &[("scope", Some("issue"))],
            "invalid_scope",
            "did not register the scope issue",
        ),
        (&[("scope", Some("offline_access"))], "invalid_scope", "nothing"),
    ] {
        assert_eq!(
            check_redirect(&app, &path(changes), error, description).await["state"],
            STATE
        );
    }
    let twice = format!("{}&scope=x", path(&[]));
    check_redirect(&app, &twice, "invalid_request", "scope is there more than once").await;
}

#[tokio::test]
async fn state_is_required() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let path = client.authorization(READ, &[("state", None)]);
    assert_eq!(
        check_redirect(&app, &path, "invalid_request", "state is missing")
            .await
            .get("state"),
        None
    );
}

#[tokio::test]
async fn nothing_that_was_sent_can_add_a_header_or_a_parameter() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let state = "x\r\nSet-Cookie: a=b&code=stolen#";
    let path = client.authorization("x\"\u{e9}\r\n", &[("state", Some(state))]);
    let answer = check_redirect(&app, &path, "invalid_scope", "").await;
    assert_eq!(answer["state"], state);
    assert!(
        answer["error_description"]
            .as_str()
            .unwrap()
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~'))
    );
}

#[tokio::test]
async fn a_refusal_is_told_and_nothing_is_granted() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    for (answer, fields) in [
        ("deny", &[][..]),
        ("allow", &[]),
        ("allow", &[("scope", "offline_access")]),
    ] {
        let scope = format!("{READ} offline_access");
        let mut browser = Browser::open(&app, &client.authorization(&scope, &[])).await;
        browser.sign_in("ada").await;
        browser.answer(answer, fields).await;
        let location = query(&browser.location());
        assert_eq!(
            (&location["error"], &location["state"]),
            (&json!("access_denied"), &json!(STATE))
        );
        assert_eq!(location.get("code"), None);
    }
}

#[tokio::test]
async fn what_was_not_asked_for_cannot_be_allowed() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    browser
        .answer("allow", &[("scope", READ), ("scope", UPSERT), ("scope", "issue")])
        .await;
    assert_eq!(query(&browser.location())["scope"], READ);
}

#[tokio::test]
async fn nobody_is_asked_for_consent_before_signing_in() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    browser.answer("allow", &[("scope", READ)]).await;
    assert_eq!(query(&browser.location())["error"], "access_denied");
}

#[tokio::test]
async fn only_the_browser_that_brought_the_request_can_answer_it() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    let mut other = Browser::open(&app, &client.authorization(READ, &[])).await;
    other.page = browser.page.clone();
    other.answer("allow", &[("scope", READ)]).await;
    assert_eq!((other.page.status.as_u16(), other.page.header("location")), (400, ""));
    let own_cookie = std::mem::take(&mut browser.cookie);
    let page = browser.page.clone();
    browser.answer("allow", &[("scope", READ)]).await;
    assert_eq!(browser.page.status, 400);
    (browser.cookie, browser.page) = (own_cookie, page);
    browser.answer("allow", &[("scope", READ)]).await;
    assert!(query(&browser.location())["code"].is_string());
}

#[tokio::test]
async fn a_form_without_the_token_of_its_page_is_refused() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    let first_page = browser.hidden("form_token");
    browser.sign_in("ada").await;
    let authorization = browser.hidden("authorization");
    let form = |token: &'static str| {
        vec![
            ("authorization", ""),
            ("answer", "allow"),
            ("scope", READ),
            ("form_token", token),
        ]
    };
    for token in [first_page.leak(), "wrong"] {
        let mut form = form(token);
        form[0].1 = &authorization;
        assert_eq!(browser.send(&form).await.status, 400, "{token}");
    }
}

#[tokio::test]
async fn a_page_of_one_learner_does_not_answer_for_another() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    let sign_in_page = browser.page.clone();
    browser.sign_in("ada").await;
    let adas_page = browser.page.clone();
    browser.page = sign_in_page;
    // The page for signing in is no longer the current one.
    browser.answer("sign_in", &[("learner", "ben")]).await;
    assert_eq!(browser.page.status, 400);
    browser.page = adas_page.clone();
    browser.sign_in("ben").await;
    browser.page = adas_page;
    browser.answer("allow", &[("scope", READ)]).await;
    assert_eq!(browser.page.status, 400);
}

#[tokio::test]
async fn a_request_is_answered_once_and_within_ten_minutes() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    let page = browser.page.clone();
    browser.answer("allow", &[("scope", READ)]).await;
    assert!(browser.page.header("set-cookie").contains("Max-Age=0"));
    browser.page = page;
    browser.answer("allow", &[("scope", READ)]).await;
    assert_eq!(browser.page.status, 400);

    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    app.clock.advance(Duration::from_secs(600).try_into().unwrap());
    browser.answer("allow", &[("scope", READ)]).await;
    assert_eq!(browser.page.status, 400);
}

#[tokio::test]
async fn a_form_that_is_none_of_ours_is_refused() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    assert_eq!(browser.send(&[]).await.status, 400);
    assert_eq!(
        browser
            .send(&[("authorization", "x"), ("form_token", "x"), ("answer", "deny")])
            .await
            .status,
        400
    );
    assert_eq!(app.post_json("/oauth/authorize", &json!({})).await.status, 400);
}

#[tokio::test]
async fn pages_run_no_script_and_cannot_be_framed_kept_or_referred_from() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    let policy = browser.page.header("content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(
        policy.contains("form-action 'self'; frame-ancestors 'none'"),
        "{policy}"
    );
    let cookie = browser.page.header("set-cookie");
    assert!(cookie.starts_with("__Host-authorization-"), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"),
        "{cookie}"
    );
    browser.sign_in("ada").await;
    let policy = browser.page.header("content-security-policy");
    assert!(
        policy.contains("form-action 'self' https://app.example; frame-ancestors 'none'"),
        "{policy}"
    );
    for (name, value) in [
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(browser.page.header(name), value);
    }
    assert!(!browser.page.text().contains("<script"));
    assert!(!browser.page.text().contains("<img"), "no remote image is shown");
}

#[tokio::test]
async fn markup_in_a_clients_name_stays_text() {
    let app = TestApp::start().await;
    let mut metadata = crate::oauth_client::metadata();
    metadata["client_name"] = json!("<b onclick=x>Wallet</b>");
    let registered = app.post_json("/oauth/register", &metadata).await.json();
    let client = TestClient::register(&app).await;
    let path = client.authorization(READ, &[("client_id", registered["client_id"].as_str())]);
    let page = app.get(&path).await.text();
    assert!(page.contains("&lt;b onclick=x&gt;Wallet&lt;/b&gt;"), "{page}");
}
