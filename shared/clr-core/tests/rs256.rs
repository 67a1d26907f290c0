//! VC-JWTs by an RSA key in KMS: from the options to a JWS that the issuer's published keys verify. A stand-in answers for
//! KMS, with a key of its own; `signer_contract.rs` runs against an emulator.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::sync::Arc;

use aws_lc_rs::{
    digest::{Digest, SHA256},
    encoding::{AsDer as _, PublicKeyX509Der},
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use aws_sdk_kms::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
};
use axum::{Router, body::Bytes, http::HeaderMap};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use canonical_rdf::Contexts;
use clr_core::{
    FixedClock, Randomness,
    issuers::Issuers,
    issuing::{Form, IssueError, IssueOptions, Issued, Issuing},
    signer::{KmsRsaSigner, SoftwareKeys},
};
use data_integrity::{Algorithm, Jws, JwsKey};
use serde_json::{Map, Value, json};

const WEB: &str = "did:web:registrar.rosewick.example";

async fn rsa_key_in_kms() -> KmsRsaSigner {
    let pair = Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
    let answer = move |headers: HeaderMap, body: Bytes| async move {
        let body: Value = serde_json::from_slice(&body).unwrap();
        let answer = if headers["x-amz-target"] == "TrentService.GetPublicKey" {
            let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
            json!({"PublicKey": STANDARD.encode(der.as_ref()), "KeySpec": "RSA_2048"})
        } else {
            assert_eq!(body["SigningAlgorithm"], "RSASSA_PKCS1_V1_5_SHA_256");
            let digest = STANDARD.decode(body["Message"].as_str().unwrap()).unwrap();
            let digest = Digest::import_less_safe(&digest, &SHA256).unwrap();
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature).unwrap();
            json!({"Signature": STANDARD.encode(signature)})
        };
        ([("x-amzn-requestid", "request-1")], answer.to_string())
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("id", "test-secret", None, None, "test"))
        .endpoint_url(endpoint);
    KmsRsaSigner::new(Client::from_conf(config.build()), "alias/clr-jwt")
}

fn issuers(rsa: Option<KmsRsaSigner>) -> Issuers {
    let keys = SoftwareKeys::generate(&Randomness::seeded(1));
    let profile = Map::from_iter([("name".to_owned(), json!("Rosewick University"))]);
    Issuers::new(Some(WEB.to_owned()), profile, vec![Arc::new(keys.p256)]).with_rsa_signer(rsa.map(Arc::new))
}

async fn issue(issuers: &Issuers) -> Result<Issued, IssueError> {
    let clock = FixedClock::at("2026-05-22T12:00:00Z".parse().unwrap());
    let issuing = Issuing {
        issuers,
        contexts: Contexts::standard(),
        clock: &clock,
        randomness: &Randomness::seeded(1),
        lists: None,
        gives_status: false,
    };
    let credential = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "id": "urn:uuid:1", "type": ["VerifiableCredential"],
        "issuer": WEB, "credentialSubject": {"id": "did:example:ada"}
    });
    let options = IssueOptions {
        form: Form::Jwt(Algorithm::Rs256),
        ..IssueOptions::default()
    };
    issuing.issue(credential, &options).await
}

#[tokio::test]
async fn a_jwt_by_an_rsa_key_of_kms_verifies_with_the_key_that_the_issuers_jwk_set_lists() {
    let issuers = issuers(Some(rsa_key_in_kms().await));
    let issued = issue(&issuers).await.unwrap();
    assert_eq!(issued.signed[0].kms_requests, ["request-1"]);
    let compact = issued.credential["id"].as_str().unwrap();
    let jws = Jws::read(compact.strip_prefix("data:application/vc+jwt,").unwrap()).unwrap();
    assert_eq!((jws.algorithm().name(), jws.key_id()), ("RS256", None));

    let issuer = issuers.find(WEB).await.unwrap().unwrap();
    let jwks = issuer.jwks(&issuers.listed_keys(issuer).await.unwrap());
    let published = jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|jwk| jwk["kty"] == "RSA")
        .unwrap();
    assert_eq!(issued.keys, [published["kid"].as_str().unwrap()]);
    let key = JwsKey::from_jwk(published).unwrap();
    assert_eq!(jws.key(), Some(&key));
    jws.verify(&key).unwrap();
}

#[tokio::test]
async fn without_an_rsa_key_rs256_is_refused_by_its_place() {
    let error = issue(&issuers(None)).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("/options/alg") && text.contains("RS256"), "{text}");
}
