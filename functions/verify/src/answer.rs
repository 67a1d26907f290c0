//! The verdict as the VC-API's answer.

use std::sync::Arc;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use clr_core::verification::{Check, CheckName, CheckOutcome, Verdict};
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::Value;

/// A verdict, and what was asked to be sent back with it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) verdict: Verdict,
    pub(crate) returned: Option<(&'static str, Arc<Value>)>,
}

/// The verdict with the members that programs of the VC-API read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(flatten)]
    verdict: Value,
    problem_details: Vec<Problem>,
    errors: Vec<String>,
    warnings: Vec<String>,
}

/// RFC 9457, with the types of VC 2.0 and of Bitstring Status List.
#[derive(Debug, PartialEq, Serialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    detail: String,
}

impl Answer {
    fn body(self) -> Value {
        let told = |wanted: &[CheckOutcome]| -> Vec<String> {
            let checks = self.verdict.checks.iter();
            checks
                .filter(|check| wanted.contains(&check.outcome))
                .map(detail)
                .collect()
        };
        let body = Body {
            problem_details: self.verdict.obstacles().map(problem).collect(),
            errors: told(&[CheckOutcome::Failed, CheckOutcome::CouldNotCheck]),
            warnings: told(&[CheckOutcome::Warning]),
            // Strings, booleans and their arrays always are JSON.
            verdict: serde_json::to_value(&self.verdict).unwrap_or_default(),
        };
        let mut body = serde_json::to_value(body).unwrap_or_default();
        if let Some((member, document)) = self.returned {
            body[member] = Arc::unwrap_or_clone(document);
        }
        body
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = if self.verdict.is_valid() {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        };
        (status, [(header::CACHE_CONTROL, "no-store")], Json(self.body())).into_response()
    }
}

fn problem(check: &Check) -> Problem {
    Problem {
        kind: match check.name {
            CheckName::Proof | CheckName::Jwt | CheckName::Challenge | CheckName::Domain => {
                "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR"
            }
            CheckName::JsonLd | CheckName::DataModel | CheckName::Schema => {
                "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"
            }
            CheckName::Validity => "https://www.w3.org/TR/vc-data-model#RANGE_ERROR",
            CheckName::Status => "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
            CheckName::Refresh | CheckName::Issuer | CheckName::Recipient => "about:blank",
        },
        title: check.name.to_string(),
        detail: detail(check),
    }
}

fn detail(check: &Check) -> String {
    let place = if check.pointer.is_empty() {
        "document"
    } else {
        &check.pointer
    };
    format!("{place}: {}", check.reason)
}

#[cfg(test)]
mod tests {
    use clr_core::verification::Policy;
    use serde_json::json;

    use super::*;

    #[test]
    fn problems_are_told_in_three_ways_and_the_verdict_stays_as_it_is() {
        let check = |name, outcome, pointer: &str| Check {
            name,
            pointer: pointer.to_owned(),
            credential_id: None,
            outcome,
            reason: "why".to_owned(),
            retry: outcome == CheckOutcome::CouldNotCheck,
            state: None,
        };
        let verdict = Verdict {
            policy: Policy::Strict,
            checks: vec![
                check(CheckName::Proof, CheckOutcome::Failed, "/proof"),
                check(CheckName::Status, CheckOutcome::CouldNotCheck, "/credentialStatus"),
                check(CheckName::DataModel, CheckOutcome::Warning, ""),
                check(CheckName::Validity, CheckOutcome::Passed, ""),
            ],
        };
        let returned = Some(("verifiableCredential", Arc::new(json!({"id": "urn:a"}))));
        let body = Answer { verdict, returned }.body();
        assert_eq!(body["verified"], false);
        assert_eq!(body["verdict"], "invalid");
        assert_eq!(body["checks"].as_array().unwrap().len(), 4);
        assert_eq!(body["checks"][1]["retry"], true);
        assert_eq!(body["errors"], json!(["/proof: why", "/credentialStatus: why"]));
        assert_eq!(body["warnings"], json!(["document: why"]));
        assert_eq!(
            body["problemDetails"][0],
            json!({
                "type": "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR",
                "title": "proof",
                "detail": "/proof: why",
            })
        );
        assert_eq!(body["problemDetails"].as_array().unwrap().len(), 2);
        assert_eq!(body["verifiableCredential"]["id"], "urn:a");
    }
}
