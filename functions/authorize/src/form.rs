//! The forms of the pages, as they come back.

use axum::extract::{RawForm, rejection::RawFormRejection};
use clr_core::oauth::{AuthorizationId, ClientId, Parameters, Scopes};

use crate::refused::Refused;

/// A form that one of our pages sent.
pub(crate) struct Form {
    pub(crate) authorization: AuthorizationId,
    pub(crate) form_token: String,
    pub(crate) answer: Answer,
}

/// What the learner chose.
pub(crate) enum Answer {
    SignIn { learner: String, client: Option<ClientId> },
    Allow { scopes: Scopes },
    Deny,
    Revoke { client: ClientId },
}

/// Names of the fields.
pub(crate) mod field {
    pub(crate) const AUTHORIZATION: &str = "authorization";
    pub(crate) const FORM_TOKEN: &str = "form_token";
    pub(crate) const ANSWER: &str = "answer";
    pub(crate) const LEARNER: &str = "learner";
    pub(crate) const CLIENT: &str = "client";
    pub(crate) const SCOPE: &str = "scope";
}

/// Values of [`field::ANSWER`].
pub(crate) mod answer {
    pub(crate) const SIGN_IN: &str = "sign_in";
    pub(crate) const ALLOW: &str = "allow";
    pub(crate) const DENY: &str = "deny";
    pub(crate) const REVOKE: &str = "revoke";
}

impl Form {
    pub(crate) fn read(form: Result<RawForm, RawFormRejection>) -> Result<Self, Refused> {
        let RawForm(body) = form.map_err(|_| Refused::Malformed)?;
        let form = Parameters::parse(&body);
        let required = |name| form.one(name).ok().flatten().ok_or(Refused::Malformed);
        let answer = match required(field::ANSWER)? {
            answer::SIGN_IN => Answer::SignIn {
                learner: required(field::LEARNER)?.to_owned(),
                client: form.one(field::CLIENT).ok().flatten().and_then(ClientId::parse),
            },
            answer::ALLOW => {
                let scopes: Result<Scopes, _> = form.all(field::SCOPE).map(str::parse).collect();
                Answer::Allow {
                    scopes: scopes.map_err(|_| Refused::Malformed)?,
                }
            }
            answer::DENY => Answer::Deny,
            answer::REVOKE => Answer::Revoke {
                client: ClientId::parse(required(field::CLIENT)?).ok_or(Refused::Malformed)?,
            },
            _ => return Err(Refused::Malformed),
        };
        Ok(Self {
            authorization: AuthorizationId::parse(required(field::AUTHORIZATION)?).ok_or(Refused::Malformed)?,
            form_token: required(field::FORM_TOKEN)?.to_owned(),
            answer,
        })
    }
}
