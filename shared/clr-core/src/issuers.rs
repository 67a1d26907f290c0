//! The deployment's own issuers: who they are and the keys they sign with.

use std::sync::Arc;

use data_integrity::{KeyType, PublicKey};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use crate::signer::{SignError, Signer};

/// The issuers that this deployment signs for. Keys are asked for when first needed, not at start-up.
#[derive(Debug)]
pub struct Issuers {
    id: Option<String>,
    profile: Map<String, Value>,
    signers: Vec<Arc<dyn Signer>>,
    loaded: OnceCell<[Issuer; 1]>,
}

/// One issuer, its keys at hand.
#[derive(Debug)]
pub struct Issuer {
    /// `did:web:…`, `did:key:…` or an https URL.
    pub id: String,
    /// The Profile object that goes into credentials: `id`, `type`, `name`, …
    pub profile: Value,
    /// In the order in which their proofs stand in a proof set: Ed25519 before P-256. Never empty.
    pub keys: Vec<IssuerKey>,
}

/// One key of an issuer.
#[derive(Clone, Debug)]
pub struct IssuerKey {
    /// The public half.
    pub public_key: PublicKey,
    /// `{issuer}#{publicKeyMultibase}`.
    pub verification_method: String,
    /// Signs with the private half.
    pub signer: Arc<dyn Signer>,
}

impl Issuers {
    /// An issuer with `id` (none: the `did:key` of its P-256 key), the members of its Profile beside `id` and `type`,
    /// and its signers.
    #[must_use]
    pub fn new(id: Option<String>, profile: Map<String, Value>, signers: Vec<Arc<dyn Signer>>) -> Self {
        Self {
            id,
            profile,
            signers,
            loaded: OnceCell::new(),
        }
    }

    /// All of them.
    ///
    /// # Errors
    /// A key cannot be reached or used, or none is configured.
    pub async fn all(&self) -> Result<&[Issuer], SignError> {
        let issuers = self
            .loaded
            .get_or_try_init(|| async { self.load().await.map(|issuer| [issuer]) })
            .await?;
        Ok(issuers)
    }

    /// The one with this id. No key is asked for where the configured id already tells that there is none.
    ///
    /// # Errors
    /// As [`Issuers::all`].
    pub async fn find(&self, id: &str) -> Result<Option<&Issuer>, SignError> {
        let may_be_own = match &self.id {
            Some(own) => own == id,
            None => id.starts_with("did:key:"),
        };
        if !may_be_own {
            return Ok(None);
        }
        Ok(self.all().await?.iter().find(|issuer| issuer.id == id))
    }

    async fn load(&self) -> Result<Issuer, SignError> {
        let mut keys = Vec::new();
        for signer in &self.signers {
            keys.push((signer.public_key().await?, signer.clone()));
        }
        keys.sort_by_key(|(public_key, _)| public_key.key_type() != KeyType::Ed25519);
        let misconfigured = |reason| SignError::Misconfigured {
            key: "(none)".to_owned(),
            reason,
        };
        let Some((last, _)) = keys.last() else {
            return Err(misconfigured("no key is configured".to_owned()));
        };
        let id = self.id.clone().unwrap_or_else(|| last.to_did_key());
        // A did:key is one key: no other key can speak for it.
        keys.retain(|(public_key, _)| !id.starts_with("did:key:") || public_key.to_did_key() == id);
        if keys.is_empty() {
            return Err(misconfigured(format!(
                "the issuer {id} is the did:key of none of the configured keys"
            )));
        }
        let keys = keys.into_iter().map(|(public_key, signer)| IssuerKey {
            verification_method: format!("{id}#{}", public_key.to_multikey()),
            public_key,
            signer,
        });
        let mut profile = Map::new();
        profile.insert("id".to_owned(), json!(id));
        profile.insert("type".to_owned(), json!(["Profile"]));
        profile.extend(self.profile.clone());
        Ok(Issuer {
            profile: Value::Object(profile),
            keys: keys.collect(),
            id,
        })
    }
}

