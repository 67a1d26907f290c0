//! The whole way of a client application, told once.

use clr_core::oauth::GrantToken;
use serde_json::json;
use tests::TestApp;

use crate::oauth_client::{Browser, READ, STATE, TestClient, UPSERT, query};

#[tokio::test]
async fn an_application_registers_is_allowed_and_reads_in_the_learners_name() {
    let app = TestApp::start().await;

    // The application registers and sends the learner to us.
    let client = TestClient::register(&app).await;
    let scope = format!("{READ} {UPSERT} offline_access");
    let mut browser = Browser::open(&app, &client.authorization(&scope, &[])).await;
    assert_eq!(browser.page.status, 200);
    assert!(browser.page.text().contains("Example Wallet"));

    // The learner signs in, reads who asks for what, and allows it, but for writing.
    browser.sign_in("ada").await;
    let page = browser.page.text();
    for shown in [
        "Example Wallet",
        "You are signed in as <strong>Ada Example</strong>",
        "you will be sent to <strong>app.example</strong>",
        "https://app.example/privacy",
        "https://app.example/terms",
        "see all your records that are kept here",
        "add records to yours, and replace them with newer versions",
        "do so also later, when you are not there",
    ] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    browser
        .answer("allow", &[("scope", READ), ("scope", "offline_access")])
        .await;

    // The browser goes back to the application with a code.
    let location = browser.location();
    assert!(
        location
            .as_str()
            .starts_with("https://app.example/callback?from=clr&code="),
        "{location}"
    );
    let answer = query(&location);
    assert_eq!(answer["state"], STATE);
    assert_eq!(answer["scope"], format!("{READ} offline_access"));
    assert_eq!(answer["iss"], "https://records.example.edu");

    // The application swaps the code for tokens.
    let tokens = client.redeem(&app, answer["code"].as_str().unwrap()).await;
    assert_eq!(
        (tokens.status.as_u16(), tokens.header("cache-control")),
        (200, "no-store")
    );
    let tokens = tokens.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], format!("{READ} offline_access"));

    // The token stands for the learner, and for what was allowed only.
    let token = GrantToken::parse(tokens["access_token"].as_str().unwrap()).unwrap();
    let grant = app.app.table.grant(token.grant).await.unwrap().unwrap();
    let access = grant.access(&token.secret, app.now()).unwrap();
    assert_eq!(access.client.to_string(), client.id);
    assert_eq!(json!(access.scopes.to_string()), tokens["scope"]);

    // And it is renewed without the learner.
    let renewed = client.refresh(&app, &tokens["refresh_token"]).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    assert_ne!(renewed.json()["access_token"], tokens["access_token"]);
    assert_ne!(renewed.json()["refresh_token"], tokens["refresh_token"]);
}

#[tokio::test]
async fn the_same_account_is_the_same_learner_and_another_one_is_not() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut learners = Vec::new();
    for account in ["ada", "ada", "ben"] {
        let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
        browser.sign_in(account).await;
        browser.answer("allow", &[("scope", READ)]).await;
        let code = GrantToken::parse(query(&browser.location())["code"].as_str().unwrap()).unwrap();
        let redeemed = client.redeem(&app, &code.reveal()).await.json();
        let token = GrantToken::parse(redeemed["access_token"].as_str().unwrap()).unwrap();
        let grant = app.app.table.grant(token.grant).await.unwrap().unwrap();
        learners.push(grant.access(&token.secret, app.now()).unwrap().holder);
    }
    assert_eq!(learners[0], learners[1]);
    assert_ne!(learners[0], learners[2]);
}
