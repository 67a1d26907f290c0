//! Whose key is that? Verification methods to public keys.
//!
//! A `did:key` holds its key. The deployment's own issuers are known. Others publish a document: a `did:web` its DID
//! document, an https URL a controlled identifier document or one key. Policies differ in how much of this they ask for.

use std::collections::BTreeMap;

use data_integrity::{JwsKey, PublicKey};
use serde_json::Value;

use super::{
    Policy,
    did_web::{authority, document_url},
    gathered::Gathered,
    jwt::Jwt,
};
use crate::fetch::FetchError;

/// Verification method to public key, as an own issuer's document lists them.
pub(super) type Keys = BTreeMap<String, PublicKey>;

/// Why there is no key to check a proof with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoKey {
    /// No key that may speak for this issuer can be behind the verification method.
    Refused(String),
    /// There may be a good key, but it is out of reach.
    OutOfReach {
        reason: String,
        /// Whether another try may succeed.
        retry: bool,
    },
}

/// Where the document with a controller's keys is; none for a `did:key`, and for what is neither a `did:web` nor an https URL.
#[must_use]
pub fn key_document_url(controller: &str) -> Option<String> {
    if controller.starts_with("did:web:") {
        return document_url(controller);
    }
    controller.starts_with("https://").then(|| controller.to_owned())
}

/// Controller and fragment of a verification method.
pub(super) fn split(method: &str) -> (&str, Option<&str>) {
    match method.split_once('#') {
        Some((controller, fragment)) => (controller, Some(fragment)),
        None => (method, None),
    }
}

/// Whether the document of its controller must be had before the key is known; there is none for a `did:key`.
pub(super) fn needs_document(method: &str, policy: Policy) -> bool {
    let (_, fragment) = split(method);
    policy == Policy::Strict || fragment.is_none_or(|fragment| PublicKey::from_multikey(fragment).is_err())
}

impl Gathered {
    /// The key behind the verification method of a proof that somebody makes for themselves: an issuer for a credential, a
    /// holder for a presentation.
    /// `purpose` names the part of a document that must list the key: `assertionMethod`, `authentication`.
    pub(super) fn key(
        &self,
        method: &str,
        signer: Option<&str>,
        purpose: &str,
        policy: Policy,
    ) -> Result<PublicKey, NoKey> {
        match self.any_key(method, signer, purpose, policy)? {
            JwsKey::Curve(key) => Ok(key),
            JwsKey::Rsa(_) => Err(NoKey::Refused(format!(
                "{method} is an RSA key, which makes no such proof"
            ))),
        }
    }

    /// The key of a VC-JWT: what `kid` names, else the one in the header where the issuer is known to have it.
    pub(super) fn key_of_jwt(
        &self,
        jwt: &Jwt,
        signer: Option<&str>,
        purpose: &str,
        policy: Policy,
    ) -> Result<JwsKey, NoKey> {
        if let Some(method) = &jwt.key_id {
            return self.any_key(method, signer, purpose, policy);
        }
        let Some(key) = &jwt.key else {
            return Err(NoKey::Refused(
                "the JWT names no key: its header has neither kid nor jwk".to_owned(),
            ));
        };
        if policy != Policy::Strict {
            return Ok(key.clone());
        }
        let signer = signer.ok_or_else(nobody)?;
        let is_that = |known: &PublicKey| *key == JwsKey::Curve(known.clone());
        if signer.starts_with("did:key:") {
            let own = key_of_did_key(signer, None)?;
            return is_that(&own)
                .then(|| key.clone())
                .ok_or_else(|| not_listed(signer, "in the JWT's header"));
        }
        if let Some(own) = self.own_keys(signer)? {
            let known = own.values().any(is_that);
            return known
                .then(|| key.clone())
                .ok_or_else(|| not_listed(signer, "in the JWT's header"));
        }
        let url = jwks_url(signer)
            .ok_or_else(|| NoKey::Refused(format!("{signer} has no host that could publish its keys")))?;
        let document = self.json(&url)?;
        let listed = document
            .get("keys")
            .and_then(Value::as_array)
            .is_some_and(|keys| keys.iter().any(|listed| JwsKey::from_jwk(listed).as_ref() == Ok(key)));
        listed
            .then(|| key.clone())
            .ok_or_else(|| NoKey::Refused(format!("{url} does not list the key in the JWT's header")))
    }

