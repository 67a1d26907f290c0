//! What every signer promises, a function per promise, run over all of them: software keys always, KMS when
//! `CLR_KMS_ENDPOINT` names an endpoint that speaks its protocol (`tests/cloud/run` starts an emulator).

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on stops, and says what it skips"
)]

use std::{collections::HashSet, sync::Arc};

use aws_sdk_kms::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    types::{KeySpec, KeyUsageType},
};
use canonical_rdf::Contexts;
use clr_core::{
    Randomness,
    signer::{JwsSigner, KmsRsaSigner, KmsSigner, SignError, Signer, SoftwareKeys},
};
use data_integrity::{
    Algorithm, Jws, JwsError, KeyType, Proof, ProofError, ProofOptions, PublicKey, UnsecuredDocument,
};
use serde_json::{Value, json};

#[tokio::test]
async fn software_keys_in_memory_keep_the_contract() {
    let keys = SoftwareKeys::generate(&Randomness::operating_system());
    keeps_the_contract(Arc::new(keys.p256), KeyType::P256).await;
    keeps_the_contract(Arc::new(keys.ed25519), KeyType::Ed25519).await;
}

#[tokio::test]
async fn software_keys_from_a_file_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    SoftwareKeys::open_or_create(&path, &Randomness::operating_system()).unwrap();
    let keys = SoftwareKeys::open_or_create(&path, &Randomness::operating_system()).unwrap();
    keeps_the_contract(Arc::new(keys.p256), KeyType::P256).await;
    keeps_the_contract(Arc::new(keys.ed25519), KeyType::Ed25519).await;
}

#[tokio::test]
async fn kms_keys_keep_the_contract() {
    let Some(client) = kms() else { return };
    for (spec, key_type) in [
        (KeySpec::EccNistP256, KeyType::P256),
        (KeySpec::EccNistEdwards25519, KeyType::Ed25519),
    ] {
        let key_id = create_key(&client, spec).await;
        let signer = KmsSigner::new(client.clone(), key_id);
        let signature = signer.sign(&[7; 64]).await.unwrap();
        assert!(
            signature.request_id.is_some_and(|id| !id.is_empty()),
            "an auditor finds the call"
        );
        keeps_the_contract(Arc::new(signer), key_type).await;
    }
}

#[tokio::test]
async fn kms_keys_that_are_missing_or_of_another_kind_are_misconfigured() {
    let Some(client) = kms() else { return };
    let missing = "00000000-0000-4000-8000-000000000000".to_owned();
    let rsa = create_key(&client, KeySpec::Rsa2048).await;
    for key_id in [missing, rsa] {
        let error = KmsSigner::new(client.clone(), &key_id)
            .sign(&[7; 64])
            .await
            .unwrap_err();
        assert!(
            matches!(&error, SignError::Misconfigured { key, .. } if *key == key_id),
            "{error:?}"
        );
    }
}

async fn keeps_the_contract(signer: Arc<dyn Signer>, key_type: KeyType) {
    its_public_key_is_of_the_expected_kind_and_steady(&*signer, key_type).await;
    its_signature_has_the_length_that_the_suite_wants(&*signer).await;
    its_proof_verifies_under_its_public_key_and_fits_nothing_else(&*signer).await;
    it_signs_many_at_once_each_its_own_document(&signer).await;
}

async fn its_public_key_is_of_the_expected_kind_and_steady(signer: &dyn Signer, key_type: KeyType) {
    let key = signer.public_key().await.unwrap();
    assert_eq!(key.key_type(), key_type);
    assert_eq!(signer.public_key().await.unwrap(), key);
}

async fn its_signature_has_the_length_that_the_suite_wants(signer: &dyn Signer) {
    for byte in 0..16 {
        assert_eq!(signer.sign(&[byte; 64]).await.unwrap().bytes.len(), 64);
    }
}

async fn its_proof_verifies_under_its_public_key_and_fits_nothing_else(signer: &dyn Signer) {
    let key = signer.public_key().await.unwrap();
    let document = credential("A");
    let proof = Proof::read(&prove(signer, &document).await).unwrap();
    check(&document, &proof, &key).unwrap();
    let other = check(&credential("B"), &proof, &key);
    assert!(matches!(other, Err(ProofError::Signature)), "{other:?}");
}

async fn it_signs_many_at_once_each_its_own_document(signer: &Arc<dyn Signer>) {
    let key = signer.public_key().await.unwrap();
    let tasks: Vec<_> = (0..12)
        .map(|number| {
            let signer = signer.clone();
            tokio::spawn(async move {
                let document = credential(&number.to_string());
                let proof = prove(&*signer, &document).await;
                (document, proof)
            })
        })
        .collect();
    let mut values = HashSet::new();
    for task in tasks {
        let (document, proof) = task.await.unwrap();
        check(&document, &Proof::read(&proof).unwrap(), &key).unwrap();
        values.insert(proof["proofValue"].as_str().unwrap().to_owned());
    }
    assert_eq!(values.len(), 12);
}

