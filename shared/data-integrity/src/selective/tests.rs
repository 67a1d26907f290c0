use canonical_rdf::{Contexts, HashAlgorithm, canonicalize};
use ciborium::Value as Cbor;
use p256::ecdsa::{SigningKey, signature::Signer as _};
use serde_json::{Value, json};

use super::*;
use crate::{Proof, verify};

/// The derived proof of the specification's test vectors (w3c/vc-di-ecdsa, TestVectors/ecdsa-sd-2023).
fn published() -> Value {
    serde_json::from_str(include_str!("../../fixtures/ecdsa-sd-2023-derived.json")).unwrap()
}

fn published_key() -> PublicKey {
    PublicKey::from_multikey("zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP").unwrap()
}

fn check(document: &Value) -> Result<(), ProofError> {
    verify(document, &document["proof"], &published_key(), Contexts::standard())
}

#[test]
fn the_published_derived_proof_verifies() {
    check(&published()).unwrap();
}

type Alteration = fn(&mut Value);
type Change = fn(&mut [Cbor; 5]);

#[test]
fn every_altered_added_or_removed_statement_is_noticed() {
    let alter: [(&str, Alteration); 7] = [
        ("a mandatory claim", |document| {
            document["credentialSubject"]["sailNumber"] = json!("Earth102")
        }),
        ("a disclosed claim", |document| {
            document["credentialSubject"]["boards"][0]["year"] = json!(2021)
        }),
        ("the issuer", |document| {
            document["issuer"] = json!("https://vc.example/another")
        }),
        ("a claim more", |document| {
            document["credentialSubject"]["extra"] = json!("claim")
        }),
        ("a claim less", |document| {
            document["credentialSubject"]["boards"][0]
                .as_object_mut()
                .unwrap()
                .remove("year");
        }),
        ("an exchange", |document| {
            let boards = document["credentialSubject"]["boards"].as_array_mut().unwrap();
            boards[0]["year"] = json!(2019);
            boards[1]["year"] = json!(2022);
        }),
        ("when it was made", |document| {
            document["proof"]["created"] = json!("2023-08-15T23:36:39Z")
        }),
    ];
    for (what, alter) in alter {
        let mut document = published();
        alter(&mut document);
        check(&document).expect_err(what);
    }
}

#[test]
fn another_issuer_did_not_sign() {
    let (_, other) = key(9);
    let document = published();
    let outcome = verify(&document, &document["proof"], &other, Contexts::standard());
    assert!(matches!(outcome, Err(ProofError::Signature)), "{outcome:?}");
    let p384 = PublicKey::from_multikey("z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ");
    let outcome = verify(&document, &document["proof"], &p384.unwrap(), Contexts::standard());
    assert!(matches!(outcome, Err(ProofError::KeyMismatch)), "{outcome:?}");
}

/// A key pair from a byte.
fn key(byte: u8) -> (SigningKey, PublicKey) {
    let secret = SigningKey::from_slice(&[byte; 32]).unwrap();
    let public = PublicKey::P256(p256::PublicKey::from(secret.verifying_key()));
    (secret, public)
}

fn sign(key: &SigningKey, message: &[u8]) -> Cbor {
    let signature: p256::ecdsa::Signature = key.sign(message);
    Cbor::Bytes(signature.to_bytes().to_vec())
}

/// A credential of which every statement but those about the subject is mandatory, with its derived proof made here: the
/// issuer's part and the holder's, who shows all of it.
fn derived(change: impl FnOnce(&mut [Cbor; 5])) -> Value {
    let (issuer, _) = key(7);
    let (ephemeral, ephemeral_public) = key(8);
    let mut document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", {"@vocab": "https://example.org/#"}],
        "type": ["VerifiableCredential"],
        "issuer": "https://example.edu/issuers/1",
        "credentialSubject": {"id": "urn:x:subject", "said": "of _:c14n0 \"and\" <x>", "count": 2},
    });
    let options = json!({
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-sd-2023",
        "created": "2026-01-31T12:00:00Z",
        "verificationMethod": "https://example.edu/issuers/1#key",
        "proofPurpose": "assertionMethod",
    });
    let canonical = |document: &Value| canonicalize(document, Contexts::standard(), HashAlgorithm::Sha256).unwrap();
    let mut configuration = options.clone();
    configuration["@context"] = document["@context"].clone();
    let proof_hash = Sha256::digest(canonical(&configuration));

    // There is one blank node, the credential; only at the beginning of a line.
    let label = [5; 32];
    let mut statements: Vec<String> = canonical(&document)
        .split_inclusive('\n')
        .map(|line| match line.strip_prefix("_:c14n0 ") {
            Some(rest) => format!("_:u{} {rest}", base64url(&label)),
            None => line.to_owned(),
        })
        .collect();
    statements.sort();
    let is_mandatory = |statement: &String| !statement.starts_with("<urn:x:subject>");
    let mandatory: String = statements.iter().filter(|line| is_mandatory(line)).cloned().collect();
    let public = base58::decode(&ephemeral_public.to_multikey(), 35).unwrap();
    let signed = [proof_hash.as_slice(), &public, &Sha256::digest(mandatory)].concat();
    let others = statements.iter().filter(|line| !is_mandatory(line));
    let mandatory_indexes = (0_u64..).zip(&statements).filter(|(_, line)| is_mandatory(line));
    let mut components = [
        sign(&issuer, &signed),
        Cbor::Bytes(public),
        Cbor::Array(others.map(|line| sign(&ephemeral, line.as_bytes())).collect()),
        Cbor::Map(vec![(0.into(), Cbor::Bytes(label.to_vec()))]),
        Cbor::Array(mandatory_indexes.map(|(index, _)| index.into()).collect()),
    ];
    change(&mut components);
    let mut bytes = DERIVED.to_vec();
    ciborium::into_writer(&Cbor::Array(components.into()), &mut bytes).unwrap();
    document["proof"] = options;
    document["proof"]["proofValue"] = format!("u{}", base64url(&bytes)).into();
    document
}

