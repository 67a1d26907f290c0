//! Bitstring Status List v1.0, as its test suite asks for it: entries of what is issued, the list credentials behind them, and
//! what a verifier makes of both. The suite's assertions that are skipped for entries without `statusSize`, `statusMessage` and
//! `statusReference` hold here because there are none.
//!
//! <https://www.w3.org/TR/vc-bitstring-status-list/>

use http::StatusCode;
use learner_record::{Bitstring, LIST_ENTRIES, ListCredential, StatusEntry, StatusList, StatusPurpose};
use serde_json::{Value, json};
use tests::PUBLIC_URL;

use crate::suites::Suites;

/// What the suite issues: a fresh id each time.
fn valid(suites: &Suites) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": format!("urn:uuid:{}", suites.app.app.randomness.uuid()),
        "type": ["VerifiableCredential"],
        "issuer": suites.issuer,
        "credentialSubject": {"id": "did:key:z6MkhTNL7i2etLerDK8Acz5t528giE5KA4p75T6ka1E1D74r"},
    })
}

fn path(entry: &Value) -> &str {
    let url = entry["statusListCredential"].as_str().expect("a URL");
    url.strip_prefix(PUBLIC_URL).expect("a list of this service")
}

async fn list_of(suites: &Suites, entry: &Value) -> Value {
    let answer = suites.app.get(path(entry)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn an_issued_credential_has_a_well_formed_entry_and_nothing_optional() {
    let suites = Suites::p256().await;
    let credential = suites.issued(&valid(&suites)).await;
    assert!(credential["proof"].is_object(), "one key, one proof");
    let entry = &credential["credentialStatus"];
    let members: Vec<_> = entry.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        ["id", "type", "statusPurpose", "statusListIndex", "statusListCredential"]
    );
    assert_eq!(entry["type"], "BitstringStatusListEntry");
    assert_eq!(entry["statusPurpose"], "revocation");
    assert_ne!(
        entry["id"], entry["statusListCredential"],
        "the id is not the URL of the list"
    );
    let index = entry["statusListIndex"].as_str().unwrap();
    assert_eq!(index.parse::<usize>().unwrap().to_string(), index, "base 10");
}

#[tokio::test]
async fn the_list_behind_an_entry_is_a_conforming_credential_of_the_right_types() {
    let suites = Suites::p256().await;
    let credential = suites.issued(&valid(&suites)).await;
    let list = list_of(&suites, &credential["credentialStatus"]).await;
    assert_eq!(list["@context"], json!(["https://www.w3.org/ns/credentials/v2"]));
    assert_eq!(list["id"], credential["credentialStatus"]["statusListCredential"]);
    assert_eq!(
        list["type"],
        json!(["VerifiableCredential", "BitstringStatusListCredential"])
    );
    assert_eq!(list["issuer"], suites.issuer);
    assert!(list["validFrom"].is_string() && list["proof"].is_object());
    let subject = list["credentialSubject"].as_object().unwrap();
    let members: Vec<_> = subject.keys().map(String::as_str).collect();
    assert_eq!(members, ["id", "type", "statusPurpose", "encodedList"]);
    assert_eq!(subject["type"], "BitstringStatusList");
    assert_eq!(subject["statusPurpose"], "revocation");
    suites.verifies(&list).await;
}

#[tokio::test]
async fn the_encoded_list_is_multibase_gzip_of_16_kb_at_least() {
    let suites = Suites::p256().await;
    let credential = suites.issued(&valid(&suites)).await;
    let list = list_of(&suites, &credential["credentialStatus"]).await;
    let encoded = list["credentialSubject"]["encodedList"].as_str().unwrap();
    assert!(encoded.starts_with('u') && !encoded.contains('='));
    let bits = Bitstring::decode(encoded).unwrap();
    assert_eq!(bits.as_bytes().len(), 16 * 1024);
    assert_eq!(bits.count_set(), 0);
}

#[tokio::test]
async fn a_malformed_entry_is_not_issued() {
    let suites = Suites::p256().await;
    let mut credential = valid(&suites);
    credential["statusEntry"] = json!({
        "type": "BitstringStatusListEntry",
        "statusListIndex": true,
        "statusListCredential": "https://example.com",
    });
    suites.is_not_issued(&credential).await;
}

#[tokio::test]
async fn an_issued_credential_verifies_until_it_is_revoked() {
    let suites = Suites::p256().await;
    let credential = suites.issued(&valid(&suites)).await;
    let verify = || async {
        let body = json!({"verifiableCredential": credential, "options": {"checks": ["proof", "credentialStatus"]}});
        suites.app.post_json("/credentials/verify", &body).await
    };
    let answer = verify().await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let body = json!({
        "credentialId": credential["id"],
        "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    });
    let answer = suites.app.post_json("/credentials/status", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let list = StatusList::read(&list_of(&suites, &credential["credentialStatus"]).await).unwrap();
    let entry = StatusEntry::read(&credential["credentialStatus"]).unwrap();
    assert_eq!(list.is_set(&entry), Ok(true));
    let answer = verify().await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    assert!(answer.text().contains("revoked"), "{}", answer.text());
}

#[tokio::test]
async fn an_index_outside_of_the_list_is_no_valid_status() {
    let suites = Suites::p256().await;
    let issued = suites.issued(&valid(&suites)).await;
    let list = issued["credentialStatus"]["statusListCredential"].as_str().unwrap();
    for status in [
        StatusPurpose::Revocation.entry(list, LIST_ENTRIES),
        StatusPurpose::Suspension.entry(list, 1),
    ] {
        let mut credential = valid(&suites);
        credential["credentialStatus"] = status;
        // The service itself does not sign such an entry.
        suites.is_not_issued(&credential).await;
        let credential = suites.signed_unseen(credential).await;
        let body = json!({"verifiableCredential": credential, "options": {"checks": ["proof", "credentialStatus"]}});
        let answer = suites.app.post_json("/credentials/verify", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    }
}

#[test]
fn processing_errors_have_the_urls_of_the_standard() {
    let short = Bitstring::cleared(LIST_ENTRIES / 2);
    let list = |bits: &Bitstring| {
        ListCredential {
            url: "https://a.example/1",
            issuer: "did:web:a.example",
            purpose: StatusPurpose::Revocation,
            bits,
            valid_from: "2026-01-15T09:30:00Z".parse().unwrap(),
            valid_until: None,
        }
        .unsigned()
    };
    let whole = StatusList::read(&list(&Bitstring::cleared(LIST_ENTRIES))).unwrap();
    let entry =
        |purpose: StatusPurpose, index| StatusEntry::read(&purpose.entry("https://a.example/1", index)).unwrap();
    let mut malformed = list(&short);
    malformed["credentialSubject"]["encodedList"] = json!("not multibase");
    for (error, name) in [
        (StatusList::read(&list(&short)).unwrap_err(), "STATUS_LIST_LENGTH_ERROR"),
        (StatusList::read(&malformed).unwrap_err(), "MALFORMED_VALUE_ERROR"),
        (
            whole
                .is_set(&entry(StatusPurpose::Revocation, LIST_ENTRIES))
                .unwrap_err(),
            "RANGE_ERROR",
        ),
        (
            whole.is_set(&entry(StatusPurpose::Suspension, 1)).unwrap_err(),
            "STATUS_VERIFICATION_ERROR",
        ),
    ] {
        assert_eq!(
            error.type_url(),
            format!("https://www.w3.org/ns/credentials/status-list#{name}")
        );
    }
}
