use serde_json::json;

use super::*;

fn good() -> Value {
    json!({
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-rdfc-2019",
        "created": "2026-01-31T12:00:00Z",
        "verificationMethod": "https://example.edu/issuers/1#key",
        "proofPurpose": "assertionMethod",
        "proofValue": base58::encode(&[7; 64]),
    })
}

/// The good proof with one member changed (null: removed).
fn with(member: &str, value: Value) -> Result<Proof, ProofError> {
    let mut proof = good();
    match value {
        Value::Null => drop(proof.as_object_mut().expect("an object").shift_remove(member)),
        value => proof[member] = value,
    }
    Proof::read(&proof)
}

#[track_caller]
fn refused(member: &'static str, value: Value) {
    match with(member, value.clone()) {
        Err(ProofError::Malformed { member: named, .. }) => assert_eq!(named, member, "{value}"),
        other => panic!("{member} = {value}: {other:?}"),
    }
}

#[test]
fn a_well_formed_proof_is_read() {
    let proof = Proof::read(&good()).expect("the good proof");
    assert_eq!(proof.cryptosuite(), Cryptosuite::EcdsaRdfc2019);
    assert_eq!(proof.verification_method(), "https://example.edu/issuers/1#key");
    assert_eq!(proof.created(), Some("2026-01-31T12:00:00Z"));
    assert_eq!(proof.expires(), None);
    assert!(matches!(proof.value(), ProofValue::Signature(bytes) if *bytes == [7; 64]));
    assert!(!proof.options().contains_key("proofValue"));
}

#[test]
fn members_are_required_strings() {
    for member in [
        "type",
        "cryptosuite",
        "verificationMethod",
        "proofPurpose",
        "proofValue",
    ] {
        refused(member, Value::Null);
        refused(member, json!(1));
        refused(member, json!([good()[member]]));
    }
}

#[test]
fn suites_that_are_not_ours_are_unsupported_rather_than_wrong() {
    for (member, value) in [
        ("type", "Ed25519Signature2018"),
        ("cryptosuite", "bbs-2023"),
        ("cryptosuite", ""),
    ] {
        let error = with(member, json!(value)).expect_err(value);
        assert!(
            matches!(&error, ProofError::UnsupportedSuite(named) if named == value),
            "{error}"
        );
        assert!(error.is_unsupported());
    }
}

#[test]
fn members_that_may_be_left_out_have_their_form_if_they_are_there() {
    for (member, good, bad) in [
        ("id", json!("urn:uuid:1"), json!(1)),
        ("challenge", json!("abc"), json!(["abc"])),
        ("nonce", json!("abc"), json!(1)),
        ("domain", json!("example.edu"), json!(1)),
        ("domain", json!(["example.edu", "example.org"]), json!([1])),
        ("previousProof", json!("urn:uuid:1"), json!([])),
        ("previousProof", json!(["urn:uuid:1"]), json!({})),
    ] {
        with(member, good).expect(member);
        refused(member, bad);
    }
    let proof = with("previousProof", json!("urn:uuid:1")).expect("a chain");
    assert_eq!(proof.previous_proofs(), ["urn:uuid:1"]);
}

#[test]
fn drafts_and_their_own_proof_type_are_known_by_their_names() {
    let eddsa_2022 = with("cryptosuite", json!("eddsa-2022")).expect("the draft's name");
    assert_eq!(eddsa_2022.cryptosuite(), Cryptosuite::Eddsa2022);
    let mut proof = good();
    proof["type"] = json!("Ed25519Signature2020");
    proof.as_object_mut().expect("an object").shift_remove("cryptosuite");
    let proof = Proof::read(&proof).expect("a type of its own");
    assert_eq!(proof.cryptosuite(), Cryptosuite::Ed25519Signature2020);
}

#[test]
fn other_purposes_are_refused() {
    refused("proofPurpose", json!("authentication"));
    let mut proof = good();
    proof["proofPurpose"] = json!("authentication");
    Proof::read_for(&proof, ProofPurpose::Authentication).expect("the purpose that is asked for");
    Proof::read_for(&good(), ProofPurpose::Authentication).expect_err("another purpose");
}

#[test]
fn created_and_expires_are_date_time_stamps() {
    for member in ["created", "expires"] {
        for good in [
            "2026-01-31T12:00:00Z",
            "2024-02-29T23:59:59.999+14:00",
            "2000-02-29T00:00:00-00:00",
            "0001-01-01T00:00:00.1Z",
        ] {
            with(member, json!(good)).unwrap_or_else(|error| panic!("{good}: {error}"));
        }
        for bad in [
            "",
            "2026-01-31",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00Z",
            "2026-01-31 12:00:00Z",
            "2026-01-31t12:00:00z",
            "2023-02-29T12:00:00Z",
            "1900-02-29T12:00:00Z",
            "2026-04-31T12:00:00Z",
            "2026-00-01T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-01-00T12:00:00Z",
            "2026-01-31T24:00:01Z",
            "2026-01-31T12:60:00Z",
            "2026-01-31T12:00:60Z",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00,5Z",
            "2026-01-31T12:00:00+14:01",
            "2026-01-31T12:00:00+1400",
            "2026-01-31T12:00:00ZZ",
            "2026-01-31T12:00:00Z ",
            "26-01-31T12:00:00Z",
            "２026-01-31T12:00:00Z",
        ] {
            refused(member, json!(bad));
        }
        refused(member, json!(1_700_000_000));
    }
    with("created", Value::Null).expect("created may be absent");
}

#[test]
fn a_proof_value_has_exactly_the_length_of_its_suite() {
    for length in [0, 63, 65, 95, 97, 128] {
        refused("proofValue", json!(base58::encode(&vec![7; length])));
    }
    with("proofValue", json!(base58::encode(&[7; 96]))).expect("P-384");
    let mut eddsa = good();
    eddsa["cryptosuite"] = json!("eddsa-rdfc-2022");
    Proof::read(&eddsa).expect("64 bytes");
    eddsa["proofValue"] = json!(base58::encode(&[7; 96]));
    assert!(matches!(
        Proof::read(&eddsa),
        Err(ProofError::Malformed {
            member: "proofValue",
            ..
        })
    ));
    for text in [
        "",
        "z",
        "u7jk",
        &base58::encode(&[7; 64])[1..],
        &format!("{} ", base58::encode(&[7; 64])),
    ] {
        refused("proofValue", json!(text));
    }
}

#[test]
fn proofs_are_none_one_or_many() {
    assert!(proofs_of(&json!({})).is_empty());
    assert_eq!(proofs_of(&json!({"proof": {"id": "urn:a"}})), [&json!({"id": "urn:a"})]);
    assert_eq!(proofs_of(&json!({"proof": [1, 2]})), [&json!(1), &json!(2)]);
    assert!(Proof::read(&json!(1)).is_err());
}
