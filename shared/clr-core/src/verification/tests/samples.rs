//! Published credentials, and what was stated about each.

use std::path::Path;

use learner_record::Document;

use super::*;

/// What is stated about each sample is what we say under 1EdTech's policy, whatever its form. A sample that needs the network
/// could not be checked without, or is invalid already.
#[tokio::test]
async fn published_samples_get_the_verdict_that_is_stated_for_them() {
    let Some(vectors) = vectors::root() else { return };
    let expected: Value =
        serde_json::from_slice(&std::fs::read(vectors.join("credentials/expected.json")).unwrap()).unwrap();
    let college = College::new(1, None);
    let samples = expected["samples"].as_array().unwrap();
    assert!(samples.len() >= 25);
    let mut disagreements = Vec::new();
    for sample in samples {
        let file = sample["file"].as_str().unwrap();
        let stated = sample["validator_outcome"].as_str().unwrap();
        let needs_network = sample["needs_network"] == true;
        let verdict = college.verdict(document(&vectors.join(file)), Policy::OneEdTech).await;
        let outcome = verdict.outcome();
        let agrees = match stated.split([' ', '/']).next().unwrap() {
            _ if needs_network => {
                outcome == Outcome::CouldNotCheck || (stated.starts_with("INVALID") && outcome == Outcome::Invalid)
            }
            "VALID" | "WARNING" => outcome == Outcome::Valid,
            "INVALID" => outcome == Outcome::Invalid,
            "NOT-ASSERTED" => true,
            other => panic!("{file}: {other}"),
        };
        if !agrees {
            let obstacles: Vec<_> = verdict
                .obstacles()
                .map(|check| format!("{} {}: {}", check.name, check.pointer, check.reason))
                .collect();
            disagreements.push(format!("{file}: {stated}, we say {outcome}: {obstacles:#?}"));
        }
    }
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

/// The document in a file of any form.
fn document(path: &Path) -> Value {
    match Document::read(&std::fs::read(path).unwrap()).unwrap() {
        Document::Json(document) => document,
        Document::Jwt(text) => text.into(),
    }
}

#[tokio::test]
async fn samples_under_other_policies_and_generated_ones_get_the_verdicts_that_they_deserve() {
    let Some(vectors) = vectors::root() else { return };
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
        // Its endorsements are not signed.
        (
            "generated/clr-ecdsa-p256-every-property/signed.json",
            Policy::Strict,
            Outcome::Invalid,
        ),
        ("ldp-clr-v2p0/signed.json", Policy::OneEdTech, Outcome::Valid),
    ] {
        let verdict = college.verdict(document(&vectors.join(file)), policy).await;
        let checks = serde_json::to_string_pretty(&verdict).unwrap();
        assert_eq!(verdict.outcome(), expected, "{file} under {policy}: {checks}");
    }
}

#[tokio::test]
async fn the_published_revoked_credential_is_revoked_once_its_list_is_there() {
    let Some(vectors) = vectors::root() else { return };
    let college = College::new(1, None);
    let folder = vectors.join("credentials/ob30/bit-string-list");
    let credential = document(&folder.join("credential-status-revoked.json"));
    let list = document(&folder.join("testlist"));
    let url = credential["credentialStatus"]["statusListCredential"].as_str().unwrap();
    let verdict = college
        .verdict_with(credential.clone(), Policy::OneEdTech, &[(url, list)])
        .await;
    assert_eq!(only_obstacle(&verdict).name, CheckName::Status);
    assert!(only_obstacle(&verdict).reason.contains("revoked"));
}
