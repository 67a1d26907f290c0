//! RFC 9700, section 4.11: this server as a way to somewhere else.

use std::time::Duration;

use clr_core::oauth::ClientId;
use tests::TestApp;

use crate::oauth_client::{Browser, READ, TestClient};

async fn wrong(app: &TestApp, client: &TestClient) -> (u16, bool) {
    let answer = app.get(&client.authorization("openid", &[])).await;
    (
        answer.status.as_u16(),
        answer.header("location").contains("error=invalid_scope"),
    )
}

#[tokio::test]
async fn an_application_that_nobody_reviewed_leads_away_by_wrong_requests_sixty_times_a_minute_at_most() {
    let app = TestApp::configured(|config| config.attempts_per_minute = 60).await;
    let client = TestClient::register(&app).await;
    for attempt in 0..60 {
        assert_eq!(wrong(&app, &client).await, (302, true), "attempt {attempt}");
    }
    let page = app.get(&client.authorization("openid", &[])).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (400, ""));
    assert!(page.text().contains("too often"), "{}", page.text());
    // Right requests are put to learners as before, and other clients are told of their faults.
    assert_eq!(app.get(&client.authorization(READ, &[])).await.status, 200);
    let other = TestClient::register(&app).await;
    assert_eq!(wrong(&app, &other).await, (302, true));
    app.clock.advance(Duration::from_secs(60).try_into().unwrap());
    assert_eq!(wrong(&app, &client).await, (302, true), "the next minute");
}

#[tokio::test]
async fn an_approved_application_is_told_as_often_as_it_asks() {
    let app = TestApp::configured(|config| config.attempts_per_minute = 60).await;
    let client = TestClient::register(&app).await;
    let id = ClientId::parse(&client.id).unwrap();
    let stored = app.app.table.stored_client(id).await.unwrap().unwrap();
    assert!(app.app.table.replace_client(&stored.approved()).await.unwrap());
    for attempt in 0..70 {
        assert_eq!(wrong(&app, &client).await, (302, true), "attempt {attempt}");
    }
}

#[tokio::test]
async fn who_refuses_an_application_that_nobody_reviewed_was_told_where_the_way_leads() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    let page = browser.page.text();
    assert!(
        page.contains("app.example") && page.contains("not reviewed by"),
        "{page}"
    );
    browser.answer("deny", &[]).await;
    let location = browser.location();
    assert_eq!(
        (location.host_str(), location.path()),
        (Some("app.example"), "/callback")
    );
}

#[tokio::test]
async fn no_parameter_of_any_page_names_where_to_go_on() {
    let app = TestApp::start().await;
    for path in ["/oauth/grants", "/oauth/signed-in", "/oauth/authorize", "/terms", "/"] {
        for name in [
            "next",
            "continue",
            "return",
            "return_to",
            "url",
            "redirect",
            "redirect_uri",
            "post_logout_redirect_uri",
            "goto",
        ] {
            let answer = app.get(&format!("{path}?{name}=https://evil.example/")).await;
            assert_eq!(answer.header("location"), "", "{path}?{name}");
            assert!(!answer.text().contains("evil.example"), "{path}?{name}");
        }
    }
}
