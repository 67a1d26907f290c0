//! Proof objects: what is written into a new one, and what one must look like to be considered at all.
//!
//! <https://www.w3.org/TR/vc-data-integrity/#proofs>

use serde_json::{Map, Value};

use crate::{KeyType, ProofError, base58, error::malformed};

/// The suites that this crate makes and verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cryptosuite {
    /// <https://www.w3.org/TR/vc-di-ecdsa/#ecdsa-rdfc-2019>
    EcdsaRdfc2019,
    /// <https://www.w3.org/TR/vc-di-eddsa/#eddsa-rdfc-2022>
    EddsaRdfc2022,
}

/// What a new proof says beside its signature. `proofPurpose` is always `assertionMethod`.
#[derive(Clone, Debug)]
pub struct ProofOptions {
    /// URL of the key, `{issuer}#{publicKeyMultibase}`.
    pub verification_method: String,
    /// RFC 3339 in UTC, whole seconds.
    pub created: String,
}

/// A proof of a suite of ours whose members have the right form. Says nothing about its signature.
#[derive(Clone, Debug)]
pub struct Proof {
    cryptosuite: Cryptosuite,
    verification_method: String,
    signature: Vec<u8>,
    /// All members but `proofValue`.
    options: Map<String, Value>,
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

impl Cryptosuite {
    /// The value of `cryptosuite`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EcdsaRdfc2019 => "ecdsa-rdfc-2019",
            Self::EddsaRdfc2022 => "eddsa-rdfc-2022",
        }
    }

    /// The suite that a key signs with.
    #[must_use]
    pub fn of(key: KeyType) -> Self {
        match key {
            KeyType::P256 | KeyType::P384 => Self::EcdsaRdfc2019,
            KeyType::Ed25519 => Self::EddsaRdfc2022,
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::EcdsaRdfc2019, Self::EddsaRdfc2022]
            .into_iter()
            .find(|suite| suite.name() == name)
    }

    fn fits_length(self, signature: &[u8]) -> bool {
        match self {
            Self::EcdsaRdfc2019 => matches!(signature.len(), 64 | 96),
            Self::EddsaRdfc2022 => signature.len() == 64,
        }
    }
}

impl ProofOptions {
    /// The members of a proof by this suite, before `proofValue`.
    pub(crate) fn into_members(self, cryptosuite: Cryptosuite) -> Result<Map<String, Value>, ProofError> {
        if !is_date_time_stamp(&self.created) {
            return Err(malformed("created", CREATED));
        }
        Ok(Map::from_iter([
            ("type".to_owned(), "DataIntegrityProof".into()),
            ("cryptosuite".to_owned(), cryptosuite.name().into()),
            ("created".to_owned(), self.created.into()),
            ("verificationMethod".to_owned(), self.verification_method.into()),
            ("proofPurpose".to_owned(), "assertionMethod".into()),
        ]))
    }
}

impl Proof {
    /// Reads a proof object.
    ///
    /// # Errors
    /// [`ProofError::UnsupportedSuite`] and [`ProofError::UnsupportedChain`] for what others may know, else
    /// [`ProofError::Malformed`].
    pub fn read(proof: &Value) -> Result<Self, ProofError> {
        let members = proof
            .as_object()
            .ok_or_else(|| malformed("proof", "a proof is an object"))?;
        let cryptosuite = read_suite(members)?;
        if members.contains_key("previousProof") {
            return Err(ProofError::UnsupportedChain);
        }
        if string(members, "proofPurpose")? != "assertionMethod" {
            return Err(malformed(
                "proofPurpose",
                "a credential is signed for the purpose `assertionMethod`",
            ));
        }
        let verification_method = string(members, "verificationMethod")?.to_owned();
        for (member, reason) in [("created", CREATED), ("expires", EXPIRES)] {
            if members
                .get(member)
                .is_some_and(|value| !value.as_str().is_some_and(is_date_time_stamp))
            {
                return Err(malformed(member, reason));
            }
        }
        let signature = base58::decode(string(members, "proofValue")?, LONGEST_SIGNATURE)
            .filter(|signature| cryptosuite.fits_length(signature))
            .ok_or_else(|| {
                malformed(
                    "proofValue",
                    "`z` and a signature of exactly the suite's length in base58btc",
                )
            })?;
        let mut options = members.clone();
        options.shift_remove("proofValue");
        Ok(Self {
            cryptosuite,
            verification_method,
            signature,
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
        self.options.get("created").and_then(Value::as_str)
    }

    /// `expires`, an RFC 3339 date-time where present. Whether it has passed is for the caller to decide.
    #[must_use]
    pub fn expires(&self) -> Option<&str> {
        self.options.get("expires").and_then(Value::as_str)
    }

    /// r‖s for ECDSA (64 or 96 bytes), 64 bytes for Ed25519.
    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// All members but `proofValue`.
    pub(crate) fn options(&self) -> &Map<String, Value> {
        &self.options
    }
}

/// A P-384 signature.
const LONGEST_SIGNATURE: usize = 96;
const CREATED: &str = "a date-time with seconds and time zone, such as `2026-01-31T12:00:00Z`";
const EXPIRES: &str = CREATED;

fn read_suite(proof: &Map<String, Value>) -> Result<Cryptosuite, ProofError> {
    let kind = string(proof, "type")?;
    if kind != "DataIntegrityProof" {
        return Err(ProofError::UnsupportedSuite(kind.to_owned()));
    }
    let name = string(proof, "cryptosuite")?;
    Cryptosuite::from_name(name).ok_or_else(|| ProofError::UnsupportedSuite(name.to_owned()))
}

fn string<'a>(proof: &'a Map<String, Value>, member: &'static str) -> Result<&'a str, ProofError> {
    match proof.get(member) {
        None => Err(malformed(member, "is missing")),
        Some(value) => value.as_str().ok_or_else(|| malformed(member, "must be a string")),
    }
}

/// XML Schema 1.1 `dateTimeStamp` with a four-digit year: `2026-01-31T12:00:00Z`, fractions and offsets allowed.
fn is_date_time_stamp(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    let offset = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(offset);
    is_date(date) && is_clock(clock) && is_zone(zone)
}

fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-', [4, 2, 2]) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_clock(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    digits
        && numbers(whole, ':', [2, 2, 2])
            .is_some_and(|[hour, minute, second]| hour <= 23 && minute <= 59 && second <= 59)
}

fn is_zone(text: &str) -> bool {
    match text.strip_prefix(['+', '-']) {
        None => text == "Z",
        Some(offset) => numbers(offset, ':', [2, 2])
            .is_some_and(|[hour, minute]| (hour <= 13 && minute <= 59) || (hour == 14 && minute == 0)),
    }
}

/// Exactly `N` separated numbers of these many digits.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u32; N]> {
    let parts: Vec<&str> = text.split(separator).collect();
    let parts = <[&str; N]>::try_from(parts).ok()?;
    let mut numbers = [0; N];
    for ((part, digits), number) in parts.into_iter().zip(digits).zip(&mut numbers) {
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    Some(numbers)
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
        assert_eq!(proof.signature(), [7; 64]);
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
            ("type", "Ed25519Signature2020"),
            ("cryptosuite", "ecdsa-sd-2023"),
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
    fn a_proof_chain_is_unsupported() {
        let error = with("previousProof", json!("urn:uuid:1")).expect_err("a chain");
        assert!(matches!(error, ProofError::UnsupportedChain));
        assert!(error.is_unsupported());
    }

    #[test]
    fn other_purposes_are_refused() {
        refused("proofPurpose", json!("authentication"));
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
