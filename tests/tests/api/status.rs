//! `POST /credentials/status` and `GET /status/{list}`: what a registrar may change, and what everybody may know of it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use clr_core::{
    Randomness,
    audit::{Act, AuditEntry, OPERATOR},
    issuers::Issuers,
    oauth::Scope,
    signer::{SignError, Signature, Signer, SoftwareKeys, SoftwareSigner},
    table::AuditPosition,
};
use http::{Method, header};
use jiff::SignedDuration;
use learner_record::{LIST_ENTRIES, StatusEntry, StatusList, nested_credentials};
use serde_json::{Map, Value, json};
use tests::{Answer, PUBLIC_URL, TestApp, request};

const PATH: &str = "/credentials/status";

fn transcript() -> Value {
    let text = include_str!("../../../shared/learner-record/fixtures/transcript.json");
    let mut record: Value = serde_json::from_str(text).unwrap();
    learner_record::replace_issuer(&mut record, &json!({"name": "Example University"}));
    record
}

fn minimal() -> Value {
    serde_json::from_str(include_str!("../../../shared/learner-record/fixtures/minimal.json")).unwrap()
}

async fn issued(app: &TestApp, record: &Value) -> Value {
    let token = app.operator_token(&[Scope::Issue]).await;
    let answer = app.post_json_as(&token, "/credentials/issue", record).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["verifiableCredential"].take()
}

async fn change(app: &TestApp, body: &Value) -> Answer {
    let token = app.operator_token(&[Scope::Status]).await;
    app.post_json_as(&token, PATH, body).await
}

fn wish(credential: &Value, purpose: &str, status: bool) -> Value {
    json!({
        "credentialId": credential["id"],
        "credentialStatus": [{"type": "BitstringStatusListEntry", "statusPurpose": purpose, "status": status}],
    })
}

fn path(credential: &Value) -> String {
    let url = credential["credentialStatus"]["statusListCredential"].as_str().unwrap();
    url.strip_prefix(PUBLIC_URL).unwrap().to_owned()
}

async fn list(app: &TestApp, credential: &Value) -> StatusList {
    let answer = app.get(&path(credential)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    StatusList::read(&answer.json()).unwrap()
}

async fn is_set(app: &TestApp, credential: &Value) -> bool {
    let entry = StatusEntry::read(&credential["credentialStatus"]).unwrap();
    list(app, credential).await.is_set(&entry).unwrap()
}

#[tokio::test]
async fn a_record_and_each_nested_credential_get_an_entry_of_their_own() {
    let app = TestApp::start().await;
    let record = issued(&app, &transcript()).await;
    let nested = nested_credentials(&record);
    assert_eq!(nested.len(), 8);
    let mut indexes = std::collections::BTreeSet::new();
    for credential in nested.into_iter().map(|(_, nested)| nested).chain([&record]) {
        let status = &credential["credentialStatus"];
        let members: Vec<_> = status.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            members,
            ["id", "type", "statusPurpose", "statusListIndex", "statusListCredential"]
        );
        assert_eq!(status["statusPurpose"], "revocation");
        let entry = StatusEntry::read(status).unwrap();
        assert!(entry.index_is_text && entry.index < LIST_ENTRIES);
        assert!(!is_set(&app, credential).await);
        indexes.insert((entry.list, entry.index));
    }
    assert_eq!(indexes.len(), 9);
    assert_eq!(learner_record::validate(&record).errors, []);
}

#[tokio::test]
async fn a_status_that_the_registrar_wrote_is_kept() {
    let app = TestApp::start().await;
    let mut record = minimal();
    record["credentialStatus"] = json!({"id": "https://elsewhere.example/revoked", "type": "1EdTechRevocationList"});
    let record = issued(&app, &record).await;
    assert_eq!(record["credentialStatus"]["type"], "1EdTechRevocationList");
    let (_, nested) = nested_credentials(&record)[0].clone();
    assert_eq!(nested["credentialStatus"]["type"], "BitstringStatusListEntry");
}

#[tokio::test]
async fn without_status_lists_nothing_gets_an_entry() {
    let app = TestApp::configured(|config| config.status_lists = false).await;
    let record = issued(&app, &transcript()).await;
    assert!(!record.to_string().contains("credentialStatus"));
}

