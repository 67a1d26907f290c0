//! What an issuer publishes of itself: DID document, Profile, JWKS.

use serde_json::{Map, Value, json};

use super::{Issuer, ListedKey};
use crate::table::issuer_keys::KeyUse;

impl Issuer {
    /// The DID document. Each key is a Multikey for `assertionMethod`; a compromised one stays in view, as revoked, and
    /// asserts nothing any more.
    ///
    /// <https://www.w3.org/TR/cid-1.0/>
    #[must_use]
    pub fn did_document(&self, keys: &[ListedKey]) -> Value {
        let mut document = json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.id,
        });
        if let Some(members) = document.as_object_mut() {
            members.extend(self.methods(keys));
        }
        document
    }

    /// The Profile, as it stands in credentials. Where the issuer's id is an https URL it is the controlled identifier
    /// document too, with the keys.
    #[must_use]
    pub fn profile_document(&self, keys: &[ListedKey]) -> Value {
        let mut document = Map::new();
        document.insert(
            "@context".to_owned(),
            json!([
                "https://www.w3.org/ns/credentials/v2",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            ]),
        );
        document.extend(self.profile.as_object().cloned().unwrap_or_default());
        if self.id.starts_with("https:") {
            document["@context"] = json!([
                "https://www.w3.org/ns/credentials/v2",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                "https://www.w3.org/ns/cid/v1",
            ]);
            document.extend(self.methods(keys));
        }
        Value::Object(document)
    }

    /// The keys that sign credentials, as a JWK Set (RFC 7517). `kid` is the verification method.
    #[must_use]
    pub fn jwks(&self, keys: &[ListedKey]) -> Value {
        let trusted = keys
            .iter()
            .filter(|key| key.key_use == KeyUse::Credentials && key.revoked.is_none());
        let jwk = |key: &ListedKey| {
            let mut jwk = key.public_key.to_jwk();
            jwk["kid"] = key.verification_method.as_str().into();
            jwk["use"] = "sig".into();
            jwk
        };
        let mut keys: Vec<Value> = trusted.map(jwk).collect();
        if let Some(rsa) = &self.rsa_key {
            let mut jwk = rsa.public_key.to_jwk();
            jwk["kid"] = rsa.key_id.as_str().into();
            jwk["use"] = "sig".into();
            keys.push(jwk);
        }
        json!({ "keys": keys })
    }

    fn methods(&self, keys: &[ListedKey]) -> Map<String, Value> {
        let multikey = |key: &ListedKey| {
            let mut method = json!({
                "id": key.verification_method,
                "type": "Multikey",
                "controller": self.id,
                "publicKeyMultibase": key.public_key.to_multikey(),
            });
            if let Some(revoked) = &key.revoked {
                method["revoked"] = revoked.as_str().into();
            }
            method
        };
        let trusted = keys.iter().filter(|key| key.revoked.is_none());
        Map::from_iter([
            (
                "verificationMethod".to_owned(),
                keys.iter().map(multikey).collect::<Vec<_>>().into(),
            ),
            (
                "assertionMethod".to_owned(),
                trusted
                    .map(|key| key.verification_method.as_str())
                    .collect::<Vec<_>>()
                    .into(),
            ),
        ])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use canonical_rdf::{Contexts, HashAlgorithm, canonicalize};
    use data_integrity::PublicKey;

    use super::*;
    use crate::{
        Randomness,
        issuers::Issuers,
        signer::{Signer, SoftwareKeys},
    };

    fn issuers(id: &str) -> Issuers {
        let signers = |seed| -> Vec<Arc<dyn Signer>> {
            let keys = SoftwareKeys::generate(&Randomness::seeded(seed));
            vec![Arc::new(keys.p256), Arc::new(keys.ed25519)]
        };
        let profile = Map::from_iter([("name".to_owned(), json!("Test College"))]);
        Issuers::new(Some(id.to_owned()), profile, signers(1)).with_status_signers(signers(2))
    }

    #[tokio::test]
    async fn the_did_document_lists_every_key_for_assertions_in_safe_json_ld() {
        let issuers = issuers("did:web:college.example");
        let issuer = issuers.find("did:web:college.example").await.unwrap().unwrap();
        let keys = issuers.listed_keys(issuer).await.unwrap();
        let document = issuer.did_document(&keys);
        assert_eq!(document["id"], "did:web:college.example");
        let methods = document["verificationMethod"].as_array().unwrap();
        assert_eq!(methods.len(), 4, "two keys for credentials, two for status lists");
        for (method, key) in methods.iter().zip(issuer.keys.iter().chain(&issuer.status_keys)) {
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

    #[tokio::test]
    async fn a_revoked_key_stays_in_view_and_asserts_nothing() {
        let issuers = issuers("did:web:college.example");
        let issuer = issuers.find("did:web:college.example").await.unwrap().unwrap();
        let mut keys = issuers.listed_keys(issuer).await.unwrap();
        keys[1].revoked = Some("2026-01-15T09:30:00Z".to_owned());
        let document = issuer.did_document(&keys);
        assert_eq!(document["verificationMethod"][1]["revoked"], "2026-01-15T09:30:00Z");
        let asserting = document["assertionMethod"].as_array().unwrap();
        assert_eq!(asserting.len(), 3);
        assert!(!asserting.contains(&json!(keys[1].verification_method)));
        let jwks = issuer.jwks(&keys);
        assert_eq!(jwks["keys"].as_array().unwrap().len(), 1, "{jwks}");
        canonicalize(&document, Contexts::standard(), HashAlgorithm::Sha256).unwrap();
    }

    #[tokio::test]
    async fn the_jwks_has_the_credential_keys_alone_by_their_verification_methods() {
        let issuers = issuers("did:web:college.example");
        let issuer = issuers.find("did:web:college.example").await.unwrap().unwrap();
        let jwks = issuer.jwks(&issuers.listed_keys(issuer).await.unwrap());
        let keys = jwks["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 2);
        for (jwk, key) in keys.iter().zip(&issuer.keys) {
            assert_eq!(jwk["kid"], key.verification_method);
            assert_eq!(PublicKey::from_jwk(jwk).as_ref(), Ok(&key.public_key));
            assert!(jwk.get("d").is_none());
        }
    }

    #[tokio::test]
    async fn the_profile_of_an_https_issuer_is_its_controlled_identifier_document() {
        for (id, has_keys) in [
            ("https://college.example/issuer", true),
            ("did:web:college.example", false),
        ] {
            let issuers = issuers(id);
            let issuer = issuers.find(id).await.unwrap().unwrap();
            let document = issuer.profile_document(&issuers.listed_keys(issuer).await.unwrap());
            assert_eq!(
                (&document["id"], &document["name"]),
                (&json!(id), &json!("Test College"))
            );
            assert_eq!(document.get("assertionMethod").is_some(), has_keys);
            assert_eq!(document["type"], json!(["Profile"]));
        }
    }
}
