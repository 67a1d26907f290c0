//! The verdict on whole records, signed here with keys made from a seed.

use std::path::PathBuf;

use canonical_rdf::{HashAlgorithm, canonicalize};
use data_integrity::{ProofOptions, UnsecuredDocument, attach};
use serde_json::{Map, json};

use super::*;
use crate::{
    Randomness,
    issuers::Issuer,
    signer::{Signer, SoftwareKeys},
};

const NOW: &str = "2026-06-01T00:00:00Z";
const DID_WEB: &str = "did:web:college.example";

/// An institution with its own keys.
struct College {
    issuers: Issuers,
}

impl College {
    /// `id` none: a did:key.
    fn new(seed: u64, id: Option<&str>) -> Self {
        let keys = SoftwareKeys::generate(&Randomness::seeded(seed));
        let profile = Map::from_iter([("name".to_owned(), json!("Test College"))]);
        let signers: Vec<Arc<dyn Signer>> = vec![Arc::new(keys.ed25519), Arc::new(keys.p256)];
        Self {
            issuers: Issuers::new(id.map(str::to_owned), profile, signers),
        }
    }

    async fn issuer(&self) -> &Issuer {
        &self.issuers.all().await.unwrap()[0]
    }

    /// With a proof by each of its keys.
    async fn sign(&self, mut credential: Value) -> Value {
        for key in &self.issuer().await.keys {
            let options = ProofOptions {
                verification_method: key.verification_method.clone(),
                created: "2026-01-31T12:00:00Z".to_owned(),
            };
            let document = UnsecuredDocument::new(&credential, Contexts::standard());
            let hash_data = document.hash_data(&key.public_key, &options).unwrap();
            let signature = key.signer.sign(hash_data.bytes()).await.unwrap();
            let proof = hash_data.into_proof(&signature.bytes);
            attach(&mut credential, proof);
        }
        credential
    }

    async fn course(&self, name: &str, grade: &str) -> Value {
        self.sign(self.unsigned_course(name, grade).await).await
    }

    async fn unsigned_course(&self, name: &str, grade: &str) -> Value {
        json!({
            "@context": [
                "https://www.w3.org/ns/credentials/v2",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            ],
            "id": format!("urn:example:credential:{name}"),
            "type": ["VerifiableCredential", "AchievementCredential"],
            "name": name,
            "issuer": self.issuer().await.profile,
            "validFrom": "2026-01-31T12:00:00Z",
            "credentialSubject": {
                "id": "did:example:learner",
                "type": ["AchievementSubject"],
                "creditsEarned": 3.5,
                "achievement": {
                    "id": format!("urn:example:achievement:{name}"),
                    "type": ["Achievement"],
                    "name": name,
                    "description": format!("The course {name}."),
                    "criteria": {"narrative": "Passed the examination."},
                },
                "result": [{"type": ["Result"], "value": grade}],
            },
        })
    }

    /// The signed record around these credentials.
    async fn record(&self, nested: Vec<Value>) -> Value {
        self.sign(self.unsigned_record(nested).await).await
    }

    async fn unsigned_record(&self, nested: Vec<Value>) -> Value {
        json!({
            "@context": [
                "https://www.w3.org/ns/credentials/v2",
                "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
            ],
            "id": "urn:example:record",
            "type": ["VerifiableCredential", "ClrCredential"],
            "name": "Transcript",
            "issuer": self.issuer().await.profile,
            "validFrom": "2026-01-31T12:00:00Z",
            "credentialSubject": {
                "id": "did:example:learner",
                "type": ["ClrSubject"],
                "verifiableCredential": nested,
            },
        })
    }

    async fn two_courses(&self) -> Value {
        self.record(vec![
            self.course("algebra", "A").await,
            self.course("botany", "C").await,
        ])
        .await
    }

    async fn verdict(&self, document: Value, policy: Policy) -> Verdict {
        let now = NOW.parse().unwrap();
        let verifier = Verifier {
            policy,
            issuers: &self.issuers,
            contexts: Contexts::standard(),
            now,
        };
        verifier.verify(Arc::new(document)).await
    }
}

#[track_caller]
fn assert_outcome(verdict: &Verdict, expected: Outcome) {
    assert_eq!(
        verdict.outcome(),
        expected,
        "{}",
        serde_json::to_string_pretty(verdict).unwrap()
    );
}

/// The one obstacle between a verdict and `valid`.
#[track_caller]
fn only_obstacle(verdict: &Verdict) -> &Check {
    let obstacles: Vec<_> = verdict.obstacles().collect();
    assert_eq!(obstacles.len(), 1, "{}", serde_json::to_string_pretty(verdict).unwrap());
    obstacles[0]
}

