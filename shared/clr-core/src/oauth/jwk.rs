//! Public keys of clients (RFC 7517), and JWTs that they sign (RFC 7515, 7519).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// A public key of a kind that is used here. What else a JWK says is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicJwk {
    #[serde(flatten)]
    material: Material,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
enum Material {
    #[serde(rename = "EC")]
    EllipticCurve { crv: Curve, x: String, y: String },
    #[serde(rename = "OKP")]
    OctetKeyPair { crv: EdwardsCurve, x: String },
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Curve {
    #[serde(rename = "P-256")]
    P256,
    #[serde(rename = "P-384")]
    P384,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum EdwardsCurve {
    Ed25519,
}

/// Base64url of the SHA-256 of a key (RFC 7638), 43 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Thumbprint(String);

/// Why a JWK is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkFault {
    /// It should have stayed with its owner.
    #[error("the key is a private or a symmetric one")]
    NotPublic,
    /// Another kind, or malformed.
    #[error("the key is not of P-256, P-384, Ed25519 or RSA of 2048 to 4096 bits")]
    Unsupported,
}

/// Signature algorithms of client assertions and DPoP proofs, for the metadata.
pub const SIGNATURE_ALGORITHMS: [&str; 6] = ["ES256", "ES384", "EdDSA", "Ed25519", "RS256", "PS256"];

const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const MAX_KID_LENGTH: usize = 200;
const MAX_JWT_LENGTH: usize = 8 * 1024;
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

impl PublicJwk {
    /// Reads a key that somebody sent.
    ///
    /// # Errors
    /// See [`JwkFault`].
    pub fn read(jwk: &Value) -> Result<Self, JwkFault> {
        let members = jwk.as_object().ok_or(JwkFault::Unsupported)?;
        if SECRET_MEMBERS.iter().any(|name| members.contains_key(*name)) {
            return Err(JwkFault::NotPublic);
        }
        let key: Self = serde_json::from_value(jwk.clone()).map_err(|_| JwkFault::Unsupported)?;
        let length = |text: &String| URL_SAFE_NO_PAD.decode(text).map(|bytes| bytes.len()).ok();
        let sound = match &key.material {
            Material::EllipticCurve { crv, x, y } => {
                let bytes = match crv {
                    Curve::P256 => 32,
                    Curve::P384 => 48,
                };
                length(x) == Some(bytes) && length(y) == Some(bytes)
            }
            Material::OctetKeyPair { x, .. } => length(x) == Some(32),
            Material::Rsa { n, e } => {
                length(n).is_some_and(|bytes| RSA_BYTES.contains(&bytes))
                    && length(e).is_some_and(|bytes| (1..=4).contains(&bytes))
            }
        };
        let sound = sound && key.kid.as_ref().is_none_or(|kid| kid.len() <= MAX_KID_LENGTH);
        sound.then_some(key).ok_or(JwkFault::Unsupported)
    }

    /// Its thumbprint.
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        // The required members in lexicographic order, without white space (RFC 7638, section 3). All values are base64url or names.
        let canonical = match &self.material {
            Material::EllipticCurve { crv, x, y } => {
                let crv = match crv {
                    Curve::P256 => "P-256",
                    Curve::P384 => "P-384",
                };
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Material::OctetKeyPair { x, .. } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
            Material::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
        };
        Thumbprint(URL_SAFE_NO_PAD.encode(Sha256::digest(canonical)))
    }

    /// Its name among the keys of its client.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm of this name, if it is one for this key; EdDSA has a name for each curve by now (RFC 9864).
    fn algorithm(&self, name: &str) -> Option<Algorithm> {
        match (&self.material, name) {
            (Material::EllipticCurve { crv: Curve::P256, .. }, "ES256") => Some(Algorithm::ES256),
            (Material::EllipticCurve { crv: Curve::P384, .. }, "ES384") => Some(Algorithm::ES384),
            (Material::OctetKeyPair { .. }, "EdDSA" | "Ed25519") => Some(Algorithm::EdDSA),
            (Material::Rsa { .. }, "RS256") => Some(Algorithm::RS256),
            (Material::Rsa { .. }, "PS256") => Some(Algorithm::PS256),
            _ => None,
        }
    }

    fn decoding_key(&self) -> Option<DecodingKey> {
        match &self.material {
            Material::EllipticCurve { x, y, .. } => DecodingKey::from_ec_components(x, y).ok(),
            Material::OctetKeyPair { x, .. } => DecodingKey::from_ed_components(x).ok(),
            Material::Rsa { n, e } => DecodingKey::from_rsa_components(n, e).ok(),
        }
    }

    /// The claims of a JWT, when this key signed it. Nothing else is checked.
    pub(super) fn verified_claims(&self, jwt: &str) -> Option<Map<String, Value>> {
        let header = unverified_header(jwt)?;
        let algorithm = self.algorithm(header.get("alg")?.as_str()?)?;
        let (message, signature) = jwt.rsplit_once('.')?;
        let key = self.decoding_key()?;
        let verified = jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, algorithm);
        if verified.ok()? { unverified_claims(jwt) } else { None }
    }
}

impl Thumbprint {
    /// Reads one that a client named.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digest = URL_SAFE_NO_PAD.decode(text).ok()?;
        (digest.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The header of a JWT, not verified; none when the text is no JWT or asks for extensions (RFC 7515, section 4.1.11).
pub(super) fn unverified_header(jwt: &str) -> Option<Map<String, Value>> {
    let header = part(jwt, 0)?;
    (!header.contains_key("crit")).then_some(header)
}

/// The claims of a JWT, not verified.
pub(super) fn unverified_claims(jwt: &str) -> Option<Map<String, Value>> {
    part(jwt, 1)
}

fn part(jwt: &str, position: usize) -> Option<Map<String, Value>> {
    if jwt.len() > MAX_JWT_LENGTH || jwt.split('.').count() != 3 {
        return None;
    }
    let json = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(position)?).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_thumbprint_of_rfc_7638_is_found() {
        let key = PublicJwk::read(&json!({
            "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
                  tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n9\
                  1CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        }))
        .unwrap();
        assert_eq!(key.thumbprint().as_str(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!(key.kid(), Some("2011-04-29"));
    }

    #[test]
    fn private_symmetric_small_and_foreign_keys_are_refused() {
        let x = "a".repeat(43);
        for (jwk, fault) in [
            (
                json!({"kty": "OKP", "crv": "Ed25519", "x": x, "d": x}),
                JwkFault::NotPublic,
            ),
            (json!({"kty": "oct", "k": x}), JwkFault::NotPublic),
            (
                json!({"kty": "RSA", "n": "a".repeat(171), "e": "AQAB"}),
                JwkFault::Unsupported,
            ),
            (
                json!({"kty": "EC", "crv": "secp256k1", "x": x, "y": x}),
                JwkFault::Unsupported,
            ),
            (
                json!({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": x}),
                JwkFault::Unsupported,
            ),
            (json!("key"), JwkFault::Unsupported),
        ] {
            assert_eq!(PublicJwk::read(&jwk), Err(fault), "{jwk}");
        }
    }
}
