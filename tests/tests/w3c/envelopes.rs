//! `w3c/vc-data-model-2.0-test-suite`: credentials and presentations in envelopes.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::suites::{Signatory, Suites, changed, credential};

const V2: &str = "https://www.w3.org/ns/credentials/v2";
const EXAMPLES: &str = "https://www.w3.org/ns/credentials/examples/v2";

/// What is no envelope of a JWT any more: without its context, without its data URL, without its type.
fn broken(envelope: &Value, class: &str) -> Vec<Value> {
    let id = envelope["id"].as_str().unwrap();
    let text = id.split_once(',').unwrap().1;
    let changes = [
        ("/@context", json!([])),
        ("/@context", json!(EXAMPLES)),
        ("/@context", json!([EXAMPLES])),
        ("/id", json!(text)),
        ("/type", Value::Null),
        ("/type", json!(class)),
        ("/type", json!([class])),
    ];
    changes
        .into_iter()
        .map(|(pointer, value)| changed(envelope, pointer, value))
        .collect()
}

#[tokio::test]
async fn an_enveloped_credential_has_its_context_type_and_data_url() {
    let suites = Suites::p256().await;
    let mut unsigned = credential();
    unsigned["issuer"] = json!(suites.issuer);
    let body = json!({"credential": unsigned, "options": {"format": "vc-jwt"}});
    let answer = suites.post("/credentials/issue", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let envelope = answer.json()["verifiableCredential"].clone();
    assert_eq!(envelope["@context"], V2);
    assert_eq!(envelope["type"], "EnvelopedVerifiableCredential");
    suites.verifies(&envelope).await;
    for bad in broken(&envelope, "VerifiableCredential") {
        suites.does_not_verify(&bad).await;
    }
}

#[tokio::test]
async fn an_enveloped_presentation_has_its_context_type_and_data_url() {
    let (suites, holder) = (Suites::p256().await, Signatory::ed25519().await);
    // As W3C's own fixture has them: the presentation and the credential in the claims of VC 1.1, with the context of 2.0.
    let issuer = Signatory::p256().await;
    let payload = Map::from_iter([
        ("iss".to_owned(), json!(issuer.did)),
        ("sub".to_owned(), json!("did:example:subject")),
        ("vc".to_owned(), issuer.unsigned()),
    ]);
    let shown = json!({
        "@context": V2,
        "type": "EnvelopedVerifiableCredential",
        "id": format!("data:application/jwt,{}", issuer.jws(&payload).await),
    });
    let presentation = json!({
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": holder.did,
        "verifiableCredential": [shown],
    });
    let payload = Map::from_iter([
        ("iss".to_owned(), json!(holder.did)),
        ("aud".to_owned(), json!("example.com")),
        ("nonce".to_owned(), json!("123456789")),
        ("vp".to_owned(), presentation),
    ]);
    let envelope = json!({
        "@context": V2,
        "type": "EnvelopedVerifiablePresentation",
        "id": format!("data:application/jwt,{}", holder.jws(&payload).await),
    });
    // Strictly, the claim `vc` belongs to VC 1.1.
    let body = json!({"verifiablePresentation": envelope, "options": {"policy": "proof-only"}});
    let answer = suites.post("/presentations/verify", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    for bad in broken(&envelope, "VerifiablePresentation") {
        suites.does_not_present(&bad).await;
    }
}
