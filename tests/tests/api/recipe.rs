//! What makes 1EdTech's validator accept a record, and other libraries verify it: a proof set of a did:web issuer, the
//! EdDSA proof first, on the record and on every credential in it.
//!
//! With `CLR_INTEROP_FOLDER` the records and the DID document are left there for the verifiers of `tests/interop`.

use std::{path::PathBuf, sync::Arc};

use canonical_rdf::Contexts;
use clr_core::{
    Randomness,
    issuers::Issuers,
    signer::{Signer, SoftwareKeys},
};
use data_integrity::{KeyType, PublicKey, UnsecuredDocument, proofs_of};
use http::StatusCode;
use learner_record::{CredentialKind, nested_credentials, repair, replace_issuer};
use serde_json::{Map, Value, json};
use tests::TestApp;

use crate::vectors;

const DID: &str = "did:web:records.example.edu";

#[tokio::test]
async fn records_with_a_proof_set_keep_to_the_recipe() {
    let app = app(Some(DID), |keys| vec![Arc::new(keys.p256), Arc::new(keys.ed25519)]).await;
    let did_document = app.get("/.well-known/did.json").await.json();
    assert_eq!(did_document["id"], DID);
    leave("did.json", &did_document);
    for (name, record) in records() {
        let issued = issue(&app, record).await;
        leave(&format!("proof-set-{name}.json"), &issued);
        keeps_to_the_recipe(&issued, &did_document);
        for (_, nested) in nested_credentials(&issued) {
            keeps_to_the_recipe(nested, &did_document);
            assert_eq!(nested["proof"].as_array().map(Vec::len), Some(2), "{name}");
        }
        let [eddsa, ecdsa] = proofs_of(&issued)[..] else {
            panic!("{name} has two proofs")
        };
        assert_eq!(eddsa["cryptosuite"], "eddsa-rdfc-2022");
        assert_eq!(ecdsa["cryptosuite"], "ecdsa-rdfc-2019");
    }
}

#[tokio::test]
async fn records_of_a_did_key_with_one_ed25519_key_keep_to_the_recipe() {
    let app = app(None, |keys| vec![Arc::new(keys.ed25519)]).await;
    let did = app.app.issuers.all().await.unwrap()[0].id.clone();
    let multikey = did.strip_prefix("did:key:").unwrap();
    let did_document = json!({
        "id": did,
        "verificationMethod": [{
            "id": format!("{did}#{multikey}"),
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": multikey,
        }],
        "assertionMethod": [format!("{did}#{multikey}")],
    });
    for (name, record) in records() {
        let issued = issue(&app, record).await;
        leave(&format!("did-key-{name}.json"), &issued);
        keeps_to_the_recipe(&issued, &did_document);
        for (_, nested) in nested_credentials(&issued) {
            keeps_to_the_recipe(nested, &did_document);
        }
    }
}

