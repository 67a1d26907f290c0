//! `POST /credentials/issue`: whose status entry a credential may bring with it.

use clr_core::oauth::Scope;
use learner_record::{LIST_ENTRIES, StatusEntry, StatusPurpose, nested_credentials};
use serde_json::{Value, json};
use tests::{Answer, PUBLIC_URL, TestApp};

use crate::records::{ISSUED, achievement, record};

async fn issue(app: &TestApp, record: &Value) -> Answer {
    let token = app.operator_token(&[Scope::Issue]).await;
    app.post_json_as(&token, "/credentials/issue", record).await
}

async fn issued(app: &TestApp, record: &Value) -> Value {
    let answer = issue(app, record).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["verifiableCredential"].take()
}

fn unsigned(id: &str) -> Value {
    record(id, ISSUED, vec![achievement("Algebra", "Solves equations.")])
}

fn course(record: &mut Value) -> &mut Value {
    &mut record["credentialSubject"]["verifiableCredential"][0]
}

/// It is refused, and nothing but that is wrong with it.
async fn check_refused(app: &TestApp, record: &Value, pointer: &str) {
    let answer = issue(app, record).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let text = answer.description();
    let (first, findings) = text.split_once('\n').unwrap();
    assert!(first.contains("1 to mend"), "{text}");
    assert!(
        findings.starts_with(&format!("{pointer}: ")) && findings.ends_with("[status-entry]"),
        "{text}"
    );
}

#[tokio::test]
async fn no_credential_is_issued_with_the_entry_of_another_one() {
    let app = TestApp::start().await;
    let victim = issued(&app, &unsigned("urn:example:victim")).await;
    let entry = victim["credentialStatus"].clone();

    let mut record = unsigned("urn:example:other");
    record["credentialStatus"] = entry.clone();
    check_refused(&app, &record, "/credentialStatus").await;
    // One that gets its id from the service has no entry yet.
    record["credentialStatus"] = entry.clone();
    record.as_object_mut().unwrap().shift_remove("id");
    check_refused(&app, &record, "/credentialStatus").await;

    let nested = "/credentialSubject/verifiableCredential/0/credentialStatus";
    let mut record = unsigned("urn:example:other");
    course(&mut record)["credentialStatus"] = entry.clone();
    check_refused(&app, &record, nested).await;
    // Nor does a course get the record's own.
    let mut record = unsigned("urn:example:victim");
    course(&mut record)["credentialStatus"] = entry;
    check_refused(&app, &record, nested).await;
}

#[tokio::test]
async fn of_many_entries_the_misplaced_one_is_named_and_those_of_other_lists_stay() {
    let app = TestApp::start().await;
    let victim = issued(&app, &unsigned("urn:example:victim")).await;
    let list = "https://elsewhere.example/lists/f81d4fae-7dec-41d0-a765-00a0c91e6bf6";
    let elsewhere = StatusPurpose::Revocation.entry(list, 3);
    let mut credential = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:example:general",
        "type": ["VerifiableCredential"],
        "issuer": victim["issuer"]["id"],
        "credentialSubject": {"id": "did:example:learner"},
        "credentialStatus": [elsewhere, victim["credentialStatus"]],
    });
    check_refused(&app, &credential, "/credentialStatus/1").await;
    credential["credentialStatus"][1] = StatusPurpose::Suspension.entry(list, 3);
    let issued = issued(&app, &credential).await;
    assert_eq!(issued["credentialStatus"], credential["credentialStatus"]);
}

