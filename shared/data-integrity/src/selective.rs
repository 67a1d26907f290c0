//! Derived proofs of ecdsa-sd-2023: the holder of a credential shows some of its statements, and the issuer's signatures
//! on them.
//!
//! The issuer signed the mandatory statements as one and every other statement alone, with a key made for this credential;
//! blank nodes bear labels of the issuer's, which the proof gives back, since canonical labels change with what is left out.
//!
//! <https://www.w3.org/TR/vc-di-ecdsa/#verify-derived-proof-ecdsa-sd-2023>

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::{KeyType, ProofError, PublicKey, base58, error::malformed, jwk::base64url, signature};

/// A derived proof value, decoded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DerivedProof {
    /// By the issuer's key, over proof hash, public key and hash of the mandatory statements.
    base_signature: Vec<u8>,
    /// The key that was made for this credential, as a Multikey's bytes.
    public_key_bytes: Vec<u8>,
    public_key: PublicKey,
    /// One for each statement that is not mandatory, in canonical order.
    signatures: Vec<Vec<u8>>,
    /// Number of the canonical label to the issuer's label.
    labels: BTreeMap<u64, String>,
    /// Which of the shown statements are mandatory.
    mandatory: BTreeSet<u64>,
}

const DERIVED: [u8; 3] = [0xd9, 0x5d, 0x01];
const BASE: [u8; 3] = [0xd9, 0x5d, 0x00];

/// 400 nested credentials have 63 000 statements; a proof takes 66 bytes for each.
const LONGEST: usize = 8 << 20;

impl DerivedProof {
    /// Reads `u…`.
    pub(crate) fn read(text: &str) -> Result<Self, ProofError> {
        let wrong = |reason: &str| malformed("proofValue", reason);
        let bytes = text
            .strip_prefix('u')
            .filter(|digits| digits.len() <= LONGEST)
            .and_then(|digits| URL_SAFE_NO_PAD.decode(digits).ok())
            .ok_or_else(|| wrong("`u` and a derived proof in base64url is expected"))?;
        if bytes.starts_with(&BASE) {
            return Err(wrong(
                "is a base proof, which is between the issuer and the holder: the holder derives a proof from it",
            ));
        }
        let mut cbor = bytes
            .strip_prefix(&DERIVED)
            .ok_or_else(|| wrong("does not start as a derived proof of ecdsa-sd-2023 does"))?;
        let value: ciborium::Value =
            ciborium::from_reader(&mut cbor).map_err(|_| wrong("is not CBOR after its header"))?;
        if !cbor.is_empty() {
            return Err(wrong("goes on after its CBOR"));
        }
        Self::of_components(value).ok_or_else(|| {
            wrong("holds something else than base signature, public key, signatures, label map and mandatory indexes")
        })
    }

    fn of_components(value: ciborium::Value) -> Option<Self> {
        let components = <[ciborium::Value; 5]>::try_from(value.into_array().ok()?).ok()?;
        let [base_signature, public_key, signatures, labels, mandatory] = components;
        let public_key_bytes = bytes(public_key)?;
        let public_key = PublicKey::from_multikey(&base58::encode(&public_key_bytes)).ok()?;
        if public_key.key_type() != KeyType::P256 {
            return None;
        }
        let mut label_map = BTreeMap::new();
        for (number, label) in labels.into_map().ok()? {
            let label = Some(bytes(label)?).filter(|label| label.len() == 32)?;
            let met = label_map.insert(number_of(number)?, format!("u{}", base64url(&label)));
            if met.is_some() {
                return None;
            }
        }
        Some(Self {
            base_signature: bytes(base_signature).filter(|signature| signature.len() == 64)?,
            public_key_bytes,
            public_key,
            signatures: signatures
                .into_array()
                .ok()?
                .into_iter()
                .map(|signature| bytes(signature).filter(|signature| signature.len() == 64))
                .collect::<Option<_>>()?,
            labels: label_map,
            mandatory: mandatory
                .into_array()
                .ok()?
                .into_iter()
                .map(number_of)
                .collect::<Option<_>>()?,
        })
    }

    /// Checks all signatures: over the canonical form of the shown document, and the hash of the proof configuration.
    pub(crate) fn verify(&self, canonical: &str, proof_hash: &[u8], issuer: &PublicKey) -> Result<(), ProofError> {
        let mut statements: Vec<String> = canonical
            .split_inclusive('\n')
            .map(|statement| self.relabel(statement).map(Cow::into_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| malformed("proofValue", "names other blank nodes than the document has"))?;
        statements.sort_unstable();

        let mut mandatory = Sha256::new();
        let mut others = Vec::new();
        for (index, statement) in (0_u64..).zip(&statements) {
            if self.mandatory.contains(&index) {
                mandatory.update(statement);
            } else {
                others.push(statement);
            }
        }
        let beyond = self
            .mandatory
            .last()
            .is_some_and(|last| *last >= statements.len() as u64);
        if beyond || others.len() != self.signatures.len() {
            return Err(malformed(
                "proofValue",
                "signs another number of statements than the document has",
            ));
        }
        let signed = [proof_hash, &self.public_key_bytes, &mandatory.finalize()].concat();
        signature::check(issuer, &signed, &self.base_signature)?;
        for (statement, signed) in others.into_iter().zip(&self.signatures) {
            signature::check(&self.public_key, statement.as_bytes(), signed)?;
        }
        Ok(())
    }

    /// A canonical statement with the issuer's labels; nothing if one is missing.
    fn relabel<'a>(&self, statement: &'a str) -> Option<Cow<'a, str>> {
        if !statement.contains("_:c14n") {
            return Some(statement.into());
        }
        let mut relabelled = String::with_capacity(statement.len() + 64);
        let mut rest = statement;
        while let Some(first) = rest.chars().next() {
            // IRIs and literals may hold anything that looks like a label.
            let end = match first {
                '<' => rest.find('>')? + 1,
                '"' => end_of_literal(rest)?,
                '_' => {
                    let end = rest.find(' ')?;
                    let number: u64 = rest.get(..end)?.strip_prefix("_:c14n")?.parse().ok()?;
                    relabelled.push_str("_:");
                    relabelled.push_str(self.labels.get(&number)?);
                    rest = &rest[end..];
                    continue;
                }
                other => other.len_utf8(),
            };
            relabelled.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        Some(relabelled.into())
    }
}

/// The place after the closing quote of a literal that `text` begins with.
fn end_of_literal(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().skip(1).find_map(|(place, character)| {
        let closes = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        closes.then_some(place + 1)
    })
}

/// A byte string, which older writers tag as an array of bytes (64).
fn bytes(value: ciborium::Value) -> Option<Vec<u8>> {
    match value {
        ciborium::Value::Bytes(bytes) => Some(bytes),
        ciborium::Value::Tag(64, inner) => inner.into_bytes().ok(),
        _ => None,
    }
}

fn number_of(value: ciborium::Value) -> Option<u64> {
    value.into_integer().ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;
