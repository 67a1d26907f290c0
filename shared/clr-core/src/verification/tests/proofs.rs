//! Signatures: whose, over what, and until when.

use serde_json::{Value, json};

use super::*;

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

    record["proof"][1]["cryptosuite"] = json!("tea-leaves-2027");
    assert_outcome(&college.verdict(record, Policy::Strict).await, Outcome::CouldNotCheck);
}

#[tokio::test]
async fn an_expired_proof_is_no_proof() {
    let college = College::new(1, None);
    let record = college
        .unsigned_record(vec![college.course("algebra", "A").await])
        .await;
    let key = college.p256().await;
    for (expires, expected) in [(NOW, Outcome::Invalid), ("2026-06-01T00:00:01Z", Outcome::Valid)] {
        let signed = prove(&record, key, json!({"expires": expires})).await;
        let verdict = college.verdict(signed, Policy::Strict).await;
        assert_outcome(&verdict, expected);
        assert!(
            verdict.checks.iter().any(|check| check.pointer == "/proof"),
            "a proof alone has no index"
        );
    }
}

#[tokio::test]
async fn credentials_of_a_foreign_did_key_issuer_are_checked() {
    let (college, foreign) = (College::new(1, Some(DID_WEB)), College::new(2, None));
    let record = college.record(vec![foreign.course("botany", "B").await]).await;
    assert_outcome(&college.verdict(record, Policy::Strict).await, Outcome::Valid);
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

#[tokio::test]
async fn a_proof_that_signs_others_is_no_better_than_they_are() {
    let college = College::new(1, Some(DID_WEB));
    let course = college.unsigned_course("algebra", "A").await;
    let key = college.p256().await;
    let first = prove(
        &course,
        key,
        json!({"id": "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"}),
    )
    .await;
    let second = json!({"previousProof": first["proof"]["id"]});
    let chained = prove(&first, key, second).await["proof"].take();
    let mut signed = first.clone();
    signed["proof"] = json!([first["proof"], chained]);
    let verdict = college.verdict(signed.clone(), Policy::Strict).await;
    let proofs = checks_of(&verdict, CheckName::Proof);
    assert!(
        proofs.iter().all(|(_, outcome, _)| *outcome == CheckOutcome::Passed),
        "{proofs:?}"
    );

    signed["proof"][0]["created"] = json!("2026-01-31T12:00:00Z");
    assert_outcome(&college.verdict(signed, Policy::Strict).await, Outcome::Invalid);
}
