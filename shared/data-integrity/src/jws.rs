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
mod tests {
    use p256::ecdsa::{SigningKey, signature::Signer as _};
    use serde_json::json;

    use super::*;
    use crate::PublicKey;

    /// RFC 7515, A.2: RS256, and its public key.
    const RFC_7515_A2: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    const RFC_7515_A2_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    /// RFC 7515, A.3: ES256, and its public key.
    const RFC_7515_A3: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn rsa_key() -> JwsKey {
        JwsKey::from_jwk(&json!({"kty": "RSA", "n": RFC_7515_A2_N, "e": "AQAB"})).unwrap()
    }

    fn p256_key() -> JwsKey {
        let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
        let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
        JwsKey::from_jwk(&json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})).unwrap()
    }

    fn signing_key() -> (SigningKey, JwsKey) {
        let secret = SigningKey::from_slice(&[7; 32]).unwrap();
        let public = PublicKey::P256(p256::PublicKey::from(secret.verifying_key()));
        (secret, JwsKey::Curve(public))
    }

    fn signed(header: &Value) -> String {
        let (secret, _) = signing_key();
        let part = |value: &Value| base64url(value.to_string().as_bytes());
        let input = format!("{}.{}", part(header), part(&json!({"iss": "urn:x"})));
        let signature: p256::ecdsa::Signature = secret.sign(input.as_bytes());
        format!("{input}.{}", base64url(&signature.to_bytes()))
    }

    #[test]
    fn the_examples_of_rfc_7515_verify_with_their_own_keys_alone() {
        for (text, key, other) in [
            (RFC_7515_A2, rsa_key(), p256_key()),
            (RFC_7515_A3, p256_key(), rsa_key()),
        ] {
            let jws = Jws::read(text).unwrap();
            jws.verify(&key).unwrap();
            assert_eq!(jws.payload()["iss"], "joe");
            assert!(matches!(jws.verify(&other), Err(JwsError::KeyMismatch(_))));
        }
        let (_, another) = signing_key();
        let jws = Jws::read(RFC_7515_A3).unwrap();
        assert!(matches!(jws.verify(&another), Err(JwsError::Signature)));
    }

    #[test]
    fn what_is_signed_here_is_read_and_verified_here() {
        let (secret, key) = signing_key();
        let payload = Map::from_iter([("iss".to_owned(), json!("urn:x"))]);
        for key_id in [None, Some("did:example:1#key")] {
            let unsigned = UnsignedJws::new(&payload, &key, key_id);
            let signature: p256::ecdsa::Signature = secret.sign(unsigned.signing_input());
            let text = unsigned.into_compact(&signature.to_bytes());
            let jws = Jws::read(&text).unwrap();
            jws.verify(&key).unwrap();
            assert_eq!(jws.algorithm(), Algorithm::Es256);
            assert_eq!(jws.key_id(), key_id);
            assert_eq!(jws.key(), key_id.is_none().then_some(&key));
            assert_eq!(jws.payload(), &Value::Object(payload.clone()));
        }
    }

    #[test]
    fn altered_header_payload_and_signature_do_not_verify() {
        let (_, key) = signing_key();
        let text = signed(&json!({"alg": "ES256"}));
        Jws::read(&text).unwrap().verify(&key).unwrap();
        let parts: Vec<&str> = text.split('.').collect();
        let header = base64url(br#"{"alg":"ES256","typ":"JWT"}"#);
        let payload = base64url(br#"{"iss":"urn:y"}"#);
        for altered in [
            format!("{header}.{}.{}", parts[1], parts[2]),
            format!("{}.{payload}.{}", parts[0], parts[2]),
            format!("{}.{}.{}", parts[0], parts[1], base64url(&[7; 64])),
            format!("{}.{}.{}", parts[0], parts[1], base64url(&[7; 63])),
        ] {
            let jws = Jws::read(&altered).unwrap();
            assert!(matches!(jws.verify(&key), Err(JwsError::Signature)), "{altered}");
        }
    }

    #[test]
    fn algorithms_that_sign_nothing_or_share_a_secret_are_refused() {
        for name in [
            json!("none"),
            json!("HS256"),
            json!("es256"),
            json!("PS256"),
            json!(null),
            json!(1),
        ] {
            let text = signed(&json!({"alg": name}));
            let error = Jws::read(&text).unwrap_err();
            assert!(matches!(error, JwsError::HeaderValue { member: "alg", .. }), "{error}");
        }
        assert!(Jws::read(&signed(&json!({"typ": "JWT"}))).is_err());
    }

    #[test]
    fn header_members_beyond_the_five_are_refused() {
        let (_, key) = signing_key();
        for header in [
            json!({"alg": "ES256", "typ": "JWT", "kid": "did:example:1#key"}),
            json!({"alg": "ES256", "typ": "vc+jwt", "cty": "vc"}),
            json!({"alg": "ES256", "jwk": key.to_jwk()}),
        ] {
            Jws::read(&signed(&header)).unwrap().verify(&key).unwrap();
        }
        for member in ["crit", "b64", "x5u", "x5c", "jku", "zip"] {
            let error = Jws::read(&signed(&json!({"alg": "ES256", member: ["x"]}))).unwrap_err();
            assert!(
                matches!(&error, JwsError::HeaderMember(named) if named == member),
                "{error}"
            );
        }
        for (member, value) in [
            ("typ", json!("dpop+jwt")),
            ("typ", json!(1)),
            ("cty", json!("text")),
            ("kid", json!(1)),
        ] {
            let error = Jws::read(&signed(&json!({"alg": "ES256", member: value}))).unwrap_err();
            assert!(error.to_string().contains(member), "{error}");
        }
    }

    #[test]
    fn a_key_in_the_header_fits_the_algorithm() {
        let error = Jws::read(&signed(&json!({"alg": "ES256", "jwk": rsa_key().to_jwk()}))).unwrap_err();
        assert!(matches!(error, JwsError::KeyMismatch("ES256")), "{error}");
        let error = Jws::read(&signed(&json!({"alg": "ES256", "jwk": {"kty": "oct", "k": "AA"}}))).unwrap_err();
        assert!(matches!(error, JwsError::Jwk(JwkError::Private)), "{error}");
    }

    #[test]
    fn a_member_that_stands_twice_is_refused() {
        let header = base64url(br#"{"alg":"ES256","alg":"RS256"}"#);
        let error = Jws::read(&format!("{header}.e30.AA")).map(drop).unwrap_err();
        assert!(matches!(error, JwsError::Json { part: "header", .. }), "{error}");
        let payload = base64url(br#"{"iss":"a","iss":"b"}"#);
        let header = base64url(br#"{"alg":"ES256"}"#);
        let text = format!("{header}.{payload}.AA");
        assert!(matches!(Jws::read(&text), Err(JwsError::Json { part: "payload", .. })));
    }

    #[test]
    fn other_texts_are_no_compact_jws() {
        let text = signed(&json!({"alg": "ES256"}));
        Jws::read(&format!(" \n{text}\r\n")).unwrap();
        for bad in [
            String::new(),
            "a.b".to_owned(),
            format!("{text}."),
            format!("{text}="),
            format!("{text}.AA"),
            text.replacen('.', "..", 1),
            text.replacen('.', ". ", 1),
            text.rsplit_once('.').unwrap().0.to_owned() + ".",
            "W10.e30.AA".to_owned(),
            "e30.W10.AA".to_owned(),
        ] {
            assert!(Jws::read(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_published_vc_jwt_verifies_with_the_key_in_its_header() {
        let root = std::env::var_os("CLR_VECTORS").map_or_else(
            || std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
            std::path::PathBuf::from,
        );
        let Ok(text) = std::fs::read_to_string(root.join("credentials/clr20/simple.jwt")) else {
            assert!(
                std::env::var_os("CLR_REQUIRE_VECTORS").is_none(),
                "the shared vectors are required but not here"
            );
            println!("skipped: shared vectors are not here");
            return;
        };
        let jws = Jws::read(&text).unwrap();
        let key = jws.key().unwrap();
        jws.verify(key).unwrap();
        assert_eq!(jws.algorithm(), Algorithm::Rs256);
        assert_eq!(jws.payload()["vc"]["id"], "http://example.edu/credentials/3732");
        let nested = jws
            .payload()
            .pointer("/vc/credentialSubject/verifiableCredential/0")
            .unwrap();
        let nested = Jws::read(nested.as_str().unwrap()).unwrap();
        nested.verify(nested.key().unwrap()).unwrap();
    }
}
