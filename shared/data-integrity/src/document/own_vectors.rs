//! Our own small signed record: what is true of every proof, and bytes that must never change.
//!
//! ECDSA here has the deterministic nonces of RFC 6979, so signatures are reproducible.

use canonical_rdf::Contexts;
use p256::ecdsa::signature::Signer;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha384};

use super::*;

/// Keys made from the text `data-integrity test key {n}`: known to everyone, worth nothing.
struct TestKey {
    public: PublicKey,
    secret: Secret,
}

enum Secret {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
}

impl TestKey {
    fn p256() -> Self {
        let secret =
            p256::ecdsa::SigningKey::from_slice(&Sha256::digest("data-integrity test key 1")).expect("a scalar");
        Self {
            public: PublicKey::P256(secret.verifying_key().into()),
            secret: Secret::P256(secret),
        }
    }

    fn p384() -> Self {
        let secret =
            p384::ecdsa::SigningKey::from_slice(&Sha384::digest("data-integrity test key 2")).expect("a scalar");
        Self {
            public: PublicKey::P384(secret.verifying_key().into()),
            secret: Secret::P384(secret),
        }
    }

    fn ed25519() -> Self {
        let secret = ed25519_dalek::SigningKey::from_bytes(&Sha256::digest("data-integrity test key 3").into());
        Self {
            public: PublicKey::Ed25519(secret.verifying_key()),
            secret: Secret::Ed25519(secret),
        }
    }

    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        match &self.secret {
            Secret::P256(key) => Signer::<p256::ecdsa::Signature>::sign(key, bytes).to_bytes().to_vec(),
            Secret::P384(key) => Signer::<p384::ecdsa::Signature>::sign(key, bytes).to_bytes().to_vec(),
            Secret::Ed25519(key) => key.sign(bytes).to_bytes().to_vec(),
        }
    }

    fn prove(&self, document: &UnsecuredDocument<'_>) -> Value {
        let options = ProofOptions {
            verification_method: format!("https://registrar.example/issuers/1#{}", self.public.to_multikey()),
            created: "2026-01-31T12:00:00Z".to_owned(),
        };
        let hash_data = document.hash_data(&self.public, &options).expect("hash data");
        let signature = self.sign(hash_data.bytes());
        hash_data.into_proof(&signature)
    }
}

fn unsigned() -> Value {
    serde_json::from_str(include_str!("../../fixtures/unsigned-clr.json")).expect("JSON")
}

/// The record with one proof.
fn signed(key: &TestKey) -> Value {
    let mut document = unsigned();
    let proof = key.prove(&UnsecuredDocument::new(&document, Contexts::standard()));
    attach(&mut document, proof);
    document
}

fn outcome(document: &Value, key: &TestKey) -> Result<(), ProofError> {
    verify(document, proofs_of(document)[0], &key.public, Contexts::standard())
}

#[test]
fn the_bytes_of_a_proof_do_not_change() {
    for (key, value) in [
        (
            TestKey::p256(),
            "zWGxVWrZSKx746fNGd23c5ChHVNLEj1vvKVDFr9wSHBrN7thk6angoJTqtDxJyA3YG6Y7VTAFBkmMabprUUvKNMk",
        ),
        (
            TestKey::p384(),
            "z2G7HAwTPUtAmEHriC63rrnu1sfetSvV73mjcxuJnsnehBQZHari1y11kggZEGTWyet25qWMQeTyWQBqdsSUiRQNxWxRxXCwbUgfpqNQM14n3PTAn3m5hgc6Rsv1jZx4JQkFY",
        ),
        (
            TestKey::ed25519(),
            "z5TuxzR8g33EEtkUNDkmDeChHj1uYic6BZtTxjGC8csgtn2jc1g1v19PPC2mNARpk9HpGmtUrKSg5o8eJ3q7ucXZX",
        ),
    ] {
        let document = signed(&key);
        assert_eq!(
            proofs_of(&document)[0]["proofValue"],
            value,
            "{:?}",
            key.public.key_type()
        );
        outcome(&document, &key).expect("its own proof");
    }
}

#[test]
fn a_new_proof_says_what_the_standard_wants_in_a_steady_order() {
    let key = TestKey::p256();
    let document = signed(&key);
    let members: Vec<_> = proofs_of(&document)[0].as_object().expect("an object").keys().collect();
    assert_eq!(
        members,
        [
            "type",
            "cryptosuite",
            "created",
            "verificationMethod",
            "proofPurpose",
            "proofValue"
        ]
    );
}

#[test]
fn every_single_leaf_is_covered_by_the_proof() {
    let key = TestKey::p256();
    let document = signed(&key);
    let leaves = leaves(&document, "");
    assert!(leaves.len() > 40, "{}", leaves.len());
    for pointer in leaves {
        let mut altered = document.clone();
        let leaf = altered.pointer_mut(&pointer).expect("a leaf");
        *leaf = match leaf {
            Value::String(text) => Value::String(format!("{text}x")),
            Value::Number(_) => json!(4),
            other => panic!("{pointer}: {other}"),
        };
        assert!(outcome(&altered, &key).is_err(), "{pointer}");
    }
}

