//! Records signed by the service's own issuer, as a registrar's client would hold them.

use clr_core::issuers::Issuer;
use data_integrity::{JwsKey, ProofOptions, UnsecuredDocument, UnsignedJws, attach};
use learner_record::{Completion, complete, nested_credentials_mut};
use serde_json::{Value, json};
use tests::TestApp;

/// The usual time of issue.
pub(crate) const ISSUED: &str = "2026-01-10T00:00:00Z";

/// A signed ClrCredential with one signed achievement.
pub(crate) async fn signed(app: &TestApp, id: &str, valid_from: &str) -> Value {
    sign(
        app,
        record(id, valid_from, vec![achievement("Algebra", "Solves equations.")]),
    )
    .await
}

/// An unsigned, incomplete record.
pub(crate) fn record(id: &str, valid_from: &str, achievements: Vec<Value>) -> Value {
    json!({
        "id": id,
        "name": format!("Transcript {id}"),
        "validFrom": valid_from,
        "credentialSubject": {
            "id": "did:example:learner",
            "type": ["ClrSubject"],
            "verifiableCredential": achievements,
        },
    })
}

/// An unsigned, incomplete AchievementCredential.
pub(crate) fn achievement(name: &str, narrative: &str) -> Value {
    json!({
        "type": ["VerifiableCredential", "AchievementCredential"],
        "name": name,
        "validFrom": ISSUED,
        "credentialSubject": {
            "id": "did:example:learner",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": format!("urn:example:achievement:{name}"),
                "type": ["Achievement"],
                "name": name,
                "description": format!("About {name}."),
                "criteria": { "narrative": narrative },
            },
        },
    })
}

/// Completes and signs: nested credentials first, then the record.
pub(crate) async fn sign(app: &TestApp, mut record: Value) -> Value {
    let issuer = &app.app.issuers.all().await.unwrap()[0];
    complete(
        &mut record,
        &mut Completion {
            issuer: &issuer.profile,
            now: app.now(),
            new_id: &mut || app.app.randomness.uuid().urn().to_string(),
            new_salt: &mut || app.app.randomness.uuid().to_string(),
        },
    );
    for (_, nested) in nested_credentials_mut(&mut record) {
        add_proof(app, issuer, nested).await;
    }
    add_proof(app, issuer, &mut record).await;
    record
}

/// The same record as a compact JWS, its achievement signed on its own.
pub(crate) async fn signed_jws(app: &TestApp, id: &str, valid_from: &str) -> String {
    let mut record = signed(app, id, valid_from).await;
    record.as_object_mut().unwrap().remove("proof");
    sign_jws(app, &record).await
}

/// Any credential as a compact JWS by the service's own issuer.
pub(crate) async fn sign_jws(app: &TestApp, credential: &Value) -> String {
    let key = &app.app.issuers.all().await.unwrap()[0].keys[0];
    let payload = learner_record::vc_jwt_payload(credential);
    let public_key = JwsKey::Curve(key.public_key.clone());
    let unsigned = UnsignedJws::new(&payload, &public_key, Some(&key.verification_method));
    let signature = key.signer.sign(unsigned.signing_input()).await.unwrap();
    unsigned.into_compact(&signature.bytes)
}

/// Signs again after a change to what surrounds the nested credentials.
pub(crate) async fn sign_again(app: &TestApp, mut record: Value) -> Value {
    record.as_object_mut().unwrap().remove("proof");
    add_proof(app, &app.app.issuers.all().await.unwrap()[0], &mut record).await;
    record
}

async fn add_proof(app: &TestApp, issuer: &Issuer, document: &mut Value) {
    let key = &issuer.keys[0];
    let options = ProofOptions {
        verification_method: key.verification_method.clone(),
        created: "2026-01-15T09:30:00Z".to_owned(),
    };
    let unsecured = UnsecuredDocument::new(document, app.app.contexts);
    let hash_data = unsecured.hash_data(&key.public_key, &options).unwrap();
    let signature = key.signer.sign(hash_data.bytes()).await.unwrap();
    let proof = hash_data.into_proof(&signature.bytes);
    attach(document, proof);
}
