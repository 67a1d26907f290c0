//! A wallet delivers credentials and reads them.

use clr_core::oauth::Scope;
use http::header;
use serde_json::{Value, json};
use tests::{Answer, PUBLIC_URL, TestApp, json_request};

use super::{CREDENTIALS, get, text};
use crate::{
    oauth_client::{READ, TestClient},
    oauth_keys::TestKey,
    records,
    stage::Stage,
};

pub(super) async fn upsert_a_new_credential(stage: Stage) {
    let token = learner_token(&stage.app).await;
    let record = records::signed(&stage.app, "urn:a", records::ISSUED).await;
    let outcome = stage.send(|| json_request(CREDENTIALS, Some(&token), &record)).await;
    // 200: it was kept when the answer was lost.
    assert!(outcome.last.status == 201 || (outcome.was_repeated() && outcome.last.status == 200));
    assert_eq!(kept(&stage.app, &token).await, [record]);
}

pub(super) async fn upsert_a_newer_version(stage: Stage) {
    let token = learner_token(&stage.app).await;
    let record = records::signed(&stage.app, "urn:a", records::ISSUED).await;
    assert_eq!(stage.app.post_json_as(&token, CREDENTIALS, &record).await.status, 201);
    let newer = records::signed(&stage.app, "urn:a", "2026-01-12T00:00:00Z").await;
    stage
        .send(|| json_request(CREDENTIALS, Some(&token), &newer))
        .await
        .expect(200);
    assert_eq!(kept(&stage.app, &token).await, [newer]);
}

pub(super) async fn list(stage: Stage) {
    let (token, _) = with_credential(&stage.app).await;
    let outcome = stage.send(|| get(CREDENTIALS, Some(&token))).await;
    assert_eq!(outcome.expect(200).header("x-total-count"), "1");
}

pub(super) async fn list_since(stage: Stage) {
    let (token, _) = with_credential(&stage.app).await;
    let path = format!("{CREDENTIALS}?since=2025-01-01T00:00:00Z");
    let outcome = stage.send(|| get(&path, Some(&token))).await;
    assert_eq!(outcome.expect(200).header("x-total-count"), "1");
}

pub(super) async fn list_with_proof_of_possession(stage: Stage) {
    let (app, key) = (&stage.app, TestKey::one());
    let client = TestClient::register(app).await;
    let code = client.code(app, READ).await;
    let form = client.redemption(&code);
    let mut redemption = client.request("/oauth/token", &form);
    let proof = key.proof(app, "POST", "/oauth/token", &json!({}));
    redemption.headers_mut().insert("dpop", proof.parse().unwrap());
    let tokens = app.send(redemption).await.json();
    let token = text(&tokens["access_token"]);
    // A client makes a new proof for each request.
    let listing = || {
        let mut listing = get(CREDENTIALS, None);
        let proof = key.proof(app, "GET", CREDENTIALS, &ath(token));
        listing.headers_mut().insert("dpop", proof.parse().unwrap());
        listing
            .headers_mut()
            .insert(header::AUTHORIZATION, format!("DPoP {token}").parse().unwrap());
        listing
    };
    stage.send(listing).await.expect(200);
}

pub(super) async fn read_one_credential(stage: Stage) {
    let (token, kept) = with_credential(&stage.app).await;
    let path = kept.header("location").strip_prefix(PUBLIC_URL).unwrap().to_owned();
    stage.send(|| get(&path, Some(&token))).await.expect(200);
}

pub(super) async fn with_credential(app: &TestApp) -> (String, Answer) {
    let token = learner_token(app).await;
    let record = records::signed(app, "urn:a", records::ISSUED).await;
    let kept = app.post_json_as(&token, CREDENTIALS, &record).await;
    assert_eq!(kept.status, 201);
    (token, kept)
}

async fn learner_token(app: &TestApp) -> String {
    app.learner_token("ada", &[Scope::CredentialReadonly, Scope::CredentialUpsert])
        .await
}

/// The texts of the learner's credentials.
async fn kept(app: &TestApp, token: &str) -> Vec<Value> {
    let listed = app.get_as(token, CREDENTIALS).await;
    let credentials = listed.json()["credential"].as_array().unwrap().clone();
    assert_eq!(listed.header("x-total-count"), credentials.len().to_string());
    credentials
}

fn ath(token: &str) -> Value {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use sha2::{Digest as _, Sha256};

    json!({ "ath": URL_SAFE_NO_PAD.encode(Sha256::digest(token)) })
}
