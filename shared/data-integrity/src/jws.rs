//! Compact JWS as VC-JWT uses it: read strictly, checked with a key that its algorithm fits, and the bytes to sign.
//!
//! RFC 7515 leaves much open that a credential never needs. Here the header has `alg`, `typ`, `cty`, `kid` and `jwk` and
//! nothing else, no member twice, and there is no algorithm `none`.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use canonical_rdf::Document;
use serde_json::{Map, Value};

use crate::{
    JwkError, JwsKey, KeyType,
    jwk::{RsaPublicKey, base64url},
    signature,
};

/// A compact JWS whose form is right. Says nothing about its signature.
#[derive(Clone, Debug)]
pub struct Jws<'a> {
    algorithm: Algorithm,
    key_id: Option<String>,
    key: Option<JwsKey>,
    payload: Value,
    signing_input: &'a str,
    signature: Vec<u8>,
}

/// A payload under its header, to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsignedJws {
    signing_input: String,
}

/// Algorithms of a VC-JWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// ECDSA with P-384 and SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

/// Why a text is not a good JWS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// Not `header.payload.signature` in base64url.
    #[error("not a compact JWS: three parts in base64url without padding, separated by dots")]
    Form,
    /// Header or payload is not a JSON object, or has a member twice.
    #[error("the {part} is not a JSON object: {reason}")]
    Json {
        /// `header` or `payload`.
        part: &'static str,
        /// In the words of the reader.
        reason: String,
    },
    /// The header has a member that a VC-JWT does not have.
    #[error("the header member {0:?} is not allowed: alg, typ, cty, kid and jwk are")]
    HeaderMember(String),
    /// A header member has a value that a VC-JWT does not have.
    #[error("the header member \"{member}\" {reason}")]
    HeaderValue {
        /// Its name.
        member: &'static str,
        /// What was found and what is allowed.
        reason: String,
    },
    /// The header's `jwk` is no key.
    #[error("the header's jwk: {0}")]
    Jwk(#[from] JwkError),
    /// The key does not fit `alg`.
    #[error("the key does not fit the algorithm {0:?}")]
    KeyMismatch(&'static str),
    /// The signature does not match.
    #[error("the signature does not match the header and payload")]
    Signature,
}

impl<'a> Jws<'a> {
    /// Reads `header.payload.signature`; whitespace around it is not part of it.
    ///
    /// # Errors
    /// See [`JwsError`].
    pub fn read(text: &'a str) -> Result<Self, JwsError> {
        let text = text.trim();
        let (signing_input, signature) = text.rsplit_once('.').ok_or(JwsError::Form)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JwsError::Form)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Form);
        let signature = decode(signature)?;
        if signature.is_empty() {
            return Err(JwsError::Form);
        }
        let header = object("header", &decode(header)?)?;
        let payload = object("payload", &decode(payload)?)?;
        check_header_members(&header)?;
        let key = header.get("jwk").map(JwsKey::from_jwk).transpose()?;
        let algorithm = algorithm(&header)?;
        if key.as_ref().is_some_and(|key| Algorithm::of(key) != algorithm) {
            return Err(JwsError::KeyMismatch(algorithm.name()));
        }
        Ok(Self {
            algorithm,
            key_id: header.get("kid").and_then(Value::as_str).map(str::to_owned),
            key,
            payload: payload.into(),
            signing_input,
            signature,
        })
    }

    /// `alg`.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `kid`, a URL of the key. Goes before [`Jws::key`] where both are there.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// `jwk`. Whoever signed wrote it there: whether it is the issuer's key is for the caller to decide.
    #[must_use]
    pub fn key(&self) -> Option<&JwsKey> {
        self.key.as_ref()
    }

    /// The payload, an object. Trustworthy only after [`Jws::verify`].
    #[must_use]
    pub fn payload(&self) -> &Value {
        &self.payload
    }

    /// Checks the signature with a key that the caller trusts for it.
    ///
    /// # Errors
    /// [`JwsError::KeyMismatch`], [`JwsError::Signature`]
    pub fn verify(&self, key: &JwsKey) -> Result<(), JwsError> {
        if Algorithm::of(key) != self.algorithm {
            return Err(JwsError::KeyMismatch(self.algorithm.name()));
        }
        let message = self.signing_input.as_bytes();
        match key {
            JwsKey::Curve(key) => signature::check(key, message, &self.signature).map_err(|_| JwsError::Signature),
            JwsKey::Rsa(RsaPublicKey { modulus, exponent }) => {
                let components = RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                };
                components
                    .verify(&RSA_PKCS1_2048_8192_SHA256, message, &self.signature)
                    .map_err(|_| JwsError::Signature)
            }
        }
    }
}

