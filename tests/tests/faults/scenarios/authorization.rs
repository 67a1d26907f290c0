//! A learner signs in and consents, refuses, and ends an application.

use axum::body::Body;
use clr_core::oauth::ClientId;
use http::{Request, header};
use tests::{Answer, PUBLIC_URL, form_request};

use super::{assert_opens_nothing, get, text};
use crate::{
    oauth_client::{Browser, READ, TestClient, query},
    stage::{Outcome, Stage},
};

pub(super) async fn begin_authorization(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let path = client.authorization(READ, &[]);
    stage.send(|| get(&path, None)).await.expect(200);
}

pub(super) async fn push_and_begin_authorization(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let path = client.authorization(READ, &[]);
    let parameters = query(&format!("{PUBLIC_URL}{path}").parse().unwrap());
    let form: Vec<_> = parameters
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), text(value)))
        .collect();
    let pushed = stage
        .send(|| client.request("/oauth/par", &form))
        .await
        .expect(201)
        .json();
    let fields = [
        ("client_id", client.id.as_str()),
        ("request_uri", text(&pushed["request_uri"])),
    ];
    let path = format!("/oauth/authorize?{}", serde_urlencoded::to_string(fields).unwrap());
    let outcome = stage.send(|| get(&path, None)).await;
    // A reference is good once, and it may have been used though nobody was told; then the application pushes again.
    let spent = outcome.was_repeated() && outcome.last.status == 400;
    assert!(spent || outcome.last.status == 200, "{:?}", outcome.last);
}

pub(super) async fn sign_in(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let browser = Browser::open(&stage.app, &client.authorization(READ, &[])).await;
    let form = browser.form("sign_in", &[("learner", "ada")]);
    let outcome = stage.send(|| posted(&browser, "/oauth/authorize", &form)).await;
    if began_anew(&outcome) {
        client.tokens(&stage.app, READ).await;
    } else {
        assert!(outcome.expect(200).text().contains("Ada Example"));
    }
}

pub(super) async fn sign_in_of_an_application_that_is_remembered(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let (id, app) = (ClientId::parse(&client.id).unwrap(), &stage.app.app);
    let stored = app.table.client(id, stage.app.now()).await.unwrap().unwrap();
    assert!(app.table.replace_client(&stored.approved()).await.unwrap());
    client.tokens(&stage.app, READ).await;
    let begin = || async {
        let browser = Browser::open(&stage.app, &client.authorization(READ, &[])).await;
        let form = browser.form("sign_in", &[("learner", "ada"), ("client", &client.id)]);
        (browser, form)
    };
    let (browser, form) = begin().await;
    let outcome = stage.send(|| posted(&browser, "/oauth/authorize", &form)).await;
    let granted = if began_anew(&outcome) {
        let (browser, form) = begin().await;
        stage.app.send(posted(&browser, "/oauth/authorize", &form)).await
    } else {
        outcome.last
    };
    assert_eq!(granted.status, 303, "{}", granted.text());
    redeemable(&stage, &client, &granted).await;
}

pub(super) async fn consent(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let mut browser = Browser::open(&stage.app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    let form = browser.form("allow", &[("scope", READ)]);
    let outcome = stage.send(|| posted(&browser, "/oauth/authorize", &form)).await;
    if began_anew(&outcome) {
        client.tokens(&stage.app, READ).await;
    } else {
        redeemable(&stage, &client, outcome.expect(303)).await;
    }
}

pub(super) async fn refuse_consent(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let mut browser = Browser::open(&stage.app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    let form = browser.form("deny", &[]);
    let outcome = stage.send(|| posted(&browser, "/oauth/authorize", &form)).await;
    if !began_anew(&outcome) {
        let told = query(&outcome.expect(303).header("location").parse().unwrap());
        assert_eq!(told["error"], "access_denied");
    }
}

pub(super) async fn look_at_grants(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    client.tokens(&stage.app, READ).await;
    let browser = Browser::open(&stage.app, "/oauth/grants").await;
    let form = browser.form("sign_in", &[("learner", "ada")]);
    let outcome = stage.send(|| posted(&browser, "/oauth/grants", &form)).await;
    let shown = if began_anew(&outcome) {
        let mut browser = Browser::open(&stage.app, "/oauth/grants").await;
        browser.sign_in_at("/oauth/grants", "ada").await;
        browser.page
    } else {
        outcome.expect(200).clone()
    };
    assert!(shown.text().contains("Example Wallet"));
}

pub(super) async fn end_an_application(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let tokens = client.tokens(&stage.app, READ).await;
    let mut browser = Browser::open(&stage.app, "/oauth/grants").await;
    browser.sign_in_at("/oauth/grants", "ada").await;
    let form = browser.form("revoke", &[("client", &client.id)]);
    let outcome = stage.send(|| posted(&browser, "/oauth/grants", &form)).await;
    assert!(outcome.last.status.as_u16() < 400, "{:?}", outcome.last);
    assert_opens_nothing(&stage, &tokens["access_token"]).await;
}

/// The page was answered in an answer that was lost, and can't be answered again: nothing was shared, and the learner begins anew.
fn began_anew(outcome: &Outcome) -> bool {
    outcome.was_repeated() && outcome.last.status == 400
}

/// The browser went back with a code that is good.
async fn redeemable(stage: &Stage, client: &TestClient, granted: &Answer) {
    let code = query(&granted.header("location").parse().unwrap());
    assert_eq!(client.redeem(&stage.app, text(&code["code"])).await.status, 200);
}

/// A form of this browser.
fn posted(browser: &Browser<'_>, path: &str, form: &[(String, String)]) -> Request<Body> {
    let mut request = form_request(path, &pairs(form));
    request
        .headers_mut()
        .insert(header::COOKIE, browser.cookie.parse().unwrap());
    request
}

fn pairs(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}
