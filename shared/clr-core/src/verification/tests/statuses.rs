//! Revoked, suspended, or not to be seen.

use learner_record::{Bitstring, LIST_ENTRIES, ListCredential, StatusPurpose};

use super::*;

const LIST: &str = "https://college.example/status/1";

/// The course with an entry at this index of a list for this purpose.
async fn course(college: &College, purpose: StatusPurpose, index: usize) -> Value {
    let mut course = college.unsigned_course("algebra", "A").await;
    course["credentialStatus"] = purpose.entry(LIST, index);
    college.sign(course).await
}

/// The unsigned list, with these bits set.
async fn list(college: &College, purpose: StatusPurpose, set: &[usize]) -> Value {
    let mut bits = Bitstring::cleared(LIST_ENTRIES);
    for index in set {
        bits.set(*index, true);
    }
    ListCredential {
        url: LIST,
        issuer: &college.issuer().await.id,
        purpose,
        bits: &bits,
        valid_from: "2026-05-01T00:00:00Z".parse().unwrap(),
        valid_until: None,
    }
    .unsigned()
}

#[tokio::test]
async fn a_bit_that_is_set_makes_a_credential_invalid_alone_and_in_a_record() {
    let college = College::new(1, None);
    for (purpose, word) in [
        (StatusPurpose::Revocation, "revoked"),
        (StatusPurpose::Suspension, "suspended"),
    ] {
        let list = college.sign(list(&college, purpose, &[7]).await).await;
        for (index, expected) in [(7, Outcome::Invalid), (6, Outcome::Valid), (131_071, Outcome::Valid)] {
            let course = course(&college, purpose, index).await;
            let record = college.record(vec![course.clone()]).await;
            for (document, place) in [(course, ""), (record, "/credentialSubject/verifiableCredential/0")] {
                let verdict = college
                    .verdict_with(document, Policy::Strict, &[(LIST, list.clone())])
                    .await;
                assert_outcome(&verdict, expected);
                let [(pointer, _, reason)] = checks_of(&verdict, CheckName::Status)[..] else {
                    panic!("{verdict:?}")
                };
                assert_eq!(pointer, format!("{place}/credentialStatus"));
                assert!(reason.contains(word), "{reason}");
            }
        }
    }
}

