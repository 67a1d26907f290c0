//! Published vectors, held against every step: canonical forms, hashes, hash data, signature, finished proof.

use std::path::PathBuf;

use canonical_rdf::{Contexts, HashAlgorithm, canonicalize};
use p256::ecdsa::signature::Signer;
use serde_json::Value;

use super::*;

#[test]
fn the_w3c_ecdsa_rdfc_2019_p256_vector_is_reproduced_at_every_step() {
    let Some(vectors) = vectors("w3c-ecdsa") else { return };
    let folder = vectors.join("ecdsa-rdfc-2019-p256");
    let published = Published {
        signed: json(folder.join("signedECDSAP256.json")),
        canonical_document: text(folder.join("canonDocECDSAP256.txt")),
        canonical_configuration: text(folder.join("proofCanonECDSAP256.txt")),
        hash_data: text(folder.join("combinedHashECDSAP256.txt")),
    };
    let keys = json(vectors.join("p256KeyPair.json"));
    let secret = secret(&keys["secretKeyMultibase"]);
    let signing_key = p256::ecdsa::SigningKey::from_slice(&secret).expect("a P-256 scalar");
    published.check(Contexts::with_w3c_examples(), &key(&keys), |bytes| {
        let signature: p256::ecdsa::Signature = signing_key.sign(bytes);
        signature.to_bytes().to_vec()
    });
}

#[test]
fn the_w3c_eddsa_rdfc_2022_vector_is_reproduced_at_every_step() {
    let Some(vectors) = vectors("w3c-eddsa") else { return };
    let folder = vectors.join("eddsa-rdfc-2022");
    let published = Published {
        signed: json(folder.join("signedDataInt.json")),
        canonical_document: text(folder.join("canonDocDataInt.txt")),
        canonical_configuration: text(folder.join("proofCanonDataInt.txt")),
        hash_data: text(folder.join("combinedHashDataInt.txt")),
    };
    let keys = json(vectors.join("keyPair.json"));
    published.check(
        Contexts::with_w3c_examples(),
        &key(&keys),
        ed25519_signer(&secret(&keys["privateKeyMultibase"])),
    );
}

#[test]
fn the_clr_2_0_linked_data_proof_vector_is_reproduced_at_every_step() {
    let Some(folder) = vectors("ldp-clr-v2p0") else { return };
    let published = Published {
        signed: json(folder.join("signed.json")),
        canonical_document: text(folder.join("document-canon.nq")),
        canonical_configuration: text(folder.join("proof-canon.nq")),
        hash_data: json(folder.join("hashes.json"))["dataToSign"]
            .as_str()
            .expect("hex")
            .to_owned(),
    };
    let keys = json(folder.join("keys.json"));
    published.check(
        Contexts::standard(),
        &key(&keys),
        ed25519_signer(&secret(&keys["secretKeyMultibase"])),
    );
}

#[test]
fn the_generated_clr_vectors_are_reproduced_at_every_step_and_nested_proofs_verify() {
    let Some(vectors) = vectors("generated") else { return };
    let w3c_key = PublicKey::from_multikey(W3C_P256).expect("the W3C key");
    for name in ["clr-ecdsa-p256-basic", "clr-ecdsa-p256-every-property"] {
        let folder = vectors.join(name);
        let published = Published {
            signed: json(folder.join("signed.json")),
            canonical_document: text(folder.join("document-canon.nq")),
            canonical_configuration: text(folder.join("proof-canon.nq")),
            hash_data: json(folder.join("hashes.json"))["dataToSign"]
                .as_str()
                .expect("hex")
                .to_owned(),
        };
        // This signer drew its nonce at random: its own signature stands in for ours.
        let signature = signature_of(&Proof::read(published.proof()).expect("a proof")).to_vec();
        published.check(Contexts::standard(), &w3c_key, |_| signature.clone());

        let nested = published.signed["credentialSubject"]["verifiableCredential"]
            .as_array()
            .expect("an array");
        for credential in nested {
            for proof in proofs_of(credential) {
                verify(credential, proof, &w3c_key, Contexts::standard()).expect(name);
            }
        }
    }
}

