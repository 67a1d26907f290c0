//! The issuer's keys over time: what is published of them, what happens when they are replaced, and when one is compromised.

use std::sync::Arc;

use clr_core::{
    audit::{Act, AuditEntry},
    compromise,
    issuing::Issuing,
    oauth::Scope,
    table::{AuditPosition, issuer_keys::KeyUse},
    verification::{Outcome, Policy},
};
use data_integrity::PublicKey;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{INSTITUTION, TestApp};

use crate::records;

fn minimal() -> Value {
    serde_json::from_str(include_str!("../../../shared/learner-record/fixtures/minimal.json")).unwrap()
}

async fn issued(app: &TestApp) -> Value {
    let token = app.operator_token(&[Scope::Issue]).await;
    let answer = app.post_json_as(&token, "/credentials/issue", &minimal()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["verifiableCredential"].take()
}

/// The outcome under `strict`.
async fn outcome(app: &TestApp, record: &Value) -> Outcome {
    let lists = format!("{}/status", tests::PUBLIC_URL);
    let verifier = app.app.verifier(Policy::Strict, &lists);
    let verdict = verifier.verify(Arc::new(record.clone())).await;
    verdict.outcome()
}

async fn documents(app: &TestApp) -> (Value, Value) {
    let did = app.get("/.well-known/did.json").await;
    assert_eq!(did.header("content-type"), "application/did+json");
    let jwks = app.get("/.well-known/jwks.json").await;
    assert_eq!(jwks.header("content-type"), "application/jwk-set+json");
    (did.json(), jwks.json())
}

fn methods(record: &Value) -> Vec<&str> {
    let proofs = record["proof"].as_array().unwrap();
    proofs
        .iter()
        .map(|proof| proof["verificationMethod"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn replaced_keys_stay_published_and_what_they_signed_stays_valid() {
    let host = TestApp::start().await;
    let before = host.as_institution(1);
    let old = issued(&before).await;
    let after = host.as_institution(2);
    let new = issued(&after).await;
    assert!(methods(&old).iter().all(|method| !methods(&new).contains(method)));

    // A process that never had the old keys.
    let other = host.as_institution(2);
    for record in [&old, &new] {
        assert_eq!(outcome(&other, record).await, Outcome::Valid);
    }
    let (did, jwks) = documents(&other).await;
    let listed = did["assertionMethod"].as_array().unwrap();
    let kids: Vec<_> = jwks["keys"].as_array().unwrap().iter().map(|jwk| &jwk["kid"]).collect();
    for method in methods(&old).into_iter().chain(methods(&new)) {
        assert!(listed.contains(&json!(method)), "{method} is not in {did}");
        assert!(kids.contains(&&json!(method)), "{method} is not in {jwks}");
    }
    assert_eq!(kids.len(), 4, "credential keys alone");
}

#[tokio::test]
async fn a_key_is_recorded_before_it_signs_and_once() {
    let host = TestApp::start().await;
    let app = host.as_institution(1);
    assert!(host.app.table.issuer_keys(INSTITUTION).await.unwrap().is_empty());
    let record = issued(&app).await;
    issued(&app).await;
    let keys = host.app.table.issuer_keys(INSTITUTION).await.unwrap();
    let recorded: Vec<_> = keys
        .iter()
        .filter(|key| key.key_use == KeyUse::Credentials)
        .map(|key| format!("{INSTITUTION}#{}", key.multikey))
        .collect();
    assert_eq!(recorded.len(), 2);
    assert!(
        methods(&record)
            .iter()
            .all(|method| recorded.iter().any(|key| key == method))
    );
}

#[tokio::test]
async fn nothing_that_a_compromised_key_signed_counts_and_it_signs_no_more() {
    let host = TestApp::start().await;
    let app = host.as_institution(1);
    let record = issued(&app).await;
    let [ed25519, p256] = methods(&record)[..] else {
        panic!("two proofs")
    };
    assert_eq!(outcome(&app, &record).await, Outcome::Valid);

    let multikey = ed25519.split_once('#').unwrap().1;
    assert!(
        host.app
            .table
            .revoke_issuer_key(INSTITUTION, multikey, app.now())
            .await
            .unwrap()
    );
    app.clock.advance(SignedDuration::from_secs(61));

    let (did, jwks) = documents(&app).await;
    let method = did["verificationMethod"].as_array().unwrap();
    let method = method
        .iter()
        .find(|method| method["id"] == ed25519)
        .expect("stays in view");
    assert_eq!(method["revoked"], tests::START);
    assert!(!did["assertionMethod"].as_array().unwrap().contains(&json!(ed25519)));
    assert!(!jwks.to_string().contains(multikey));

    // The other proof still stands; on a record that has it alone no proof is left.
    let mut alone = record.clone();
    alone["proof"] = record["proof"][0].clone();
    assert_eq!(outcome(&app, &alone).await, Outcome::Invalid);
    let next = issued(&app).await;
    assert_eq!(next["proof"]["verificationMethod"], p256);
    assert_eq!(outcome(&app, &next).await, Outcome::Valid);

    let multikey = p256.split_once('#').unwrap().1;
    assert!(
        host.app
            .table
            .revoke_issuer_key(INSTITUTION, multikey, app.now())
            .await
            .unwrap()
    );
    app.clock.advance(SignedDuration::from_secs(61));
    let token = app.operator_token(&[Scope::Issue]).await;
    assert_eq!(
        app.post_json_as(&token, "/credentials/issue", &minimal()).await.status,
        500
    );
}

#[tokio::test]
async fn the_issuers_profile_can_be_read() {
    let app = TestApp::start().await;
    let answer = app.get("/issuer").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (200, "public, max-age=300")
    );
    let profile = answer.json();
    assert_eq!(profile["id"], app.app.issuers.all().await.unwrap()[0].id);
    assert_eq!(
        (&profile["type"], &profile["name"]),
        (&json!(["Profile"]), &json!("Example University"))
    );
}

#[tokio::test]
async fn a_did_keys_jwks_has_its_one_key() {
    let app = TestApp::start().await;
    let jwks = app.get("/.well-known/jwks.json").await.json();
    let own = &app.app.issuers.all().await.unwrap()[0];
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
    assert_eq!(PublicKey::from_jwk(&jwks["keys"][0]).unwrap(), own.keys[0].public_key);
}

fn transcript() -> Value {
    let text = include_str!("../../../shared/learner-record/fixtures/transcript.json");
    let mut record: Value = serde_json::from_str(text).unwrap();
    learner_record::replace_issuer(&mut record, &json!({"name": "Example University"}));
    record
}

#[tokio::test]
async fn what_a_compromised_key_signed_is_told_by_the_audit() {
    let host = TestApp::start().await;
    let method = |letter: char| format!("{INSTITUTION}#z{letter}");
    for (hours, act, subject, key) in [
        (0, Act::Issue, "urn:early", 'A'),
        (30, Act::Issue, "urn:one", 'A'),
        (31, Act::ChangeStatus, "urn:one", 'A'),
        (32, Act::Issue, "urn:other", 'B'),
        (60, Act::SignStatusList, "urn:list", 'A'),
    ] {
        let at = host.now() + SignedDuration::from_hours(hours);
        let mut entry = AuditEntry::new(act, "registrar", subject, at, &host.app.randomness);
        entry.keys = vec![method(key)];
        host.app.table.append_audit(&entry).await.unwrap();
    }
    let since = host.now() + SignedDuration::from_hours(1);
    let until = host.now() + SignedDuration::from_hours(100);
    let found = compromise::signed_by(&host.app.table, &method('A'), since, until)
        .await
        .unwrap();
    let subjects: Vec<_> = found.iter().map(|entry| entry.subject.as_str()).collect();
    assert_eq!(subjects, ["urn:one", "urn:list"]);
}

#[tokio::test]
async fn records_that_learners_keep_are_signed_again_and_the_others_named() {
    let host = TestApp::start().await;
    // The transcript is of May.
    host.clock.advance(SignedDuration::from_hours(200 * 24));
    let before = host.as_institution(1);
    let issuing = before.operator_token(&[Scope::Issue]).await;
    let answer = before.post_json_as(&issuing, "/credentials/issue", &transcript()).await;
    let record = answer.json()["verifiableCredential"].take();
    let credentials = "/ims/clr/v2p0/credentials";
    for account in ["ada", "bo"] {
        let learner = before.learner_token(account, &[Scope::CredentialUpsert]).await;
        let kept = before.post_json_as(&learner, credentials, &record).await;
        assert_eq!(kept.status, 201, "{}", kept.text());
    }
    for method in methods(&record) {
        let multikey = method.split_once('#').unwrap().1;
        host.app
            .table
            .revoke_issuer_key(INSTITUTION, multikey, host.now())
            .await
            .unwrap();
    }
    let after = host.as_institution(2);
    assert_eq!(outcome(&after, &record).await, Outcome::Invalid);

    let issuing = Issuing {
        issuers: &after.app.issuers,
        contexts: after.app.contexts,
        clock: &*after.app.clock,
        randomness: &after.app.randomness,
        lists: None,
        gives_status: false,
    };
    let id = record["id"].as_str().unwrap().to_owned();
    let method = &methods(&record)[0];
    let until = host.now() + SignedDuration::from_secs(1);
    let since = host.now() - SignedDuration::from_hours(1);
    let mut signed = compromise::signed_by(&host.app.table, method, since, until)
        .await
        .unwrap();
    let issue = signed.iter().find(|entry| entry.act == Act::Issue).unwrap();
    signed.push(AuditEntry {
        subject: "urn:uuid:not-delivered".to_owned(),
        ..issue.clone()
    });
    // Asking again does no harm.
    for _ in 0..2 {
        let done = compromise::reissue(&after.app.table, &issuing, method, &signed, after.app.patience());
        let outcomes: Vec<_> = done.await.unwrap().into_iter().map(|item| item.outcome).collect();
        assert_eq!(
            outcomes,
            [compromise::Outcome::SignedAgain(2), compromise::Outcome::NotHeld]
        );
    }
    // Each signature of the new keys is in the audit, like any other.
    let acts = AuditPosition::since(since);
    let acts = host.app.table.audit(acts, until, 100).await.unwrap().entries;
    let again = acts.iter().filter(|act| act.note.as_deref() == Some("signed again"));
    assert_eq!(again.filter(|act| act.subject == id && !act.keys.is_empty()).count(), 2);

    for account in ["ada", "bo"] {
        let learner = after.learner_token(account, &[Scope::CredentialReadonly]).await;
        let list = after.get_as(&learner, credentials).await.json();
        let kept = list["credential"][0].clone();
        assert_eq!(list["credential"].as_array().unwrap().len(), 1, "{list}");
        assert_eq!(outcome(&after, &kept).await, Outcome::Valid);
        let mut claims = [record.clone(), kept];
        for document in &mut claims {
            document.as_object_mut().unwrap().remove("proof");
            for (_, nested) in learner_record::nested_credentials_mut(document) {
                nested.as_object_mut().unwrap().remove("proof");
            }
        }
        assert_eq!(claims[0], claims[1], "nothing but proofs is another");
    }
}

#[tokio::test]
async fn what_whoever_had_the_key_wrote_is_not_signed_again() {
    let host = TestApp::start().await;
    let before = host.as_institution(1);
    let mut forged = issued(&before).await;
    forged["name"] = json!("A better record");
    let forged = records::sign_again(&before, forged).await;
    let method = &methods(&forged)[0];
    let learner = before.learner_token("mallory", &[Scope::CredentialUpsert]).await;
    let kept = before
        .post_json_as(&learner, "/ims/clr/v2p0/credentials", &forged)
        .await;
    assert_eq!(kept.status, 201, "{}", kept.text());

    let after = host.as_institution(2);
    let issuing = Issuing {
        issuers: &after.app.issuers,
        contexts: after.app.contexts,
        clock: &*after.app.clock,
        randomness: &after.app.randomness,
        lists: None,
        gives_status: false,
    };
    let (since, until) = (host.now(), host.now() + SignedDuration::from_secs(1));
    let table = &host.app.table;
    let signed = compromise::signed_by(table, method, since, until).await.unwrap();
    let done = compromise::reissue(table, &issuing, method, &signed, after.app.patience());
    let [done] = &done.await.unwrap()[..] else {
        panic!("one record was issued")
    };
    let compromise::Outcome::Refused(reason) = &done.outcome else {
        panic!("{done:?}")
    };
    assert!(reason.contains("not what was given out"), "{reason}");
    let acts = table
        .audit(AuditPosition::since(since), until, 100)
        .await
        .unwrap()
        .entries;
    assert_eq!(acts.iter().filter(|act| act.act == Act::Issue).count(), 1);
}