#[test]
fn claims_cannot_be_added_or_taken_away() {
    let key = TestKey::p256();
    let document = signed(&key);
    let mut more = document.clone();
    more["credentialSubject"]["partial"] = json!(true);
    assert!(outcome(&more, &key).is_err());
    let mut fewer = document.clone();
    fewer.as_object_mut().expect("an object").shift_remove("name");
    assert!(matches!(outcome(&fewer, &key), Err(ProofError::Signature)));
}

#[test]
fn proof_options_are_covered_too() {
    let key = TestKey::p256();
    for (member, value) in [
        ("created", json!("2026-01-31T12:00:01Z")),
        ("verificationMethod", json!("https://registrar.example/issuers/2")),
        ("expires", json!("2036-01-31T12:00:00Z")),
        ("nonce", json!("1")),
        ("domain", json!("records.example")),
        ("id", json!("urn:uuid:6f1de2a0-5d3a-4d63-9a0e-2f8f4f0a1c05")),
    ] {
        let mut altered = signed(&key);
        altered["proof"][0][member] = value;
        let outcome = outcome(&altered, &key);
        assert!(matches!(outcome, Err(ProofError::Signature)), "{member}: {outcome:?}");
    }
    let mut without_created = signed(&key);
    without_created["proof"][0]
        .as_object_mut()
        .expect("an object")
        .shift_remove("created");
    assert!(matches!(outcome(&without_created, &key), Err(ProofError::Signature)));
}

#[test]
fn a_key_of_another_suite_or_owner_does_not_verify() {
    let document = signed(&TestKey::p256());
    assert!(matches!(
        outcome(&document, &TestKey::ed25519()),
        Err(ProofError::KeyMismatch)
    ));
    assert!(matches!(
        outcome(&document, &TestKey::p384()),
        Err(ProofError::Signature)
    ));
    let other = p256::ecdsa::SigningKey::from_slice(&[9; 32]).expect("a scalar");
    let other = TestKey {
        public: PublicKey::P256(other.verifying_key().into()),
        secret: Secret::P256(other),
    };
    assert!(matches!(outcome(&document, &other), Err(ProofError::Signature)));
}

#[test]
fn high_s_is_as_good_as_low_s() {
    let key = TestKey::p256();
    let mut document = unsigned();
    let mut proof = key.prove(&UnsecuredDocument::new(&document, Contexts::standard()));
    let signature = base58::decode(proof["proofValue"].as_str().expect("a string"), 64).expect("base58btc");
    let signature = p256::ecdsa::Signature::from_slice(&signature).expect("a signature");
    let (r, s) = signature.split_scalars();
    let mirrored = p256::ecdsa::Signature::from_scalars(r, -s).expect("a signature");
    proof["proofValue"] = base58::encode(&mirrored.to_bytes()).into();
    attach(&mut document, proof);
    outcome(&document, &key).expect("the mirrored signature");
}

#[test]
fn undefined_terms_are_refused_in_the_document_and_in_the_proof() {
    let key = TestKey::p256();
    let mut document = signed(&key);
    document["favouriteColour"] = json!("green");
    assert!(matches!(outcome(&document, &key), Err(ProofError::Canonicalization(_))));

    let mut document = signed(&key);
    document["proof"][0]["favouriteColour"] = json!("green");
    assert!(matches!(outcome(&document, &key), Err(ProofError::Configuration(_))));
}

#[test]
fn a_proof_context_must_begin_the_documents_and_is_replaced_by_it() {
    let key = TestKey::p256();
    let with_context = |context: Value| {
        let mut document = signed(&key);
        document["proof"][0]["@context"] = context;
        outcome(&document, &key)
    };
    let contexts = unsigned()["@context"].clone();
    with_context(contexts.clone()).expect("the document's context");
    with_context(json!([contexts[0], contexts[1]])).expect("its beginning");
    with_context(contexts[0].clone()).expect("its first entry");
    for other in [
        json!([contexts[1], contexts[0]]),
        contexts[1].clone(),
        json!({}),
        json!([contexts[0], contexts[2]]),
    ] {
        let outcome = with_context(other.clone());
        assert!(
            matches!(outcome, Err(ProofError::Malformed { member: "@context", .. })),
            "{other}: {outcome:?}"
        );
    }
}

#[test]
fn a_proof_set_is_verified_proof_by_proof() {
    let mut document = unsigned();
    let (eddsa, ecdsa) = (TestKey::ed25519(), TestKey::p256());
    let unsecured = UnsecuredDocument::new(&document, Contexts::standard());
    let proofs = [eddsa.prove(&unsecured), ecdsa.prove(&unsecured)];
    for proof in proofs {
        attach(&mut document, proof);
    }
    let unsecured = UnsecuredDocument::new(&document, Contexts::standard());
    for (proof, key) in proofs_of(&document).into_iter().zip([&eddsa, &ecdsa]) {
        unsecured
            .verify(&Proof::read(proof).expect("a proof"), &key.public)
            .expect("its own proof");
    }
}

