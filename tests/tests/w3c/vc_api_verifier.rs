//! What the suite `vc-api-verifier` asks of `POST /credentials/verify`: 200 for a good credential, 400 for everything else.
//!
//! Its credential is signed by a key whose controller is not its issuer, so the policy is proof-only.

use serde_json::{Value, json};
use tests::Answer;

use crate::suites::Suites;

/// The example of vc-di-eddsa for Ed25519Signature2020, with the facts of its signature.
fn valid() -> Value {
    let key = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2",
            "https://w3id.org/security/suites/ed25519-2020/v1",
        ],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "AlumniCredential"],
        "name": "Alumni Credential",
        "description": "A minimum viable example of an Alumni Credential.",
        "issuer": "https://vc.example/issuers/5678",
        "validFrom": "2023-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
        "proof": {
            "type": "Ed25519Signature2020",
            "created": "2023-02-24T23:36:38Z",
            "verificationMethod": format!("did:key:{key}#{key}"),
            "proofPurpose": "assertionMethod",
            "proofValue": "z57Mm1vboMtZiCyJ4aReZsv8co4Re64Y8GEjL1ZARzMbXZgkARFLqFs1P345NpPGG2hgCrS4nNdvJhpwnrNyG3kEF",
        },
    })
}

async fn answer(suites: &Suites, credential: &Value) -> Answer {
    suites.verify(credential, json!({})).await
}

/// The good credential with each of these values at a pointer in turn is answered with 400 and a reason.
async fn is_refused_with(pointer: &str, values: &[Value]) {
    let suites = Suites::ed25519().await;
    for value in values {
        let mut credential = valid();
        *credential.pointer_mut(pointer).unwrap() = value.clone();
        let answer = answer(&suites, &credential).await;
        assert_eq!(answer.status, 400, "{pointer} = {value}: {}", answer.text());
        let body = answer.json();
        assert_eq!(body["verified"], false, "{pointer} = {value}");
        assert!(!body["errors"].as_array().unwrap().is_empty(), "{pointer} = {value}");
    }
}

/// The same without a member.
async fn is_refused_without(pointer: &str) {
    let suites = Suites::ed25519().await;
    let mut credential = valid();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = credential.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    parent.remove(member).unwrap();
    let answer = answer(&suites, &credential).await;
    assert_eq!(answer.status, 400, "{pointer}: {}", answer.text());
}

#[tokio::test]
async fn a_valid_credential_is_verified() {
    let answer = answer(&Suites::ed25519().await, &valid()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        (&answer.json()["verified"], &answer.json()["errors"]),
        (&json!(true), &json!([]))
    );
}

#[tokio::test]
async fn a_credential_without_context_is_not() {
    is_refused_without("/@context").await;
}

#[tokio::test]
async fn a_credential_without_type_is_not() {
    is_refused_without("/type").await;
}

#[tokio::test]
async fn a_credential_without_issuer_is_not() {
    is_refused_without("/issuer").await;
}

#[tokio::test]
async fn a_credential_without_subject_is_not() {
    is_refused_without("/credentialSubject").await;
}

#[tokio::test]
async fn a_credential_without_proof_is_not() {
    is_refused_without("/proof").await;
}

#[tokio::test]
async fn a_proof_without_type_is_not() {
    is_refused_without("/proof/type").await;
}

#[tokio::test]
async fn a_proof_without_created_is_not() {
    is_refused_without("/proof/created").await;
}

#[tokio::test]
async fn a_proof_without_verification_method_is_not() {
    is_refused_without("/proof/verificationMethod").await;
}

#[tokio::test]
async fn a_proof_without_value_is_not() {
    is_refused_without("/proof/proofValue").await;
}

#[tokio::test]
async fn a_proof_without_purpose_is_not() {
    is_refused_without("/proof/proofPurpose").await;
}

#[tokio::test]
async fn a_context_that_is_no_array_is_not() {
    is_refused_with(
        "/@context",
        &[json!("string"), json!({}), Value::Null, json!(10), json!(true)],
    )
    .await;
}

#[tokio::test]
async fn a_context_whose_items_are_no_strings_is_not() {
    let items = [json!([[]]), json!([{}]), json!([null]), json!([10]), json!([true])];
    is_refused_with("/@context", &items).await;
}

#[tokio::test]
async fn a_type_that_is_no_array_is_not() {
    is_refused_with(
        "/type",
        &[json!("string"), json!({}), Value::Null, json!(10), json!(true)],
    )
    .await;
}

#[tokio::test]
async fn a_type_whose_items_are_no_strings_is_not() {
    let items = [json!([[]]), json!([{}]), json!([null]), json!([10]), json!([true])];
    is_refused_with("/type", &items).await;
}

#[tokio::test]
async fn an_issuer_that_is_neither_object_nor_string_is_not() {
    is_refused_with("/issuer", &[json!([]), Value::Null, json!(10), json!(true)]).await;
}

#[tokio::test]
async fn a_subject_that_is_no_object_is_not() {
    is_refused_with(
        "/credentialSubject",
        &[json!("string"), Value::Null, json!(10), json!(true), json!([])],
    )
    .await;
}

#[tokio::test]
async fn a_proof_that_is_no_object_is_not() {
    is_refused_with(
        "/proof",
        &[json!("string"), Value::Null, json!(10), json!(true), json!([])],
    )
    .await;
}
