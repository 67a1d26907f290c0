//! The data model and the validity period.

use serde_json::{Value, json};

use super::*;

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
