//! What others publish: keys, schemas, newer versions.

use super::*;

const OTHER: &str = "did:web:other.example";
const OTHER_URL: &str = "https://other.example/.well-known/did.json";

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
async fn a_foreign_issuer_whose_document_lists_the_key_is_believed() {
    let (college, foreign) = (College::new(1, Some(DID_WEB)), College::new(2, Some(OTHER)));
    let record = foreign.two_courses().await;
    let did_document = foreign.did_document().await;
    let verdict = college
        .verdict_with(record.clone(), Policy::Strict, &[(OTHER_URL, did_document)])
        .await;
    assert_outcome(&verdict, Outcome::Valid);

    let another = College::new(3, Some(OTHER)).did_document().await;
    let verdict = college
        .verdict_with(record.clone(), Policy::Strict, &[(OTHER_URL, another)])
        .await;
    assert_outcome(&verdict, Outcome::Invalid);
    let verdict = college.verdict_with(record, Policy::Strict, &[]).await;
    assert!(
        verdict.obstacles().all(|check| check.retry),
        "it could be reached in a minute"
    );
}

#[tokio::test]
async fn the_published_schema_is_built_in_and_those_of_others_are_looked_for_and_not_run() {
    let college = College::new(1, None);
    let schema = |url: &str| json!({"id": url, "type": "1EdTechJsonSchemaValidator2019"});
    let own = "https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json";
    let other = "https://other.example/schema.json";
    let mut record = college
        .unsigned_record(vec![college.course("algebra", "A").await])
        .await;
    record["credentialSchema"] = json!([schema(own)]);
    let signed = college.sign(record.clone()).await;
    let verdict = college.verdict(signed, Policy::Strict).await;
    assert_outcome(&verdict, Outcome::Valid);
    assert_eq!(checks_of(&verdict, CheckName::Schema)[0].0, "/credentialSchema/0");

    record["credentialSchema"] = json!([schema(own), schema(other)]);
    let signed = college.sign(record).await;
    for elsewhere in [&[][..], &[(other, json!({"type": "object"}))]] {
        let verdict = college.verdict_with(signed.clone(), Policy::OneEdTech, elsewhere).await;
        assert_outcome(&verdict, Outcome::CouldNotCheck);
        let obstacle = only_obstacle(&verdict);
        assert_eq!(
            (obstacle.name, obstacle.pointer.as_str()),
            (CheckName::Schema, "/credentialSchema/1")
        );
        assert_eq!(obstacle.retry, elsewhere.is_empty());
    }
    assert_outcome(&college.verdict(signed, Policy::ProofOnly).await, Outcome::Valid);
}

const NEWER: &str = "https://college.example/records/1";

/// A record that says where its newer version is, changed.
async fn refreshable(college: &College, change: impl FnOnce(&mut Value)) -> Value {
    let mut record = college
        .unsigned_record(vec![college.course("algebra", "A").await])
        .await;
    record["refreshService"] = json!({"id": NEWER, "type": "1EdTechCredentialRefresh"});
    change(&mut record);
    college.sign(record).await
}

#[tokio::test]
async fn a_newer_version_counts_once_it_is_there_and_well_signed() {
    let college = College::new(1, None);
    let expired = refreshable(&college, |record| record["validUntil"] = json!("2026-05-01T00:00:00Z")).await;
    let renewed = refreshable(&college, |record| {
        record["validFrom"] = json!("2026-05-01T00:00:00Z");
        record["validUntil"] = json!("2027-05-01T00:00:00Z");
    })
    .await;
    let verdict = college
        .verdict_with(expired.clone(), Policy::Strict, &[(NEWER, renewed.clone())])
        .await;
    assert_outcome(&verdict, Outcome::Valid);
    assert_eq!(checks_of(&verdict, CheckName::Refresh)[0].1, CheckOutcome::Passed);

    // A version that is over makes a record that is not, over.
    let verdict = college
        .verdict_with(renewed.clone(), Policy::Strict, &[(NEWER, expired.clone())])
        .await;
    assert_outcome(&verdict, Outcome::Valid);
    let mut over = renewed.clone();
    over["validUntil"] = json!("2026-05-31T00:00:00Z");
    over.as_object_mut().unwrap().shift_remove("proof");
    let over = college.sign(over).await;
    let verdict = college.verdict_with(renewed, Policy::Strict, &[(NEWER, over)]).await;
    assert_eq!(only_obstacle(&verdict).name, CheckName::Validity);
}

