//! Credentials in a record, each judged on its own.

use serde_json::{Value, json};

use super::*;

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
async fn a_text_among_the_credentials_of_a_record_is_refused_however_well_signed() {
    let college = College::new(1, None);
    let course = college.unsigned_course("algebra", "A").await;
    let jwt = college.sign_jwt(&course).await;
    let mut record = college.two_courses().await;
    record["credentialSubject"]["verifiableCredential"][1] = json!(jwt);
    let verdict = college.verdict(record, Policy::ProofOnly).await;
    assert_outcome(&verdict, Outcome::Invalid);
    let place = "/credentialSubject/verifiableCredential/1";
    assert!(
        verdict
            .obstacles()
            .any(|check| check.pointer == place && check.reason.contains("is a text"))
    );
}

#[tokio::test]
async fn a_record_with_more_credentials_than_are_looked_at_is_never_valid() {
    let college = College::new(1, None);
    let course = json!({"type": ["VerifiableCredential"], "credentialSubject": {}});
    let record = college.unsigned_record(vec![course; 700]).await;
    let tree = Tree::of(Subject::outer(Arc::new(record)), true);
    assert_eq!(tree.subjects.len(), 600);
    let told: Vec<_> = tree
        .checks
        .iter()
        .map(|check| (check.pointer.as_str(), check.outcome))
        .collect();
    assert_eq!(
        told,
        [(
            "/credentialSubject/verifiableCredential/599",
            CheckOutcome::CouldNotCheck
        )]
    );
}
