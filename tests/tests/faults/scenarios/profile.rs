//! An application reads and puts the learner's Profile.

use axum::body::Body;
use clr_core::oauth::Scope;
use http::{Method, Request, header};
use serde_json::{Value, json};
use tests::{TestApp, json_request};

use super::get;
use crate::stage::Stage;

const PROFILE: &str = "/ims/clr/v2p0/profile";

pub(super) async fn read_profile(stage: Stage) {
    let token = profile_token(&stage.app).await;
    stage.send(|| get(PROFILE, Some(&token))).await.expect(200);
}

pub(super) async fn put_profile(stage: Stage) {
    let token = profile_token(&stage.app).await;
    let outcome = stage.send(|| put(&token, "Ada", None)).await;
    // 304: it was put when every answer was lost, and the client sends it again.
    let is_there = outcome.was_repeated() && outcome.last.status == 304;
    assert!(outcome.last.status == 200 || is_there, "{:?}", outcome.last);
    assert_eq!(stage.app.get_as(&token, PROFILE).await.json()["name"], "Ada");
}

pub(super) async fn change_profile(stage: Stage) {
    let token = profile_token(&stage.app).await;
    let first = stage.app.send(put(&token, "Ada", None)).await;
    let tag = first.header("etag").to_owned();
    let outcome = stage.send(|| put(&token, "Ada L.", Some(&tag))).await;
    // 412: it was changed when the answer was lost, and the client reads that it was.
    let is_changed = outcome.was_repeated() && outcome.last.status == 412;
    assert!(outcome.last.status == 200 || is_changed, "{:?}", outcome.last);
    assert_eq!(stage.app.get_as(&token, PROFILE).await.json()["name"], "Ada L.");
}

async fn profile_token(app: &TestApp) -> String {
    app.learner_token("ada", &[Scope::ProfileReadonly, Scope::ProfileUpdate])
        .await
}

fn profile(name: &str) -> Value {
    json!({"id": "urn:example:ada", "type": ["Profile"], "name": name})
}

fn put(token: &str, name: &str, seen: Option<&str>) -> Request<Body> {
    let mut request = json_request(PROFILE, Some(token), &profile(name));
    *request.method_mut() = Method::PUT;
    if let Some(seen) = seen {
        request.headers_mut().insert(header::IF_MATCH, seen.parse().unwrap());
    }
    request
}
