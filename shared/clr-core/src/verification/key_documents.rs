//! Whose key is that? Verification methods to public keys.
//!
//! A `did:key` holds its key; the deployment's own issuers are known; other issuers' documents are not fetched yet, so
//! their keys count as out of reach, unless the policy believes a key that stands in the method's fragment.

use std::collections::{BTreeMap, BTreeSet};

use data_integrity::{PublicKey, proofs_of};
use learner_record::nested_credentials;
use serde_json::Value;

use super::Policy;
use crate::issuers::Issuers;

/// The documents of those who signed, as far as they could be had: controller to its keys, or why they are out of reach.
#[derive(Debug, Default)]
pub(super) struct KeyDocuments(BTreeMap<String, Result<Keys, String>>);

/// Verification method to public key.
type Keys = BTreeMap<String, PublicKey>;

/// Why there is no key to check a proof with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoKey {
    /// No key that may speak for this issuer can be behind the verification method.
    Refused(String),
    /// There may be a good key, but it is out of reach.
    OutOfReach(String),
}

impl KeyDocuments {
    /// Loads the documents of the own issuers that signed something in this tree.
    pub(super) async fn gather(credential: &Value, issuers: &Issuers) -> Self {
        let mut controllers = BTreeSet::new();
        collect_controllers(credential, &mut controllers);
        let mut documents = BTreeMap::new();
        for controller in controllers {
            match issuers.find(controller).await {
                Ok(None) => {}
                Ok(Some(issuer)) => {
                    let keys = issuers.listed_keys(issuer).await.map(|keys| {
                        let trusted = keys.into_iter().filter(|key| key.revoked.is_none());
                        trusted.map(|key| (key.verification_method, key.public_key)).collect()
                    });
                    documents.insert(controller.to_owned(), keys.map_err(|error| error.to_string()));
                }
                Err(error) => drop(documents.insert(controller.to_owned(), Err(error.to_string()))),
            }
        }
        Self(documents)
    }

    /// The key behind a verification method, for a proof on a credential of this issuer.
    pub(super) fn key(&self, method: &str, issuer: Option<&str>, policy: Policy) -> Result<PublicKey, NoKey> {
        let (controller, fragment) = match method.split_once('#') {
            Some((controller, fragment)) => (controller, Some(fragment)),
            None => (method, None),
        };
        // 1EdTech's validator knows no controller for a bare did:key.
        let controller_matters = match policy {
            Policy::Strict => true,
            Policy::OneEdTech => fragment.is_some(),
            Policy::ProofOnly => false,
        };
        if controller_matters && issuer != Some(controller) {
            return Err(NoKey::Refused(match issuer {
                Some(issuer) => format!("the key belongs to {controller}, the credential to {issuer}"),
                None => "the credential names no issuer that a key could belong to".to_owned(),
            }));
        }
        if controller.starts_with("did:key:") {
            return key_of_did_key(controller, fragment);
        }
        if policy != Policy::ProofOnly
            && let Some(document) = self.0.get(controller)
        {
            let keys = document.as_ref().map_err(|reason| NoKey::OutOfReach(reason.clone()))?;
            let not_listed = || NoKey::Refused(format!("{controller} does not list the key {method}"));
            return keys.get(method).cloned().ok_or_else(not_listed);
        }
        let key_in_fragment = fragment.and_then(|fragment| PublicKey::from_multikey(fragment).ok());
        match (policy, key_in_fragment) {
            (Policy::OneEdTech | Policy::ProofOnly, Some(key)) => Ok(key),
            _ if is_resolvable(controller) => Err(NoKey::OutOfReach(format!(
                "the keys of {controller} would have to be fetched, which this system does not do yet"
            ))),
            _ => Err(NoKey::Refused(format!(
                "{method:?} is neither a DID URL nor an https URL of a key"
            ))),
        }
    }
}

/// `did:key:z…`, with the fragment that repeats the key or none.
fn key_of_did_key(did: &str, fragment: Option<&str>) -> Result<PublicKey, NoKey> {
    let key = PublicKey::from_did_key(did).map_err(|error| NoKey::Refused(format!("{did}: {error}")))?;
    if fragment.is_some_and(|fragment| did.strip_prefix("did:key:") != Some(fragment)) {
        return Err(NoKey::Refused(format!(
            "the fragment of a key of {did} is not the key itself"
        )));
    }
    Ok(key)
}

fn is_resolvable(controller: &str) -> bool {
    ["did:", "https://", "http://"]
        .iter()
        .any(|scheme| controller.starts_with(scheme))
}