#[tokio::test]
async fn a_record_that_is_refused_costs_no_entry() {
    let app = TestApp::start().await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let mut record = minimal();
    record["validFrom"] = json!("yesterday");
    let answer = app.post_json_as(&token, "/credentials/issue", &record).await;
    assert_eq!(answer.status, 400);
    assert!(app.app.table.status_lists().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_revoked_credential_is_set_and_its_neighbours_are_not() {
    let app = TestApp::start().await;
    let record = issued(&app, &transcript()).await;
    let nested = nested_credentials(&record)[3].1.clone();
    let answer = change(&app, &wish(&nested, "revocation", true)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        answer.json(),
        json!([{
            "credentialId": nested["id"],
            "credentialStatus": nested["credentialStatus"],
            "status": true,
            "changed": true,
        }])
    );
    assert!(is_set(&app, &nested).await);
    assert!(!is_set(&app, &record).await);
    assert_eq!(list(&app, &record).await.bits.count_set(), 1);
}

#[tokio::test]
async fn revoking_twice_changes_nothing_and_taking_it_back_is_refused() {
    let app = TestApp::start().await;
    let record = issued(&app, &minimal()).await;
    for changed in [true, false] {
        let answer = change(&app, &wish(&record, "revocation", true)).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()[0]["changed"]),
            (200, &json!(changed))
        );
    }
    let answer = change(&app, &wish(&record, "revocation", false)).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.description().contains("cannot be taken back"),
        "{}",
        answer.text()
    );
    assert!(is_set(&app, &record).await);
}

#[tokio::test]
async fn no_request_revokes_and_takes_it_back_at_once() {
    let app = TestApp::start().await;
    let record = issued(&app, &minimal()).await;
    for states in [[true, false], [false, true]] {
        let bulk = states.map(|state| wish(&record, "revocation", state));
        let answer = change(&app, &json!(bulk)).await;
        assert_eq!(answer.status, 400);
        let position = states.iter().position(|state| !state).unwrap();
        let text = answer.description();
        assert!(
            text.contains(&format!("/{position}/credentialId: ")) && text.contains("cannot be taken back"),
            "{text}"
        );
        assert!(!is_set(&app, &record).await);
    }
}

