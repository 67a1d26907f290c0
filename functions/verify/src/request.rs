//! What is asked, in the VC-API's envelopes.

use std::sync::Arc;

use clr_core::verification::{Asked, Policy, Recipient};
use clr_server::{ApiError, CredentialBody};
use serde::Deserialize as _;
use serde_json::Value;

/// A credential to be judged.
#[derive(Debug)]
pub(crate) struct CredentialRequest {
    /// JSON, or a string that is a compact JWS.
    pub(crate) credential: Arc<Value>,
    pub(crate) policy: Policy,
    pub(crate) recipient: Vec<Recipient>,
    pub(crate) asked: Asked,
    pub(crate) is_returned: bool,
}

/// A presentation to be judged.
#[derive(Debug)]
pub(crate) struct PresentationRequest {
    pub(crate) presentation: Arc<Value>,
    /// Whether it must be signed.
    pub(crate) signed: bool,
    pub(crate) policy: Policy,
    pub(crate) recipient: Vec<Recipient>,
    pub(crate) challenge: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) is_returned: bool,
}

impl CredentialRequest {
    /// Takes the VC-API's envelope, or a credential alone under the default policy.
    pub(crate) fn read(body: CredentialBody, default_policy: Policy) -> Result<Self, ApiError> {
        let mut body = match body {
            CredentialBody::Json(body) => body.value,
            CredentialBody::Jws(text) => return Ok(Self::alone(text.into(), default_policy)),
        };
        let Some(credential) = body.get_mut("verifiableCredential").map(Value::take) else {
            return Ok(Self::alone(body, default_policy));
        };
        let options = Options::of(&body)?;
        let credential = Arc::new(credential);
        Ok(Self {
            policy: options.policy(default_policy)?,
            recipient: options.recipient()?,
            asked: Asked {
                purpose: options.text("expectedProofPurpose")?,
                challenge: options.text("challenge")?,
                domain: options.text("domain")?,
            },
            is_returned: options.flag("returnCredential")?,
            credential,
        })
    }

    fn alone(credential: Value, policy: Policy) -> Self {
        Self {
            credential: Arc::new(credential),
            policy,
            recipient: Vec::new(),
            asked: Asked::default(),
            is_returned: false,
        }
    }
}

impl PresentationRequest {
    pub(crate) fn read(mut body: Value, default_policy: Policy) -> Result<Self, ApiError> {
        let signed = body.get_mut("verifiablePresentation").map(Value::take);
        let is_signed = signed.is_some();
        let Some(presentation) = signed.or_else(|| body.get_mut("presentation").map(Value::take)) else {
            let text = "/verifiablePresentation is missing, and so is /presentation, which need not be signed";
            return Err(ApiError::InvalidData(text.to_owned()));
        };
        let options = Options::of(&body)?;
        Ok(Self {
            presentation: Arc::new(presentation),
            signed: is_signed,
            policy: options.policy(default_policy)?,
            recipient: options.recipient()?,
            challenge: options.text("challenge")?,
            domain: options.text("domain")?,
            is_returned: options.flag("returnPresentation")?,
        })
    }
}

/// A person has a few identifiers; each is compared with each one of the record, and hashed for it.
const MAX_RECIPIENTS: usize = 20;

/// `options` of either envelope. Members that nobody knows here say nothing.
struct Options<'a>(Option<&'a Value>);

impl<'a> Options<'a> {
    fn of(body: &'a Value) -> Result<Self, ApiError> {
        match body.get("options") {
            None | Some(Value::Object(_)) => Ok(Self(body.get("options"))),
            Some(_) => Err(ApiError::InvalidData("/options: is not an object".to_owned())),
        }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0?.get(name)
    }