#[tokio::test]
async fn what_is_no_good_newer_version_is_passed_over_with_a_warning() {
    let (college, stranger) = (College::new(1, None), College::new(2, None));
    let record = refreshable(&college, |_| {}).await;
    let mut altered = record.clone();
    altered["name"] = json!("Altered");
    let other = refreshable(&college, |record| record["id"] = json!("urn:example:other")).await;
    let older = refreshable(&college, |record| record["validFrom"] = json!("2020-01-01T00:00:00Z")).await;
    let strange = refreshable(&stranger, |_| {}).await;
    for (newer, word) in [
        (Some(altered), "not good"),
        (Some(other), "another credential"),
        (Some(older), "an older version"),
        (Some(strange), "another credential"),
        (Some(json!("no credential")), "could not be had"),
        (None, "could not be had"),
    ] {
        let elsewhere: Vec<_> = newer.into_iter().map(|newer| (NEWER, newer)).collect();
        let verdict = college.verdict_with(record.clone(), Policy::Strict, &elsewhere).await;
        assert_outcome(&verdict, Outcome::Valid);
        let [(pointer, CheckOutcome::Warning, reason)] = checks_of(&verdict, CheckName::Refresh)[..] else {
            panic!("{verdict:?}")
        };
        assert!(pointer == "/refreshService" && reason.contains(word), "{reason}");
    }
}

#[tokio::test]
async fn the_recipient_is_compared_where_one_is_asked_for() {
    let college = College::new(1, None);
    let record = Arc::new(college.two_courses().await);
    let fetcher = fetcher(&[]);
    for (id, expected) in [
        ("did:example:learner", Outcome::Valid),
        ("did:example:other", Outcome::Invalid),
    ] {
        let verifier = Verifier {
            recipient: Arc::new([Recipient::Id { id: id.to_owned() }]),
            ..college.verifier(Policy::Strict, &fetcher)
        };
        let verdict = verifier.verify(record.clone()).await;
        assert_outcome(&verdict, expected);
        assert_eq!(checks_of(&verdict, CheckName::Recipient).len(), 1);
    }
}

#[tokio::test]
async fn the_page_of_a_foreign_issuer_is_visited_under_the_policy_of_1edtech_alone() {
    const PAGE: &str = "https://other.example/";
    let record = async |issuer: &College| {
        let mut course = issuer.unsigned_course("algebra", "A").await;
        course["issuer"]["url"] = json!(PAGE);
        let course = issuer.sign(course).await;
        issuer.record(vec![course]).await
    };
    let (college, foreign) = (College::new(1, Some(DID_WEB)), College::new(2, Some(OTHER)));
    let foreign_record = record(&foreign).await;
    let verdict = college.verdict(foreign_record.clone(), Policy::OneEdTech).await;
    assert_outcome(&verdict, Outcome::CouldNotCheck);
    let obstacle = only_obstacle(&verdict);
    assert_eq!((obstacle.name, obstacle.retry), (CheckName::Issuer, true));
    assert!(obstacle.pointer.ends_with("/0/issuer/url"), "{}", obstacle.pointer);

    let page = (PAGE, json!("<html>"));
    let verdict = college
        .verdict_with(foreign_record.clone(), Policy::OneEdTech, &[page])
        .await;
    assert_outcome(&verdict, Outcome::Valid);
    let keys = (OTHER_URL, foreign.did_document().await);
    let verdict = college.verdict_with(foreign_record, Policy::Strict, &[keys]).await;
    assert_outcome(&verdict, Outcome::Valid);

    let own = college.verdict(record(&college).await, Policy::OneEdTech).await;
    assert_outcome(&own, Outcome::Valid);
}