#[tokio::test]
async fn the_body_of_the_test_suite_without_a_state_revokes() {
    let app = TestApp::configured(|config| config.open_issue = true).await;
    let record = issued(&app, &minimal()).await;
    let body = json!({
        "credentialId": record["id"],
        "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    });
    let answer = app.post_json(PATH, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(is_set(&app, &record).await);
}

#[tokio::test]
async fn a_bulk_is_done_wholly_or_not_at_all() {
    let app = TestApp::start().await;
    let records = [issued(&app, &minimal()).await, issued(&app, &minimal()).await];
    let mut bulk: Vec<_> = records.iter().map(|record| wish(record, "revocation", true)).collect();
    bulk.push(wish(&json!({"id": "urn:uuid:unknown"}), "revocation", true));
    bulk.push(wish(&records[0], "suspension", true));
    let answer = change(&app, &json!(bulk)).await;
    assert_eq!(answer.status, 400);
    let text = answer.description();
    assert!(
        text.contains("/2/credentialId: no credential \"urn:uuid:unknown\" was issued here"),
        "{text}"
    );
    assert!(
        text.contains("/3/credentialId: ") && text.contains("it has revocation https://"),
        "{text}"
    );
    assert_eq!(list(&app, &records[0]).await.bits.count_set(), 0);
    bulk.truncate(2);
    assert_eq!(change(&app, &json!(bulk)).await.status, 200);
    assert_eq!(list(&app, &records[0]).await.bits.count_set(), 2);
}

#[tokio::test]
async fn a_change_takes_the_scope_of_a_client_that_the_operator_made() {
    let app = TestApp::start().await;
    let record = issued(&app, &minimal()).await;
    let body = wish(&record, "revocation", true);
    assert_eq!(app.post_json(PATH, &body).await.status, 401);
    let issuing = app.operator_token(&[Scope::Issue]).await;
    let answer = app.post_json_as(&issuing, PATH, &body).await;
    assert_eq!(answer.status, 403);
    assert!(answer.header("www-authenticate").contains("scope=\"status\""));
    let learner = app.learner_token("ada", &[Scope::CredentialUpsert]).await;
    assert_eq!(app.post_json_as(&learner, PATH, &body).await.status, 403);
    assert!(!is_set(&app, &record).await);
}

#[tokio::test]
async fn every_change_is_in_the_audit_with_who_made_it() {
    let app = TestApp::start().await;
    let record = issued(&app, &minimal()).await;
    change(&app, &wish(&record, "revocation", true)).await;
    let page = app
        .app
        .table
        .audit(
            AuditPosition::since(app.now()),
            app.now() + SignedDuration::from_secs(1),
            100,
        )
        .await
        .unwrap();
    let acts: Vec<_> = page
        .entries
        .iter()
        .filter(|entry| entry.act == Act::ChangeStatus)
        .collect();
    assert_eq!(acts.len(), 1);
    assert_eq!(acts[0].subject, record["id"].as_str().unwrap());
    assert!(!acts[0].actor.is_empty());
    let note = acts[0].note.as_deref().unwrap();
    let entry = record["credentialStatus"]["id"].as_str().unwrap();
    assert_eq!(note, format!("revocation set at {entry}"));
}

#[tokio::test]
async fn a_list_is_cacheable_for_a_minute_and_revalidated() {
    let app = TestApp::start().await;
    let record = issued(&app, &minimal()).await;
    let first = app.get(&path(&record)).await;
    assert_eq!(first.header("cache-control"), "public, max-age=60");
    assert_eq!(first.header("content-type"), "application/json");
    assert_eq!(first.header("vary"), "Accept");
    assert_eq!(first.header("access-control-allow-origin"), "*");
    let ask = |tag: &str| {
        let mut ask = request(Method::GET, &path(&record), None, axum::body::Body::empty());
        ask.headers_mut().insert(header::IF_NONE_MATCH, tag.parse().unwrap());
        ask.headers_mut()
            .insert(header::ACCEPT, "text/html, application/vc;q=0.9".parse().unwrap());
        ask
    };
    let tag = first.header("etag").to_owned();
    let again = app.send(ask(&tag)).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    change(&app, &wish(&record, "revocation", true)).await;
    let changed = app.send(ask(&tag)).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.header("content-type"), "application/vc");
    assert_ne!(changed.header("etag"), tag);
}

#[tokio::test]
async fn an_unknown_list_is_not_found() {
    let app = TestApp::start().await;
    for list in ["00000000-0000-4000-8000-000000000000", "1", "%2e%2e"] {
        assert_eq!(app.get(&format!("/status/{list}")).await.status, 404, "{list}");
    }
}

#[tokio::test]
async fn a_list_carries_the_proof_set_of_the_status_keys_alone() {
    let app = TestApp::start().await.as_institution(1);
    let record = issued(&app, &minimal()).await;
    let credential = app.get(&path(&record)).await.json();
    assert_eq!(credential["issuer"], tests::INSTITUTION);
    assert_eq!(credential["validUntil"], "2026-01-22T09:30:00Z");
    let issuer = &app.app.issuers.all().await.unwrap()[0];
    let proofs = credential["proof"].as_array().unwrap();
    let suites: Vec<_> = proofs.iter().map(|proof| proof["cryptosuite"].clone()).collect();
    assert_eq!(suites, ["eddsa-rdfc-2022", "ecdsa-rdfc-2019"]);
    for (proof, key) in proofs.iter().zip(&issuer.status_keys) {
        assert_eq!(proof["verificationMethod"], key.verification_method);
        assert!(issuer.keys.iter().all(|other| other.public_key != key.public_key));
        data_integrity::verify(&credential, proof, &key.public_key, app.app.contexts).unwrap();
    }
    let document = app.get("/.well-known/did.json").await.json();
    for key in &issuer.status_keys {
        assert!(
            document["assertionMethod"]
                .as_array()
                .unwrap()
                .contains(&json!(key.verification_method))
        );
    }
}

/// Counts what it signs, and takes its time.
#[derive(Debug)]
struct Counted {
    signer: SoftwareSigner,
    signed: Arc<AtomicUsize>,
}

#[async_trait]
impl Signer for Counted {
    async fn public_key(&self) -> Result<data_integrity::PublicKey, SignError> {
        self.signer.public_key().await
    }

    async fn sign(&self, hash_data: &[u8]) -> Result<Signature, SignError> {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        self.signed.fetch_add(1, Ordering::SeqCst);
        self.signer.sign(hash_data).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_list_is_signed_once_for_all_who_ask_at_the_same_time() {
    let signed = Arc::new(AtomicUsize::new(0));
    let signer = Counted {
        signer: SoftwareKeys::generate(&Randomness::seeded(3)).p256,
        signed: Arc::clone(&signed),
    };
    let issuers = Issuers::new(
        None,
        Map::from_iter([("name".to_owned(), json!("Example University"))]),
        vec![Arc::new(signer)],
    );
    let app = Arc::new(TestApp::start().await.with_issuers(issuers));
    let record = issued(&app, &minimal()).await;
    assert!(!is_set(&app, &record).await);
    for (index, round) in [0_u32, 1].into_iter().enumerate() {
        let (_, nested) = nested_credentials(&record)[0].clone();
        let revoked = if index == 0 { &record } else { nested };
        assert_eq!(change(&app, &wish(revoked, "revocation", true)).await.status, 200);
        let before = signed.load(Ordering::SeqCst);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (app, path) = (Arc::clone(&app), path(&record));
            tasks.spawn(async move { app.get(&path).await.text() });
        }
        let answers = tasks.join_all().await;
        assert_eq!(signed.load(Ordering::SeqCst) - before, 1, "round {round}");
        assert!(answers.iter().all(|answer| *answer == answers[0]));
    }
    assert_eq!(list(&app, &record).await.bits.count_set(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_given_a_state_older_than_one_that_was_acknowledged() {
    let app = Arc::new(TestApp::start().await);
    let record = issued(&app, &transcript()).await;
    let path = path(&record);
    let mut tasks = tokio::task::JoinSet::new();
    for (_, nested) in nested_credentials(&record) {
        let (app, nested) = (Arc::clone(&app), nested.clone());
        tasks.spawn(async move {
            assert_eq!(change(&app, &wish(&nested, "revocation", true)).await.status, 200);
            assert!(is_set(&app, &nested).await, "the list is older than the change");
        });
    }
    tasks.join_all().await;
    let list = StatusList::read(&app.get(&path).await.json()).unwrap();
    assert_eq!(list.bits.count_set(), 8);
}

#[tokio::test]
async fn a_list_is_renewed_long_before_it_expires() {
    let app = TestApp::start().await;
    let record = issued(&app, &minimal()).await;
    let first = app.get(&path(&record)).await.json();
    app.clock.advance(SignedDuration::from_hours(3 * 24));
    assert_eq!(app.get(&path(&record)).await.json(), first);
    app.clock.advance(SignedDuration::from_hours(24));
    let renewed = app.get(&path(&record)).await.json();
    assert_eq!(renewed["validFrom"], "2026-01-19T09:30:00Z");
    assert_eq!(renewed["credentialSubject"], first["credentialSubject"]);
}

#[tokio::test]
async fn an_exported_list_has_every_state_and_no_end() {
    let app = TestApp::start().await.as_institution(1);
    let record = issued(&app, &minimal()).await;
    change(&app, &wish(&record, "revocation", true)).await;
    let base = format!("{PUBLIC_URL}/status");
    let lists = app.app.status_lists(&base);
    let [list] = app.app.table.status_lists().await.unwrap()[..] else {
        panic!("one list")
    };
    let exported = lists.exported(list).await.unwrap().unwrap();
    assert_eq!(exported["id"], record["credentialStatus"]["statusListCredential"]);
    assert!(exported.get("validUntil").is_none());
    let (since, until) = (
        app.now() - SignedDuration::from_hours(1),
        app.now() + SignedDuration::from_secs(1),
    );
    let acts = app
        .app
        .table
        .audit(AuditPosition::since(since), until, 10)
        .await
        .unwrap()
        .entries;
    let signing = |entry: &&AuditEntry| entry.act == Act::SignStatusList && entry.actor == OPERATOR;
    assert_eq!(acts.iter().find(signing).unwrap().keys.len(), 2);
    assert_eq!(exported["proof"].as_array().unwrap().len(), 2);
    let entry = StatusEntry::read(&record["credentialStatus"]).unwrap();
    assert_eq!(StatusList::read(&exported).unwrap().is_set(&entry), Ok(true));
}

/// By which a table that was restored gives no entry a second time (infra/README.md).
#[tokio::test]
async fn a_table_without_its_current_list_begins_another() {
    let app = TestApp::start().await.as_institution(1);
    let list_of = |record: &Value| record["credentialStatus"]["statusListCredential"].clone();
    let before = list_of(&issued(&app, &minimal()).await);
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let delete = app.client.delete_item().table_name(&app.app.config.table_name);
    let deleted = delete
        .key("pk", text("T#default#STATUSLISTS#ALL"))
        .key("sk", text("CURRENT#revocation"))
        .return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld);
    assert!(deleted.send().await.unwrap().attributes.is_some());
    let mut record = minimal();
    record["id"] = json!("urn:uuid:5c7a2d0e-8f5e-4a37-9d4c-6f1c0e7b9a52");
    assert_ne!(list_of(&issued(&app, &record).await), before);
    assert_eq!(
        app.app.table.status_lists().await.unwrap().len(),
        2,
        "the one of before is there still"
    );
}
