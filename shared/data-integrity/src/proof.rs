//! Proof objects: what is written into a new one, and what one must look like to be considered at all.
//!
//! <https://www.w3.org/TR/vc-data-integrity/#proofs>

use serde_json::{Map, Value};

use crate::{
    Cryptosuite, ProofError, base58, date_time::is_date_time_stamp, error::malformed, selective::DerivedProof,
};

/// What a new proof says beside its signature. `proofPurpose` is always `assertionMethod`.
#[derive(Clone, Debug)]
pub struct ProofOptions {
    /// URL of the key, `{issuer}#{publicKeyMultibase}`.
    pub verification_method: String,
    /// RFC 3339 in UTC, whole seconds.
    pub created: String,
}

/// What a proof is for: the verification relationship that its key must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProofPurpose {
    /// Credentials.
    #[default]
    AssertionMethod,
    /// Presentations.
    Authentication,
}

/// A proof of a suite of ours whose members have the right form. Says nothing about its signature.
#[derive(Clone, Debug)]
pub struct Proof {
    cryptosuite: Cryptosuite,
    verification_method: String,
    value: ProofValue,
    /// All members but `proofValue`.
    options: Map<String, Value>,
}

/// `proofValue`, decoded.
#[derive(Clone, Debug)]
pub(crate) enum ProofValue {
    /// r‖s for ECDSA (64 or 96 bytes), 64 bytes for Ed25519.
    Signature(Vec<u8>),
    /// What the holder of an ecdsa-sd-2023 credential made of the issuer's proof.
    Derived(Box<DerivedProof>),
}

/// The proofs of a document, in order: none, one object, or an array.
#[must_use]
pub fn proofs_of(document: &Value) -> Vec<&Value> {
    match document.get("proof") {
        None => Vec::new(),
        Some(Value::Array(proofs)) => proofs.iter().collect(),
        Some(proof) => vec![proof],
    }
}

impl ProofOptions {
    /// The members of a proof by this suite, before `proofValue`.
    pub(crate) fn into_members(self, cryptosuite: Cryptosuite) -> Result<Map<String, Value>, ProofError> {
        if !is_date_time_stamp(&self.created) {
            return Err(malformed("created", DATE_TIME));
        }
        Ok(Map::from_iter([
            ("type".to_owned(), "DataIntegrityProof".into()),
            ("cryptosuite".to_owned(), cryptosuite.name().into()),
            ("created".to_owned(), self.created.into()),
            ("verificationMethod".to_owned(), self.verification_method.into()),
            ("proofPurpose".to_owned(), ProofPurpose::AssertionMethod.name().into()),
        ]))
    }
}

impl ProofPurpose {
    /// The value of `proofPurpose`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AssertionMethod => "assertionMethod",
            Self::Authentication => "authentication",
        }
    }
}

impl Proof {
    /// Reads a proof on a credential.
    ///
    /// # Errors
    /// [`ProofError::UnsupportedSuite`] for what others may know, else [`ProofError::Malformed`].
    pub fn read(proof: &Value) -> Result<Self, ProofError> {
        Self::read_for(proof, ProofPurpose::AssertionMethod)
    }

    /// Reads a proof that must have this purpose.
    ///
    /// # Errors
    /// As [`Proof::read`].
    pub fn read_for(proof: &Value, purpose: ProofPurpose) -> Result<Self, ProofError> {
        let members = proof
            .as_object()
            .ok_or_else(|| malformed("proof", "a proof is an object"))?;
        let cryptosuite = Cryptosuite::read(members)?;
        let stated = string(members, "proofPurpose")?;
        if stated != purpose.name() {
            return Err(malformed(
                "proofPurpose",
                format!("is {stated:?}, `{}` is expected here", purpose.name()),
            ));
        }
        let verification_method = string(members, "verificationMethod")?.to_owned();
        check_forms(members)?;
        let value = ProofValue::read(string(members, "proofValue")?, cryptosuite)?;
        let mut options = members.clone();
        options.shift_remove("proofValue");
        Ok(Self {
            cryptosuite,
            verification_method,
            value,
            options,
        })
    }

    /// The suite.
    #[must_use]
    pub fn cryptosuite(&self) -> Cryptosuite {
        self.cryptosuite
    }

    /// `verificationMethod`, the URL of the key. Whether the key may speak for the issuer is for the caller to decide.
    #[must_use]
    pub fn verification_method(&self) -> &str {
        &self.verification_method
    }

    /// `created`, an RFC 3339 date-time where present. A claim of the signer, no evidence.
    #[must_use]
    pub fn created(&self) -> Option<&str> {
        self.text("created")
    }

