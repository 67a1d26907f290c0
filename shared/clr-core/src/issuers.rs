//! The deployment's own issuers: who they are, the keys they sign with, and those they signed with before.

mod documents;
mod history;

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use data_integrity::{JwsKey, KeyType, PublicKey};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use self::history::History;
use crate::{
    Clock, Table, TableError,
    signer::{KmsRsaSigner, SignError, Signer},
    table::issuer_keys::KeyUse,
};

/// The issuers that this deployment signs for. Keys are asked for when first needed, not at start-up.
#[derive(Debug)]
pub struct Issuers {
    /// One at least.
    configured: Vec<Configured>,
    history: Option<History>,
    loaded: OnceCell<Vec<Issuer>>,
}

#[derive(Debug)]
struct Configured {
    id: Option<String>,
    profile: Map<String, Value>,
    signers: Vec<Arc<dyn Signer>>,
    status_signers: Vec<Arc<dyn Signer>>,
    rsa_signer: Option<Arc<KmsRsaSigner>>,
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
    /// Those that sign status lists, in the same order: the ones above, unless there are others for it.
    pub status_keys: Vec<IssuerKey>,
    /// Signs VC-JWTs as RS256, and nothing else.
    pub rsa_key: Option<RsaIssuerKey>,
}

/// The RSA key of an issuer. Its JWS show it as `jwk`; the issuer's JWK Set lists it.
#[derive(Clone, Debug)]
pub struct RsaIssuerKey {
    /// The public half.
    pub public_key: JwsKey,
    /// `{issuer}#{JWK thumbprint}` (RFC 7638).
    pub key_id: String,
    /// Signs with the private half.
    pub signer: Arc<KmsRsaSigner>,
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

/// A key that an issuer's document tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// The public half.
    pub public_key: PublicKey,
    /// `{issuer}#{publicKeyMultibase}`.
    pub verification_method: String,
    /// What it signs.
    pub key_use: KeyUse,
    /// From when on nothing that it signed counts, RFC 3339.
    pub revoked: Option<String>,
}