impl Issuer {
    /// The DID document, or controlled identifier document where the id is an https URL: each key a Multikey for
    /// `assertionMethod`.
    ///
    /// <https://www.w3.org/TR/cid-1.0/>
    #[must_use]
    pub fn did_document(&self) -> Value {
        let multikey = |key: &IssuerKey| {
            json!({
                "id": key.verification_method,
                "type": "Multikey",
                "controller": self.id,
                "publicKeyMultibase": key.public_key.to_multikey(),
            })
        };
        json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.id,
            "verificationMethod": self.keys.iter().map(multikey).collect::<Vec<_>>(),
            "assertionMethod": self.keys.iter().map(|key| &key.verification_method).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use canonical_rdf::{Contexts, HashAlgorithm, canonicalize};

    use super::*;
    use crate::{
        Randomness,
        signer::{Signature, SoftwareKeys},
    };

    fn issuers(id: Option<&str>) -> Issuers {
        let keys = SoftwareKeys::generate(&Randomness::seeded(1));
        let profile = Map::from_iter([("name".to_owned(), json!("Test College"))]);
        Issuers::new(
            id.map(str::to_owned),
            profile,
            vec![Arc::new(keys.p256), Arc::new(keys.ed25519)],
        )
    }

    /// A key that may not be asked for.
    #[derive(Debug)]
    struct Untouchable;

    #[async_trait]
    impl Signer for Untouchable {
        async fn public_key(&self) -> Result<PublicKey, SignError> {
            Err(SignError::Misconfigured {
                key: "untouchable".to_owned(),
                reason: "was asked for".to_owned(),
            })
        }

        async fn sign(&self, _: &[u8]) -> Result<Signature, SignError> {
            unreachable!("nothing is signed here")
        }
    }

    #[tokio::test]
    async fn without_an_id_the_issuer_is_the_did_key_of_its_p256_key_alone() {
        let issuers = issuers(None);
        let [issuer] = issuers.all().await.unwrap() else {
            panic!("one issuer")
        };
        let [key] = &issuer.keys[..] else { panic!("one key") };
        assert_eq!(key.public_key.key_type(), KeyType::P256);
        assert_eq!(issuer.id, key.public_key.to_did_key());
        assert_eq!(
            issuer.profile,
            json!({"id": issuer.id, "type": ["Profile"], "name": "Test College"})
        );
        assert!(issuers.find(&issuer.id).await.unwrap().is_some());
        assert!(issuers.find("did:web:college.example").await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_did_web_issuer_signs_with_ed25519_first() {
        let issuers = issuers(Some("did:web:college.example"));
        let issuer = issuers.find("did:web:college.example").await.unwrap().unwrap();
        let kinds: Vec<_> = issuer.keys.iter().map(|key| key.public_key.key_type()).collect();
        assert_eq!(kinds, [KeyType::Ed25519, KeyType::P256]);
        for key in &issuer.keys {
            let expected = format!("did:web:college.example#{}", key.public_key.to_multikey());
            assert_eq!(key.verification_method, expected);
        }
    }

    #[tokio::test]
    async fn the_keys_of_an_issuer_with_an_id_are_not_asked_for_to_tell_that_another_is_not_it() {
        let issuers = Issuers::new(
            Some("did:web:college.example".into()),
            Map::new(),
            vec![Arc::new(Untouchable)],
        );
        assert!(issuers.find("did:web:other.example").await.unwrap().is_none());
        issuers.find("did:web:college.example").await.unwrap_err();
    }

    #[tokio::test]
    async fn a_deployment_without_keys_says_so() {
        for id in [None, Some("did:web:college.example".to_owned())] {
            let error = Issuers::new(id, Map::new(), Vec::new()).all().await.unwrap_err();
            assert!(matches!(error, SignError::Misconfigured { .. }), "{error}");
        }
    }

    #[tokio::test]
    async fn a_did_key_of_another_key_is_no_issuer_of_this_deployment() {
        let other = "did:key:zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP";
        let error = issuers(Some(other)).all().await.unwrap_err();
        assert!(matches!(error, SignError::Misconfigured { .. }), "{error}");
    }

    #[tokio::test]
    async fn the_did_document_lists_every_key_for_assertions_in_safe_json_ld() {
        let issuers = issuers(Some("did:web:college.example"));
        let [issuer] = issuers.all().await.unwrap() else {
            panic!("one issuer")
        };
        let document = issuer.did_document();
        assert_eq!(document["id"], "did:web:college.example");
        let methods = document["verificationMethod"].as_array().unwrap();
        assert_eq!(methods.len(), 2);
        for (method, key) in methods.iter().zip(&issuer.keys) {
            assert_eq!(method["type"], "Multikey");
            assert_eq!(method["controller"], "did:web:college.example");
            assert_eq!(method["id"], key.verification_method);
            let written = PublicKey::from_multikey(method["publicKeyMultibase"].as_str().unwrap());
            assert_eq!(written.as_ref(), Ok(&key.public_key));
        }
        let ids: Vec<_> = methods.iter().map(|method| method["id"].clone()).collect();
        assert_eq!(document["assertionMethod"], json!(ids));
        canonicalize(&document, Contexts::standard(), HashAlgorithm::Sha256).unwrap();
    }
}
