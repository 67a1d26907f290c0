//! Presentations: shown by their holder, for a challenge and a domain, with good credentials.

use super::*;

struct Shown {
    college: College,
    holder: College,
}

impl Shown {
    fn new() -> Self {
        Self {
            college: College::new(1, None),
            holder: College::new(2, None),
        }
    }

    async fn unsigned(&self, credentials: Value) -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "holder": self.holder.issuer().await.id,
            "verifiableCredential": credentials,
        })
    }

    /// Signed by the holder for a challenge and a domain.
    async fn signed(&self, presentation: Value) -> Value {
        let members = json!({"proofPurpose": "authentication", "challenge": "c-1", "domain": "verifier.example"});
        prove(&presentation, self.holder.p256().await, members).await
    }

    async fn verdict(&self, document: Value, signed: bool, challenge: Option<&str>, domain: Option<&str>) -> Verdict {
        let presentation = Presentation {
            document: Arc::new(document),
            signed,
            challenge: challenge.map(str::to_owned),
            domain: domain.map(str::to_owned),
        };
        let fetcher = fetcher(&[]);
        self.college
            .verifier(Policy::Strict, &fetcher)
            .verify_presentation(&presentation)
            .await
    }
}

#[tokio::test]
async fn a_presentation_by_its_holder_is_valid_for_its_challenge_and_domain_alone() {
    let shown = Shown::new();
    let record = shown.college.two_courses().await;
    let presentation = shown.signed(shown.unsigned(json!([record])).await).await;
    for (challenge, domain, expected) in [
        (None, None, Outcome::Valid),
        (Some("c-1"), Some("verifier.example"), Outcome::Valid),
        (Some("c-2"), None, Outcome::Invalid),
        (None, Some("other.example"), Outcome::Invalid),
    ] {
        let verdict = shown.verdict(presentation.clone(), true, challenge, domain).await;
        assert_outcome(&verdict, expected);
        let place = "/verifiableCredential/0/credentialSubject/verifiableCredential/1/proof/0";
        assert!(verdict.checks.iter().any(|check| check.pointer == place), "{verdict:?}");
    }
}

#[tokio::test]
async fn a_presentation_that_was_altered_or_signed_by_another_is_invalid() {
    let shown = Shown::new();
    let record = shown.college.two_courses().await;
    let unsigned = shown.unsigned(json!([record])).await;
    let mut altered = shown.signed(unsigned.clone()).await;
    altered["id"] = json!("urn:example:presentation");
    assert_outcome(&shown.verdict(altered, true, None, None).await, Outcome::Invalid);
    let mut stolen = unsigned.clone();
    stolen["holder"] = json!(shown.college.issuer().await.id);
    assert_outcome(
        &shown.verdict(shown.signed(stolen).await, true, None, None).await,
        Outcome::Invalid,
    );
    assert_outcome(
        &shown.verdict(unsigned.clone(), true, None, None).await,
        Outcome::Invalid,
    );
    assert_outcome(&shown.verdict(unsigned, false, None, None).await, Outcome::Valid);
}

#[tokio::test]
async fn a_bad_credential_spoils_a_good_presentation() {
    let shown = Shown::new();
    let mut record = shown.college.two_courses().await;
    record["name"] = json!("Altered");
    let presentation = shown.signed(shown.unsigned(json!([record])).await).await;
    let verdict = shown.verdict(presentation, true, None, None).await;
    assert_outcome(&verdict, Outcome::Invalid);
    assert!(
        verdict
            .obstacles()
            .all(|check| check.pointer.starts_with("/verifiableCredential/0/proof"))
    );
}

#[tokio::test]
async fn credentials_are_shown_as_objects_envelopes_and_unsigned_by_the_holder_about_themselves() {
    let shown = Shown::new();
    let record = shown
        .college
        .unsigned_record(vec![shown.college.course("algebra", "A").await])
        .await;
    let envelope = json!({
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": format!("data:application/vc+jwt,{}", shown.college.sign_jwt(&record).await),
    });
    let presentation = shown.signed(shown.unsigned(json!([envelope])).await).await;
    assert_outcome(&shown.verdict(presentation, true, None, None).await, Outcome::Valid);

    let own = shown.holder.unsigned_course("algebra", "A").await;
    let foreign = shown.college.unsigned_course("algebra", "A").await;
    for (credential, expected) in [(own.clone(), Outcome::Valid), (foreign, Outcome::Invalid)] {
        let presentation = shown.signed(shown.unsigned(json!([credential])).await).await;
        assert_outcome(&shown.verdict(presentation, true, None, None).await, expected);
    }
    let mut without_holder = shown.unsigned(json!([own.clone()])).await;
    without_holder.as_object_mut().unwrap().shift_remove("holder");
    let presentation = shown.signed(without_holder).await;
    assert_outcome(&shown.verdict(presentation, true, None, None).await, Outcome::Invalid);
    // Unsigned in an unsigned presentation: nobody says anything.
    let nobody = shown.unsigned(json!([own])).await;
    assert_outcome(&shown.verdict(nobody, false, None, None).await, Outcome::Invalid);
}