#[tokio::test]
async fn no_entry_of_our_lists_is_taken_that_nobody_was_given() {
    let app = TestApp::start().await;
    let given = issued(&app, &unsigned("urn:example:1")).await["credentialStatus"].clone();
    let StatusEntry { list, index, .. } = StatusEntry::read(&given).unwrap();
    let id = list.rsplit_once('/').unwrap().1.to_owned();
    let revocation = |list: &str| StatusPurpose::Revocation.entry(list, index);
    let mut longer = given.clone();
    longer["statusMessage"] = json!([]);
    for entry in [
        StatusPurpose::Revocation.entry(&list, (index + 1) % LIST_ENTRIES),
        StatusPurpose::Revocation.entry(&list, LIST_ENTRIES),
        StatusPurpose::Suspension.entry(&list, index),
        // There is no such list.
        revocation(&format!("{PUBLIC_URL}/status/f81d4fae-7dec-41d0-a765-00a0c91e6bf6")),
        revocation(&format!("{PUBLIC_URL}/status/x")),
        // It is that list, by another name.
        revocation(&list.to_uppercase().replacen("HTTPS", "https", 1)),
        revocation(&list.replacen("example.edu", "EXAMPLE.edu:443", 1)),
        revocation(&list.replacen("/status/", "/x/../%73tatus/", 1)),
        revocation(&list.replace(&id, &id.replace('-', ""))),
        revocation(&format!("{list}?x")),
        revocation(&format!("https://api.execute.example/status/{id}")),
        json!({"id": list, "type": "1EdTechRevocationList"}),
        json!({"id": format!("{list}#{index}"), "type": "1EdTechRevocationList"}),
    ] {
        let mut record = unsigned("urn:example:1");
        record["credentialStatus"] = entry;
        check_refused(&app, &record, "/credentialStatus").await;
    }
    // Findings of more than one rule come together.
    let mut record = unsigned("urn:example:1");
    record["credentialStatus"] = longer;
    let answer = issue(&app, &record).await;
    assert_eq!(answer.status, 400);
    assert!(answer.description().contains("[status-entry]"), "{}", answer.text());
}

#[tokio::test]
async fn a_credential_that_is_issued_again_may_keep_its_entry_or_get_another_one() {
    let app = TestApp::start().await;
    let first = issued(&app, &unsigned("urn:example:1")).await;
    let nested = nested_credentials(&first)[0].1.clone();
    let mut again = unsigned("urn:example:1");
    again["name"] = json!("A correction");
    let other = issued(&app, &again).await;
    assert_ne!(other["credentialStatus"], first["credentialStatus"]);
    for kept in [&first, &other] {
        again["credentialStatus"] = kept["credentialStatus"].clone();
        course(&mut again)["id"] = nested["id"].clone();
        course(&mut again)["credentialStatus"] = nested["credentialStatus"].clone();
        let second = issued(&app, &again).await;
        assert_eq!(second["credentialStatus"], kept["credentialStatus"]);
        let second = nested_credentials(&second)[0].1;
        assert_eq!(second["credentialStatus"], nested["credentialStatus"]);
    }
}

#[tokio::test]
async fn a_deployment_that_gives_no_entries_any_more_signs_none_of_its_lists_either() {
    let before = TestApp::start().await;
    let entry = issued(&before, &unsigned("urn:example:1")).await["credentialStatus"].clone();
    let after = TestApp::configured(|config| config.status_lists = false).await;
    let after = after.with_table(before.app.table.clone());
    let mut record = unsigned("urn:example:2");
    record["credentialStatus"] = entry.clone();
    check_refused(&after, &record, "/credentialStatus").await;
    record["id"] = json!("urn:example:1");
    assert_eq!(issued(&after, &record).await["credentialStatus"], entry);
}

#[tokio::test]
async fn what_is_refused_for_its_entry_costs_no_entry_and_looks_once_for_many() {
    let app = TestApp::start().await;
    let victim = issued(&app, &unsigned("urn:example:victim")).await;
    let mut record = unsigned("urn:example:other");
    let answer = issue(&app, &record).await;
    let usual = answer.usage.table_calls;
    assert_eq!(answer.status, 201);
    record["credentialStatus"] = vec![victim["credentialStatus"].clone(); 1_000].into();
    let answer = issue(&app, &record).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.usage.table_calls <= usual,
        "{} calls, usually {usual}",
        answer.usage.table_calls
    );
    let given = app.app.table.status_places("urn:example:other").await.unwrap();
    assert_eq!(given.len(), 1);
}