fn check_derived(change: impl FnOnce(&mut [Cbor; 5])) -> Result<(), ProofError> {
    let document = derived(change);
    verify(&document, &document["proof"], &key(7).1, Contexts::standard())
}

#[test]
fn a_derived_proof_made_step_by_step_verifies() {
    check_derived(|_| {}).unwrap();
}

#[test]
fn byte_strings_may_be_tagged_as_arrays_of_bytes() {
    check_derived(|components| components[0] = Cbor::Tag(64, Box::new(components[0].clone()))).unwrap();
}

#[test]
fn components_that_do_not_fit_the_document_are_refused() {
    let change: [(&str, Change); 8] = [
        ("a signature less", |components| {
            components[2].as_array_mut().unwrap().pop();
        }),
        ("a signature more", |components| {
            let signatures = components[2].as_array_mut().unwrap();
            signatures.push(signatures[0].clone());
        }),
        ("signatures exchanged", |components| {
            components[2].as_array_mut().unwrap().reverse()
        }),
        ("a mandatory statement less", |components| {
            components[4].as_array_mut().unwrap().pop();
        }),
        ("a mandatory statement beyond the document", |components| {
            components[4].as_array_mut().unwrap().push(99.into());
        }),
        ("no labels", |components| components[3] = Cbor::Map(Vec::new())),
        ("another label", |components| {
            components[3] = Cbor::Map(vec![(0.into(), Cbor::Bytes(vec![6; 32]))])
        }),
        ("another key", |components| {
            components[1] = Cbor::Bytes(base58::decode(&key(9).1.to_multikey(), 35).unwrap());
        }),
    ];
    for (what, change) in change {
        check_derived(change).expect_err(what);
    }
}

#[test]
fn components_of_another_form_are_refused_where_they_are_read() {
    let change: [fn(&mut [Cbor; 5]); 9] = [
        |components| components[0] = Cbor::Bytes(vec![7; 63]),
        |components| components[0] = Cbor::Text("signature".to_owned()),
        |components| components[1] = Cbor::Bytes(vec![0x80, 0x24, 1]),
        |components| components[1] = Cbor::Bytes(vec![]),
        |components| components[2] = Cbor::Bytes(vec![7; 64]),
        |components| components[2].as_array_mut().unwrap()[0] = Cbor::Null,
        |components| components[3] = Cbor::Map(vec![(0.into(), Cbor::Bytes(vec![5; 31]))]),
        |components| {
            components[3] = Cbor::Map(vec![
                (0.into(), Cbor::Bytes(vec![5; 32])),
                (0.into(), Cbor::Bytes(vec![6; 32])),
            ])
        },
        |components| components[4] = Cbor::Array(vec![(-1).into()]),
    ];
    for change in change {
        let document = derived(change);
        let error = Proof::read(&document["proof"]).unwrap_err();
        assert!(
            matches!(
                error,
                ProofError::Malformed {
                    member: "proofValue",
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn other_texts_are_no_derived_proofs() {
    let value = published()["proof"]["proofValue"].as_str().unwrap().to_owned();
    let base = format!("u{}", base64url(&[&BASE[..], &[0x80]].concat()));
    let error = DerivedProof::read(&base).unwrap_err();
    assert!(error.to_string().contains("base proof"), "{error}");
    let mut longer = URL_SAFE_NO_PAD.decode(&value[1..]).unwrap();
    longer.push(0);
    for text in [
        String::new(),
        "u".to_owned(),
        value[1..].to_owned(),
        format!("z{}", &value[1..]),
        value[..value.len() - 8].to_owned(),
        format!("{value}="),
        format!("u{}", base64url(&longer)),
        format!("u{}", base64url(&DERIVED)),
        format!("u{}", base64url(&[&DERIVED[..], &[0x80]].concat())),
        format!("u{}", base64url(&[&DERIVED[..], &[0x9f; 2000]].concat())),
    ] {
        DerivedProof::read(&text).expect_err(&text);
    }
}
