//! `GET|POST /oauth/grants`: the learner sees and ends what applications may do; and consent that is remembered.

use clr_core::oauth::ClientId;
use http::header;
use serde_json::Value;
use tests::{Answer, TestApp, request};

use crate::oauth_client::{Browser, READ, TestClient, UPSERT, query};

/// A learner who looks at the grants.
async fn look<'a>(app: &'a TestApp, learner: &str) -> Browser<'a> {
    let mut browser = Browser::open(app, "/oauth/grants").await;
    assert_eq!(browser.page.status, 200);
    browser.sign_in_at("/oauth/grants", learner).await;
    browser
}

async fn revoke(browser: &mut Browser<'_>, client: &TestClient) {
    let fields = [("client", client.id.as_str())];
    let form = browser.form("revoke", &fields);
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.page = browser.send_to("/oauth/grants", &form).await;
}

async fn list(app: &TestApp, tokens: &Value) -> u16 {
    let token = tokens["access_token"].as_str().unwrap();
    app.get_as(token, "/ims/clr/v2p0/credentials").await.status.as_u16()
}

async fn approve(app: &TestApp, client: &TestClient) {
    let id = ClientId::parse(&client.id).unwrap();
    let stored = app.app.table.client(id, app.now()).await.unwrap().unwrap();
    assert!(app.app.table.replace_client(&stored.approved()).await.unwrap());
}

#[tokio::test]
async fn a_learner_sees_what_was_allowed_and_ends_it_with_one_button() {
    let app = TestApp::start().await;
    let (wallet, other) = (TestClient::register(&app).await, TestClient::register(&app).await);
    let tokens = wallet.tokens(&app, READ).await;
    let second = wallet.tokens(&app, &format!("{UPSERT} offline_access")).await;
    let others = other.tokens(&app, READ).await;
    let mut browser = look(&app, "ada").await;
    let page = browser.page.text();
    assert_eq!(
        page.matches("<h2>Example Wallet</h2>").count(),
        2,
        "one entry for each application: {page}"
    );
    assert!(
        page.contains("see all your records") && page.contains("add records to yours"),
        "{page}"
    );
    assert!(page.contains(r#"<time datetime="2026-01-15">"#), "{page}");
    revoke(&mut browser, &wallet).await;
    assert_eq!(
        browser.page.text().matches("<h2>").count(),
        1,
        "{}",
        browser.page.text()
    );
    assert_eq!((list(&app, &tokens).await, list(&app, &second).await), (401, 401));
    assert_eq!(
        wallet.refresh(&app, &second["refresh_token"]).await.json()["error"],
        "invalid_grant"
    );
    assert_eq!(list(&app, &others).await, 200);
}

#[tokio::test]
async fn a_learner_neither_sees_nor_ends_what_another_allowed() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let adas = client.tokens(&app, UPSERT).await;
    let adas_reading = client.tokens(&app, READ).await;
    let empty = look(&app, "ben").await.page.text();
    assert!(empty.contains("No application has access"), "{empty}");
    let mut ben = Browser::open(&app, &client.authorization(READ, &[])).await;
    ben.sign_in("ben").await;
    ben.answer("allow", &[("scope", READ)]).await;
    let code = query(&ben.location())["code"].as_str().unwrap().to_owned();
    let bens = client.redeem(&app, &code).await.json();
    let mut browser = look(&app, "ben").await;
    assert!(
        !browser.page.text().contains("add records to yours"),
        "{}",
        browser.page.text()
    );
    revoke(&mut browser, &client).await;
    assert_eq!((list(&app, &bens).await, list(&app, &adas_reading).await), (401, 200));
    assert_eq!(list(&app, &adas).await, 403, "alive, and not for reading");
}

#[tokio::test]
async fn only_a_form_of_the_page_in_its_own_browser_ends_anything() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let tokens = client.tokens(&app, READ).await;
    let browser = look(&app, "ada").await;
    let (authorization, token) = (browser.hidden("authorization"), browser.hidden("form_token"));
    let form = |token| {
        [
            ("authorization", &*authorization),
            ("form_token", token),
            ("answer", "revoke"),
            ("client", &*client.id),
        ]
    };
    // Another site's form has the cookie (were it not SameSite) and not the token; a thief of the token lacks the cookie.
    assert_eq!(browser.send_to("/oauth/grants", &form("forged")).await.status, 400);
    let stranger = Browser {
        app: &app,
        cookie: String::new(),
        page: browser.page.clone(),
    };
    assert_eq!(stranger.send_to("/oauth/grants", &form(&token)).await.status, 400);
    assert_eq!(list(&app, &tokens).await, 200);
    // And a page that was shown for an application's request ends nothing.
    let mut asked = Browser::open(&app, &client.authorization(READ, &[])).await;
    asked.sign_in("ada").await;
    revoke(&mut asked, &client).await;
    assert_eq!(asked.page.status, 400);
    assert_eq!(list(&app, &tokens).await, 200);
}