/// Why an issuer's keys are not known.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A key cannot be reached or used.
    #[error(transparent)]
    Key(#[from] SignError),
    /// The keys of before cannot be read.
    #[error("the history of the issuer's keys cannot be read")]
    History(#[from] TableError),
}

impl Issuers {
    /// An issuer with `id` (none: the `did:key` of its P-256 key), the members of its Profile beside `id` and `type`,
    /// and its signers.
    #[must_use]
    pub fn new(id: Option<String>, profile: Map<String, Value>, signers: Vec<Arc<dyn Signer>>) -> Self {
        let issuers = Self {
            configured: Vec::new(),
            history: None,
            loaded: OnceCell::new(),
        };
        issuers.and(id, profile, signers)
    }

    /// One more, as [`Issuers::new`] takes it, with another id. Who names no issuer means the first.
    #[must_use]
    pub fn and(mut self, id: Option<String>, profile: Map<String, Value>, signers: Vec<Arc<dyn Signer>>) -> Self {
        self.configured.push(Configured {
            id,
            profile,
            signers,
            status_signers: Vec::new(),
            rsa_signer: None,
        });
        self
    }

    /// The first of them with keys that sign status lists and nothing else.
    #[must_use]
    pub fn with_status_signers(mut self, signers: Vec<Arc<dyn Signer>>) -> Self {
        self.configured[0].status_signers = signers;
        self
    }

    /// The first of them with an RSA key for VC-JWTs.
    #[must_use]
    pub fn with_rsa_signer(mut self, signer: Option<Arc<KmsRsaSigner>>) -> Self {
        self.configured[0].rsa_signer = signer;
        self
    }

    /// With the keys of before, which are kept in the table. An issuer that is a `did:key` has no others.
    #[must_use]
    pub fn with_history(mut self, table: Table, clock: Arc<dyn Clock>) -> Self {
        self.history = Some(History::new(table, clock));
        self
    }

    /// All of them, one at least.
    ///
    /// # Errors
    /// A key cannot be reached or used, or none is configured.
    pub async fn all(&self) -> Result<&[Issuer], SignError> {
        // In a box, because every request's future has this one inside.
        let issuers = self.loaded.get_or_try_init(|| {
            Box::pin(async {
                let mut issuers = Vec::new();
                for configured in &self.configured {
                    issuers.push(configured.load().await?);
                }
                Ok(issuers)
            })
        });
        issuers.await.map(Vec::as_slice)
    }

    /// The one with this id. No key is asked for where the configured ids already tell that there is none.
    ///
    /// # Errors
    /// As [`Issuers::all`].
    pub async fn find(&self, id: &str) -> Result<Option<&Issuer>, SignError> {
        let may_be_own = self.configured.iter().any(|configured| match &configured.id {
            Some(own) => own == id,
            None => id.starts_with("did:key:"),
        });
        if !may_be_own {
            return Ok(None);
        }
        Ok(self.all().await?.iter().find(|issuer| issuer.id == id))
    }

    /// The keys that the issuer's records are to be signed with, which are recorded first: never a compromised one.
    ///
    /// # Errors
    /// None is left, or it is not known whether one is compromised.
    pub async fn signing_keys(&self, issuer: &Issuer) -> Result<Vec<IssuerKey>, KeysError> {
        self.usable(issuer, &issuer.keys, KeyUse::Credentials).await
    }

    /// The keys that the issuer's status lists are to be signed with, in the same way.
    ///
    /// # Errors
    /// As [`Issuers::signing_keys`].
    pub async fn status_keys(&self, issuer: &Issuer) -> Result<Vec<IssuerKey>, KeysError> {
        let signs_records = |status: &IssuerKey| issuer.keys.iter().any(|key| key.public_key == status.public_key);
        let key_use = if issuer.status_keys.iter().all(signs_records) {
            KeyUse::Credentials
        } else {
            KeyUse::StatusLists
        };
        self.usable(issuer, &issuer.status_keys, key_use).await
    }

    /// Every key that the issuer's document tells of: those of now, then those of before.
    ///
    /// # Errors
    /// The history cannot be read.
    pub async fn listed_keys(&self, issuer: &Issuer) -> Result<Vec<ListedKey>, KeysError> {
        let mut listed: Vec<ListedKey> = Vec::new();
        let now = [
            (&issuer.keys, KeyUse::Credentials),
            (&issuer.status_keys, KeyUse::StatusLists),
        ];
        for (keys, key_use) in now {
            for key in keys {
                if !listed.iter().any(|listed| listed.public_key == key.public_key) {
                    listed.push(ListedKey {
                        public_key: key.public_key.clone(),
                        verification_method: key.verification_method.clone(),
                        key_use,
                        revoked: None,
                    });
                }
            }
        }
        let Some(history) = self.history_of(issuer) else {
            return Ok(listed);
        };
        for record in history.keys(&issuer.id).await?.iter() {
            let public_key = record.public_key()?;
            match listed.iter_mut().find(|listed| listed.public_key == public_key) {
                Some(listed) => listed.revoked.clone_from(&record.revoked),
                None => listed.push(ListedKey {
                    verification_method: format!("{}#{}", issuer.id, record.multikey),
                    public_key,
                    key_use: record.key_use,
                    revoked: record.revoked.clone(),
                }),
            }
        }
        Ok(listed)
    }

    async fn usable(&self, issuer: &Issuer, keys: &[IssuerKey], key_use: KeyUse) -> Result<Vec<IssuerKey>, KeysError> {
        let Some(history) = self.history_of(issuer) else {
            return Ok(keys.to_vec());
        };
        let used: Vec<_> = keys.iter().map(|key| (key.public_key.clone(), key_use)).collect();
        history.record(&issuer.id, &used).await?;
        let recorded = history.keys(&issuer.id).await?;
        let is_revoked = |key: &IssuerKey| {
            let multikey = key.public_key.to_multikey();
            recorded
                .iter()
                .any(|record| record.multikey == multikey && record.revoked.is_some())
        };
        let usable: Vec<_> = keys.iter().filter(|key| !is_revoked(key)).cloned().collect();
        if usable.is_empty() {
            let revoked = keys.iter().map(|key| key.verification_method.as_str());
            return Err(KeysError::Key(SignError::Misconfigured {
                key: revoked.collect::<Vec<_>>().join(" and "),
                reason: "it was revoked as compromised: configure another key".to_owned(),
            }));
        }
        Ok(usable)
    }

    /// Nothing but its key can speak for a did:key, so there is no history of it.
    fn history_of(&self, issuer: &Issuer) -> Option<&History> {
        self.history.as_ref().filter(|_| !issuer.id.starts_with("did:key:"))
    }
}

impl Configured {
    async fn load(&self) -> Result<Issuer, SignError> {
        let mut keys = in_order(&self.signers).await?;
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
        let status_keys = in_order(&self.status_signers).await?;
        if id.starts_with("did:key:") && !status_keys.is_empty() {
            return Err(misconfigured(
                "an issuer that is a did:key has one key: status lists cannot have another one".to_owned(),
            ));
        }
        let of_issuer = |keys: Vec<(PublicKey, Arc<dyn Signer>)>| -> Vec<IssuerKey> {
            let keys = keys.into_iter().map(|(public_key, signer)| IssuerKey {
                verification_method: format!("{id}#{}", public_key.to_multikey()),
                public_key,
                signer,
            });
            keys.collect()
        };
        let keys = of_issuer(keys);
        let status_keys = if status_keys.is_empty() {
            keys.clone()
        } else {
            of_issuer(status_keys)
        };
        let mut profile = Map::new();
        profile.insert("id".to_owned(), json!(id));
        profile.insert("type".to_owned(), json!(["Profile"]));
        profile.extend(self.profile.clone());
        let rsa_key = match &self.rsa_signer {
            Some(signer) => Some(RsaIssuerKey::of(&id, signer).await?),
            None => None,
        };
        Ok(Issuer {
            profile: Value::Object(profile),
            keys,
            status_keys,
            rsa_key,
            id,
        })
    }
}

impl RsaIssuerKey {
    async fn of(issuer: &str, signer: &Arc<KmsRsaSigner>) -> Result<Self, SignError> {
        let public_key = JwsKey::Rsa(signer.public_key().await?);
        let jwk = public_key.to_jwk();
        // The required members in the order of their names.
        let members = json!({"e": jwk["e"], "kty": jwk["kty"], "n": jwk["n"]});
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(members.to_string()));
        Ok(Self {
            public_key,
            key_id: format!("{issuer}#{thumbprint}"),
            signer: Arc::clone(signer),
        })
    }
}

