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

    /// `previousProof`: the ids of the proofs of the same document that this one signs too.
    pub(crate) fn previous_proofs(&self) -> Vec<&str> {
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
mod tests;
