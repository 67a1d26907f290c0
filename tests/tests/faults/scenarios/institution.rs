//! The institution issues, revokes and publishes, its keys in a KMS behind the same wire; its operator looks after the table.

use std::collections::BTreeSet;

use clr_core::{
    audit::Act,
    learners::LearnerId,
    oauth::{GrantToken, Scope},
    table::{AuditPosition, credentials::PageRequest},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{INSTITUTION, PUBLIC_URL, TestApp, json_request};

use super::{credentials::with_credential, get, text};
use crate::stage::Stage;

const ISSUE: &str = "/credentials/issue";

pub(super) async fn issue(stage: Stage) {
    let app = institution(&stage).await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let outcome = stage
        .send_to(&app, || json_request(ISSUE, Some(&token), &minimal()))
        .await;
    let issued = outcome.expect(201).json();
    let on_record = on_record(&app).await;
    assert!(on_record.contains(&text(&issued["verifiableCredential"]["id"]).to_owned()));
    // Without a key, the client that asks again asks for another record.
    assert!(
        on_record.len() == 1 || (outcome.was_repeated() && on_record.len() == 2),
        "{on_record:?}"
    );
}

pub(super) async fn issue_with_a_key(stage: Stage) {
    let app = institution(&stage).await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let request = || {
        let mut request = json_request(ISSUE, Some(&token), &minimal());
        request
            .headers_mut()
            .insert("idempotency-key", "8e03978e".parse().unwrap());
        request
    };
    let mut outcome = stage.send_to(&app, request).await;
    if outcome.last.status == 409 {
        // Whoever is thought to be at it has answered long ago: after half a minute another may take over.
        assert!(outcome.was_repeated());
        app.clock.advance(SignedDuration::from_secs(31));
        outcome.last = app.send(request()).await;
    }
    let issued = outcome.expect(201).json();
    assert_eq!(on_record(&app).await, [text(&issued["verifiableCredential"]["id"])]);
}

/// A record that is refused leaves its key free for one that is mended.
pub(super) async fn issue_what_is_refused_with_a_key(stage: Stage) {
    let app = institution(&stage).await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let request = |record: &Value| {
        let mut request = json_request(ISSUE, Some(&token), record);
        request
            .headers_mut()
            .insert("idempotency-key", "8e03978e".parse().unwrap());
        request
    };
    let mut broken = minimal();
    broken.as_object_mut().unwrap().remove("credentialSubject");
    let outcome = stage.send_to(&app, || request(&broken)).await;
    assert!((400..500).contains(&outcome.last.status.as_u16()), "{:?}", outcome.last);
    // Where giving it up failed, it is free after half a minute.
    app.clock.advance(SignedDuration::from_secs(31));
    assert_eq!(app.send(request(&minimal())).await.status, 201);
    assert_eq!(on_record(&app).await.len(), 1);
}

pub(super) async fn change_a_status(stage: Stage) {
    let app = institution(&stage).await;
    let credential = issued(&app).await;
    let token = app.operator_token(&[Scope::Status]).await;
    let outcome = stage
        .send_to(&app, || {
            json_request("/credentials/status", Some(&token), &revocation(&credential))
        })
        .await;
    outcome.expect(200);
    let status = &credential["credentialStatus"];
    let status = status.as_array().map_or(status, |entries| &entries[0]);
    let list = list_path(&credential);
    let list = list.rsplit_once('/').unwrap().1.parse().unwrap();
    let index: usize = text(&status["statusListIndex"]).parse().unwrap();
    let bits = app.app.table.status_bits(list, app.app.patience()).await.unwrap();
    assert_eq!((bits.count_set(), bits.get(index)), (1, Some(true)));
}

pub(super) async fn read_a_status_list(stage: Stage) {
    let path = list_path(&issued(&institution(&stage).await).await);
    // A process that knows nothing of its keys yet.
    let app = institution(&stage).await;
    stage.wire.watch();
    let first = app.send(get(&path, None)).await;
    stage.wire.heal();
    assert!(matches!(first.status.as_u16(), 200 | 503), "{}", first.text());
    // Whoever was to sign the list and is not heard of any more loses the right to it after ten seconds.
    app.clock.advance(SignedDuration::from_secs(11));
    let again = app.send(get(&path, None)).await;
    assert_eq!(again.status, 200, "{}", again.text());
}

pub(super) async fn did_document(stage: Stage) {
    let app = institution(&stage).await;
    let outcome = stage.send_to(&app, || get("/.well-known/did.json", None)).await;
    let document = outcome.expect(200).json();
    assert_eq!(document["id"], INSTITUTION);
    let ids: BTreeSet<_> = document["verificationMethod"]
        .as_array()
        .unwrap()
        .iter()
        .map(|method| text(&method["id"]))
        .collect();
    assert_eq!(ids.len(), document["verificationMethod"].as_array().unwrap().len());
}

pub(super) async fn verify_a_record_of_ours(stage: Stage) {
    // Signatures that can be verified: the keys are in this process.
    let app = stage.app.as_institution(3);
    let credential = issued(&app).await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let body = json!({"verifiableCredential": credential});
    let outcome = stage
        .send_to(&app, || json_request("/credentials/verify", Some(&token), &body))
        .await;
    assert!(
        matches!(outcome.last.status.as_u16(), 200 | 400),
        "{}",
        outcome.last.text()
    );
}

/// What the operator's commands ask of the table.
pub(super) async fn operate(stage: Stage) {
    let (token, _) = with_credential(&stage.app).await;
    let app = institution(&stage).await;
    let credential = issued(&app).await;
    let (table, now, nobodys) = (&app.app.table, app.now(), BTreeSet::from(["none"]));
    let grant = GrantToken::parse(&token).unwrap().grant;
    let client = stage.ask(|| table.grant(grant)).await.unwrap().client();
    assert!(stage.ask(|| table.clients(app.app.patience())).await.len() >= 2);
    assert!(stage.ask(|| table.stored_client(client)).await.is_some());
    assert!(!stage.ask(|| table.status_lists()).await.is_empty());
    assert_eq!(
        stage.ask(|| table.status_places(text(&credential["id"]))).await.len(),
        1
    );
    let since = || AuditPosition::since(now - SignedDuration::from_hours(48));
    assert_eq!(
        stage
            .ask(|| table.audit(since(), now + SignedDuration::from_secs(1), 10))
            .await
            .entries
            .len(),
        1
    );
    let keys = stage.ask(|| table.issuer_keys(INSTITUTION)).await;
    assert!(
        stage
            .ask(|| table.revoke_issuer_key(INSTITUTION, &keys[0].multikey, now))
            .await
    );
    assert!(stage.ask(|| table.learners_with(&nobodys)).await.is_empty());
    stage.ask(|| table.remove_client(client)).await;
    let learner: LearnerId = app.learner_id("ada");
    assert!(stage.ask(|| table.learner(&learner)).await.is_none());
    assert!(stage.ask(|| table.learners()).await.is_empty());
    stage.ask(|| table.erase_learner(&learner, app.app.patience())).await;
    assert!(stage.ask(|| table.grant(grant)).await.is_none());
    let one = PageRequest {
        limit: 1,
        offset: 0,
        since: None,
    };
    let kept = stage
        .ask(|| table.list_credentials(&learner, one, app.app.patience()))
        .await;
    assert_eq!(kept.total, 0);
}

/// An institution whose keys are in KMS, behind the same wire.
async fn institution(stage: &Stage) -> TestApp {
    stage.app.with_keys_in_kms(true).await
}

fn minimal() -> Value {
    serde_json::from_str(include_str!("../../../../shared/learner-record/fixtures/minimal.json")).unwrap()
}

async fn issued(app: &TestApp) -> Value {
    let token = app.operator_token(&[Scope::Issue]).await;
    let answer = app.post_json_as(&token, ISSUE, &minimal()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["verifiableCredential"].take()
}

/// The records that are on record as issued.
async fn on_record(app: &TestApp) -> Vec<String> {
    let since = AuditPosition::since(app.now() - SignedDuration::from_hours(48));
    let until = app.now() + SignedDuration::from_secs(1);
    let entries = app.app.table.audit(since, until, 1_000).await.unwrap().entries;
    let issued = entries.into_iter().filter(|entry| entry.act == Act::Issue);
    issued.map(|entry| entry.subject).collect()
}

fn revocation(credential: &Value) -> Value {
    json!({
        "credentialId": credential["id"],
        "credentialStatus": [{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "status": true}],
    })
}

fn list_path(credential: &Value) -> String {
    let status = &credential["credentialStatus"];
    let status = status.as_array().map_or(status, |entries| &entries[0]);
    text(&status["statusListCredential"])
        .strip_prefix(PUBLIC_URL)
        .unwrap()
        .to_owned()
}