#[tokio::test]
async fn the_page_runs_no_script_and_cannot_be_framed_or_kept() {
    let app = TestApp::start().await;
    let browser = look(&app, "ada").await;
    let policy = browser.page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert!(policy.contains("form-action 'self';"), "{policy}");
    assert_eq!(browser.page.header("cache-control"), "no-store");
    assert_eq!(browser.page.header("access-control-allow-origin"), "");
    assert!(!browser.page.text().contains("<script"));
}

/// The answer to a request for these scopes after signing in.
async fn ask(app: &TestApp, client: &TestClient, scope: &str) -> Answer {
    let mut browser = Browser::open(app, &client.authorization(scope, &[])).await;
    let form = browser.form("sign_in", &[("learner", "ada"), ("client", &client.id)]);
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.page = browser.send(&form).await;
    browser.page
}

#[tokio::test]
async fn consent_is_remembered_for_applications_that_the_operator_approved_and_no_others() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    client.tokens(&app, READ).await;
    let page = ask(&app, &client, READ).await;
    assert_eq!(page.status, 200, "nobody reviewed it: the learner is asked again");
    assert!(
        page.text().contains("was not reviewed by Example University"),
        "{}",
        page.text()
    );
    approve(&app, &client).await;
    assert_eq!(
        ask(&app, &client, READ).await.status,
        200,
        "what was allowed before the approval is not remembered"
    );
    client.tokens(&app, READ).await;
    let answer = ask(&app, &client, READ).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let location = url::Url::parse(answer.header("location")).unwrap();
    let code = query(&location)["code"].as_str().unwrap().to_owned();
    assert_eq!(client.redeem(&app, &code).await.status, 200);
    let more = ask(&app, &client, &format!("{READ} {UPSERT}")).await;
    assert_eq!(more.status, 200, "more than before is asked for");
    assert!(!more.text().contains("not reviewed"));
}

#[tokio::test]
async fn what_was_taken_back_is_asked_for_again() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    approve(&app, &client).await;
    client.tokens(&app, READ).await;
    assert_eq!(ask(&app, &client, READ).await.status, 303);
    let mut browser = look(&app, "ada").await;
    revoke(&mut browser, &client).await;
    assert_eq!(ask(&app, &client, READ).await.status, 200);
}

#[tokio::test]
async fn the_form_cannot_borrow_another_applications_consent() {
    let app = TestApp::start().await;
    let (approved, stranger) = (TestClient::register(&app).await, TestClient::register(&app).await);
    approve(&app, &approved).await;
    approve(&app, &stranger).await;
    approved.tokens(&app, READ).await;
    let mut browser = Browser::open(&app, &stranger.authorization(READ, &[])).await;
    browser
        .answer("sign_in", &[("learner", "ada"), ("client", &approved.id)])
        .await;
    assert_eq!(browser.page.status, 200, "the learner is asked");
}

#[tokio::test]
async fn pages_speak_german_to_those_who_prefer_it() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    for (path, text) in [
        (client.authorization(READ, &[]), "möchte auf Ihre Nachweise zugreifen"),
        ("/oauth/grants".to_owned(), " zuerst, wer "),
        ("/oauth/authorize".to_owned(), "Es wurde nichts weitergegeben"),
    ] {
        let mut german = request(http::Method::GET, &path, None, axum::body::Body::empty());
        german
            .headers_mut()
            .insert(header::ACCEPT_LANGUAGE, "de-CH, en;q=0.5".parse().unwrap());
        let page = app.send(german).await;
        assert!(page.text().contains(text), "{}", page.text());
        assert!(page.text().contains(r#"<html lang="de">"#));
        assert_eq!(page.header("content-language"), "de");
        assert!(app.get(&path).await.text().contains(r#"<html lang="en">"#));
    }
}