impl UnsignedJws {
    /// A payload to be signed by this key, which the header names by `key_id` if there is one, else shows as `jwk`.
    #[must_use]
    pub fn new(payload: &Map<String, Value>, key: &JwsKey, key_id: Option<&str>) -> Self {
        let mut header = Map::new();
        header.insert("alg".to_owned(), Algorithm::of(key).name().into());
        header.insert("typ".to_owned(), "JWT".into());
        match key_id {
            Some(key_id) => header.insert("kid".to_owned(), key_id.into()),
            None => header.insert("jwk".to_owned(), key.to_jwk()),
        };
        let part = |members: &Map<String, Value>| base64url(Value::Object(members.clone()).to_string().as_bytes());
        Self {
            signing_input: format!("{}.{}", part(&header), part(payload)),
        }
    }

    /// What is signed: SHA-256 and RSASSA-PKCS1-v1_5 or ECDSA over it, Ed25519 over the bytes themselves.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    /// The finished JWS. `signature` is r‖s for ECDSA.
    #[must_use]
    pub fn into_compact(self, signature: &[u8]) -> String {
        format!("{}.{}", self.signing_input, base64url(signature))
    }
}

impl Algorithm {
    /// The value of `alg`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The one that a key signs with.
    #[must_use]
    pub fn of(key: &JwsKey) -> Self {
        match key {
            JwsKey::Rsa(_) => Self::Rs256,
            JwsKey::Curve(key) => match key.key_type() {
                KeyType::P256 => Self::Es256,
                KeyType::P384 => Self::Es384,
                KeyType::Ed25519 => Self::EdDsa,
            },
        }
    }
}

/// A JSON object without a member twice, since readers differ on which of the two counts.
fn object(part: &'static str, json: &[u8]) -> Result<Map<String, Value>, JwsError> {
    let not_json = |reason: String| JwsError::Json { part, reason };
    Document::parse(json).map_err(|error| not_json(error.to_string()))?;
    serde_json::from_slice(json).map_err(|error| not_json(error.to_string()))
}

fn check_header_members(header: &Map<String, Value>) -> Result<(), JwsError> {
    /// Media types and their short forms (RFC 7515, 4.1.9): of JWTs, and of what VC-JOSE-COSE wraps.
    const TYPES: [&str; 5] = ["jwt", "vc+jwt", "vc+ld+jwt", "vp+jwt", "vp+ld+jwt"];
    const CONTENT_TYPES: [&str; 5] = ["vc", "vp", "vc+ld+json", "vp+ld+json", "json"];
    for (name, value) in header {
        match name.as_str() {
            "alg" | "jwk" => {}
            "typ" => media_type("typ", value, &TYPES)?,
            "cty" => media_type("cty", value, &CONTENT_TYPES)?,
            "kid" if value.is_string() => {}
            "kid" => {
                return Err(JwsError::HeaderValue {
                    member: "kid",
                    reason: "must be a string".to_owned(),
                });
            }
            _ => return Err(JwsError::HeaderMember(name.clone())),
        }
    }
    Ok(())
}

fn media_type(member: &'static str, value: &Value, allowed: &[&str]) -> Result<(), JwsError> {
    let written = value.as_str().unwrap_or_default().to_ascii_lowercase();
    let short = written.strip_prefix("application/").unwrap_or(&written);
    if allowed.contains(&short) {
        return Ok(());
    }
    let reason = format!("is {value}; {} is allowed", allowed.join(", "));
    Err(JwsError::HeaderValue { member, reason })
}

fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, JwsError> {
    let name = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa]
        .into_iter()
        .find(|algorithm| algorithm.name() == name)
        .ok_or_else(|| JwsError::HeaderValue {
            member: "alg",
            reason: format!("is {name:?}; RS256, ES256, ES384 and EdDSA are allowed"),
        })
}

#[cfg(test)]
mod tests;
