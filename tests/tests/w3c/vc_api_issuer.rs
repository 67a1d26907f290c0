//! `w3c-ccg/vc-api-issuer-test-suite`: issue credentials of VC 1.1, and refuse what is none with 400.

use http::StatusCode;
use serde_json::{Value, json};

use crate::suites::Suites;

/// What the suite sends: a credential of VC 1.1 with an id, a date and the issuer of its configuration.
fn credential(suites: &Suites) -> Value {
    json!({
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "id": "urn:uuid:86294362-4254-4f36-854f-3952fe42555d",
        "type": ["VerifiableCredential"],
        "issuer": suites.issuer,
        "issuanceDate": "2026-01-15T09:00:00Z",
        "credentialSubject": {"id": "did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"}
    })
}

fn without(mut credential: Value, member: &str) -> Value {
    credential.as_object_mut().unwrap().remove(member).unwrap();
    credential
}

/// The credential is refused with each of these values, and without the member.
async fn member_is_checked(member: &str, wrong: Vec<Value>) {
    let suites = Suites::p256().await;
    let good = credential(&suites);
    let with = |value| {
        let mut credential = good.clone();
        credential[member] = value;
        credential
    };
    for credential in wrong.into_iter().map(with).chain([without(good.clone(), member)]) {
        let answer = suites
            .post("/credentials/issue", &json!({"credential": credential, "options": {}}))
            .await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{credential}\n{}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn a_credential_is_issued_with_all_that_it_must_have() {
    for suites in [Suites::p256().await, Suites::ed25519().await] {
        let credential = credential(&suites);
        let issued = suites.issued(&credential).await;
        for member in ["@context", "id", "type", "credentialSubject", "issuer", "proof"] {
            assert!(issued.get(member).is_some(), "{member}");
        }
        assert!(issued["id"].is_string() && issued["proof"].is_object());
        assert_eq!(issued["issuer"], credential["issuer"]);
        suites.verifies(&issued).await;
    }
}

#[tokio::test]
async fn the_request_must_have_a_credential() {
    let suites = Suites::p256().await;
    let body = json!({"verifiableCredential": credential(&suites), "options": {}});
    let answer = suites.post("/credentials/issue", &body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
}

#[tokio::test]
async fn contexts_are_an_array_of_texts_or_objects() {
    member_is_checked("@context", vec![json!(4), json!(false), json!(null), json!([])]).await;
    member_is_checked("@context", vec![json!([4]), json!([{"foo": true}, 4, false, null])]).await;
}

#[tokio::test]
async fn types_are_an_array_of_texts() {
    member_is_checked("type", vec![json!(4), json!(true), json!(null), json!([])]).await;
    member_is_checked("type", vec![json!([2, null, {"foo": true}, false])]).await;
}

#[tokio::test]
async fn the_issuer_is_a_text_or_an_object_and_must_be_there() {
    member_is_checked("issuer", vec![json!(4), json!(true), json!(null), json!([])]).await;
    let suites = Suites::p256().await;
    let mut credential = credential(&suites);
    credential["issuer"] = json!({"id": suites.issuer});
    suites.issued(&credential).await;
}

#[tokio::test]
async fn the_subject_is_an_object_and_must_be_there() {
    let wrong = vec![json!(null), json!(true), json!(4), json!([]), json!("did:example:1234")];
    member_is_checked("credentialSubject", wrong).await;
}

#[tokio::test]
async fn an_issuance_date_is_kept_or_set() {
    let suites = Suites::p256().await;
    let credential = credential(&suites);
    assert_eq!(suites.issued(&credential).await["issuanceDate"], "2026-01-15T09:00:00Z");
    let dateless = without(credential, "issuanceDate");
    assert_eq!(suites.issued(&dateless).await["issuanceDate"], tests::START);
}

#[tokio::test]
async fn an_expiration_date_may_be_there() {
    let suites = Suites::p256().await;
    let mut credential = credential(&suites);
    credential["expirationDate"] = json!("2027-01-15T09:00:00Z");
    let issued = suites.issued(&credential).await;
    assert_eq!(issued["expirationDate"], credential["expirationDate"]);
}