/// What VC-JWTs ask of a key.
async fn keeps_the_contract_of_vc_jwts(signer: JwsSigner, algorithm: Algorithm) {
    let key = signer.public_key().await.unwrap();
    assert_eq!(Algorithm::of(&key), algorithm);
    assert_eq!(signer.public_key().await.unwrap(), key);
    for (number, key_id) in [(1, None), (2, Some("https://registrar.example/keys/1"))] {
        let payload = serde_json::Map::from_iter([("jti".to_owned(), json!(format!("urn:x:{number}")))]);
        let signed = signer.sign(&payload, key_id).await.unwrap();
        let jws = Jws::read(&signed.compact).unwrap();
        jws.verify(&key).unwrap();
        assert_eq!((jws.algorithm(), jws.key_id()), (algorithm, key_id));
        assert_eq!(jws.key(), key_id.is_none().then_some(&key));
        assert_eq!(jws.payload()["jti"], payload["jti"]);
        let (head, signature) = signed.compact.rsplit_once('.').unwrap();
        let (header, _) = head.split_once('.').unwrap();
        let altered = format!("{header}.e30.{signature}");
        assert!(matches!(
            Jws::read(&altered).unwrap().verify(&key),
            Err(JwsError::Signature)
        ));
    }
}

#[tokio::test]
async fn software_keys_keep_the_contract_of_vc_jwts() {
    let keys = SoftwareKeys::generate(&Randomness::seeded(1));
    keeps_the_contract_of_vc_jwts(JwsSigner::Curve(Arc::new(keys.p256)), Algorithm::Es256).await;
    keeps_the_contract_of_vc_jwts(JwsSigner::Curve(Arc::new(keys.ed25519)), Algorithm::EdDsa).await;
}

#[tokio::test]
async fn kms_keys_keep_the_contract_of_vc_jwts() {
    let Some(client) = kms() else { return };
    let key = create_key(&client, KeySpec::EccNistP256).await;
    let signer = JwsSigner::Curve(Arc::new(KmsSigner::new(client.clone(), key)));
    keeps_the_contract_of_vc_jwts(signer, Algorithm::Es256).await;
    let key = create_key(&client, KeySpec::Rsa2048).await;
    let signer = JwsSigner::Rsa(Arc::new(KmsRsaSigner::new(client.clone(), key)));
    keeps_the_contract_of_vc_jwts(signer, Algorithm::Rs256).await;
}

#[tokio::test]
async fn a_key_in_kms_is_taken_for_what_it_is_alone() {
    let Some(client) = kms() else { return };
    let rsa = create_key(&client, KeySpec::Rsa2048).await;
    let error = KmsSigner::new(client.clone(), rsa).public_key().await.unwrap_err();
    assert!(error.to_string().contains("RSA_2048"), "{error}");
    let p256 = create_key(&client, KeySpec::EccNistP256).await;
    let error = KmsRsaSigner::new(client, p256).public_key().await.unwrap_err();
    assert!(error.to_string().contains("ECC_NIST_P256"), "{error}");
}

/// Our verifier shares no code with the keepers of the keys but the curve arithmetic.
fn check(document: &Value, proof: &Proof, key: &PublicKey) -> Result<(), ProofError> {
    UnsecuredDocument::new(document, Contexts::standard()).verify(proof, key)
}

async fn prove(signer: &dyn Signer, document: &Value) -> Value {
    let key = signer.public_key().await.unwrap();
    let options = ProofOptions {
        verification_method: format!("{}#{}", key.to_did_key(), key.to_multikey()),
        created: "2026-01-31T12:00:00Z".to_owned(),
    };
    let hash_data = UnsecuredDocument::new(document, Contexts::standard())
        .hash_data(&key, &options)
        .unwrap();
    let signature = signer.sign(hash_data.bytes()).await.unwrap();
    hash_data.into_proof(&signature.bytes)
}

fn credential(name: &str) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "https://registrar.example/issuers/1",
        "name": name,
        "credentialSubject": {"id": "did:example:learner"},
    })
}

fn kms() -> Option<Client> {
    let Ok(endpoint) = std::env::var("CLR_KMS_ENDPOINT") else {
        println!("skipped: CLR_KMS_ENDPOINT names no KMS; tests/cloud/run starts an emulator");
        return None;
    };
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint);
    Some(Client::from_conf(config.build()))
}

async fn create_key(client: &Client, spec: KeySpec) -> String {
    let request = client.create_key().key_spec(spec).key_usage(KeyUsageType::SignVerify);
    let created = request.send().await.unwrap();
    created.key_metadata.unwrap().key_id
}
