//! Many at once over one grant.

use std::sync::Arc;

use clr_core::oauth::GrantToken;
use tests::TestApp;
use tokio::task::JoinSet;

use crate::oauth_client::{READ, TestClient};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_redeemed_by_32_at_once_gives_one_token_at_most_and_ends_revoked() {
    let app = Arc::new(TestApp::start().await);
    let client = TestClient::register(&app).await;
    let code = client.code(&app, &format!("{READ} offline_access")).await;
    let mut tasks = JoinSet::new();
    for _ in 0..32 {
        let (app, client, code) = (app.clone(), client.clone(), code.clone());
        tasks.spawn(async move { client.redeem(&app, &code).await });
    }
    let answers = tasks.join_all().await;
    let given = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(given <= 1, "{given} tokens");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]),
            (400, &"invalid_grant".into())
        );
    }
    let grant = app
        .app
        .table
        .grant(GrantToken::parse(&code).unwrap().grant)
        .await
        .unwrap()
        .unwrap();
    assert!(grant.is_revoked());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_allowed_by_8_clicks_at_once_becomes_one_grant() {
    use crate::oauth_client::Browser;

    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    let (authorization, form_token) = (browser.hidden("authorization"), browser.hidden("form_token"));
    let form = [
        ("authorization", &*authorization),
        ("form_token", &form_token),
        ("answer", "allow"),
        ("scope", READ),
    ];
    let clicks = (0..8).map(|_| browser.send(&form));
    let answers = futures::future::join_all(clicks).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 400).count(), 7);
}
