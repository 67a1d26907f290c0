//! `w3c-ccg/data-integrity-test-suite-assertion`: what the suites of ecdsa and eddsa ask in common, with the proof chains of
//! W3C Data Integrity.

use http::StatusCode;
use serde_json::{Value, json};

use crate::suites::{Signatory, Suites, changed, credential, credential_1_1};

/// An issuer and a suite's key of one cryptosuite.
pub(crate) struct Bench {
    pub(crate) suites: Suites,
    pub(crate) signatory: Signatory,
}

impl Bench {
    pub(crate) async fn p256() -> Self {
        Self {
            suites: Suites::p256().await,
            signatory: Signatory::p256().await,
        }
    }

    pub(crate) async fn ed25519() -> Self {
        Self {
            suites: Suites::ed25519().await,
            signatory: Signatory::ed25519().await,
        }
    }

    /// What an issued credential's proofs look like, in VC 1.1 and 2.0. Returns the public key's Multikey.
    pub(crate) async fn issued_proofs_have_the_form_of_data_integrity_proofs(&self) -> String {
        for unsigned in [credential(), credential_1_1()] {
            let issued = self.suites.issued(&unsigned).await;
            let proof = issued["proof"].as_object().expect("one proof, an object").clone();
            assert_eq!(proof["type"], "DataIntegrityProof");
            assert_eq!(proof["cryptosuite"], self.signatory.cryptosuite);
            assert_eq!(proof["proofPurpose"], "assertionMethod");
            assert_eq!(proof["created"], "2026-01-15T09:30:00Z");
            let method = proof["verificationMethod"].as_str().unwrap();
            let (did, multikey) = method.split_once('#').unwrap();
            assert_eq!(did, self.suites.issuer);
            assert_eq!(did.strip_prefix("did:key:"), Some(multikey));
            let value = proof["proofValue"].as_str().unwrap();
            assert!(value.starts_with('z') && value.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            assert!(!value.contains(['0', 'O', 'I', 'l']));
            for optional in ["id", "expires", "domain", "challenge", "nonce", "previousProof"] {
                assert!(!proof.contains_key(optional), "{optional}");
            }
            let contexts = issued["@context"].as_array().unwrap();
            let known = [
                "https://www.w3.org/ns/credentials/v2",
                "https://w3id.org/security/data-integrity/v2",
            ];
            assert!(
                contexts
                    .iter()
                    .any(|context| known.iter().any(|known| context == known))
            );
            assert_eq!(issued["credentialSubject"], unsigned["credentialSubject"]);
            self.suites.verifies(&issued).await;
        }
        self.suites.issuer.strip_prefix("did:key:").unwrap().to_owned()
    }

    pub(crate) async fn a_good_proof_verifies(&self) {
        self.suites.verifies(&self.signatory.credential().await).await;
        let unsigned = changed(&credential_1_1(), "/issuer", json!(self.signatory.did));
        let contexts = json!([
            "https://www.w3.org/2018/credentials/v1",
            {"name": "https://schema.org/name"},
            "https://w3id.org/security/data-integrity/v2",
        ]);
        let unsigned = changed(&unsigned, "/@context", contexts);
        let signed = self.signatory.sign(&unsigned, &self.signatory.options()).await;
        self.suites.verifies(&signed).await;
    }

    /// A credential whose proof has a member changed, and is signed with it where `signed`.
    async fn refuses(&self, member: &str, value: Value) {
        let pointer = format!("/{member}");
        let options = changed(&self.signatory.options(), &pointer, value.clone());
        let signed = self.signatory.sign(&self.signatory.unsigned(), &options).await;
        self.suites.does_not_verify(&signed).await;
        let later = changed(&self.signatory.credential().await, &format!("/proof{pointer}"), value);
        self.suites.does_not_verify(&later).await;
    }

    pub(crate) async fn a_proof_is_required_and_an_object(&self) {
        let good = self.signatory.credential().await;
        self.suites
            .does_not_verify(&changed(&good, "/proof", Value::Null))
            .await;
        for proof in [json!(null), json!("proof"), json!([]), json!([null]), json!({})] {
            let mut credential = good.clone();
            credential["proof"] = proof;
            self.suites.does_not_verify(&credential).await;
        }
        for body in [
            json!({"options": {"checks": ["proof"]}}),
            json!({}),
            json!([]),
            json!("text"),
            json!(null),
        ] {
            assert_eq!(self.suites.verify_body(&body).await, StatusCode::BAD_REQUEST, "{body}");
        }
    }

    pub(crate) async fn the_type_and_the_suite_are_known_strings(&self) {
        let good = self.signatory.credential().await;
        for member in ["type", "cryptosuite"] {
            for value in [
                json!(null),
                json!(""),
                json!("Unknown"),
                json!(1),
                json!(["DataIntegrityProof"]),
            ] {
                let mut credential = good.clone();
                credential["proof"][member] = value.clone();
                self.suites.does_not_verify(&credential).await;
                if value.is_null() {
                    self.suites
                        .does_not_verify(&changed(&good, &format!("/proof/{member}"), value))
                        .await;
                }
            }
        }
    }

    pub(crate) async fn the_verification_method_is_a_key_that_can_be_had(&self) {
        let without = changed(&self.signatory.options(), "/verificationMethod", Value::Null);
        let signed = self.signatory.sign(&self.signatory.unsigned(), &without).await;
        self.suites.does_not_verify(&signed).await;
        let multikey = self.signatory.did.strip_prefix("did:key:").unwrap().to_owned();
        for method in [
            "did:key:invalidVm".to_owned(),
            format!("{}#another", self.signatory.did),
            format!("did:key:u{0}#u{0}", &multikey[1..]),
        ] {
            self.refuses("verificationMethod", json!(method)).await;
        }
        let good = self.signatory.credential().await;
        for method in [json!(multikey), json!("#key"), json!(null), json!([]), json!({})] {
            let mut credential = good.clone();
            credential["proof"]["verificationMethod"] = method;
            self.suites.does_not_verify(&credential).await;
        }
    }

    pub(crate) async fn the_purpose_is_that_of_a_credential(&self) {
        self.refuses("proofPurpose", Value::Null).await;
        self.refuses("proofPurpose", json!("authentication")).await;
        let good = self.signatory.credential().await;
        let invalid = changed(&good, "/proof/proofPurpose", json!("invalidPurpose"));
        self.suites.does_not_verify(&invalid).await;
    }

    pub(crate) async fn the_purpose_is_the_expected_one(&self) {
        let good = self.signatory.credential().await;
        let other = self
            .suites
            .verify(&good, json!({"expectedProofPurpose": "authentication"}))
            .await;
        assert_eq!(other.status, StatusCode::BAD_REQUEST, "{}", other.text());
        let expected = self
            .suites
            .verify(&good, json!({"expectedProofPurpose": "assertionMethod"}))
            .await;
        assert_eq!(expected.status, StatusCode::OK, "{}", expected.text());
    }

    pub(crate) async fn domain_and_challenge_are_those_that_were_asked_for(&self) {
        let purpose_and = |purpose: &str, domain: &str, challenge: &str| {
            let mut options = self.signatory.options();
            options["proofPurpose"] = json!(purpose);
            options["domain"] = json!(domain);
            options["challenge"] = json!(challenge);
            options
        };
        let asked = json!({"domain": "domain.example", "challenge": "1235abcd6789"});
        for (options, status) in [
            (
                purpose_and("assertionMethod", "domain.example", "1235abcd6789"),
                StatusCode::OK,
            ),
            (
                purpose_and("assertionMethod", "invalid-vc-domain.example.com", "1235abcd6789"),
                StatusCode::BAD_REQUEST,
            ),
            (
                purpose_and("assertionMethod", "domain.example", "invalid-challenge"),
                StatusCode::BAD_REQUEST,
            ),
            (
                purpose_and("authentication", "invalid-vc-domain.example.com", "1235abcd6789"),
                StatusCode::BAD_REQUEST,
            ),
            (self.signatory.options(), StatusCode::BAD_REQUEST),
        ] {
            let signed = self.signatory.sign(&self.signatory.unsigned(), &options).await;
            let answer = self.suites.verify(&signed, asked.clone()).await;
            assert_eq!(answer.status, status, "{options}\n{}", answer.text());
        }
    }

    pub(crate) async fn the_proof_value_is_a_signature_in_base58btc(&self) {
        let good = self.signatory.credential().await;
        let value = good["proof"]["proofValue"].as_str().unwrap();
        self.suites
            .does_not_verify(&changed(&good, "/proof/proofValue", Value::Null))
            .await;
        let mut credential = good.clone();
        credential["proof"]["proofValue"] = Value::Null;
        self.suites.does_not_verify(&credential).await;
        for bad in [
            json!(value[1..]),
            json!(format!("u{}", &value[1..])),
            json!(format!("{value}{}", "2".repeat(43))),
            json!(format!("z1{}", &value[1..])),
            json!("invalidProofValue"),
            json!([value]),
        ] {
            self.suites
                .does_not_verify(&changed(&good, "/proof/proofValue", bad))
                .await;
        }
    }

    pub(crate) async fn created_and_expires_are_date_time_stamps(&self) {
        for member in ["created", "expires"] {
            for value in ["invalidDate", "2026-01-15T09:00:00", "2026-01-15"] {
                self.refuses(member, json!(value)).await;
            }
        }
        self.refuses("expires", json!("2026-01-15T09:29:59Z")).await;
        let unsigned = self.signatory.unsigned();
        for (member, value) in [
            ("created", Value::Null),
            ("created", json!("2025-01-15T09:00:00Z")),
            ("created", json!("2026-01-15T09:00:00.123+02:00")),
            ("expires", json!("2026-01-15T09:30:01Z")),
        ] {
            let options = changed(&self.signatory.options(), &format!("/{member}"), value);
            self.suites
                .verifies(&self.signatory.sign(&unsigned, &options).await)
                .await;
        }
    }

    pub(crate) async fn data_that_would_be_dropped_is_an_error(&self) {
        let good = self.signatory.credential().await;
        let added = changed(&good, "/credentialSubject/undefinedTerm", json!("IfDroppedWillVerify"));
        self.suites.does_not_verify(&added).await;
        let typed = changed(&good, "/type", json!(["VerifiableCredential", "UndefinedType"]));
        self.suites.does_not_verify(&typed).await;
        let based = changed(
            &typed,
            "/@context",
            json!(["https://www.w3.org/ns/credentials/v2", {"@base": "https://invalid.example.com/"}]),
        );
        self.suites.does_not_verify(&based).await;
        for unsigned in [added, typed] {
            let unsigned = changed(
                &changed(&unsigned, "/proof", Value::Null),
                "/issuer",
                json!(self.suites.issuer),
            );
            self.suites.is_not_issued(&unsigned).await;
        }
    }

    pub(crate) async fn another_canonicalization_or_hash_does_not_verify(&self) {
        let unsigned = self.signatory.unsigned();
        for digest in [vec![7; 32], vec![7; 64], Vec::new()] {
            let signed = self
                .signatory
                .sign_digests(&unsigned, &self.signatory.options(), |_| digest)
                .await;
            self.suites.does_not_verify(&signed).await;
        }
    }

    pub(crate) async fn a_proof_set_verifies(&self) {
        let first = self.signatory.credential().await;
        let set = self.signatory.sign_too(&first, &self.signatory.options()).await;
        self.suites.verifies(&set).await;
    }

    pub(crate) async fn a_proof_chain_verifies_whole(&self) {
        let with = |member: &str, value: Value| changed(&self.signatory.options(), &format!("/{member}"), value);
        let first = self
            .signatory
            .sign(
                &self.signatory.unsigned(),
                &with("id", json!("urn:uuid:test:first:proof")),
            )
            .await;
        for previous in [json!("urn:uuid:test:first:proof"), json!(["urn:uuid:test:first:proof"])] {
            let chain = self.signatory.sign_too(&first, &with("previousProof", previous)).await;
            self.suites.verifies(&chain).await;
            // The proof that is built upon must be good itself, and be there.
            self.suites
                .does_not_verify(&changed(&chain, "/proof/0/proofValue", json!("invalidProofValue")))
                .await;
            self.suites
                .does_not_verify(&changed(&chain, "/proof/0/id", json!("urn:uuid:another")))
                .await;
            self.suites
                .does_not_verify(&changed(&chain, "/proof/1/id", json!("urn:uuid:another")))
                .await;
        }
        for missing in [
            json!("urn:uuid:test:missing:proof"),
            json!(["urn:uuid:test:missing:proof"]),
        ] {
            let chain = self.signatory.sign_too(&first, &with("previousProof", missing)).await;
            self.suites.does_not_verify(&chain).await;
        }
    }
}