/// Facts of the W3C vector `ecdsa-rdfc-2019-p384`: the same document as for P-256, SHA-384 in RDFC-1.0 and outside.
#[test]
fn the_w3c_ecdsa_rdfc_2019_p384_vector_is_reproduced() {
    let Some(vectors) = vectors("w3c-ecdsa") else { return };
    let key = PublicKey::from_multikey("z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ")
        .expect("the W3C key");
    let mut document = json(vectors.join("unsigned.json"));
    let options = ProofOptions {
        verification_method: format!("{}#{}", key.to_did_key(), key.to_multikey()),
        created: "2023-02-24T23:36:38Z".to_owned(),
    };
    let hash_data = UnsecuredDocument::new(&document, Contexts::with_w3c_examples())
        .hash_data(&key, &options)
        .expect("hash data");
    assert_eq!(
        hex(hash_data.bytes()),
        "e32805a26492eac777aa7a138f6d8da3c74e0c7be7b296dcaccf97420c3b92eaad7be6449ca565e165031567f5c7cbc1\
         8bf6e01df72c5b62f91b685231915ac4b8c58ea95f002c6b8f6bfafa1b251df476b56b8e01518e317dab099d3ecbff96"
    );
    let value = "z967Mvv5bxtmLNqTzPZ8KmJjFmFXaAKeQNzq7GWnQkMcLtaGSSmuozE5WtJ8PipMe178B1tE28K1vsJur9bGVJhz6jgSJsRHFSQeqgH8hhjcg8gZDFJC1b9FsR5ggNmDBqHv";
    let proof = hash_data.into_proof(&base58::decode(value, 96).expect("a signature"));
    verify(&document, &proof, &key, Contexts::with_w3c_examples()).expect("the published signature");
    document["name"] = "Another Credential".into();
    let altered = verify(&document, &proof, &key, Contexts::with_w3c_examples());
    assert!(matches!(altered, Err(ProofError::Signature)), "{altered:?}");
}

#[test]
fn the_w3c_ed25519_signature_2020_vector_is_reproduced() {
    let Some(vectors) = vectors("w3c-eddsa") else { return };
    let step = |file: &str| text(vectors.join("Ed25519Signature2020").join(file));
    let signed = json(vectors.join("Ed25519Signature2020/signedEdSig.json"));
    let proof = Proof::read(&signed["proof"]).expect("a proof");
    assert_eq!(proof.cryptosuite(), Cryptosuite::Ed25519Signature2020);
    let key = key(&json(vectors.join("keyPair.json")));
    let contexts = Contexts::with_w3c_examples();

    let configuration =
        proof_configuration(proof.cryptosuite(), proof.options(), signed.get("@context")).expect("proof configuration");
    let canonical = canonicalize(&configuration, contexts, HashAlgorithm::Sha256).expect("proof configuration");
    assert_eq!(canonical, step("proofCanonEdSig.txt"));
    assert_eq!(hex(signature_of(&proof)), step("sigHexEdSig.txt").trim());
    verify(&signed, &signed["proof"], &key, contexts).expect("the published signature");

    let mut altered = signed.clone();
    altered["name"] = "Another Credential".into();
    let outcome = verify(&altered, &signed["proof"], &key, contexts);
    assert!(matches!(outcome, Err(ProofError::Signature)), "{outcome:?}");
    let mut renamed = signed["proof"].clone();
    renamed["type"] = "DataIntegrityProof".into();
    renamed["cryptosuite"] = "eddsa-2022".into();
    let outcome = verify(&signed, &renamed, &key, contexts);
    assert!(matches!(outcome, Err(ProofError::Signature)), "{outcome:?}");
}