#[tokio::test]
async fn a_signed_record_is_valid_under_every_policy() {
    for college in [College::new(1, None), College::new(1, Some(DID_WEB))] {
        for policy in [Policy::Strict, Policy::OneEdTech, Policy::ProofOnly] {
            let verdict = college.verdict(college.two_courses().await, policy).await;
            assert_outcome(&verdict, Outcome::Valid);
            assert!(
                verdict
                    .checks
                    .iter()
                    .any(|check| check.pointer == "/credentialSubject/verifiableCredential/1/proof/0")
            );
        }
    }
}

#[tokio::test]
async fn every_single_claim_altered_is_refused_and_so_is_every_member_of_a_proof() {
    let college = College::new(1, None);
    let record = college.two_courses().await;
    let leaves = leaves(&record, "");
    assert!(leaves.len() >= 70, "{}", leaves.len());
    for pointer in leaves {
        let mut altered = record.clone();
        let leaf = altered.pointer_mut(&pointer).unwrap();
        *leaf = match leaf {
            Value::String(text) => json!(format!("{text}x")),
            Value::Number(_) => json!(4),
            other => panic!("{pointer}: {other}"),
        };
        let verdict = college.verdict(altered, Policy::Strict).await;
        assert!(!verdict.is_valid(), "{pointer}");
        if !pointer.contains("/proof/") {
            assert_eq!(verdict.outcome(), Outcome::Invalid, "{pointer}");
        }
    }
}

#[tokio::test]
async fn two_exchanged_results_are_caught_although_the_outer_canonical_form_stays() {
    let college = College::new(1, None);
    let record = college.two_courses().await;
    let mut exchanged = record.clone();
    for (to, from) in [(0, 1), (1, 0)] {
        exchanged["credentialSubject"]["verifiableCredential"][to]["credentialSubject"]["result"] =
            record["credentialSubject"]["verifiableCredential"][from]["credentialSubject"]["result"].clone();
    }
    assert_ne!(exchanged, record);
    let canonical = |document: &Value| canonicalize(document, Contexts::standard(), HashAlgorithm::Sha256).unwrap();
    assert_eq!(
        canonical(&exchanged),
        canonical(&record),
        "the outer proof alone would not notice"
    );

    let verdict = college.verdict(exchanged, Policy::Strict).await;
    assert_outcome(&verdict, Outcome::Invalid);
    let places: Vec<_> = verdict.obstacles().map(|check| check.pointer.as_str()).collect();
    let nested = |index| format!("/credentialSubject/verifiableCredential/{index}/proof/0");
    assert_eq!(places, [nested(0), nested(1)]);
}

#[tokio::test]
async fn an_unsigned_nested_credential_makes_a_record_invalid() {
    let college = College::new(1, None);
    let nested = vec![
        college.course("algebra", "A").await,
        college.unsigned_course("botany", "C").await,
    ];
    let record = college.record(nested).await;
    for policy in [Policy::Strict, Policy::OneEdTech, Policy::ProofOnly] {
        let verdict = college.verdict(record.clone(), policy).await;
        assert_outcome(&verdict, Outcome::Invalid);
        let check = verdict
            .obstacles()
            .find(|check| check.name == CheckName::Proof)
            .unwrap();
        assert_eq!(check.pointer, "/credentialSubject/verifiableCredential/1");
        assert_eq!(check.credential_id.as_deref(), Some("urn:example:credential:botany"));
    }
}

#[tokio::test]
async fn an_unsigned_nested_credential_of_any_other_kind_is_refused_too() {
    let college = College::new(1, None);
    let other = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "https://other.example/issuers/1",
        "credentialSubject": {"id": "did:example:learner"},
    });
    let record = college.record(vec![college.course("algebra", "A").await, other]).await;
    assert_outcome(&college.verdict(record, Policy::ProofOnly).await, Outcome::Invalid);
}

#[tokio::test]
async fn an_unsigned_record_is_invalid() {
    let college = College::new(1, None);
    let record = college
        .unsigned_record(vec![college.course("algebra", "A").await])
        .await;
    let verdict = college.verdict(record, Policy::ProofOnly).await;
    assert_eq!(only_obstacle(&verdict).pointer, "");
}

