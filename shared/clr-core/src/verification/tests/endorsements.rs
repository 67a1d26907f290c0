//! Endorsements: somebody's word for a credential, wherever it stands in it.

use super::*;

async fn endorsement(endorser: &College, about: &str) -> Value {
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "urn:example:endorsement",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsement",
        "issuer": endorser.issuer().await.profile,
        "validFrom": "2026-01-31T12:00:00Z",
        "credentialSubject": {"id": about, "type": ["EndorsementSubject"], "endorsementComment": "Well taught."},
    })
}

/// The places of endorsements in a record, each with the pointer of the object that has them.
const PLACES: [&str; 4] = [
    "",
    "/issuer",
    "/credentialSubject/verifiableCredential/0/credentialSubject/achievement",
    "/credentialSubject/verifiableCredential/0/issuer",
];

/// A record with a member added to the object at a pointer, all of it signed again.
async fn record_with(college: &College, pointer: &str, member: &str, value: Value) -> Value {
    let mut record = college
        .unsigned_record(vec![college.unsigned_course("algebra", "A").await])
        .await;
    record.pointer_mut(pointer).unwrap()[member] = value;
    let course = record["credentialSubject"]["verifiableCredential"][0].take();
    record["credentialSubject"]["verifiableCredential"][0] = college.sign(course).await;
    college.sign(record).await
}

#[tokio::test]
async fn an_endorsement_is_judged_wherever_it_stands() {
    let (college, endorser) = (College::new(1, None), College::new(2, None));
    let good = endorser.sign(endorsement(&endorser, "urn:example:record").await).await;
    let mut altered = good.clone();
    altered["credentialSubject"]["endorsementComment"] = json!("Badly taught.");
    let mut expired = endorsement(&endorser, "urn:example:record").await;
    expired["validUntil"] = json!("2026-05-01T00:00:00Z");
    let expired = endorser.sign(expired).await;
    let unsigned = endorsement(&endorser, "urn:example:record").await;
    for pointer in PLACES {
        for (endorsement, expected) in [
            (&good, None),
            (&altered, Some(CheckName::Proof)),
            (&expired, Some(CheckName::Validity)),
            (&unsigned, Some(CheckName::Proof)),
        ] {
            let record = record_with(&college, pointer, "endorsement", json!([endorsement])).await;
            let verdict = college.verdict(record.clone(), Policy::Strict).await;
            match expected {
                None => assert_outcome(&verdict, Outcome::Valid),
                Some(name) => {
                    let place = format!("{pointer}/endorsement/0");
                    assert_outcome(&verdict, Outcome::Invalid);
                    let obstacle = verdict.obstacles().find(|check| check.name == name).unwrap();
                    assert!(obstacle.pointer.starts_with(&place), "{} in {place}", obstacle.pointer);
                    assert_eq!(obstacle.credential_id.as_deref(), Some("urn:example:endorsement"));
                }
            }
            assert_outcome(&college.verdict(record, Policy::ProofOnly).await, Outcome::Valid);
        }
    }
}

#[tokio::test]
async fn an_endorsement_in_a_jwt_is_judged_too() {
    let (college, endorser) = (College::new(1, None), College::new(2, None));
    let endorsement = endorsement(&endorser, "urn:example:record").await;
    let good = endorser.sign_jwt(&endorsement).await;
    let other = endorser.sign_jwt(&college.unsigned_course("algebra", "A").await).await;
    let altered = {
        let (signed, _) = good.rsplit_once('.').unwrap();
        let (_, signature) = other.rsplit_once('.').unwrap();
        format!("{signed}.{signature}")
    };
    for pointer in PLACES {
        for (jwt, expected) in [
            (&good, Outcome::Valid),
            (&altered, Outcome::Invalid),
            (&"eyJ.eyJ.x".to_owned(), Outcome::Invalid),
        ] {
            let record = record_with(&college, pointer, "endorsementJwt", json!([jwt])).await;
            let verdict = college.verdict(record, Policy::Strict).await;
            assert_outcome(&verdict, expected);
            let place = format!("{pointer}/endorsementJwt/0");
            assert!(
                verdict.checks.iter().any(|check| check.pointer.starts_with(&place)),
                "{place}"
            );
        }
    }
}
