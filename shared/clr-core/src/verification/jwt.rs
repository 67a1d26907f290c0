//! A credential in a compact JWS (digest section 5.3), or a presentation.

use std::sync::Arc;

use data_integrity::{Jws, JwsError, JwsKey};
use jiff::Timestamp;
use learner_record::{Finding, check_vc_jwt_claims, credential_of_vc_jwt, has_type, items};
use serde_json::{Map, Value};

use super::{Check, CheckName, CheckOutcome, Policy, subject::Subject};

const VC_2: &str = "https://www.w3.org/ns/credentials/v2";

/// A JWS whose form is right, and the credential or presentation in it. Says nothing about its signature.
#[derive(Clone, Debug)]
pub(super) struct Jwt {
    text: Arc<str>,
    payload: Arc<Value>,
    /// Or the presentation.
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

/// An object that stands for a JWT (VC 2.0, sections 4.13.1 and 4.13.2).
pub(super) struct Envelope {
    class: &'static str,
    /// What its data URL may be of.
    media_types: [&'static str; 4],
}

pub(super) const CREDENTIAL_ENVELOPE: Envelope = Envelope {
    class: "EnvelopedVerifiableCredential",
    media_types: [
        "application/vc+jwt",
        "application/vc-ld+jwt",
        "application/vc+ld+json+jwt",
        "application/jwt",
    ],
};

pub(super) const PRESENTATION_ENVELOPE: Envelope = Envelope {
    class: "EnvelopedVerifiablePresentation",
    media_types: [
        "application/vp+jwt",
        "application/vp-ld+jwt",
        "application/vp+ld+json+jwt",
        "application/jwt",
    ],
};

/// The JWT in an envelope of this kind; none: the object is something else.
pub(super) fn in_envelope<'a>(object: &'a Value, envelope: &Envelope) -> Option<Result<&'a str, String>> {
    let class = envelope.class;
    if !has_type(object, class) {
        return None;
    }
    let contexts = items(String::new(), object.get("@context"));
    if !contexts.iter().any(|(_, entry)| *entry == VC_2) {
        return Some(Err(format!("an {class} has the context of VC 2.0")));
    }
    let url = object
        .get("id")
        .and_then(Value::as_str)
        .and_then(|url| url.strip_prefix("data:"));
    let text = envelope
        .media_types
        .iter()
        .find_map(|media_type| url?.strip_prefix(media_type)?.strip_prefix(','));
    Some(text.ok_or_else(|| format!("the id of an {class} is a data URL of a JWT")))
}

/// Claims beside the members of a presentation that is the whole payload.
const BESIDE: [&str; 8] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce"];

/// The presentation in a payload: in the claim `vp` of VC 1.1, or all of it. Who issued the JWT holds it.
fn presentation_of(payload: &Value) -> Value {
    let mut members = match payload.get("vp") {
        Some(Value::Object(presentation)) => presentation.clone(),
        Some(_) => Map::new(),
        None => payload.as_object().cloned().unwrap_or_default(),
    };
    members.retain(|name, _| !BESIDE.contains(&name.as_str()));
    if let (None, Some(issuer)) = (members.get("holder"), payload.get("iss")) {
        members.insert("holder".to_owned(), issuer.clone());
    }
    members.into()
}

impl Jwt {
    pub(super) fn read(text: &str) -> Result<Self, NotAJwt> {
        Self::read_as(text, |payload| credential_of_vc_jwt(payload).map_err(NotAJwt::Payload))
    }

    /// Its `credential` is the presentation.
    pub(super) fn read_presentation(text: &str) -> Result<Self, NotAJwt> {
        Self::read_as(text, |payload| Ok(presentation_of(payload)))
    }

    fn read_as(text: &str, document: impl FnOnce(&Value) -> Result<Value, NotAJwt>) -> Result<Self, NotAJwt> {
        let text = text.trim();
        let jws = Jws::read(text)?;
        Ok(Self {
            credential: Arc::new(document(jws.payload())?),
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

    /// A claim of the payload.
    pub(super) fn claim(&self, name: &str) -> Option<&Value> {
        self.payload.get(name)
    }

    /// Holds the issuer and the times beside a presentation against it and against the time.
    pub(super) fn check_presentation_claims(&self, subject: &Subject, now: Timestamp) -> Vec<Check> {
        let seconds = |name| self.claim(name).map(|time| time.as_f64().unwrap_or(f64::NAN));
        #[expect(clippy::cast_precision_loss, reason = "seconds of this era fit into a double")]
        let now = now.as_second() as f64;
        let presentation = &*self.credential;
        let is_by_its_holder = self.claim("iss").is_none_or(|issuer| {
            let holder = presentation.get("holder");
            holder == Some(issuer) || holder.and_then(|holder| holder.get("id")) == Some(issuer)
        });
        let faults = [
            (is_by_its_holder, CheckName::Jwt, "iss", "is not the holder"),
            (
                seconds("nbf").is_none_or(|from| from <= now),
                CheckName::Validity,
                "nbf",
                "is no time that has come",
            ),
            (
                seconds("exp").is_none_or(|until| until > now),
                CheckName::Validity,
                "exp",
                "is no time to come",
            ),
        ];
        let faults = faults.into_iter().filter(|(is_good, ..)| !is_good);
        faults
            .map(|(_, name, claim, reason)| {
                let reason = format!("the claim {claim:?} of the JWT {reason}");
                subject.check(name, "", CheckOutcome::Failed, reason)
            })
            .collect()
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