/// The points of the recipe, for a record or a credential in it.
fn keeps_to_the_recipe(credential: &Value, did_document: &Value) {
    let (contexts, schema): (&[&str], &str) = match CredentialKind::of(credential) {
        CredentialKind::Clr => (
            &[
                "https://www.w3.org/ns/credentials/v2",
                "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
            ],
            "https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json",
        ),
        CredentialKind::Achievement => (
            &[
                "https://www.w3.org/ns/credentials/v2",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
            ],
            "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
        ),
        other => panic!("{other:?}"),
    };
    let written = credential["@context"].as_array().unwrap();
    assert!(
        written.len() >= contexts.len()
            && written
                .iter()
                .zip(contexts)
                .all(|(written, context)| written == context)
    );

    let schemas = many(&credential["credentialSchema"]);
    let ours = json!({"id": schema, "type": "1EdTechJsonSchemaValidator2019"});
    assert!(schemas.contains(&ours), "{schemas:?}");

    let issuer = &credential["issuer"];
    assert_eq!(issuer["id"], did_document["id"]);
    assert!(many(&issuer["type"]).contains(&json!("Profile")));

    // The validator takes the first proof and tries no other.
    let first = proofs_of(credential)[0];
    assert_eq!(first["type"], "DataIntegrityProof");
    assert_eq!(first["cryptosuite"], "eddsa-rdfc-2022");
    let document = UnsecuredDocument::new(credential, Contexts::standard());
    document.check().unwrap();
    for proof in proofs_of(credential) {
        assert_eq!(proof["proofPurpose"], "assertionMethod");
        let method = proof["verificationMethod"].as_str().unwrap();
        let (controller, multikey) = method.split_once('#').unwrap();
        assert_eq!(issuer["id"], controller);
        let key = PublicKey::from_multikey(multikey).unwrap();
        assert_eq!(
            key.key_type() == KeyType::Ed25519,
            proof["cryptosuite"] == "eddsa-rdfc-2022"
        );
        document
            .verify(&data_integrity::Proof::read(proof).unwrap(), &key)
            .unwrap();

        let listed = did_document["verificationMethod"].as_array().unwrap();
        let listed = listed.iter().find(|listed| listed["id"] == method).unwrap();
        assert_eq!(
            (&listed["type"], &listed["controller"]),
            (&json!("Multikey"), &json!(controller))
        );
        assert_eq!(listed["publicKeyMultibase"], multikey);
        assert!(
            did_document["assertionMethod"]
                .as_array()
                .unwrap()
                .contains(&json!(method))
        );
    }

    if let Some(status) = credential.get("credentialStatus") {
        assert_eq!(status["type"], "BitstringStatusListEntry");
    }
    holds_nothing_that_the_validator_stumbles_over(credential, "");
}

/// Published schemas take one value where several may stand.
fn many(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// Unsigned endorsements, language maps, and credentials as text.
fn holds_nothing_that_the_validator_stumbles_over(value: &Value, pointer: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let pointer = format!("{pointer}/{name}");
                match name.as_str() {
                    "name" | "description" | "narrative" => assert!(member.is_string(), "{pointer}: {member}"),
                    "endorsement" => {
                        for endorsement in many(member) {
                            assert!(
                                endorsement["proof"].is_object() || endorsement["proof"].is_array(),
                                "{pointer}"
                            );
                        }
                    }
                    "verifiableCredential" => {
                        assert!(many(member).iter().all(Value::is_object), "{pointer}");
                    }
                    _ => {}
                }
                holds_nothing_that_the_validator_stumbles_over(member, &pointer);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                holds_nothing_that_the_validator_stumbles_over(item, &format!("{pointer}/{index}"));
            }
        }
        _ => {}
    }
}

async fn app(did: Option<&str>, signers: impl FnOnce(SoftwareKeys) -> Vec<Arc<dyn Signer>>) -> TestApp {
    let app = TestApp::configured(|config| config.open_issue = true).await;
    let profile = Map::from_iter([("name".to_owned(), json!("Example University"))]);
    let keys = SoftwareKeys::generate(&Randomness::seeded(3));
    app.with_issuers(Issuers::new(did.map(str::to_owned), profile, signers(keys)))
}

/// Repairs a record as `clr issue --as-issuer` does, and has it issued.
async fn issue(app: &TestApp, mut record: Value) -> Value {
    replace_issuer(&mut record, &app.app.issuers.all().await.unwrap()[0].profile);
    repair(&mut record, Contexts::standard());
    let answer = app
        .post_json("/credentials/issue", &json!({"credential": record}))
        .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.json()["verifiableCredential"].clone()
}

/// Our own fixture, and the records of real systems where the shared vectors are.
fn records() -> Vec<(String, Value)> {
    let own = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/learner-record/fixtures/transcript.json"
    ));
    let mut paths = vec![own];
    if let Some(vectors) = vectors::root() {
        let real = std::fs::read_dir(vectors.join("real")).unwrap();
        paths.extend(real.map(|entry| entry.unwrap().path()));
    }
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, serde_json::from_str(&text).unwrap())
    };
    paths.into_iter().map(read).collect()
}

fn leave(name: &str, document: &Value) {
    if let Some(folder) = std::env::var_os("CLR_INTEROP_FOLDER") {
        let text = serde_json::to_string_pretty(document).unwrap();
        std::fs::write(PathBuf::from(folder).join(name), text).unwrap();
    }
}