    fn text(&self, name: &str) -> Result<Option<String>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(ApiError::InvalidData(format!("/options/{name}: is not a string"))),
        }
    }

    fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(ApiError::InvalidData(format!(
                "/options/{name}: is neither true nor false"
            ))),
        }
    }

    fn policy(&self, default: Policy) -> Result<Policy, ApiError> {
        let refused = |error| ApiError::InvalidData(format!("/options/policy: {error}"));
        self.text("policy")?
            .map_or(Ok(default), |name| name.parse().map_err(refused))
    }

    fn recipient(&self) -> Result<Vec<Recipient>, ApiError> {
        let recipients = match self.get("recipient") {
            None => return Ok(Vec::new()),
            Some(Value::Array(recipients)) => recipients.as_slice(),
            Some(recipient) => std::slice::from_ref(recipient),
        };
        if recipients.len() > MAX_RECIPIENTS {
            let text = format!("/options/recipient: has more than {MAX_RECIPIENTS} members");
            return Err(ApiError::InvalidData(text));
        }
        recipients
            .iter()
            .map(|recipient| {
                Recipient::deserialize(recipient).map_err(|_| {
                    let text = "/options/recipient: is neither {\"identityType\", \"identifier\"} nor {\"id\"}, nor an array of such";
                    ApiError::InvalidData(text.to_owned())
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use clr_server::JsonBody;
    use serde_json::json;

    use super::*;

    fn read(body: Value) -> Result<CredentialRequest, String> {
        let body = JsonBody {
            text: body.to_string(),
            value: body,
            media_type: "application/json",
        };
        CredentialRequest::read(CredentialBody::Json(body), Policy::Strict).map_err(|error| match error {
            ApiError::InvalidData(text) => text,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn an_envelope_names_its_policy_or_has_the_default() {
        let credential = json!({"id": "urn:example:1"});
        for (options, policy) in [
            (json!({}), Policy::Strict),
            (json!({"policy": "1edtech"}), Policy::OneEdTech),
            (json!({"policy": "proof-only", "checks": ["proof"]}), Policy::ProofOnly),
        ] {
            let request = read(json!({"verifiableCredential": credential, "options": options})).unwrap();
            assert_eq!((&*request.credential, request.policy), (&credential, policy));
        }
        assert_eq!(
            read(json!({"verifiableCredential": "a.b.c"})).unwrap().credential,
            Arc::new(json!("a.b.c"))
        );
    }

    #[test]
    fn a_bare_credential_is_judged_by_the_default_policy() {
        let credential = json!({"id": "urn:example:1", "options": {"policy": "proof-only"}});
        let request = read(credential.clone()).unwrap();
        assert_eq!((&*request.credential, request.policy), (&credential, Policy::Strict));
        let jws = CredentialBody::Jws("a.b.c".to_owned());
        let request = CredentialRequest::read(jws, Policy::OneEdTech).unwrap();
        assert_eq!(
            (&*request.credential, request.policy),
            (&json!("a.b.c"), Policy::OneEdTech)
        );
    }

    #[test]
    fn options_that_are_not_understood_are_refused_with_their_place() {
        for (options, place) in [
            (json!({"policy": "lax"}), "/options/policy"),
            (json!({"policy": 1}), "/options/policy"),
            (json!({"recipient": "a@example.com"}), "/options/recipient"),
            (
                json!({"recipient": [{"identityType": "emailAddress"}]}),
                "/options/recipient",
            ),
            (json!({"returnCredential": "yes"}), "/options/returnCredential"),
            (json!([]), "/options"),
        ] {
            let error = read(json!({"verifiableCredential": {}, "options": options})).unwrap_err();
            assert!(error.starts_with(place), "{error}");
        }
        let lax = read(json!({"verifiableCredential": {}, "options": {"policy": "lax"}})).unwrap_err();
        assert!(lax.contains("1edtech"), "{lax}");
    }

    #[test]
    fn a_recipient_is_one_or_many() {
        let address = json!({"identityType": "emailAddress", "identifier": "a@example.com"});
        for (recipient, count) in [(address.clone(), 1), (json!([address, {"id": "did:example:a"}]), 2)] {
            let body = json!({"verifiableCredential": {}, "options": {"recipient": recipient}});
            assert_eq!(read(body).unwrap().recipient.len(), count);
        }
    }

    #[test]
    fn a_presentation_is_signed_or_says_that_it_need_not_be() {
        let read = |body: Value| PresentationRequest::read(body, Policy::Strict);
        let options = json!({"challenge": "c", "domain": "d", "returnPresentation": true});
        let request = read(json!({"verifiablePresentation": {"id": "urn:a"}, "options": options})).unwrap();
        assert!(request.signed && request.is_returned);
        assert_eq!(
            (request.challenge.as_deref(), request.domain.as_deref()),
            (Some("c"), Some("d"))
        );
        assert!(!read(json!({"presentation": {}})).unwrap().signed);
        read(json!({"verifiableCredential": {}})).unwrap_err();
        read(json!({"verifiablePresentation": {}, "options": {"challenge": 1}})).unwrap_err();
        read(json!([])).unwrap_err();
    }
}
