//! Credentials that are JWTs.

use super::*;

#[tokio::test]
async fn a_record_as_a_jwt_is_valid_where_its_issuer_has_the_key() {
    for college in [College::new(1, None), College::new(1, Some(DID_WEB))] {
        let record = college
            .unsigned_record(vec![college.course("algebra", "A").await])
            .await;
        let text = college.sign_jwt(&record).await;
        for policy in [Policy::Strict, Policy::OneEdTech, Policy::ProofOnly] {
            let verdict = college.verdict(json!(text), policy).await;
            assert_outcome(&verdict, Outcome::Valid);
        }
        let stranger = College::new(2, None);
        let key = stranger.p256().await;
        let forged = jws(
            &learner_record::vc_jwt_payload(&record),
            key,
            Some(&key.verification_method),
        )
        .await;
        let verdict = college.verdict(json!(forged), Policy::Strict).await;
        assert_eq!(only_obstacle(&verdict).name, CheckName::Proof);
    }
}

#[tokio::test]
async fn nested_credentials_of_a_jwt_need_proofs_of_their_own() {
    let college = College::new(1, None);
    let record = college
        .unsigned_record(vec![college.unsigned_course("algebra", "A").await])
        .await;
    let verdict = college
        .verdict(json!(college.sign_jwt(&record).await), Policy::Strict)
        .await;
    assert_eq!(
        only_obstacle(&verdict).pointer,
        "/credentialSubject/verifiableCredential/0"
    );
}

#[tokio::test]
async fn a_key_in_the_header_is_believed_where_the_issuer_publishes_it() {
    let (college, foreign) = (College::new(1, None), College::new(2, Some("did:web:other.example")));
    let record = foreign
        .unsigned_record(vec![college.course("algebra", "A").await])
        .await;
    let key = foreign.p256().await;
    let text = json!(jws(&learner_record::vc_jwt_payload(&record), key, None).await);
    let jwks = |key: &IssuerKey| json!({"keys": [{"kty": "oct"}, key.public_key.to_jwk()]});
    let url = "https://other.example/.well-known/jwks.json";
    let known = jwks(key);
    let unknown = jwks(college.p256().await);
    for (elsewhere, strict) in [
        (vec![(url, known)], Outcome::Valid),
        (vec![(url, unknown)], Outcome::Invalid),
        (vec![], Outcome::CouldNotCheck),
    ] {
        assert_outcome(
            &college.verdict_with(text.clone(), Policy::Strict, &elsewhere).await,
            strict,
        );
        assert_outcome(
            &college.verdict_with(text.clone(), Policy::OneEdTech, &elsewhere).await,
            Outcome::Valid,
        );
    }
    // Who issues here is known without asking.
    assert_outcome(&foreign.verdict(text, Policy::ProofOnly).await, Outcome::Valid);
    let own = College::new(1, Some(DID_WEB));
    let record = own.unsigned_record(vec![own.course("algebra", "A").await]).await;
    let text = json!(jws(&learner_record::vc_jwt_payload(&record), own.p256().await, None).await);
    assert_outcome(&own.verdict(text, Policy::Strict).await, Outcome::Valid);
}

#[tokio::test]
async fn claims_that_contradict_the_credential_or_the_time_are_told() {
    let college = College::new(1, None);
    let key = college.p256().await;
    let record = college
        .unsigned_record(vec![college.course("algebra", "A").await])
        .await;
    for (claim, value, name, lenient) in [
        ("iss", json!("did:web:other.example"), CheckName::Jwt, Outcome::Valid),
        ("jti", json!("urn:example:other"), CheckName::Jwt, Outcome::Valid),
        ("exp", json!(1_700_000_000), CheckName::Validity, Outcome::Invalid),
    ] {
        let mut payload = learner_record::vc_jwt_payload(&record);
        payload.insert(claim.to_owned(), value);
        let text = json!(jws(&payload, key, Some(&key.verification_method)).await);
        let verdict = college.verdict(text.clone(), Policy::Strict).await;
        assert_outcome(&verdict, Outcome::Invalid);
        assert!(verdict.obstacles().any(|check| check.name == name), "{claim}");
        assert_outcome(&college.verdict(text, Policy::OneEdTech).await, lenient);
    }
}

#[tokio::test]
async fn an_envelope_holds_a_jwt() {
    let college = College::new(1, None);
    let record = college
        .unsigned_record(vec![college.course("algebra", "A").await])
        .await;
    let text = college.sign_jwt(&record).await;
    let envelope =
        |context: &str, id: String| json!({"@context": context, "type": "EnvelopedVerifiableCredential", "id": id});
    let v2 = "https://www.w3.org/ns/credentials/v2";
    let good = envelope(v2, format!("data:application/vc+jwt,{text}"));
    assert_outcome(&college.verdict(good, Policy::Strict).await, Outcome::Valid);
    for bad in [
        envelope(v2, text.clone()),
        envelope(v2, format!("data:text/html,{text}")),
        envelope(
            "https://www.w3.org/ns/credentials/examples/v2",
            format!("data:application/vc+jwt,{text}"),
        ),
    ] {
        assert_outcome(&college.verdict(bad, Policy::Strict).await, Outcome::Invalid);
    }
}