#[test]
fn the_w3c_proof_sets_and_chains_verify_and_altered_ones_do_not() {
    let Some(vectors) = vectors("w3c-eddsa") else { return };
    let folder = vectors.join("proof-set-chain");
    let outcomes = |signed: &Value| -> Vec<_> {
        let outcome = |proof: &Value| {
            let proof = Proof::read(proof)?;
            let (did, _) = proof.verification_method().split_once('#').expect("a fragment");
            let key = PublicKey::from_did_key(did).expect("a did:key");
            UnsecuredDocument::new(signed, Contexts::with_w3c_examples()).verify(&proof, &key)
        };
        proofs_of(signed).into_iter().map(outcome).collect()
    };
    let signed = |file: &str| json(folder.join(file));
    for (file, count) in [
        ("signedProofSet1.json", 1),
        ("signedProofSet2.json", 2),
        ("signedProofChain1.json", 3),
        ("signedProofChain2.json", 4),
    ] {
        let outcomes = outcomes(&signed(file));
        assert_eq!(outcomes.len(), count);
        assert!(outcomes.iter().all(Result::is_ok), "{file}: {outcomes:?}");
    }

    // A chain signs the proofs before it: altered, exchanged for others or taken away, they break it.
    let mut chain = signed("signedProofChain1.json");
    chain["proof"][0]["created"] = "2023-02-24T23:36:39Z".into();
    use ProofError::{PreviousProof, Signature};
    assert!(matches!(outcomes(&chain)[..], [Err(Signature), Ok(()), Err(Signature)]));
    let mut chain = signed("signedProofChain1.json");
    chain["proof"][2]["previousProof"] = chain["proof"][0]["id"].clone();
    assert!(matches!(outcomes(&chain)[..], [Ok(()), Ok(()), Err(Signature)]));
    let mut chain = signed("signedProofChain1.json");
    chain["proof"].as_array_mut().expect("an array").remove(0);
    assert!(matches!(outcomes(&chain)[..], [Ok(()), Err(PreviousProof(_))]));
    // Read from text, the same.
    let text = text(folder.join("signedProofChain2.json"));
    let (document, proofs) =
        UnsecuredDocument::parse(text.as_bytes(), Contexts::with_w3c_examples()).expect("a document");
    for proof in &proofs {
        let proof = Proof::read(proof).expect("a proof");
        let (did, _) = proof.verification_method().split_once('#').expect("a fragment");
        document
            .verify(&proof, &PublicKey::from_did_key(did).expect("a did:key"))
            .expect("the chain");
    }
}

fn signature_of(proof: &Proof) -> &[u8] {
    match proof.value() {
        ProofValue::Signature(signature) => signature,
        ProofValue::Derived(_) => panic!("a signature"),
    }
}

/// The public P-256 test key of the W3C vectors.
const W3C_P256: &str = "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP";

/// What a publisher says of one signed document.
struct Published {
    signed: Value,
    canonical_document: String,
    canonical_configuration: String,
    /// Hex.
    hash_data: String,
}

impl Published {
    fn proof(&self) -> &Value {
        proofs_of(&self.signed)[0]
    }

    /// Holds each step against the published value, so that a failure names the step.
    fn check(&self, contexts: &Contexts, key: &PublicKey, sign: impl FnOnce(&[u8]) -> Vec<u8>) {
        let proof = Proof::read(self.proof()).expect("a well-formed proof");

        let document = UnsecuredDocument::new(&self.signed, contexts);
        let dataset = Dataset::from_json_ld(document.document().expect("JSON"), contexts).expect("transformation");
        let canonical = dataset
            .canonicalize(HashAlgorithm::Sha256, Reading::List)
            .expect("transformation");
        assert_eq!(canonical.text(), self.canonical_document, "transformation");

        let context = self.signed.get("@context");
        let configuration =
            proof_configuration(proof.cryptosuite(), proof.options(), context).expect("proof configuration");
        let canonical = canonicalize(&configuration, contexts, HashAlgorithm::Sha256).expect("proof configuration");
        assert_eq!(canonical, self.canonical_configuration, "proof configuration");

        let options = ProofOptions {
            verification_method: proof.verification_method().to_owned(),
            created: proof.created().expect("created").to_owned(),
        };
        let hash_data = document.hash_data(key, &options).expect("hash data");
        assert_eq!(hex(hash_data.bytes()), self.hash_data, "hashing");

        let signature = sign(hash_data.bytes());
        assert_eq!(hex(&signature), hex(signature_of(&proof)), "signature");
        assert_eq!(&hash_data.into_proof(&signature), self.proof(), "proof serialization");

        document.verify(&proof, key).expect("verification");
    }
}

fn ed25519_signer(seed: &[u8]) -> impl FnOnce(&[u8]) -> Vec<u8> {
    let signing_key = ed25519_dalek::SigningKey::from_bytes(seed.try_into().expect("32 bytes"));
    move |bytes| signing_key.sign(bytes).to_bytes().to_vec()
}

fn key(pair: &Value) -> PublicKey {
    PublicKey::from_multikey(pair["publicKeyMultibase"].as_str().expect("a string")).expect("a Multikey")
}

/// The 32 secret bytes of a published test key; an Ed25519 key may have its public half behind them.
fn secret(multikey: &Value) -> Vec<u8> {
    base58::decode(multikey.as_str().expect("a string"), 66).expect("base58btc")[2..34].to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(path: PathBuf) -> String {
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(path: PathBuf) -> Value {
    serde_json::from_str(&text(path)).expect("JSON")
}

/// A folder of the shared vectors.
fn vectors(folder: &str) -> Option<PathBuf> {
    Some(crate::vectors::root()?.join(folder))
}
