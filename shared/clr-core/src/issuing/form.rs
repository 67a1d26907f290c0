//! How a credential is secured, and with which keys.

use data_integrity::{Algorithm, Cryptosuite, JwsKey};
use learner_record::vc_jwt_payload;
use serde_json::{Value, json};

use super::{IssueError, refused_option};
use crate::{
    issuers::{Issuer, IssuerKey},
    signer::JwsSigner,
};

/// How a credential is secured. The credentials inside it always carry embedded proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Embedded proofs: one by each key of the issuer, or by the key of one suite alone.
    DataIntegrity(Option<Cryptosuite>),
    /// A VC-JWT around the whole credential.
    Jwt(Algorithm),
}

/// What secures the credential itself.
pub(super) enum Outer {
    /// A proof by each of these; there is one.
    Proofs(Vec<IssuerKey>),
    Jwt(JwtKey),
}

/// The key of a VC-JWT.
pub(super) struct JwtKey {
    signer: JwsSigner,
    key_id: String,
}

impl Default for Form {
    fn default() -> Self {
        Self::DataIntegrity(None)
    }
}

impl Form {
    /// Of the issuer's keys, which there are, those for the credentials inside, and what is for the credential itself.
    pub(super) fn keys(self, issuer: &Issuer, all: Vec<IssuerKey>) -> Result<(Vec<IssuerKey>, Outer), IssueError> {
        let no_key = |option: &str, asked: &str| {
            refused_option(option, format!("the issuer {} has no key for {asked}", issuer.id))
        };
        match self {
            Self::DataIntegrity(None) => Ok((all.clone(), Outer::Proofs(all))),
            Self::DataIntegrity(Some(suite)) => {
                let fits = |key: &IssuerKey| Cryptosuite::of(key.public_key.key_type()) == suite;
                let keys: Vec<_> = all.into_iter().filter(fits).collect();
                if keys.is_empty() {
                    return Err(no_key("/options/cryptosuite", suite.name()));
                }
                Ok((keys.clone(), Outer::Proofs(keys)))
            }
            Self::Jwt(algorithm) => {
                let fits = |key: &&IssuerKey| Algorithm::of(&JwsKey::Curve(key.public_key.clone())) == algorithm;
                let curve = all.iter().find(fits).map(|key| JwtKey {
                    signer: JwsSigner::Curve(key.signer.clone()),
                    key_id: key.verification_method.clone(),
                });
                let rsa = issuer.rsa_key.as_ref().filter(|_| algorithm == Algorithm::Rs256);
                let key = curve.or_else(|| {
                    rsa.map(|key| JwtKey {
                        signer: JwsSigner::Rsa(key.signer.clone()),
                        key_id: key.key_id.clone(),
                    })
                });
                let key = key.ok_or_else(|| no_key("/options/alg", algorithm.name()))?;
                Ok((all, Outer::Jwt(key)))
            }
        }
    }
}

impl Outer {
    /// By which the keys are found.
    pub(super) fn key_ids(&self) -> Vec<String> {
        match self {
            Self::Proofs(keys) => keys.iter().map(|key| key.verification_method.clone()).collect(),
            Self::Jwt(key) => vec![key.key_id.clone()],
        }
    }
}

impl JwtKey {
    /// The credential as a VC-JWT, in the envelope that stands for one in JSON, and the KMS request.
    ///
    /// <https://www.w3.org/TR/vc-data-model-2.0/#enveloped-verifiable-credentials>
    pub(super) async fn sign(&self, credential: &Value) -> Result<(Value, Vec<String>), IssueError> {
        // No DID document has an RSA key, so the header shows it; the issuer's JWK Set says whose it is.
        let key_id = match &self.signer {
            JwsSigner::Curve(_) => Some(self.key_id.as_str()),
            JwsSigner::Rsa(_) => None,
        };
        let jws = self.signer.sign(&vc_jwt_payload(credential), key_id).await?;
        let envelope = json!({
            "@context": "https://www.w3.org/ns/credentials/v2",
            "id": format!("data:application/vc+jwt,{}", jws.compact),
            "type": "EnvelopedVerifiableCredential",
        });
        Ok((envelope, jws.request_id.into_iter().collect()))
    }
}
