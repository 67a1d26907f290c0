//! A client gets tokens by each grant, asks about one and gives one up.

use clr_core::oauth::Scope;
use tests::Answer;

use super::{CREDENTIALS, assert_opens_nothing, text};
use crate::{
    oauth_client::{READ, TestClient},
    stage::Stage,
};

pub(super) async fn redeem_a_code(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let code = client.code(&stage.app, READ).await;
    let form = client.redemption(&code);
    let outcome = stage.send(|| client.request("/oauth/token", &form)).await;
    if outcome.last.status == 200 {
        return works(&stage, &outcome.last).await;
    }
    // It was spent in the answer that was lost.
    assert!(outcome.was_repeated());
    assert_eq!(outcome.expect(400).json()["error"], "invalid_grant");
    let code = client.code(&stage.app, READ).await;
    works(&stage, &client.redeem(&stage.app, &code).await).await;
}

pub(super) async fn refresh(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let tokens = client.tokens(&stage.app, &format!("{READ} offline_access")).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&tokens["refresh_token"])),
    ];
    let outcome = stage.send(|| client.request("/oauth/token", &form)).await;
    // Also when the answer with the new one was lost: the old one is good for a while.
    works(&stage, outcome.expect(200)).await;
}

pub(super) async fn client_credentials(stage: Stage) {
    let (now, randomness) = (stage.app.now(), &stage.app.app.randomness);
    let operator = clr_core::oauth::OperatorClient::new("registrar", [Scope::Issue].into_iter().collect()).unwrap();
    let (client, secret) = clr_core::oauth::Client::of_operator(operator, now, randomness);
    stage.app.app.table.insert_client(&client).await.unwrap();
    let client = TestClient {
        id: client.id().to_string(),
        secret: secret.reveal().to_owned(),
        verifier: String::new(),
    };
    let form = [("grant_type", "client_credentials")];
    stage.send(|| client.request("/oauth/token", &form)).await.expect(200);
}

pub(super) async fn introspect(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let tokens = client.tokens(&stage.app, READ).await;
    let form = [("token", text(&tokens["access_token"]))];
    let outcome = stage.send(|| client.request("/oauth/introspect", &form)).await;
    assert_eq!(outcome.expect(200).json()["active"], true);
}

pub(super) async fn revoke(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let tokens = client.tokens(&stage.app, READ).await;
    let form = [("token", text(&tokens["access_token"]))];
    stage.send(|| client.request("/oauth/revoke", &form)).await.expect(200);
    assert_opens_nothing(&stage, &tokens["access_token"]).await;
}

/// The access token is good.
async fn works(stage: &Stage, tokens: &Answer) {
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let tokens = tokens.json();
    let listed = stage.app.get_as(text(&tokens["access_token"]), CREDENTIALS).await;
    assert_eq!(listed.status, 200, "{}", listed.text());
}