/// A did:key needs no document: it is one.
fn collect_controllers<'a>(credential: &'a Value, controllers: &mut BTreeSet<&'a str>) {
    for proof in proofs_of(credential) {
        let method = proof
            .get("verificationMethod")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let controller = method.split_once('#').map_or(method, |(controller, _)| controller);
        if !controller.is_empty() && !controller.starts_with("did:key:") {
            controllers.insert(controller);
        }
    }
    for (_, nested) in nested_credentials(credential) {
        collect_controllers(nested, controllers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The public halves of W3C test keys.
    const P256: &str = "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP";
    const ED25519: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
    const OWN: &str = "did:web:college.example";
    const DOWN: &str = "did:web:down.example";
    const FOREIGN: &str = "https://other.example/issuers/1";

    fn documents() -> KeyDocuments {
        let key = PublicKey::from_multikey(P256).unwrap();
        KeyDocuments(BTreeMap::from([
            (OWN.to_owned(), Ok(Keys::from([(format!("{OWN}#{P256}"), key)]))),
            (
                DOWN.to_owned(),
                Err("the signing key cannot be reached at the moment".to_owned()),
            ),
        ]))
    }

    /// `key`, `refused` or `out of reach` under strict, 1edtech, proof-only.
    #[track_caller]
    fn check(method: &str, issuer: &str, expected: [&str; 3]) {
        let outcomes = [Policy::Strict, Policy::OneEdTech, Policy::ProofOnly].map(|policy| {
            match documents().key(method, Some(issuer), policy) {
                Ok(_) => "key",
                Err(NoKey::Refused(_)) => "refused",
                Err(NoKey::OutOfReach(_)) => "out of reach",
            }
        });
        assert_eq!(outcomes, expected, "{method} for {issuer}");
    }

    #[test]
    fn a_did_key_holds_its_key_and_speaks_for_itself_alone() {
        let did = format!("did:key:{P256}");
        check(&format!("{did}#{P256}"), &did, ["key", "key", "key"]);
        check(&format!("{did}#{P256}"), FOREIGN, ["refused", "refused", "key"]);
        check(&format!("{did}#{ED25519}"), &did, ["refused", "refused", "refused"]);
        check(&format!("{did}#key-1"), &did, ["refused", "refused", "refused"]);
        check(
            "did:key:zGarbage#zGarbage",
            "did:key:zGarbage",
            ["refused", "refused", "refused"],
        );
    }

    #[test]
    fn a_bare_did_key_has_no_known_controller_for_1edtech() {
        let did = format!("did:key:{P256}");
        check(&did, &did, ["key", "key", "key"]);
        check(&did, FOREIGN, ["refused", "key", "key"]);
    }

    #[test]
    fn an_own_issuer_has_the_keys_that_its_document_lists() {
        check(&format!("{OWN}#{P256}"), OWN, ["key", "key", "key"]);
        check(&format!("{OWN}#{ED25519}"), OWN, ["refused", "refused", "key"]);
        check(&format!("{OWN}#{P256}"), FOREIGN, ["refused", "refused", "key"]);
        check(OWN, OWN, ["refused", "refused", "out of reach"]);
    }

    #[test]
    fn an_own_issuer_whose_keys_cannot_be_loaded_is_out_of_reach() {
        check(&format!("{DOWN}#{P256}"), DOWN, ["out of reach", "out of reach", "key"]);
    }

    #[test]
    fn a_key_in_the_fragment_is_believed_unless_the_policy_is_strict() {
        check(&format!("{FOREIGN}#{P256}"), FOREIGN, ["out of reach", "key", "key"]);
        check(&format!("{FOREIGN}#{P256}"), OWN, ["refused", "refused", "key"]);
        check(
            &format!("{FOREIGN}#{P256}x"),
            FOREIGN,
            ["out of reach", "out of reach", "out of reach"],
        );
        check(
            &format!("{FOREIGN}#key-1"),
            FOREIGN,
            ["out of reach", "out of reach", "out of reach"],
        );
    }

    #[test]
    fn a_method_that_nobody_could_resolve_is_refused() {
        check(&format!("xxx:{P256}"), FOREIGN, ["refused", "refused", "refused"]);
        check("", "", ["refused", "refused", "refused"]);
    }

    #[test]
    fn without_an_issuer_only_proof_only_finds_a_key() {
        let method = format!("{FOREIGN}#{P256}");
        assert!(matches!(
            documents().key(&method, None, Policy::Strict),
            Err(NoKey::Refused(_))
        ));
        assert!(matches!(
            documents().key(&method, None, Policy::OneEdTech),
            Err(NoKey::Refused(_))
        ));
        assert!(documents().key(&method, None, Policy::ProofOnly).is_ok());
    }
}
