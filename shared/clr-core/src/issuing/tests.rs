use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use data_integrity::{PublicKey, proofs_of, verify};
use ed25519_dalek::Signer as _;
use serde_json::{Map, json};
use tokio::time::Instant;

use learner_record::{has_proof, nested_credentials};

use super::*;
use crate::{
    FixedClock,
    signer::{Signature, Signer},
};

/// A key that takes its time, and counts.
#[derive(Debug)]
struct SlowSigner {
    key: TestKey,
    running: AtomicUsize,
    most_at_once: AtomicUsize,
    signed: AtomicUsize,
    /// The signature at which it fails, counted from 1.
    fails_at: Option<usize>,
}

#[derive(Debug)]
enum TestKey {
    P256(p256::ecdsa::SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
}

const SIGNING_TIME: Duration = Duration::from_millis(10);

impl SlowSigner {
    fn new(key: TestKey) -> Self {
        let zero = AtomicUsize::default;
        Self {
            key,
            running: zero(),
            most_at_once: zero(),
            signed: zero(),
            fails_at: None,
        }
    }

    fn p256() -> Self {
        Self::new(TestKey::P256(p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap()))
    }

    fn ed25519() -> Self {
        Self::new(TestKey::Ed25519(ed25519_dalek::SigningKey::from_bytes(&[7; 32])))
    }
}

#[async_trait]
impl Signer for SlowSigner {
    async fn public_key(&self) -> Result<PublicKey, SignError> {
        Ok(match &self.key {
            TestKey::P256(key) => PublicKey::P256(p256::PublicKey::from(key.verifying_key())),
            TestKey::Ed25519(key) => PublicKey::Ed25519(key.verifying_key()),
        })
    }

    async fn sign(&self, hash_data: &[u8]) -> Result<Signature, SignError> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(running, Ordering::SeqCst);
        tokio::time::sleep(SIGNING_TIME).await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        if self.fails_at == Some(self.signed.fetch_add(1, Ordering::SeqCst) + 1) {
            return Err(SignError::Busy {
                key: "test".to_owned(),
                source: "throttled".into(),
            });
        }
        let bytes = match &self.key {
            TestKey::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(hash_data);
                signature.to_bytes().to_vec()
            }
            TestKey::Ed25519(key) => key.sign(hash_data).to_bytes().to_vec(),
        };
        Ok(Signature {
            bytes,
            request_id: Some("request".to_owned()),
        })
    }
}

const WEB: &str = "did:web:registrar.rosewick.example";

fn issuers(id: Option<&str>, signers: Vec<Arc<SlowSigner>>) -> Issuers {
    let profile = Map::from_iter([("name".to_owned(), json!("Rosewick University"))]);
    let signers = signers.into_iter().map(|signer| signer as Arc<dyn Signer>).collect();
    Issuers::new(id.map(str::to_owned), profile, signers)
}

async fn issue(issuers: &Issuers, record: Value) -> Result<Value, IssueError> {
    let clock = FixedClock::at("2026-05-22T12:00:00.75Z".parse().unwrap());
    let randomness = Randomness::seeded(1);
    let issuing = Issuing {
        issuers,
        contexts: Contexts::standard(),
        clock: &clock,
        randomness: &randomness,
        lists: None,
        gives_status: false,
    };
    issuing
        .issue(record, &IssueOptions::default())
        .await
        .map(|issued| issued.credential)
}

/// A record of this many achievements that leaves out what may be left out.
fn record_of(achievements: usize) -> Value {
    let nested: Vec<Value> = (0..achievements)
        .map(|number| {
            json!({"credentialSubject": {"id": "did:example:ada", "achievement": {
                "id": format!("https://rosewick.example/courses/{number}"), "name": "A course",
                "description": "What is taught.", "criteria": {"narrative": "What is asked."}
            }}})
        })
        .collect();
    json!({"name": "A record", "credentialSubject": {"id": "did:example:ada", "verifiableCredential": nested}})
}

fn nested(record: &Value) -> Vec<&Value> {
    nested_credentials(record)
        .into_iter()
        .map(|(_, nested)| nested)
        .collect()
}

#[track_caller]
fn findings(error: IssueError) -> Vec<(String, &'static str)> {
    match error {
        IssueError::Record(Findings(findings)) => findings
            .into_iter()
            .map(|finding| (finding.pointer, finding.rule))
            .collect(),
        other => panic!("{other}"),
    }
}

async fn assert_signed(credential: &Value, signers: &[&SlowSigner], issuer: &str) {
    let proofs = proofs_of(credential);
    assert_eq!(proofs.len(), signers.len());
    for (proof, signer) in proofs.into_iter().zip(signers) {
        let key = signer.public_key().await.unwrap();
        assert_eq!(proof["verificationMethod"], format!("{issuer}#{}", key.to_multikey()));
        assert_eq!(proof["created"], "2026-05-22T12:00:00Z");
        assert_eq!(proof["proofPurpose"], "assertionMethod");
        verify(credential, proof, &key, Contexts::standard()).unwrap();
    }
}

