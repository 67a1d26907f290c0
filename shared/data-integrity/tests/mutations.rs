//! Whatever is sent as a proof or as a JWS is answered with an outcome: never a panic, and never a good outcome for
//! something that was not signed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use canonical_rdf::Contexts;
use data_integrity::{Jws, Proof, PublicKey, UnsecuredDocument};
use proptest::prelude::*;
use serde_json::{Value, json};

fn derived() -> Value {
    serde_json::from_str(include_str!("../fixtures/ecdsa-sd-2023-derived.json")).unwrap()
}

fn key() -> PublicKey {
    PublicKey::from_multikey("zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP").unwrap()
}

fn verifies(document: &Value, proof: &Value) -> bool {
    let Ok(proof) = Proof::read(proof) else { return false };
    UnsecuredDocument::new(document, Contexts::standard())
        .verify(&proof, &key())
        .is_ok()
}

/// Any JSON value of little size.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        "(urn:[a-z]{3}|z[1-9A-Za-z]{0,99}|u[0-9A-Za-z_-]{0,99}|2026-01-31T12:00:00Z)".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[a-z@]{1,8}", inner), 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

const MEMBERS: [&str; 12] = [
    "type",
    "cryptosuite",
    "created",
    "expires",
    "verificationMethod",
    "proofPurpose",
    "proofValue",
    "previousProof",
    "domain",
    "challenge",
    "nonce",
    "id",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_proof_with_a_changed_member_is_not_good(member in prop::sample::select(&MEMBERS[..]), value in any_json()) {
        let mut document = derived();
        prop_assume!(document["proof"][member] != value);
        document["proof"][member] = value;
        prop_assert!(!verifies(&document, &document["proof"]), "{}", document["proof"]);
    }

    #[test]
    fn a_proof_value_with_changed_bytes_is_not_good(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut document = derived();
        let mut value = document["proof"]["proofValue"].as_str().unwrap().as_bytes().to_vec();
        let at = at.index(value.len());
        prop_assume!(value[at] != byte && byte.is_ascii());
        value[at] = byte;
        document["proof"]["proofValue"] = json!(String::from_utf8(value).unwrap());
        prop_assert!(!verifies(&document, &document["proof"]));
    }

    #[test]
    fn any_value_is_read_as_a_proof_or_refused(proof in any_json()) {
        prop_assert!(!verifies(&derived(), &proof));
    }

    #[test]
    fn any_text_is_read_as_a_jws_or_refused(header in any_json(), payload in any_json(), tail in "[a-zA-Z0-9_.=-]{0,90}") {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}.{tail}", part(&header), part(&payload));
        if let Ok(jws) = Jws::read(&text) {
            prop_assert!(jws.verify(&data_integrity::JwsKey::Curve(key())).is_err());
        }
        let _ = Jws::read(&tail);
    }
}
