//! What is kept of a learner goes when the operator erases it, and nothing else does.

use clr_core::{
    audit::{Act, AuditEntry, OPERATOR},
    learners::LearnerId,
    oauth::Scope,
    table::AuditPosition,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{TestApp, json_request};

use crate::{
    oauth_client::{READ, TestClient, UPSERT},
    permissions::incompressible,
    records::{ISSUED, achievement, record, sign, signed},
};

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";
const PROFILE: &str = "/ims/clr/v2p0/profile";

/// Every item of the table, as text.
async fn items(app: &TestApp) -> Vec<String> {
    let scan = app.client.scan().table_name(&app.app.config.table_name);
    let items: Vec<_> = scan.into_paginator().items().send().try_collect().await.unwrap();
    items.iter().map(|item| format!("{item:?}")).collect()
}

async fn erase(app: &TestApp, id: &LearnerId) -> clr_core::table::Erased {
    let (table, randomness) = (&app.app.table, &app.app.randomness);
    let entry = AuditEntry::new(Act::EraseLearner, OPERATOR, id.as_str(), app.now(), randomness);
    table.append_audit(&entry).await.unwrap();
    table.erase_learner(id, app.app.patience()).await.unwrap()
}

#[tokio::test]
async fn of_an_erased_learner_nothing_is_left_but_the_act_of_erasing() {
    let app = TestApp::start().await;
    let scopes = [
        READ,
        UPSERT,
        Scope::ProfileUpdate.as_str(),
        Scope::OfflineAccess.as_str(),
    ]
    .join(" ");
    let client = TestClient::register_as(&app, |metadata| metadata["scope"] = json!(scopes)).await;
    let tokens = client.tokens(&app, &scopes).await;
    let token = tokens["access_token"].as_str().unwrap();
    let other = app
        .learner_token("ben", &[Scope::CredentialReadonly, Scope::CredentialUpsert])
        .await;

    // One of them is longer than an item.
    let long = sign(
        &app,
        record(
            "urn:long",
            ISSUED,
            vec![achievement("Arithmetic", &incompressible(700_000))],
        ),
    )
    .await;
    let short = signed(&app, "urn:short", ISSUED).await;
    for credential in [&short, &long] {
        assert_eq!(app.post_json_as(token, CREDENTIALS, credential).await.status, 201);
    }
    assert_eq!(app.post_json_as(&other, CREDENTIALS, &short).await.status, 201);
    let mut profile = json_request(
        PROFILE,
        Some(token),
        &json!({"id": "urn:x:ada", "type": ["Profile"], "name": "Ada"}),
    );
    *profile.method_mut() = http::Method::PUT;
    assert_eq!(app.send(profile).await.status, 200);

    let [learner] = &app.app.table.learners().await.unwrap()[..] else {
        panic!("one learner signed in");
    };
    assert!(learner.is_known_as("ADA@students.example.edu"));
    let id = &learner.id;
    let of_ada = |item: &&String| item.contains(id.as_str()) || item.contains("ada@students");
    assert!(
        items(&app)
            .await
            .iter()
            .filter(of_ada)
            .any(|item| item.contains("PART#"))
    );

    let erased = erase(&app, id).await;
    assert_eq!((erased.grants, erased.credentials), (1, 2));
    let left: Vec<_> = items(&app).await.into_iter().filter(|item| of_ada(&item)).collect();
    assert!(left.len() == 1 && left[0].contains("erase-learner"), "{left:#?}");
    assert!(app.app.table.learners().await.unwrap().is_empty());

    assert_eq!(app.get_as(token, CREDENTIALS).await.status, 401);
    let refreshed = client.refresh(&app, &tokens["refresh_token"]).await;
    assert_eq!(refreshed.json()["error"], "invalid_grant");
    let list = app.get_as(&other, CREDENTIALS).await.json();
    assert_eq!(
        list["credential"],
        json!([short]),
        "another learner keeps what was hers too"
    );

    // Who comes back begins anew, as nobody who was known.
    let again = client.tokens(&app, READ).await;
    let list = app.get_as(again["access_token"].as_str().unwrap(), CREDENTIALS).await;
    assert_eq!(list.header("x-total-count"), "0");
}

#[tokio::test]
async fn what_the_institution_did_outlives_an_erased_learner() {
    let host = TestApp::start().await;
    let app = host.as_institution(1);
    let issuing = app.operator_token(&[Scope::Issue, Scope::Status]).await;
    let unsigned: Value = record(
        "urn:uuid:0b8f6f6e-5f6c-4f5e-9a53-1f3f7e0f2b11",
        ISSUED,
        vec![achievement("Logic", "Done")],
    );
    let answer = app.post_json_as(&issuing, "/credentials/issue", &unsigned).await;
    let issued = answer.json()["verifiableCredential"].take();
    let learner = app.learner_token("ada", &[Scope::CredentialUpsert]).await;
    let kept = app.post_json_as(&learner, CREDENTIALS, &issued).await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    assert_eq!(erase(&app, &app.learner_id("ada")).await.credentials, 1);

    let change = json!({"credentialId": issued["id"], "credentialStatus": [{"type": "BitstringStatusListEntry", "status": true}]});
    let revoked = app.post_json_as(&issuing, "/credentials/status", &change).await;
    assert_eq!(revoked.status, 200, "it can still be revoked: {}", revoked.text());
    let (since, until) = (
        AuditPosition::since(app.now()),
        app.now() + SignedDuration::from_secs(1),
    );
    let acts: Vec<_> = app.app.table.audit(since, until, 10).await.unwrap().entries;
    let of = |act: Act| acts.iter().filter(|entry| entry.act == act).count();
    assert_eq!(
        [Act::Issue, Act::EraseLearner, Act::ChangeStatus].map(of),
        [1, 1, 1],
        "{acts:#?}"
    );
}

#[tokio::test]
async fn erasing_again_finds_nothing_and_harms_nobody() {
    let app = TestApp::start().await;
    let other = app.learner_token("ben", &[Scope::CredentialReadonly]).await;
    let id = app.learner_id("ada");
    app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    assert_eq!(erase(&app, &id).await.grants, 1);
    assert_eq!(erase(&app, &id).await, clr_core::table::Erased::default());
    assert_eq!(app.get_as(&other, CREDENTIALS).await.status, 200);
}