#[tokio::test]
async fn a_list_as_a_jwt_is_read_too() {
    let college = College::new(1, None);
    let list = list(&college, StatusPurpose::Revocation, &[7]).await;
    let list = json!(college.sign_jwt(&list).await);
    for (index, expected) in [(7, Outcome::Invalid), (8, Outcome::Valid)] {
        let course = course(&college, StatusPurpose::Revocation, index).await;
        let verdict = college
            .verdict_with(course, Policy::Strict, &[(LIST, list.clone())])
            .await;
        assert_outcome(&verdict, expected);
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_relied_on_leaves_the_status_unseen() {
    let (college, stranger) = (College::new(1, None), College::new(2, None));
    let good = list(&college, StatusPurpose::Revocation, &[]).await;
    let with = |change: fn(&mut Value)| {
        let mut list = good.clone();
        change(&mut list);
        list
    };
    let mut altered = college.sign(good.clone()).await;
    altered["credentialSubject"]["encodedList"] = json!(Bitstring::cleared(LIST_ENTRIES * 2).encode());
    let lists = [
        ("altered", altered),
        ("signed by another", stranger.sign(good.clone()).await),
        ("unsigned", good.clone()),
        (
            "over",
            college
                .sign(with(|list| list["validUntil"] = json!("2026-05-31T00:00:00Z")))
                .await,
        ),
        (
            "for another purpose",
            college.sign(list(&college, StatusPurpose::Suspension, &[]).await).await,
        ),
        (
            "of another type",
            college
                .sign(with(|list| list["type"] = json!(["VerifiableCredential"])))
                .await,
        ),
        (
            "short",
            college
                .sign(with(|list| {
                    list["credentialSubject"]["encodedList"] = json!(Bitstring::cleared(LIST_ENTRIES - 8).encode())
                }))
                .await,
        ),
        ("no list", json!([])),
    ];
    let signed = course(&college, StatusPurpose::Revocation, 7).await;
    for (what, list) in lists {
        for policy in [Policy::Strict, Policy::OneEdTech] {
            let verdict = college
                .verdict_with(signed.clone(), policy, &[(LIST, list.clone())])
                .await;
            assert_eq!(verdict.outcome(), Outcome::CouldNotCheck, "{what}: {verdict:?}");
            assert_eq!(only_obstacle(&verdict).name, CheckName::Status, "{what}");
        }
    }
    // Behind the end of the list.
    let list = college.sign(good).await;
    let behind = course(&college, StatusPurpose::Revocation, LIST_ENTRIES).await;
    let verdict = college.verdict_with(behind, Policy::Strict, &[(LIST, list)]).await;
    assert_outcome(&verdict, Outcome::CouldNotCheck);
}

#[tokio::test]
async fn a_credential_that_can_be_revoked_is_not_called_valid_unseen() {
    let college = College::new(1, None);
    let signed = course(&college, StatusPurpose::Revocation, 7).await;
    let record = college.record(vec![signed]).await;
    let verdict = college.verdict(record.clone(), Policy::Strict).await;
    assert_outcome(&verdict, Outcome::CouldNotCheck);
    assert_eq!(only_obstacle(&verdict).name, CheckName::Status);
    assert!(only_obstacle(&verdict).retry);
    assert_outcome(&college.verdict(record, Policy::ProofOnly).await, Outcome::Valid);
}

#[tokio::test]
async fn every_entry_of_a_credential_is_looked_up() {
    let college = College::new(1, None);
    let suspensions = "https://college.example/status/2";
    let mut course = college.unsigned_course("algebra", "A").await;
    course["credentialStatus"] = json!([
        StatusPurpose::Revocation.entry(LIST, 7),
        StatusPurpose::Suspension.entry(suspensions, 7),
    ]);
    let signed = college.sign(course).await;
    let revocation = college.sign(list(&college, StatusPurpose::Revocation, &[]).await).await;
    let suspension = college
        .sign(list(&college, StatusPurpose::Suspension, &[7]).await)
        .await;
    let lists = [(LIST, revocation), (suspensions, suspension)];
    let verdict = college.verdict_with(signed, Policy::Strict, &lists).await;
    let statuses: Vec<_> = checks_of(&verdict, CheckName::Status)
        .iter()
        .map(|(pointer, outcome, _)| (*pointer, *outcome))
        .collect();
    assert_eq!(
        statuses,
        [
            ("/credentialStatus/1", CheckOutcome::Failed),
            ("/credentialStatus/0", CheckOutcome::Passed),
        ]
    );
}

#[tokio::test]
async fn a_revocation_list_of_1edtech_names_ids_in_either_spelling() {
    let college = College::new(1, None);
    let url = "https://college.example/revocations";
    let mut course = college.unsigned_course("algebra", "A").await;
    course["@context"]
        .as_array_mut()
        .unwrap()
        .push(json!("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"));
    course["credentialStatus"] = json!({"id": url, "type": "1EdTechRevocationList"});
    let id = course["id"].clone();
    let signed = college.sign(course).await;
    for (list, expected) in [
        (
            json!({"revokedCredential": [{"id": id, "revocationReason": "A mistake."}]}),
            Outcome::Invalid,
        ),
        (
            json!({"revokedCredentials": [{"id": "urn:a"}, {"id": id, "revoked": true}]}),
            Outcome::Invalid,
        ),
        (
            json!({"revokedCredential": [{"id": id, "revoked": false}]}),
            Outcome::Valid,
        ),
        (json!({"revokedCredential": [{"id": "urn:a"}]}), Outcome::Valid),
        (json!({"revokedCredential": []}), Outcome::Valid),
        (json!({}), Outcome::CouldNotCheck),
        (json!([]), Outcome::CouldNotCheck),
    ] {
        let verdict = college
            .verdict_with(signed.clone(), Policy::Strict, &[(url, list.clone())])
            .await;
        assert_eq!(verdict.outcome(), expected, "{list}: {verdict:?}");
    }
    assert_outcome(
        &college.verdict(signed.clone(), Policy::Strict).await,
        Outcome::CouldNotCheck,
    );
    // As 1EdTech's validator, which only warns.
    let verdict = college.verdict(signed, Policy::OneEdTech).await;
    assert_outcome(&verdict, Outcome::Valid);
    assert_eq!(checks_of(&verdict, CheckName::Status)[0].1, CheckOutcome::Warning);
}

#[tokio::test]
async fn entries_that_are_not_understood_are_told_apart_from_broken_ones() {
    let college = College::new(1, None);
    for (entry, expected) in [
        (
            json!({"id": "https://a.example/1#1", "type": "StatusList2021Entry"}),
            Outcome::CouldNotCheck,
        ),
        (
            json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}),
            Outcome::Invalid,
        ),
    ] {
        let mut course = college.unsigned_course("algebra", "A").await;
        course["credentialStatus"] = entry.clone();
        let subject = Subject::outer(Arc::new(course));
        let gathered = Gathered::default();
        let judge = Judge::new(
            Policy::Strict,
            Contexts::standard(),
            NOW.parse().unwrap(),
            Arc::new([]),
            gathered,
        );
        let checks = judge
            .judge(&subject)
            .into_iter()
            .filter(|check| check.name == CheckName::Status);
        assert_eq!(
            Verdict::new(Policy::Strict, checks.collect()).outcome(),
            expected,
            "{entry}"
        );
    }
}
