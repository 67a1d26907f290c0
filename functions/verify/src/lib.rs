//! `POST /credentials/verify`: the verdict on a signed record, for anyone.
//!
//! The exchange is the VC-API's: `{"verifiableCredential": …, "options": {"policy": …}}` in; a bare credential is taken too.
//! 200 with the verdict when it is valid, 400 with the verdict when it is not or could not be reached; its member `verdict`
//! says which. Policies: `strict` (the default), `1edtech`, `proof-only`.
//!
//! <https://w3c-ccg.github.io/vc-api/#verify-credential>

use std::sync::Arc;

use axum::{Json, extract::State};
use clr_core::verification::{Policy, Verdict, Verifier};
use clr_server::{ApiError, App, JsonBody, Routes, paths};
use http::{StatusCode, header};
use serde_json::Value;

/// This function's endpoint.
#[must_use]
pub fn routes() -> Routes {
    Routes::new().post(paths::VERIFY, verify)
}

async fn verify(State(app): State<App>, body: JsonBody) -> Result<Answer, ApiError> {
    let request = Request::read(body.value)?;
    let verifier = Verifier {
        policy: request.policy,
        issuers: &app.issuers,
        contexts: app.contexts,
        now: app.clock.now(),
    };
    let verdict = verifier.verify(Arc::new(request.credential)).await;
    let status = if verdict.is_valid() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    Ok((status, [(header::CACHE_CONTROL, "no-store")], Json(verdict)))
}

type Answer = (StatusCode, [(header::HeaderName, &'static str); 1], Json<Verdict>);

/// What is asked.
#[derive(Debug, PartialEq)]
struct Request {
    credential: Value,
    policy: Policy,
}

impl Request {
    /// Takes the VC-API's envelope, or a credential alone under the default policy.
    fn read(mut body: Value) -> Result<Self, ApiError> {
        let Some(credential) = body.get_mut("verifiableCredential").map(Value::take) else {
            return Ok(Self {
                credential: body,
                policy: Policy::default(),
            });
        };
        let policy = match body.pointer("/options/policy") {
            None => Policy::default(),
            Some(Value::String(name)) => name.parse().map_err(refused)?,
            Some(_) => return Err(ApiError::InvalidData("`options.policy` is a string".to_owned())),
        };
        Ok(Self { credential, policy })
    }
}

fn refused(error: impl std::fmt::Display) -> ApiError {
    ApiError::InvalidData(format!("`options.policy`: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_envelope_names_its_policy_or_is_strict() {
        let credential = json!({"id": "urn:example:1"});
        for (options, policy) in [
            (json!({}), Policy::Strict),
            (json!({"policy": "1edtech"}), Policy::OneEdTech),
            (json!({"policy": "proof-only", "checks": ["proof"]}), Policy::ProofOnly),
        ] {
            let body = json!({"verifiableCredential": credential, "options": options});
            assert_eq!(
                Request::read(body).unwrap(),
                Request {
                    credential: credential.clone(),
                    policy
                }
            );
        }
        assert_eq!(
            Request::read(json!({"verifiableCredential": credential}))
                .unwrap()
                .policy,
            Policy::Strict
        );
    }

    #[test]
    fn a_bare_credential_is_judged_strictly() {
        let credential = json!({"id": "urn:example:1", "options": {"policy": "proof-only"}});
        let expected = Request {
            credential: credential.clone(),
            policy: Policy::Strict,
        };
        assert_eq!(Request::read(credential).unwrap(), expected);
    }

    #[test]
    fn an_unknown_policy_is_refused_and_the_known_ones_are_named() {
        let body = json!({"verifiableCredential": {}, "options": {"policy": "lax"}});
        let ApiError::InvalidData(text) = Request::read(body).unwrap_err() else {
            panic!("invalid data")
        };
        assert!(text.contains("lax") && text.contains("1edtech"), "{text}");
        Request::read(json!({"verifiableCredential": {}, "options": {"policy": 1}})).unwrap_err();
    }
}