#[tokio::test]
async fn a_key_of_somebody_else_is_refused_unless_only_proofs_count() {
    let (college, stranger) = (College::new(1, None), College::new(2, None));
    let record = college
        .unsigned_record(vec![college.course("algebra", "A").await])
        .await;
    let forged = stranger.sign(record).await;
    for (policy, expected) in [
        (Policy::Strict, Outcome::Invalid),
        (Policy::OneEdTech, Outcome::Invalid),
        (Policy::ProofOnly, Outcome::Valid),
    ] {
        assert_outcome(&college.verdict(forged.clone(), policy).await, expected);
    }
}

#[tokio::test]
async fn a_key_that_the_own_issuers_document_does_not_list_is_refused() {
    let (college, impostor) = (College::new(1, Some(DID_WEB)), College::new(2, Some(DID_WEB)));
    let record = impostor.two_courses().await;
    for policy in [Policy::Strict, Policy::OneEdTech] {
        assert_outcome(&college.verdict(record.clone(), policy).await, Outcome::Invalid);
    }
}

#[tokio::test]
async fn a_foreign_issuer_whose_document_is_not_fetched_could_not_be_checked() {
    let (college, foreign) = (
        College::new(1, Some(DID_WEB)),
        College::new(2, Some("did:web:other.example")),
    );
    let nested = vec![
        college.course("algebra", "A").await,
        foreign.course("botany", "B").await,
    ];
    let record = college.record(nested).await;
    assert_outcome(
        &college.verdict(record.clone(), Policy::Strict).await,
        Outcome::CouldNotCheck,
    );
    assert_outcome(&college.verdict(record, Policy::OneEdTech).await, Outcome::Valid);
}

#[tokio::test]
async fn credentials_of_a_foreign_did_key_issuer_are_checked() {
    let (college, foreign) = (College::new(1, Some(DID_WEB)), College::new(2, None));
    let record = college.record(vec![foreign.course("botany", "B").await]).await;
    assert_outcome(&college.verdict(record, Policy::Strict).await, Outcome::Valid);
}

#[tokio::test]
async fn one_good_proof_suffices_and_the_others_are_reported() {
    let college = College::new(1, Some(DID_WEB));
    let mut record = college.two_courses().await;
    record["proof"][0]["proofValue"] = record["proof"][1]["proofValue"].clone();
    let verdict = college.verdict(record.clone(), Policy::Strict).await;
    assert_outcome(&verdict, Outcome::Valid);
    let check = |pointer: &str| {
        verdict
            .checks
            .iter()
            .find(|check| check.pointer == pointer)
            .unwrap()
            .outcome
    };
    assert_eq!(check("/proof/0"), CheckOutcome::Warning);
    assert_eq!(check("/proof/1"), CheckOutcome::Passed);

    record["proof"][1]["created"] = json!("2026-01-31T12:00:01Z");
    assert_outcome(&college.verdict(record.clone(), Policy::Strict).await, Outcome::Invalid);

    record["proof"][1]["cryptosuite"] = json!("ecdsa-sd-2023");
    assert_outcome(&college.verdict(record, Policy::Strict).await, Outcome::CouldNotCheck);
}

#[tokio::test]
async fn a_validity_period_that_has_not_begun_or_is_over_makes_a_record_invalid() {
    let college = College::new(1, None);
    for (member, value, word) in [
        ("validFrom", "2026-06-01T00:00:01Z", "not yet valid"),
        ("validUntil", "2026-05-31T23:59:59Z", "expired"),
        ("validUntil", "2026-06-01T01:59:59+02:00", "expired"),
    ] {
        let mut course = college.unsigned_course("algebra", "A").await;
        course[member] = json!(value);
        let record = college.record(vec![college.sign(course).await]).await;
        let verdict = college.verdict(record.clone(), Policy::Strict).await;
        let obstacle = only_obstacle(&verdict);
        assert_eq!(
            obstacle.pointer,
            format!("/credentialSubject/verifiableCredential/0/{member}")
        );
        assert!(obstacle.reason.contains(word), "{}", obstacle.reason);
        assert_outcome(&college.verdict(record, Policy::ProofOnly).await, Outcome::Valid);
    }
    for (member, value) in [
        ("validFrom", NOW),
        ("validUntil", NOW),
        ("validUntil", "2099-01-01T00:00:00Z"),
    ] {
        let mut course = college.unsigned_course("algebra", "A").await;
        course[member] = json!(value);
        let record = college.record(vec![college.sign(course).await]).await;
        assert_outcome(&college.verdict(record, Policy::Strict).await, Outcome::Valid);
    }
}