#[tokio::test]
async fn a_did_key_signs_the_record_and_each_nested_credential_with_one_proof() {
    let signer = Arc::new(SlowSigner::p256());
    let issuers = issuers(None, vec![signer.clone()]);
    let record = issue(&issuers, record_of(2)).await.unwrap();
    let id = signer.public_key().await.unwrap().to_did_key();
    assert_eq!(record["issuer"]["id"], id);
    assert!(record["proof"].is_object());
    for credential in nested(&record).into_iter().chain([&record]) {
        assert_signed(credential, &[&signer], &id).await;
    }
}

#[tokio::test]
async fn two_keys_make_a_proof_set_with_ed25519_first() {
    let (p256, ed25519) = (Arc::new(SlowSigner::p256()), Arc::new(SlowSigner::ed25519()));
    let issuers = issuers(Some(WEB), vec![p256.clone(), ed25519.clone()]);
    let record = issue(&issuers, record_of(2)).await.unwrap();
    assert_eq!(record["proof"][0]["cryptosuite"], "eddsa-rdfc-2022");
    assert_eq!(record["proof"][1]["cryptosuite"], "ecdsa-rdfc-2019");
    for credential in nested(&record).into_iter().chain([&record]) {
        assert_signed(credential, &[&ed25519, &p256], WEB).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_with_62_nested_credentials_takes_two_rounds_of_signing() {
    let signer = Arc::new(SlowSigner::p256());
    let issuers = issuers(None, vec![signer.clone()]);
    let start = Instant::now();
    let record = issue(&issuers, record_of(62)).await.unwrap();
    assert_eq!(start.elapsed(), 2 * SIGNING_TIME);
    assert_eq!(signer.signed.load(Ordering::SeqCst), 63);
    assert!(nested(&record).into_iter().chain([&record]).all(has_proof));
}

#[tokio::test(start_paused = true)]
async fn at_most_128_signatures_are_asked_for_at_once() {
    let (p256, ed25519) = (Arc::new(SlowSigner::p256()), Arc::new(SlowSigner::ed25519()));
    for (signers, nested) in [(vec![p256.clone()], 130), (vec![p256.clone(), ed25519.clone()], 65)] {
        let start = Instant::now();
        issue(&issuers(Some(WEB), signers), record_of(nested)).await.unwrap();
        assert_eq!(
            start.elapsed(),
            3 * SIGNING_TIME,
            "130 signatures are two rounds, the record is the third"
        );
    }
    assert_eq!(p256.most_at_once.load(Ordering::SeqCst), 128);
    assert_eq!(ed25519.most_at_once.load(Ordering::SeqCst), 64);
}

#[tokio::test]
async fn a_signed_nested_credential_of_anybody_stays_byte_for_byte() {
    let signer = Arc::new(SlowSigner::p256());
    let other = issue(
        &issuers(Some("did:web:other.example"), vec![signer.clone()]),
        record_of(1),
    )
    .await
    .unwrap();
    let foreign = nested(&other)[0].clone();
    let issuers = issuers(Some(WEB), vec![signer.clone()]);
    let mut unsigned = record_of(2);
    unsigned["credentialSubject"]["verifiableCredential"][0] = foreign.clone();
    let record = issue(&issuers, unsigned).await.unwrap();
    assert_eq!(nested(&record)[0].to_string(), foreign.to_string());
    assert_signed(nested(&record)[1], &[&signer], WEB).await;
    assert_signed(&record, &[&signer], WEB).await;
}

#[tokio::test]
async fn an_unsigned_nested_credential_of_another_issuer_is_refused_with_its_place() {
    let issuers = issuers(Some(WEB), vec![Arc::new(SlowSigner::p256())]);
    let issued = issue(&issuers, record_of(2)).await.unwrap();
    let mut foreign = nested(&issued)[1].clone();
    foreign.as_object_mut().unwrap().shift_remove("proof");
    foreign["issuer"]["id"] = json!("did:web:other.example");
    let mut record = record_of(2);
    record["credentialSubject"]["verifiableCredential"][1] = foreign;
    assert_eq!(
        findings(issue(&issuers, record).await.unwrap_err()),
        [(
            "/credentialSubject/verifiableCredential/1".to_owned(),
            "foreign-unsigned"
        )]
    );
}

#[tokio::test]
async fn a_foreign_issuer_is_refused_and_told_which_issuers_are_own() {
    let issuers = issuers(Some(WEB), vec![Arc::new(SlowSigner::p256())]);
    for issuer in [
        json!("did:web:other.example"),
        json!({"id": "did:web:other.example", "type": ["Profile"]}),
    ] {
        let mut record = record_of(1);
        record["issuer"] = issuer;
        let error = issue(&issuers, record).await.unwrap_err();
        assert!(matches!(error, IssueError::ForeignIssuer { .. }), "{error}");
        assert!(error.to_string().contains(WEB), "{error}");
    }
}

#[tokio::test]
async fn all_faults_are_told_before_anything_is_signed() {
    let signer = Arc::new(SlowSigner::p256());
    let issuers = issuers(None, vec![signer.clone()]);
    let mut record = record_of(2);
    record["awardedDate"] = json!("2026-05-22");
    record["gradeLevel"] = json!("3");
    record["credentialSubject"]["verifiableCredential"][1]["credentialSubject"]["achievement"]["criteria"] = json!({});
    assert_eq!(
        findings(issue(&issuers, record).await.unwrap_err()),
        [
            (
                "/credentialSubject/verifiableCredential/1/credentialSubject/achievement/criteria".to_owned(),
                "criteria-content"
            ),
            ("/awardedDate".to_owned(), "date-time"),
            ("/gradeLevel".to_owned(), "undefined-term"),
        ]
    );
    assert_eq!(signer.signed.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_record_inside_a_record_is_not_signed_along() {
    let issuers = issuers(Some(WEB), vec![Arc::new(SlowSigner::p256())]);
    let mut inner = issue(&issuers, record_of(1)).await.unwrap();
    inner.as_object_mut().unwrap().shift_remove("proof");
    let mut record = record_of(1);
    record["credentialSubject"]["verifiableCredential"][0] = inner;
    assert_eq!(
        findings(issue(&issuers, record).await.unwrap_err()),
        [("/credentialSubject/verifiableCredential/0".to_owned(), "nested-record")]
    );
}

#[tokio::test]
async fn a_key_that_fails_once_leaves_nothing_half_signed() {
    for fails_at in [1, 3, 4] {
        let signer = Arc::new(SlowSigner {
            fails_at: Some(fails_at),
            ..SlowSigner::p256()
        });
        let error = issue(&issuers(None, vec![signer]), record_of(3)).await.unwrap_err();
        assert!(matches!(error, IssueError::Sign(SignError::Busy { .. })), "{error}");
    }
}

#[tokio::test]
async fn an_issuer_without_a_key_does_not_give_out_unsigned_records() {
    let error = issue(&issuers(Some(WEB), Vec::new()), record_of(1)).await.unwrap_err();
    assert!(
        matches!(error, IssueError::Sign(SignError::Misconfigured { .. })),
        "{error}"
    );
}

fn endorsement() -> Value {
    json!({"name": "An endorsement", "credentialSubject": {
        "id": "https://rosewick.example/courses/0", "type": ["EndorsementSubject"]
    }})
}

#[tokio::test(start_paused = true)]
async fn endorsements_of_the_record_take_no_round_of_their_own_and_those_inside_a_nested_one_do() {
    let signer = Arc::new(SlowSigner::p256());
    let issuers = issuers(None, vec![signer.clone()]);
    let mut record = record_of(3);
    record["endorsement"] = json!([endorsement(), endorsement()]);
    let start = Instant::now();
    let issued = issue(&issuers, record.clone()).await.unwrap();
    assert_eq!(start.elapsed(), 2 * SIGNING_TIME);
    assert_eq!(signer.signed.load(Ordering::SeqCst), 6);
    assert!(issued["endorsement"].as_array().unwrap().iter().all(has_proof));

    record["credentialSubject"]["verifiableCredential"][1]["endorsement"] = endorsement();
    let start = Instant::now();
    let issued = issue(&issuers, record).await.unwrap();
    assert_eq!(start.elapsed(), 3 * SIGNING_TIME);
    let id = signer.public_key().await.unwrap().to_did_key();
    for credential in [&nested(&issued)[1]["endorsement"], nested(&issued)[1], &issued] {
        assert_signed(credential, &[&signer], &id).await;
    }
}

#[tokio::test]
async fn every_signature_is_told_with_its_request() {
    let signers = vec![Arc::new(SlowSigner::p256()), Arc::new(SlowSigner::ed25519())];
    let issuers = issuers(Some(WEB), signers);
    let clock = FixedClock::at("2026-05-22T12:00:00Z".parse().unwrap());
    let randomness = Randomness::seeded(1);
    let issuing = Issuing {
        issuers: &issuers,
        contexts: Contexts::standard(),
        clock: &clock,
        randomness: &randomness,
        lists: None,
        gives_status: false,
    };
    let issued = issuing.issue(record_of(2), &IssueOptions::default()).await.unwrap();
    let entry = issued.audit("client-1", "", clock.now(), &randomness);
    let nothing = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    assert_eq!(entry.digest.as_deref(), Some(nothing));
    assert_eq!(entry.subject, issued.credential["id"].as_str().unwrap());
    let methods: Vec<_> = proofs_of(&issued.credential)
        .into_iter()
        .map(|proof| proof["verificationMethod"].as_str().unwrap())
        .collect();
    assert_eq!(entry.keys, methods);
    let ids: Vec<_> = nested(&issued.credential)
        .into_iter()
        .chain([&issued.credential])
        .map(|credential| &credential["id"])
        .collect();
    assert_eq!(entry.signed.len(), ids.len());
    for (document, id) in entry.signed.iter().zip(ids) {
        assert_eq!(document.id, id.as_str().unwrap());
        assert_eq!(document.kms_requests, ["request", "request"]);
    }
}
