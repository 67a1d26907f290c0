//! `w3c/vc-di-eddsa-test-suite`, for eddsa-rdfc-2022.

use data_integrity::{KeyType, PublicKey};

use crate::data_integrity::Bench;

#[tokio::test]
async fn issued_proofs_have_the_form_of_data_integrity_proofs() {
    let multikey = Bench::ed25519()
        .await
        .issued_proofs_have_the_form_of_data_integrity_proofs()
        .await;
    assert!(multikey.starts_with("z6Mk"), "{multikey}");
    let key = PublicKey::from_multikey(&multikey).unwrap();
    assert_eq!(key.key_type(), KeyType::Ed25519);
}

#[tokio::test]
async fn a_good_proof_verifies() {
    Bench::ed25519().await.a_good_proof_verifies().await;
}

#[tokio::test]
async fn a_proof_is_required_and_an_object() {
    Bench::ed25519().await.a_proof_is_required_and_an_object().await;
}

#[tokio::test]
async fn the_type_and_the_suite_are_known_strings() {
    Bench::ed25519().await.the_type_and_the_suite_are_known_strings().await;
}

#[tokio::test]
async fn the_verification_method_is_a_key_that_can_be_had() {
    Bench::ed25519()
        .await
        .the_verification_method_is_a_key_that_can_be_had()
        .await;
}

#[tokio::test]
async fn the_purpose_is_that_of_a_credential() {
    Bench::ed25519().await.the_purpose_is_that_of_a_credential().await;
}

#[tokio::test]
async fn the_proof_value_is_a_signature_in_base58btc() {
    Bench::ed25519()
        .await
        .the_proof_value_is_a_signature_in_base58btc()
        .await;
}

#[tokio::test]
async fn created_and_expires_are_date_time_stamps() {
    Bench::ed25519().await.created_and_expires_are_date_time_stamps().await;
}

#[tokio::test]
async fn data_that_would_be_dropped_is_an_error() {
    Bench::ed25519().await.data_that_would_be_dropped_is_an_error().await;
}

#[tokio::test]
async fn another_canonicalization_or_hash_does_not_verify() {
    Bench::ed25519()
        .await
        .another_canonicalization_or_hash_does_not_verify()
        .await;
}

#[tokio::test]
async fn a_proof_set_verifies() {
    Bench::ed25519().await.a_proof_set_verifies().await;
}

#[tokio::test]
async fn the_purpose_is_the_expected_one() {
    Bench::ed25519().await.the_purpose_is_the_expected_one().await;
}

#[tokio::test]
async fn domain_and_challenge_are_those_that_were_asked_for() {
    Bench::ed25519()
        .await
        .domain_and_challenge_are_those_that_were_asked_for()
        .await;
}

#[tokio::test]
async fn a_proof_chain_verifies_whole() {
    Bench::ed25519().await.a_proof_chain_verifies_whole().await;
}
