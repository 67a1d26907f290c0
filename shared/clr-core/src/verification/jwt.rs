//! A credential in a compact JWS (digest section 5.3).

use std::sync::Arc;

use data_integrity::{Jws, JwsError, JwsKey};
use jiff::Timestamp;
use learner_record::{Finding, check_vc_jwt_claims, credential_of_vc_jwt, items};
use serde_json::Value;

use super::{
    Check, CheckName, CheckOutcome, Policy,
    subject::{Subject, has_type},
};

const VC_2: &str = "https://www.w3.org/ns/credentials/v2";

/// A JWS whose form is right, and the credential in it. Says nothing about its signature.
#[derive(Clone, Debug)]
pub(super) struct Jwt {
    text: Arc<str>,
    payload: Arc<Value>,
    pub(super) credential: Arc<Value>,
    pub(super) key_id: Option<String>,
    /// The key that the header brings along.
    pub(super) key: Option<JwsKey>,
}

/// Why a text is no credential in a JWS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotAJwt {
    /// It is no JWS of the form that credentials have.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Its payload holds no credential.
    #[error("the payload holds no credential: {0}")]
    Payload(Finding),
}

/// The JWT in an `EnvelopedVerifiableCredential` (VC 2.0, section 4.13.1); none: the object is something else.
pub(super) fn in_envelope(object: &Value) -> Option<Result<&str, &'static str>> {
    if !has_type(object, "EnvelopedVerifiableCredential") {
        return None;
    }
    let contexts = items(String::new(), object.get("@context"));
    if !contexts.iter().any(|(_, entry)| *entry == VC_2) {
        return Some(Err("an EnvelopedVerifiableCredential has the context of VC 2.0"));
    }
    let media_types = [
        "application/vc+jwt",
        "application/vc-ld+jwt",
        "application/vc+ld+json+jwt",
        "application/jwt",
    ];
    let url = object
        .get("id")
        .and_then(Value::as_str)
        .and_then(|url| url.strip_prefix("data:"));
    let text = media_types
        .iter()
        .find_map(|media_type| url?.strip_prefix(media_type)?.strip_prefix(','));
    Some(text.ok_or("the id of an EnvelopedVerifiableCredential is a data URL of a VC-JWT"))
}

impl Jwt {
    pub(super) fn read(text: &str) -> Result<Self, NotAJwt> {
        let text = text.trim();
        let jws = Jws::read(text)?;
        Ok(Self {
            credential: Arc::new(credential_of_vc_jwt(jws.payload()).map_err(NotAJwt::Payload)?),
            payload: Arc::new(jws.payload().clone()),
            key_id: jws.key_id().map(str::to_owned),
            key: jws.key().cloned(),
            text: text.into(),
        })
    }

    /// Checks the signature with a key that may speak for the issuer.
    pub(super) fn verify(&self, key: &JwsKey) -> Result<(), JwsError> {
        Jws::read(&self.text)?.verify(key)
    }

    /// Holds the claims beside the credential against it and against the time. 1EdTech's validator does not compare them.
    pub(super) fn check_claims(&self, subject: &Subject, now: Timestamp, policy: Policy) -> Vec<Check> {
        let findings = check_vc_jwt_claims(&self.payload, now);
        let checks = findings.into_iter().map(|finding| {
            let (name, outcome) = match (finding.rule, policy) {
                ("vc-jwt-not-yet-valid" | "vc-jwt-expired", _) => (CheckName::Validity, CheckOutcome::Failed),
                (_, Policy::OneEdTech) => (CheckName::Jwt, CheckOutcome::Warning),
                _ => (CheckName::Jwt, CheckOutcome::Failed),
            };
            // The claims stand beside the credential, where no pointer into it leads.
            let claim = finding.pointer.trim_start_matches('/');
            subject.check(
                name,
                "",
                outcome,
                format!("the claim {claim:?} of the JWT {}", finding.message),
            )
        });
        checks.collect()
    }
}
