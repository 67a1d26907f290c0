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
        Self { id, profile, signers, loaded: OnceCell::new() }
    }

    /// All of them.
    ///
    /// # Errors
    /// A key cannot be reached or used, or none is configured.
    pub async fn all(&self) -> Result<&[Issuer], SignError> {
        let issuers = self.loaded.get_or_try_init(|| async { self.load().await.map(|issuer| [issuer]) }).await?;
        Ok(issuers)
    }

    /// The one with this id.
    ///
    /// # Errors
    /// As [`Issuers::all`].
    pub async fn find(&self, id: &str) -> Result<Option<&Issuer>, SignError> {
        Ok(self.all().await?.iter().find(|issuer| issuer.id == id))
    }

    async fn load(&self) -> Result<Issuer, SignError> {
        let mut keys = Vec::new();
        for signer in &self.signers {
            keys.push((signer.public_key().await?, signer.clone()));
        }
        keys.sort_by_key(|(public_key, _)| public_key.key_type() != KeyType::Ed25519);
        let id = match (&self.id, keys.last()) {
            (Some(id), _) => id.clone(),
            (None, Some((public_key, _))) => public_key.to_did_key(),
            (None, None) => {
                let reason = "neither an issuer id nor a key is configured".to_owned();
                return Err(SignError::Misconfigured { key: "(none)".to_owned(), reason });
            }
        };
        // A did:key is one key: no other key can speak for it.
        keys.retain(|(public_key, _)| !id.starts_with("did:key:") || public_key.to_did_key() == id);
        let keys = keys.into_iter().map(|(public_key, signer)| IssuerKey {
            verification_method: format!("{id}#{}", public_key.to_multikey()),
            public_key,
            signer,
        });
        let mut profile = Map::new();
        profile.insert("id".to_owned(), json!(id));
        profile.insert("type".to_owned(), json!(["Profile"]));
        profile.extend(self.profile.clone());
        Ok(Issuer { profile: Value::Object(profile), keys: keys.collect(), id })
    }
}
