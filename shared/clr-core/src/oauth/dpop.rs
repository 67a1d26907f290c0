//! Proof of possession: an access token is of use to the holder of a key only (RFC 9449).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Expiry, PublicJwk, SingleUse, Thumbprint, jwk::unverified_header, single_use::MAX_JTI_LENGTH};

/// The request that a proof must have been made for.
#[derive(Clone, Copy, Debug)]
pub struct ProvenRequest<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// As clients know it: under the public URL.
    pub url: &'a str,
    /// The access token that it goes with, at the API.
    pub access_token: Option<&'a str>,
}

/// A proof that holds, unless it was presented before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DpopProof {
    /// Of the key that made it.
    pub key: Thumbprint,
    /// What must not come again.
    pub once: SingleUse,
}

/// What a proof lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DpopFault {
    /// Not a JWT of this type, or not signed by the key that it carries.
    #[error("the DPoP proof is not a JWT of type dpop+jwt, signed by the key in its header")]
    Malformed,
    /// A claim is missing.
    #[error("the DPoP proof lacks {0}")]
    Lacks(&'static str),
    /// Made for another request.
    #[error("the DPoP proof is for another {0}")]
    Other(&'static str),
    /// Too old, or from the future.
    #[error("the DPoP proof was not made within the last {PAST_SECONDS} seconds")]
    Time,
    /// It came before.
    #[error("the DPoP proof was used before")]
    Replayed,
}

const PAST_SECONDS: i64 = 120;
const FUTURE_SECONDS: i64 = 30;

impl DpopProof {
    /// Checks everything but whether it came before.
    ///
    /// # Errors
    /// See [`DpopFault`].
    pub fn verify(proof: &str, request: ProvenRequest<'_>, now: Timestamp) -> Result<Self, DpopFault> {
        let header = unverified_header(proof).ok_or(DpopFault::Malformed)?;
        if header.get("typ").and_then(Value::as_str) != Some("dpop+jwt") {
            return Err(DpopFault::Malformed);
        }
        let key = header.get("jwk").and_then(|jwk| PublicJwk::read(jwk).ok());
        let key = key.ok_or(DpopFault::Malformed)?;
        let claims = key.verified_claims(proof).ok_or(DpopFault::Malformed)?;
        if text(&claims, "htm")? != request.method {
            return Err(DpopFault::Other("method (htm)"));
        }
        if !same_resource(text(&claims, "htu")?, request.url) {
            return Err(DpopFault::Other("URL (htu)"));
        }
        if let Some(token) = request.access_token
            && text(&claims, "ath")? != URL_SAFE_NO_PAD.encode(Sha256::digest(token))
        {
            return Err(DpopFault::Other("access token (ath)"));
        }
        let issued = claims
            .get("iat")
            .and_then(Value::as_i64)
            .ok_or(DpopFault::Lacks("iat"))?;
        let age = now.as_second().saturating_sub(issued);
        if !(-FUTURE_SECONDS..=PAST_SECONDS).contains(&age) {
            return Err(DpopFault::Time);
        }
        let jti = Some(text(&claims, "jti")?).filter(|jti| !jti.is_empty() && jti.len() <= MAX_JTI_LENGTH);
        let jti = jti.ok_or(DpopFault::Lacks("a jti of usual length"))?;
        let thumbprint = key.thumbprint();
        let expires = Expiry::at(issued + PAST_SECONDS + 1);
        Ok(Self {
            once: SingleUse::new("dpop", thumbprint.as_str(), jti, expires),
            key: thumbprint,
        })
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, DpopFault> {
    claims.get(name).and_then(Value::as_str).ok_or(DpopFault::Lacks(name))
}

/// Equal but for query and fragment, after normalization (RFC 9449, section 4.3, item 9).
fn same_resource(claimed: &str, own: &str) -> bool {
    let normal = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    normal(claimed).is_some_and(|claimed| Some(claimed) == normal(own))
}