/// The public halves too, Ed25519 first.
async fn in_order(signers: &[Arc<dyn Signer>]) -> Result<Vec<(PublicKey, Arc<dyn Signer>)>, SignError> {
    let mut keys = Vec::new();
    for signer in signers {
        keys.push((signer.public_key().await?, signer.clone()));
    }
    keys.sort_by_key(|(public_key, _)| public_key.key_type() != KeyType::Ed25519);
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Randomness,
        signer::{Signature, SoftwareKeys},
    };
    use async_trait::async_trait;

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
    async fn several_issuers_are_found_by_their_ids_and_the_first_comes_first() {
        let keys = SoftwareKeys::generate(&Randomness::seeded(1));
        let (p256, ed25519): (Arc<dyn Signer>, Arc<dyn Signer>) = (Arc::new(keys.p256), Arc::new(keys.ed25519));
        let issuers = Issuers::new(None, Map::new(), vec![p256]).and(None, Map::new(), vec![ed25519]);
        let [p256, ed25519] = issuers.all().await.unwrap() else {
            panic!("two issuers")
        };
        assert_eq!(p256.keys[0].public_key.key_type(), KeyType::P256);
        assert_eq!(ed25519.id, ed25519.keys[0].public_key.to_did_key());
        assert_eq!(issuers.find(&ed25519.id).await.unwrap().unwrap().id, ed25519.id);
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
}
