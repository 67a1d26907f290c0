//! Public keys as JWKs, among them RSA keys, which sign JWTs but no Data Integrity proof.
//!
//! <https://www.rfc-editor.org/rfc/rfc7517>, <https://www.rfc-editor.org/rfc/rfc7518#section-6>,
//! <https://www.rfc-editor.org/rfc/rfc8037>

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::{
    elliptic_curve::sec1::ToSec1Point,
    pkcs8::{
        SubjectPublicKeyInfoRef,
        der::{Decode as _, Reader as _, SliceReader, asn1::UintRef},
    },
};
use serde_json::{Value, json};

use crate::{
    PublicKey,
    key::{ed25519_point, p256_from_sec1, p384_from_sec1},
};

/// A public key that a JWS can be checked with. What is no [`PublicKey`] can sign no Data Integrity proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JwsKey {
    /// ES256, ES384 or EdDSA.
    Curve(PublicKey),
    /// RS256.
    Rsa(RsaPublicKey),
}

/// An RSA public key of 2048 to 8192 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaPublicKey {
    /// Big-endian, without leading zeros.
    pub(crate) modulus: Vec<u8>,
    /// Big-endian, without leading zeros.
    pub(crate) exponent: Vec<u8>,
}

/// Why a JSON value is not a JWK of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkError {
    /// It has a private member: whoever wrote it gave their key away.
    #[error("the JWK holds a private key: only its public members may be shown")]
    Private,
    /// `kty` and `crv` name another kind of key.
    #[error("the key is not P-256, P-384, Ed25519 or RSA")]
    Type,
    /// `use` or `key_ops` say that the key is not for checking signatures.
    #[error("the JWK is not for signatures")]
    Use,
    /// A member is missing or has the wrong form.
    #[error("/{0} is missing, or is not base64url of the right length")]
    Member(&'static str),
    /// The members are no key: not a point on the curve, or an RSA modulus of another size than 2048 to 8192 bits.
    #[error("the members are not a valid public key")]
    Invalid,
}

impl JwsKey {
    /// Reads a JWK. `kid` and `alg` are for the caller to look at.
    ///
    /// # Errors
    /// See [`JwkError`].
    pub fn from_jwk(jwk: &Value) -> Result<Self, JwkError> {
        refuse_private_and_other_uses(jwk)?;
        if text(jwk, "kty") != Some("RSA") {
            return PublicKey::from_jwk(jwk).map(Self::Curve);
        }
        RsaPublicKey::new(&bytes(jwk, "n")?, &bytes(jwk, "e")?).map(Self::Rsa)
    }

    /// The JWK with its required members alone (RFC 7638).
    #[must_use]
    pub fn to_jwk(&self) -> Value {
        match self {
            Self::Curve(key) => key.to_jwk(),
            Self::Rsa(key) => json!({"kty": "RSA", "n": base64url(&key.modulus), "e": base64url(&key.exponent)}),
        }
    }
}

impl PublicKey {
    /// Reads a JWK of kind `EC` (P-256, P-384) or `OKP` (Ed25519).
    ///
    /// # Errors
    /// See [`JwkError`].
    pub fn from_jwk(jwk: &Value) -> Result<Self, JwkError> {
        refuse_private_and_other_uses(jwk)?;
        let point = |length| -> Result<Vec<u8>, JwkError> {
            let coordinate = |name| {
                bytes(jwk, name)
                    .and_then(|bytes| (bytes.len() == length).then_some(bytes).ok_or(JwkError::Member(name)))
            };
            Ok([&[4], coordinate("x")?.as_slice(), coordinate("y")?.as_slice()].concat())
        };
        match (text(jwk, "kty"), text(jwk, "crv")) {
            (Some("EC"), Some("P-256")) => p256_from_sec1(&point(32)?).map(Self::P256),
            (Some("EC"), Some("P-384")) => p384_from_sec1(&point(48)?).map(Self::P384),
            (Some("OKP"), Some("Ed25519")) => ed25519_point(&bytes(jwk, "x")?).map(Self::Ed25519),
            _ => return Err(JwkError::Type),
        }
        .ok_or(JwkError::Invalid)
    }

    /// The JWK with its required members alone (RFC 7638).
    #[must_use]
    pub fn to_jwk(&self) -> Value {
        let point = |curve: &str, uncompressed: &[u8]| {
            // An uncompressed point is a tag and two coordinates of equal length.
            let (x, y) = uncompressed[1..].split_at(uncompressed.len() / 2);
            json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)})
        };
        match self {
            Self::P256(key) => point("P-256", key.to_sec1_point(false).as_bytes()),
            Self::P384(key) => point("P-384", key.to_sec1_point(false).as_bytes()),
            Self::Ed25519(key) => json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(key.as_bytes())}),
        }
    }
}

impl RsaPublicKey {
    /// From big-endian numbers.
    ///
    /// # Errors
    /// [`JwkError::Invalid`]
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, JwkError> {
        let (modulus, exponent) = (without_zeros(modulus), without_zeros(exponent));
        let bits = modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        // AWS-LC takes exponents up to 33 bits, and 1 is the exponent under which everything is signed.
        let fits =
            (2048..=8192).contains(&bits) && odd(modulus) && odd(exponent) && exponent != [1] && exponent.len() <= 4;
        fits.then(|| Self {
            modulus: modulus.to_vec(),
            exponent: exponent.to_vec(),
        })
        .ok_or(JwkError::Invalid)
    }