    fn any_key(&self, method: &str, signer: Option<&str>, purpose: &str, policy: Policy) -> Result<JwsKey, NoKey> {
        let (controller, fragment) = split(method);
        if controller.starts_with("did:key:") {
            // 1EdTech's validator knows no controller for a bare did:key.
            let belongs = policy == Policy::ProofOnly
                || (policy == Policy::OneEdTech && fragment.is_none())
                || signer == Some(controller);
            if !belongs {
                return Err(another(controller, signer));
            }
            return key_of_did_key(controller, fragment).map(JwsKey::Curve);
        }
        if policy != Policy::ProofOnly
            && let Some(keys) = self.own_keys(controller)?
        {
            if signer != Some(controller) {
                return Err(another(controller, signer));
            }
            let key = keys.get(method).cloned().map(JwsKey::Curve);
            return key.ok_or_else(|| not_listed(controller, method));
        }
        let in_fragment = fragment.and_then(|fragment| PublicKey::from_multikey(fragment).ok());
        match (policy, in_fragment) {
            (Policy::ProofOnly, Some(key)) => return Ok(JwsKey::Curve(key)),
            (Policy::OneEdTech, Some(key)) if signer == Some(controller) => return Ok(JwsKey::Curve(key)),
            (Policy::OneEdTech, Some(_)) => return Err(another(controller, signer)),
            _ => {}
        }
        // A DID speaks for itself alone; a URL may be that of a key, with a controller in it.
        if controller.starts_with("did:") && policy != Policy::ProofOnly && signer != Some(controller) {
            return Err(another(controller, signer));
        }
        let Some(url) = key_document_url(controller) else {
            return Err(no_document(method, controller));
        };
        let document = self.json(&url)?;
        let asked = Asked {
            method,
            controller,
            signer,
            purpose,
            policy,
        };
        asked.key_in(&document)
    }
}

/// Where the JWT keys of an issuer's host are (digest 5.1, key provenance).
#[must_use]
pub fn jwks_url(issuer: &str) -> Option<String> {
    Some(format!("https://{}/.well-known/jwks.json", authority(issuer)?))
}

/// A verification method whose key is looked for in a document of its controller.
struct Asked<'a> {
    method: &'a str,
    controller: &'a str,
    signer: Option<&'a str>,
    purpose: &'a str,
    policy: Policy,
}

impl Asked<'_> {
    fn key_in(&self, document: &Value) -> Result<JwsKey, NoKey> {
        let Self {
            method,
            controller,
            signer,
            purpose,
            policy,
        } = *self;
        if let Some(jwk) = jwk_in(document, method) {
            return lone_jwk(jwk, method, signer, policy);
        }
        let lists = document
            .get("verificationMethod")
            .or_else(|| document.get(purpose))
            .is_some();
        if !lists
            && document
                .get("publicKeyMultibase")
                .or_else(|| document.get("publicKeyJwk"))
                .is_some()
        {
            return lone_key(document, method, signer, policy);
        }
        if document.get("id").and_then(Value::as_str) != Some(controller) {
            return Err(NoKey::Refused(format!(
                "the document of {controller} does not bear its id"
            )));
        }
        if policy != Policy::ProofOnly && signer != Some(controller) {
            return Err(another(controller, signer));
        }
        // References may be relative to the document.
        let is_method = |id: &str| id == method || (id.starts_with('#') && format!("{controller}{id}") == method);
        let bears = |entry: &&Value| entry.get("id").and_then(Value::as_str).is_some_and(is_method);
        let array = |member: &str| {
            document
                .get(member)
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice)
        };
        let embedded = array(purpose).iter().find(bears);
        let is_referenced = array(purpose).iter().any(|entry| entry.as_str().is_some_and(is_method));
        let described = array("verificationMethod").iter().find(bears);
        let entry = embedded.or(described).ok_or_else(|| not_listed(controller, method))?;
        if embedded.is_none() && !is_referenced && policy != Policy::ProofOnly {
            let reason = format!("{controller} does not list the key {method} under {purpose}");
            return Err(NoKey::Refused(reason));
        }
        let owner = entry.get("controller").and_then(Value::as_str).unwrap_or(controller);
        if policy != Policy::ProofOnly && owner != controller {
            return Err(another(owner, signer));
        }
        read_key(entry, method)
    }
}