#[tokio::test]
async fn a_credential_that_can_be_revoked_is_not_called_valid_unseen() {
    let college = College::new(1, None);
    let mut course = college.unsigned_course("algebra", "A").await;
    course["credentialStatus"] = json!({
        "id": "https://college.example/status/1#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": "https://college.example/status/1",
    });
    let record = college.record(vec![college.sign(course).await]).await;
    let verdict = college.verdict(record.clone(), Policy::Strict).await;
    assert_outcome(&verdict, Outcome::CouldNotCheck);
    assert_eq!(only_obstacle(&verdict).name, CheckName::Status);
    assert_outcome(&college.verdict(record, Policy::ProofOnly).await, Outcome::Valid);
}

#[tokio::test]
async fn an_expired_proof_is_no_proof() {
    let college = College::new(1, None);
    let record = college
        .unsigned_record(vec![college.course("algebra", "A").await])
        .await;
    let key = &college.issuer().await.keys[0];
    for (expires, expected) in [(NOW, Outcome::Invalid), ("2026-06-01T00:00:01Z", Outcome::Valid)] {
        // `expires` is no option of ours: hash and sign its configuration by hand.
        let mut configuration = json!({
            "@context": record["@context"],
            "type": "DataIntegrityProof",
            "cryptosuite": "ecdsa-rdfc-2019",
            "expires": expires,
            "verificationMethod": key.verification_method,
            "proofPurpose": "assertionMethod",
        });
        let hash = |document: &Value| {
            use sha2::Digest as _;
            sha2::Sha256::digest(canonicalize(document, Contexts::standard(), HashAlgorithm::Sha256).unwrap())
        };
        let hash_data = [hash(&configuration), hash(&record)].concat();
        let signature = key.signer.sign(&hash_data).await.unwrap().bytes;
        configuration["proofValue"] = json!(format!("z{}", bs58::encode(signature).into_string()));
        configuration.as_object_mut().unwrap().shift_remove("@context");
        let mut signed = record.clone();
        signed["proof"] = configuration;
        let verdict = college.verdict(signed, Policy::Strict).await;
        assert_outcome(&verdict, expected);
        assert!(
            verdict.checks.iter().any(|check| check.pointer == "/proof"),
            "a proof alone has no index"
        );
    }
}

#[tokio::test]
async fn claims_without_meaning_are_named_with_their_place_once() {
    let college = College::new(1, None);
    let mut record = college.two_courses().await;
    record["credentialSubject"]["verifiableCredential"][1]["favouriteColour"] = json!("green");
    let verdict = college.verdict(record, Policy::ProofOnly).await;
    assert_outcome(&verdict, Outcome::Invalid);
    let place = "/credentialSubject/verifiableCredential/1/favouriteColour";
    let faults: Vec<_> = verdict.checks.iter().filter(|check| check.pointer == place).collect();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(
        (faults[0].name, faults[0].outcome),
        (CheckName::JsonLd, CheckOutcome::Failed)
    );
    assert_eq!(
        faults[0].credential_id.as_deref(),
        Some("urn:example:credential:botany")
    );
}

#[tokio::test]
async fn a_record_that_breaks_the_data_model_is_invalid_however_well_signed() {
    let college = College::new(1, None);
    let mut record = college
        .unsigned_record(vec![college.course("algebra", "A").await])
        .await;
    record.as_object_mut().unwrap().shift_remove("name");
    let verdict = college.verdict(college.sign(record).await, Policy::Strict).await;
    let obstacle = only_obstacle(&verdict);
    assert_eq!(
        (obstacle.name, obstacle.pointer.as_str()),
        (CheckName::DataModel, "/name")
    );
}

#[tokio::test]
async fn bounds_hold_on_depth_and_on_the_number_of_proofs() {
    let college = College::new(1, None);
    let mut record = college.course("algebra", "A").await;
    for _ in 0..5 {
        record = college.record(vec![record]).await;
    }
    assert!(!college.verdict(record, Policy::ProofOnly).await.is_valid());

    let mut record = college.two_courses().await;
    let proof = record["proof"][0].clone();
    record["proof"] = vec![proof; 17].into();
    let verdict = college.verdict(record, Policy::ProofOnly).await;
    assert!(only_obstacle(&verdict).reason.contains("17 proofs"));
}

#[tokio::test]
async fn what_is_no_credential_at_all_is_invalid_and_no_panic() {
    let college = College::new(1, None);
    for document in [
        json!(null),
        json!("eyJ.eyJ.x"),
        json!([]),
        json!({}),
        json!({"proof": [1], "credentialSubject": 3}),
    ] {
        for policy in [Policy::Strict, Policy::ProofOnly] {
            assert_outcome(&college.verdict(document.clone(), policy).await, Outcome::Invalid);
        }
    }
}