    /// Reads a DER `SubjectPublicKeyInfo`, the form in which KMS gives public keys out; nothing if it is another kind of key.
    #[must_use]
    pub fn from_subject_public_key_info(der: &[u8]) -> Option<Self> {
        const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
        let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
        if info.algorithm.oid.to_string() != RSA_ENCRYPTION {
            return None;
        }
        let mut reader = SliceReader::new(info.subject_public_key.as_bytes()?).ok()?;
        let (modulus, exponent) = reader
            .sequence(|numbers| -> Result<_, p256::pkcs8::der::Error> {
                Ok((UintRef::decode(numbers)?, UintRef::decode(numbers)?))
            })
            .ok()?;
        Self::new(modulus.as_bytes(), exponent.as_bytes()).ok()
    }
}

fn refuse_private_and_other_uses(jwk: &Value) -> Result<(), JwkError> {
    const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    if PRIVATE.iter().any(|member| jwk.get(member).is_some()) {
        return Err(JwkError::Private);
    }
    let operations = jwk.get("key_ops").and_then(Value::as_array);
    let verifies = operations.is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
    if jwk.get("use").is_some_and(|usage| usage != "sig") || !verifies {
        return Err(JwkError::Use);
    }
    Ok(())
}

fn text<'a>(jwk: &'a Value, member: &str) -> Option<&'a str> {
    jwk.get(member).and_then(Value::as_str)
}

fn bytes(jwk: &Value, member: &'static str) -> Result<Vec<u8>, JwkError> {
    // An RSA modulus of 8192 bits has 1366 digits.
    const LONGEST: usize = 1366;
    text(jwk, member)
        .filter(|text| text.len() <= LONGEST)
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .ok_or(JwkError::Member(member))
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example keys of RFC 7515 (A.2, A.3) and RFC 8037 (A.2), public halves.
    fn rsa() -> Value {
        json!({
            "kty": "RSA",
            "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
            "e": "AQAB",
        })
    }

    fn p256() -> Value {
        json!({
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        })
    }

    fn ed25519() -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    }

    #[test]
    fn jwks_are_read_and_written_alike() {
        let p384 = PublicKey::from_multikey("z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ");
        for jwk in [rsa(), p256(), ed25519(), p384.unwrap().to_jwk()] {
            let key = JwsKey::from_jwk(&jwk).unwrap();
            assert_eq!(key.to_jwk(), jwk);
            assert_eq!(JwsKey::from_jwk(&key.to_jwk()), Ok(key));
        }
        assert_eq!(
            PublicKey::from_jwk(&rsa()),
            Err(JwkError::Type),
            "an RSA key signs no proof"
        );
    }

    #[test]
    fn members_beside_the_key_are_looked_at_where_they_speak_of_its_use() {
        let with = |member: &str, value: Value| {
            let mut jwk = p256();
            jwk[member] = value;
            JwsKey::from_jwk(&jwk)
        };
        for (member, value) in [
            ("kid", json!("1")),
            ("use", json!("sig")),
            ("key_ops", json!(["verify"])),
        ] {
            assert!(with(member, value).is_ok(), "{member}");
        }
        assert_eq!(with("use", json!("enc")), Err(JwkError::Use));
        assert_eq!(with("key_ops", json!(["encrypt"])), Err(JwkError::Use));
        assert_eq!(with("d", json!("secret")), Err(JwkError::Private));
    }

    #[test]
    fn members_have_their_exact_length_and_form() {
        for (member, value) in [
            ("x", Value::Null),
            ("x", json!(1)),
            ("x", json!("AA")),
            ("x", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU=")),
            ("y", json!("x_FEzRu9m36HLN/tue659LNpXW6pCyStikYjKIWI5a0")),
        ] {
            let mut jwk = p256();
            jwk[member] = value;
            assert!(matches!(JwsKey::from_jwk(&jwk), Err(JwkError::Member(_))), "{jwk}");
        }
        let mut off_the_curve = p256();
        off_the_curve["y"] = off_the_curve["x"].clone();
        assert_eq!(JwsKey::from_jwk(&off_the_curve), Err(JwkError::Invalid));
        assert_eq!(
            JwsKey::from_jwk(&json!({"kty": "EC", "crv": "secp256k1"})),
            Err(JwkError::Type)
        );
        assert_eq!(JwsKey::from_jwk(&json!("jwk")), Err(JwkError::Type));
    }

    #[test]
    fn weak_rsa_keys_are_refused() {
        let modulus = |bytes: usize| {
            let mut modulus = vec![0xff; bytes];
            modulus[bytes - 1] = 0xfd;
            modulus
        };
        assert!(RsaPublicKey::new(&modulus(256), &[1, 0, 1]).is_ok());
        assert!(RsaPublicKey::new(&[&[0], modulus(256).as_slice()].concat(), &[3]).is_ok());
        for (modulus, exponent) in [
            (modulus(255), vec![1, 0, 1]),
            (modulus(1025), vec![1, 0, 1]),
            (modulus(256), vec![1]),
            (modulus(256), vec![]),
            (modulus(256), vec![2]),
            (modulus(256), vec![1; 5]),
            (vec![], vec![3]),
        ] {
            assert_eq!(RsaPublicKey::new(&modulus, &exponent), Err(JwkError::Invalid));
        }
    }

    #[test]
    fn other_public_key_infos_are_no_rsa_keys() {
        use p256::pkcs8::EncodePublicKey as _;
        let PublicKey::P256(key) = PublicKey::from_jwk(&p256()).unwrap() else {
            panic!("P-256")
        };
        assert_eq!(
            RsaPublicKey::from_subject_public_key_info(key.to_public_key_der().unwrap().as_bytes()),
            None
        );
        assert_eq!(
            RsaPublicKey::from_subject_public_key_info(b"\x30\x03\x02\x01\x01"),
            None
        );
        assert_eq!(RsaPublicKey::from_subject_public_key_info(&[]), None);
    }
}