#[tokio::test]
async fn what_is_no_presentation_is_refused_with_its_place() {
    let shown = Shown::new();
    let good = shown.unsigned(json!([])).await;
    for (member, value, place) in [
        (
            "@context",
            json!(["https://w3id.org/security/data-integrity/v2"]),
            "/@context",
        ),
        ("type", json!(["VerifiableCredential"]), "/type"),
        ("holder", json!("nobody"), "/holder"),
        ("holder", json!({"name": "A"}), "/holder"),
        ("id", json!("not a uri"), "/id"),
        (
            "verifiableCredential",
            json!("https://a.example/1"),
            "/verifiableCredential",
        ),
        ("verifiableCredential", json!([1]), "/verifiableCredential/0"),
    ] {
        let mut bad = good.clone();
        bad[member] = value;
        let verdict = shown.verdict(bad, false, None, None).await;
        let found = verdict
            .obstacles()
            .any(|check| check.name == CheckName::DataModel && check.pointer == place);
        assert!(found, "{member}: {verdict:?}");
    }
    assert_outcome(&shown.verdict(json!([]), true, None, None).await, Outcome::Invalid);
}

#[tokio::test]
async fn a_presentation_of_vc_1_1_shows_jwts_as_they_are() {
    let shown = Shown::new();
    let record = shown
        .college
        .unsigned_record(vec![shown.college.course("algebra", "A").await])
        .await;
    let presentation = json!({
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": "VerifiablePresentation",
        "verifiableCredential": [shown.college.sign_jwt(&record).await],
    });
    assert!(
        shown
            .verdict(presentation, false, None, None)
            .await
            .checks
            .iter()
            .any(|check| {
                check.name == CheckName::Proof
                    && check.pointer == "/verifiableCredential/0"
                    && check.outcome == CheckOutcome::Passed
            })
    );
}

#[tokio::test]
async fn a_presentation_may_be_a_jwt_of_its_holder_for_its_nonce_and_audience() {
    let shown = Shown::new();
    let record = shown.college.two_courses().await;
    let key = shown.holder.p256().await;
    let presentation = shown.unsigned(json!([record])).await;
    let holder = presentation["holder"].clone();
    let claims = json!({"iss": holder, "nonce": "c-1", "aud": "verifier.example", "exp": 4_000_000_000_u64});
    let whole = |changes: Value| {
        let mut payload = presentation.as_object().unwrap().clone();
        payload.extend(claims.as_object().unwrap().clone());
        payload.extend(changes.as_object().unwrap().clone());
        payload
    };
    let mut in_claim = claims.as_object().unwrap().clone();
    in_claim.insert("vp".to_owned(), presentation.clone());
    let signed = async |payload: Map<String, Value>| jws(&payload, key, Some(&key.verification_method)).await;
    let envelope = |text: &str| {
        json!({
            "@context": "https://www.w3.org/ns/credentials/v2",
            "type": "EnvelopedVerifiablePresentation",
            "id": format!("data:application/vp+jwt,{text}"),
        })
    };
    let text = signed(whole(json!({}))).await;
    for good in [json!(text), envelope(&text), json!(signed(in_claim).await)] {
        for (challenge, domain, expected) in [
            (None, None, Outcome::Valid),
            (Some("c-1"), Some("verifier.example"), Outcome::Valid),
            (Some("c-2"), None, Outcome::Invalid),
            (None, Some("other.example"), Outcome::Invalid),
        ] {
            assert_outcome(&shown.verdict(good.clone(), true, challenge, domain).await, expected);
        }
    }
    for changes in [
        json!({"exp": 1_700_000_000}),
        json!({"nbf": 4_000_000_000_u64}),
        json!({"exp": "soon"}),
        json!({"iss": "did:web:other.example"}),
        json!({"holder": "did:web:other.example"}),
        json!({"type": ["VerifiableCredential"]}),
    ] {
        let verdict = shown
            .verdict(json!(signed(whole(changes.clone())).await), true, None, None)
            .await;
        assert_eq!(verdict.outcome(), Outcome::Invalid, "{changes}");
    }
    let other = shown.college.p256().await;
    let forged = jws(&whole(json!({})), other, Some(&other.verification_method)).await;
    for bad in [json!(forged), envelope("no.jws"), json!("no jws"), envelope("")] {
        assert_outcome(&shown.verdict(bad, true, None, None).await, Outcome::Invalid);
    }
}