#[tokio::test]
async fn a_vc_1_1_credential_has_its_own_names_for_the_validity_period() {
    let college = College::new(1, None);
    let badge = |expires: &str, issuer: Value| {
        json!({
            "@context": [
                "https://www.w3.org/2018/credentials/v1",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                "https://w3id.org/security/data-integrity/v2",
            ],
            "id": "urn:example:badge",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": "Teamwork",
            "issuer": issuer,
            "issuanceDate": "2026-01-31T12:00:00Z",
            "expirationDate": expires,
            "credentialSubject": {
                "id": "did:example:learner",
                "type": ["AchievementSubject"],
                "achievement": {
                    "id": "urn:example:achievement:teamwork",
                    "type": ["Achievement"],
                    "name": "Teamwork",
                    "description": "Works well with others.",
                    "criteria": {"narrative": "Nominated by peers."},
                },
            },
        })
    };
    let profile = college.issuer().await.profile.clone();
    let good = college.sign(badge("2027-01-01T00:00:00Z", profile.clone())).await;
    assert_outcome(&college.verdict(good, Policy::Strict).await, Outcome::Valid);
    let expired = college.sign(badge("2026-05-01T00:00:00Z", profile)).await;
    let verdict = college.verdict(expired, Policy::Strict).await;
    assert_eq!(only_obstacle(&verdict).pointer, "/expirationDate");
}

#[tokio::test]
async fn published_samples_get_the_verdicts_that_they_deserve() {
    let Some(vectors) = vectors() else { return };
    let college = College::new(1, None);
    for (file, policy, expected) in [
        ("credentials/clr20/simple.json", Policy::OneEdTech, Outcome::Valid),
        ("credentials/clr20/simple.json", Policy::Strict, Outcome::CouldNotCheck),
        ("credentials/ob30/simple.json", Policy::OneEdTech, Outcome::Valid),
        (
            "credentials/ob30/simple-did-key-method.json",
            Policy::OneEdTech,
            Outcome::Valid,
        ),
        (
            "credentials/ob30/endorsement-valid.json",
            Policy::OneEdTech,
            Outcome::Valid,
        ),
        (
            "credentials/ob30/simple-err-expired.json",
            Policy::OneEdTech,
            Outcome::Invalid,
        ),
        (
            "credentials/ob30/simple-err-proof-value.json",
            Policy::OneEdTech,
            Outcome::Invalid,
        ),
        (
            "credentials/ob30/simple-err-proof-method-unknown-scheme.json",
            Policy::OneEdTech,
            Outcome::Invalid,
        ),
        (
            "generated/clr-ecdsa-p256-basic/signed.json",
            Policy::ProofOnly,
            Outcome::Valid,
        ),
        (
            "generated/clr-ecdsa-p256-basic/signed.json",
            Policy::Strict,
            Outcome::Valid,
        ),
        (
            "generated/clr-ecdsa-p256-every-property/signed.json",
            Policy::ProofOnly,
            Outcome::Valid,
        ),
        // It can be revoked.
        (
            "generated/clr-ecdsa-p256-every-property/signed.json",
            Policy::Strict,
            Outcome::CouldNotCheck,
        ),
        ("ldp-clr-v2p0/signed.json", Policy::OneEdTech, Outcome::Valid),
    ] {
        let document = serde_json::from_slice(&std::fs::read(vectors.join(file)).unwrap()).unwrap();
        let verdict = college.verdict(document, policy).await;
        let checks = serde_json::to_string_pretty(&verdict).unwrap();
        assert_eq!(verdict.outcome(), expected, "{file} under {policy}: {checks}");
    }
}

/// The JSON pointers of all strings and numbers.
fn leaves(value: &Value, pointer: &str) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| leaves(member, &format!("{pointer}/{name}")))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| leaves(item, &format!("{pointer}/{index}")))
            .collect(),
        _ => vec![pointer.to_owned()],
    }
}

fn vectors() -> Option<PathBuf> {
    let root = std::env::var_os("CLR_VECTORS").map_or_else(
        || concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").into(),
        PathBuf::from,
    );
    if root.is_dir() {
        return Some(root);
    }
    assert!(
        std::env::var_os("CLR_REQUIRE_VECTORS").is_none(),
        "no vectors at {}",
        root.display()
    );
    println!("skipped: shared vectors are not here");
    None
}
