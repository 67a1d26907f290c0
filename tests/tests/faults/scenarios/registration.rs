//! An application registers itself, and tends what it registered.

use axum::body::Body;
use clr_core::oauth::ClientId;
use http::Method;
use serde_json::json;
use tests::{TestApp, json_request, request};

use super::{assert_opens_nothing, get, text};
use crate::{
    oauth_client::{READ, TestClient, metadata},
    stage::Stage,
};

pub(super) async fn register(stage: Stage) {
    let outcome = stage.send(|| json_request("/oauth/register", None, &metadata())).await;
    let registered = outcome.expect(201).json();
    let id = ClientId::parse(text(&registered["client_id"])).unwrap();
    let app = &stage.app.app;
    assert!(app.table.client(id, stage.app.now()).await.unwrap().is_some());
    // A client of which only a lost answer told has credentials that nobody knows, and ends unused.
    let clients = app.table.clients(app.patience()).await.unwrap().len();
    assert!(
        clients == 1 || (outcome.was_repeated() && clients == 2),
        "{clients} clients"
    );
}

/// A client's own registration: its path and its token.
async fn registered(app: &TestApp) -> (String, String) {
    let registered = app.post_json("/oauth/register", &metadata()).await.json();
    (
        format!("/oauth/register/{}", text(&registered["client_id"])),
        text(&registered["registration_access_token"]).to_owned(),
    )
}

pub(super) async fn read_registration(stage: Stage) {
    let (path, token) = registered(&stage.app).await;
    stage.send(|| get(&path, Some(&token))).await.expect(200);
}

pub(super) async fn update_registration(stage: Stage) {
    let (path, token) = registered(&stage.app).await;
    let mut changed = metadata();
    changed["client_id"] = json!(path.rsplit_once('/').unwrap().1);
    changed["client_name"] = json!("Another Wallet");
    let update = || {
        let mut request = json_request(&path, Some(&token), &changed);
        *request.method_mut() = Method::PUT;
        request
    };
    stage.send(update).await.expect(200);
    let now = stage.app.get_as(&token, &path).await.json();
    assert_eq!(now["client_name"], "Another Wallet");
}

pub(super) async fn delete_registration(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let granted = client.tokens(&stage.app, READ).await;
    let id = ClientId::parse(&client.id).unwrap();
    let (path, token) = registered(&stage.app).await;
    let outcome = stage
        .send(|| request(Method::DELETE, &path, Some(&token), Body::empty()))
        .await;
    // Who asks again after it was done is told that there is no such client.
    assert!(matches!(outcome.last.status.as_u16(), 204 | 401), "{:?}", outcome.last);
    assert_eq!(stage.app.get_as(&token, &path).await.status, 401);
    // And with its grants, where it has some.
    let (now, app) = (stage.app.now(), &stage.app.app);
    stage
        .ask(|| app.table.revoke_client(id, now, app.patience()))
        .await
        .unwrap();
    assert_opens_nothing(&stage, &granted["access_token"]).await;
}