/// A document that is a JWK, or the one in a JWK Set that a method means: by its `kid`, which is the method or its fragment.
fn jwk_in<'a>(document: &'a Value, method: &str) -> Option<&'a Value> {
    if document.get("kty").is_some() {
        return Some(document);
    }
    let keys = document.get("keys")?.as_array()?;
    let (_, fragment) = split(method);
    let is_meant = |kid: &str| kid == method || Some(kid) == fragment;
    keys.iter()
        .find(|key| key.get("kid").and_then(Value::as_str).is_some_and(is_meant))
}

/// A JWK names nobody whom it belongs to: where that is asked, the host that publishes it must be the issuer's.
fn lone_jwk(jwk: &Value, method: &str, signer: Option<&str>, policy: Policy) -> Result<JwsKey, NoKey> {
    if policy == Policy::Strict && !is_of_one_host(method, signer.ok_or_else(nobody)?) {
        return Err(NoKey::Refused(format!(
            "the key {method} is not published by the host of the issuer"
        )));
    }
    JwsKey::from_jwk(jwk).map_err(|error| NoKey::Refused(format!("the key {method}: {error}")))
}

fn is_of_one_host(method: &str, signer: &str) -> bool {
    authority(split(method).0).is_some_and(|host| authority(signer) == Some(host))
}

/// A document that is one key: its controller is the issuer, and under the strict policy both are of one host, because else
/// anyone could publish a key in an issuer's name.
fn lone_key(document: &Value, method: &str, signer: Option<&str>, policy: Policy) -> Result<JwsKey, NoKey> {
    let id = document.get("id").and_then(Value::as_str);
    if id.is_some_and(|id| id != method) {
        return Err(NoKey::Refused(format!("the document of {method} is another key's")));
    }
    if policy != Policy::ProofOnly {
        let Some(owner) = document.get("controller").and_then(Value::as_str) else {
            return Err(NoKey::Refused(format!("the key {method} names no controller")));
        };
        let signer = signer.ok_or_else(nobody)?;
        if owner != signer {
            return Err(another(owner, Some(signer)));
        }
        if policy == Policy::Strict && !is_of_one_host(method, signer) {
            return Err(NoKey::Refused(format!(
                "the key {method} is not published by the host of {signer}, nor listed there"
            )));
        }
    }
    read_key(document, method)
}

fn read_key(entry: &Value, method: &str) -> Result<JwsKey, NoKey> {
    let malformed = |error: String| NoKey::Refused(format!("the key {method}: {error}"));
    // When a signature was made is only what its signer says: a key that was revoked is void for all of them.
    if entry.get("revoked").is_some() {
        return Err(malformed("was revoked by its controller".to_owned()));
    }
    if let Some(multikey) = entry.get("publicKeyMultibase").and_then(Value::as_str) {
        return PublicKey::from_multikey(multikey)
            .map(JwsKey::Curve)
            .map_err(|error| malformed(error.to_string()));
    }
    match entry.get("publicKeyJwk") {
        Some(jwk) => JwsKey::from_jwk(jwk).map_err(|error| malformed(error.to_string())),
        None => Err(malformed("has neither publicKeyMultibase nor publicKeyJwk".to_owned())),
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

fn another(controller: &str, signer: Option<&str>) -> NoKey {
    match signer {
        Some(signer) => NoKey::Refused(format!("the key belongs to {controller}, the credential to {signer}")),
        None => nobody(),
    }
}

fn nobody() -> NoKey {
    NoKey::Refused("the credential names no issuer that a key could belong to".to_owned())
}

fn not_listed(controller: &str, method: &str) -> NoKey {
    NoKey::Refused(format!("{controller} does not list the key {method}"))
}

fn no_document(method: &str, controller: &str) -> NoKey {
    let is_did = controller.strip_prefix("did:").is_some_and(|rest| rest.contains(':'));
    if is_did && !controller.starts_with("did:web:") {
        return NoKey::OutOfReach {
            reason: format!("keys of {controller} are not known here: did:key, did:web and https URLs are"),
            retry: false,
        };
    }
    NoKey::Refused(format!("{method:?} is neither a DID URL nor an https URL of a key"))
}

/// Where the host answers that it has no such document, the issuer's word for the key is not just out of reach: there is none.
impl From<FetchError> for NoKey {
    fn from(error: FetchError) -> Self {
        let retry = matches!(error, FetchError::OutOfReach(_));
        match error {
            FetchError::Absent(reason) => Self::Refused(reason),
            FetchError::Refused(reason) | FetchError::OutOfReach(reason) => Self::OutOfReach { reason, retry },
        }
    }
}

#[cfg(test)]
mod tests;
