//! Signing VC-JWTs: by any key that signs proofs, or by an RSA key.

use std::sync::Arc;

use data_integrity::{JwsKey, UnsignedJws};
use serde_json::{Map, Value};

use super::{KmsRsaSigner, SignError, Signer};

/// A key that signs VC-JWTs.
#[derive(Clone, Debug)]
pub enum JwsSigner {
    /// ES256 or EdDSA.
    Curve(Arc<dyn Signer>),
    /// RS256.
    Rsa(Arc<KmsRsaSigner>),
}

/// A compact JWS and where its signature can be traced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedJws {
    /// `header.payload.signature`.
    pub compact: String,
    /// The KMS request that made it.
    pub request_id: Option<String>,
}

impl JwsSigner {
    /// The public half. The first call may ask the key's keeper, later ones do not.
    ///
    /// # Errors
    /// See [`SignError`].
    pub async fn public_key(&self) -> Result<JwsKey, SignError> {
        match self {
            Self::Curve(signer) => signer.public_key().await.map(JwsKey::Curve),
            Self::Rsa(signer) => signer.public_key().await.map(JwsKey::Rsa),
        }
    }

    /// Signs a payload. The header names the key by `key_id` if there is one, else shows it as `jwk`.
    ///
    /// # Errors
    /// See [`SignError`].
    pub async fn sign(&self, payload: &Map<String, Value>, key_id: Option<&str>) -> Result<SignedJws, SignError> {
        let unsigned = UnsignedJws::new(payload, &self.public_key().await?, key_id);
        let signature = match self {
            // ECDSA signs the SHA-256 of what it is given, Ed25519 that itself: as ES256 and EdDSA do.
            Self::Curve(signer) => signer.sign(unsigned.signing_input()).await?,
            Self::Rsa(signer) => signer.sign(unsigned.signing_input()).await?,
        };
        Ok(SignedJws {
            compact: unsigned.into_compact(&signature.bytes),
            request_id: signature.request_id,
        })
    }
}