#[test]
fn new_proof_options_are_checked_before_anything_is_signed() {
    let document = unsigned();
    let options = ProofOptions {
        verification_method: "https://a.example#b".to_owned(),
        created: "yesterday".to_owned(),
    };
    let outcome = UnsecuredDocument::new(&document, Contexts::standard()).hash_data(&TestKey::p256().public, &options);
    assert!(
        matches!(outcome, Err(ProofError::Malformed { member: "created", .. })),
        "{outcome:?}"
    );
}

#[test]
fn a_document_that_is_no_object_cannot_be_signed() {
    let document = json!("credential");
    let options = ProofOptions {
        verification_method: "https://a.example#b".to_owned(),
        created: "2026-01-31T12:00:00Z".to_owned(),
    };
    UnsecuredDocument::new(&document, Contexts::standard())
        .hash_data(&TestKey::p256().public, &options)
        .expect_err("no object");
}

/// The JSON pointers of all strings and numbers.
fn leaves(value: &Value, pointer: &str) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| {
                leaves(
                    member,
                    &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")),
                )
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| leaves(item, &format!("{pointer}/{index}")))
            .collect(),
        _ => vec![pointer.to_owned()],
    }
}

#[test]
fn a_document_read_from_its_text_has_the_same_hash_data_and_proofs() {
    let key = TestKey::p256();
    let document = signed(&key);
    let text = document.to_string();
    let (parsed, proofs) = UnsecuredDocument::parse(text.as_bytes(), Contexts::standard()).expect("JSON");
    assert_eq!(proofs.iter().collect::<Vec<_>>(), proofs_of(&document));
    assert_eq!(key.prove(&parsed), proofs[0]);
    parsed
        .verify(&Proof::read(&proofs[0]).expect("a proof"), &key.public)
        .expect("its own proof");
    assert!(UnsecuredDocument::parse(b"{", Contexts::standard()).is_err());
}

/// A credential with two endorsements whose proofs are alike, so that RDFC-1.0 can be read in two ways.
fn endorsed_twice() -> Value {
    let endorsement = |number: usize| {
        json!({
            "@context": "https://www.w3.org/ns/credentials/v2",
            "id": format!("urn:example:endorsement:{number}"),
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "issuer": "urn:example:endorser",
            "proof": {
                "type": "DataIntegrityProof",
                "cryptosuite": "ecdsa-rdfc-2019",
                "verificationMethod": "urn:example:key",
                "proofPurpose": "assertionMethod",
                "proofValue": "z1",
            },
        })
    };
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "urn:example:credential",
        "type": ["VerifiableCredential", "AchievementCredential"],
        "issuer": "urn:example:issuer",
        "endorsement": [endorsement(1), endorsement(2)],
    })
}

#[test]
fn a_document_that_verifiers_read_in_two_ways_is_not_signed() {
    let (key, document) = (TestKey::p256(), endorsed_twice());
    let options = ProofOptions {
        verification_method: "urn:example:key".to_owned(),
        created: "2026-01-31T12:00:00Z".to_owned(),
    };
    let outcome = UnsecuredDocument::new(&document, Contexts::standard()).hash_data(&key.public, &options);
    let Err(ProofError::Disputed(nodes)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(nodes.len(), 2);
    assert!(nodes.iter().all(|node| node.contains("\"z1\"")), "{nodes:?}");

    // With ids there is nothing to dispute.
    let mut named = document;
    for number in 0..2 {
        named["endorsement"][number]["proof"]["id"] = format!("urn:example:proof:{number}").into();
    }
    UnsecuredDocument::new(&named, Contexts::standard())
        .hash_data(&key.public, &options)
        .expect("hash data");
}

#[test]
fn a_signature_over_the_other_reading_is_good_too() {
    let (key, document) = (TestKey::p256(), endorsed_twice());
    for reading in [Reading::List, Reading::Set] {
        let unsecured = UnsecuredDocument::new(&document, Contexts::standard());
        let options = ProofOptions {
            verification_method: "urn:example:key".to_owned(),
            created: "2026-01-31T12:00:00Z".to_owned(),
        };
        let proof = options.into_members(Cryptosuite::EcdsaRdfc2019).expect("members");
        let json = unsecured.document().expect("JSON");
        let hash = transform(json, Contexts::standard(), HashAlgorithm::Sha256, reading)
            .expect("JSON-LD")
            .hash;
        let configuration = unsecured
            .configuration_hash(Cryptosuite::EcdsaRdfc2019, &proof, HashAlgorithm::Sha256)
            .expect("a configuration");
        let bytes = [configuration.as_bytes(), hash.as_bytes()].concat();
        let signature = key.sign(&bytes);
        let proof = Proof::read(&HashData { bytes, proof }.into_proof(&signature)).expect("a proof");
        unsecured
            .verify(&proof, &key.public)
            .unwrap_or_else(|error| panic!("{reading:?}: {error}"));
    }
}