    /// `expires`, an RFC 3339 date-time where present. Whether it has passed is for the caller to decide.
    #[must_use]
    pub fn expires(&self) -> Option<&str> {
        self.text("expires")
    }

    /// `domain`: where the proof is meant to be used; empty if it says nothing.
    #[must_use]
    pub fn domains(&self) -> Vec<&str> {
        texts(self.options.get("domain"))
    }

    /// `challenge`: what the verifier asked the prover to sign.
    #[must_use]
    pub fn challenge(&self) -> Option<&str> {
        self.text("challenge")
    }

    /// `previousProof`: the ids of the proofs of the same document that this one signs too.
    #[must_use]
    pub fn previous_proofs(&self) -> Vec<&str> {
        texts(self.options.get("previousProof"))
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.options.get(member).and_then(Value::as_str)
    }

    pub(crate) fn value(&self) -> &ProofValue {
        &self.value
    }

    /// All members but `proofValue`.
    pub(crate) fn options(&self) -> &Map<String, Value> {
        &self.options
    }
}

impl ProofValue {
    fn read(text: &str, suite: Cryptosuite) -> Result<Self, ProofError> {
        let lengths: &[usize] = match suite {
            Cryptosuite::EcdsaSd2023 => return DerivedProof::read(text).map(Box::new).map(Self::Derived),
            Cryptosuite::EcdsaRdfc2019 => &[64, 96],
            Cryptosuite::EddsaRdfc2022 | Cryptosuite::Eddsa2022 | Cryptosuite::Ed25519Signature2020 => &[64],
        };
        base58::decode(text, LONGEST_SIGNATURE)
            .filter(|signature| lengths.contains(&signature.len()))
            .map(Self::Signature)
            .ok_or_else(|| {
                malformed(
                    "proofValue",
                    "`z` and a signature of exactly the suite's length in base58btc",
                )
            })
    }
}

/// A P-384 signature.
const LONGEST_SIGNATURE: usize = 96;
const DATE_TIME: &str = "a date-time with seconds and time zone, such as `2026-01-31T12:00:00Z`";

type Form = fn(&Value) -> bool;

/// The members that a proof may have or not.
fn check_forms(members: &Map<String, Value>) -> Result<(), ProofError> {
    let is_text: Form = |value| value.is_string();
    let is_date_time: Form = |value| value.as_str().is_some_and(is_date_time_stamp);
    let is_texts: Form = |value| match value {
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_string),
        single => single.is_string(),
    };
    let forms = [
        ("id", is_text, "must be a string"),
        ("created", is_date_time, DATE_TIME),
        ("expires", is_date_time, DATE_TIME),
        ("challenge", is_text, "must be a string"),
        ("nonce", is_text, "must be a string"),
        ("domain", is_texts, "must be a string or strings"),
        ("previousProof", is_texts, "must be the id of a proof, or ids"),
    ];
    for (member, fits, form) in forms {
        if members.get(member).is_some_and(|value| !fits(value)) {
            return Err(malformed(member, form));
        }
    }
    Ok(())
}

/// A text, or the texts of an array.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(single) => single.as_str().into_iter().collect(),
    }
}

pub(crate) fn string<'a>(proof: &'a Map<String, Value>, member: &'static str) -> Result<&'a str, ProofError> {
    match proof.get(member) {
        None => Err(malformed(member, "is missing")),
        Some(value) => value.as_str().ok_or_else(|| malformed(member, "must be a string")),
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!((proof.domains(), proof.challenge()), (Vec::new(), None));
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
        let proof = with("domain", json!(["a", "b"])).expect("domains");
        assert_eq!(proof.domains(), ["a", "b"]);
        let proof = with("previousProof", json!("urn:uuid:1")).expect("a chain");
        assert_eq!(proof.previous_proofs(), ["urn:uuid:1"]);
    }

    #[test]
    fn drafts_and_their_own_proof_type_are_known_as_deprecated() {
        let eddsa_2022 = with("cryptosuite", json!("eddsa-2022")).expect("the draft's name");
        assert_eq!(eddsa_2022.cryptosuite(), Cryptosuite::Eddsa2022);
        let mut proof = good();
        proof["type"] = json!("Ed25519Signature2020");
        proof.as_object_mut().expect("an object").shift_remove("cryptosuite");
        let proof = Proof::read(&proof).expect("a type of its own");
        assert_eq!(proof.cryptosuite(), Cryptosuite::Ed25519Signature2020);
        assert!(eddsa_2022.cryptosuite().is_deprecated() && proof.cryptosuite().is_deprecated());
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
}
