//! VC-JWT: a credential as the payload of a JWS, and back (digest sections 5.1 and 5.3).
//!
//! A VC 2.0 credential is the whole payload, with registered claims beside its own members; a VC 1.1 credential stands in
//! the claim `vc`. The registered claims repeat what the credential says, so the two can contradict each other: what a
//! reader of either would be told must be the same.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    Clause, CredentialKind, Finding, issuer_id,
    model::Edition,
    pointer::child,
    validate::{brief, formats},
};

/// The registered claims of RFC 7519: they are no members of the credential.
const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// The claims of the payload that a credential is signed in. Claims follow the credential; what it does not say has none.
#[must_use]
pub fn vc_jwt_payload(credential: &Value) -> Map<String, Value> {
    let mut payload = match (Edition::of(credential), credential) {
        (Edition::V2_0, Value::Object(members)) => members.clone(),
        _ => Map::from_iter([("vc".to_owned(), credential.clone())]),
    };
    for claim in CLAIMS {
        if let Some(value) = (claim.of)(credential) {
            payload.insert(claim.name.to_owned(), value);
        }
    }
    payload
}

/// The credential in a payload. What the `vc` of VC 1.1 leaves to the claims is filled in from them, and so is the end of
/// validity.
///
/// # Errors
/// The payload has a `vc` that is not an object.
pub fn credential_of_vc_jwt(payload: &Value) -> Result<Value, Finding> {
    let mut credential = match payload.get("vc") {
        Some(Value::Object(credential)) => credential.clone(),
        Some(other) => {
            return Err(finding(
                "/vc",
                "value-type",
                format!("an object is expected, {} was found", brief(other)),
            ));
        }
        None => {
            let mut members = payload.as_object().cloned().unwrap_or_default();
            members.retain(|name, _| !REGISTERED.contains(&name.as_str()));
            members
        }
    };
    fill_in(&mut credential, payload);
    Ok(credential.into())
}

/// What is wrong with the claims of a payload (digest section 5.3): in the wrong form for the version of its credential,
/// missing where 1EdTech requires them, contradicting the credential, or out of time. Pointers are those of the payload.
#[must_use]
pub fn check_vc_jwt_claims(payload: &Value, now: Timestamp) -> Vec<Finding> {
    let credential = match credential_of_vc_jwt(payload) {
        Ok(credential) => credential,
        Err(finding) => return vec![finding],
    };
    let mut findings = Vec::new();
    match (Edition::of(&credential), payload.get("vc").is_some()) {
        (Edition::V2_0, true) => findings.push(finding(
            "/vc",
            "vc-jwt-form",
            "a VC 2.0 credential is the whole payload; the claim \"vc\" is for VC 1.1",
        )),
        (Edition::V1_1, false) => findings.push(finding(
            "",
            "vc-jwt-form",
            "a VC 1.1 credential stands in the claim \"vc\"",
        )),
        _ => {}
    }
    // The credential as it is written: what was filled in from a claim cannot contradict it.
    let written = payload.get("vc").unwrap_or(payload);
    let required = CredentialKind::of(&credential) != CredentialKind::Other;
    for claim in CLAIMS {
        let pointer = child("", claim.name);
        match (payload.get(claim.name), (claim.of)(written)) {
            (Some(found), Some(said)) if !agree(found, &said) => findings.push(finding(
                pointer,
                "vc-jwt-claim",
                format!(
                    "is {}, but {} of the credential is {}",
                    brief(found),
                    claim.source,
                    brief(&said)
                ),
            )),
            (None, Some(said)) if required => findings.push(finding(
                pointer,
                "vc-jwt-claim",
                format!("is missing; it repeats {}, which is {}", claim.source, brief(&said)),
            )),
            _ => {}
        }
    }
    check_times(payload, now, &mut findings);
    findings
}

/// A registered claim that repeats a property.
struct Claim {
    name: &'static str,
    /// What it repeats, in words.
    source: &'static str,
    /// Its value for a credential.
    of: fn(&Value) -> Option<Value>,
}

const CLAIMS: [Claim; 5] = [
    Claim {
        name: "iss",
        source: "the issuer's id",
        of: |credential| issuer_id(credential).map(Value::from),
    },
    Claim {
        name: "jti",
        source: "the id",
        of: |credential| credential.get("id").filter(|id| id.is_string()).cloned(),
    },
    Claim {
        name: "sub",
        source: "the id of the credentialSubject",
        of: |credential| {
            let id = credential.get("credentialSubject")?.get("id")?;
            id.is_string().then(|| id.clone())
        },
    },
    Claim {
        name: "nbf",
        source: "validFrom",
        of: |credential| seconds(credential, ["validFrom", "issuanceDate"]),
    },
    Claim {
        name: "exp",
        source: "validUntil",
        of: |credential| seconds(credential, ["validUntil", "expirationDate"]),
    },
];

/// The first of these date-times that is there, as a NumericDate in whole seconds.
fn seconds(credential: &Value, members: [&str; 2]) -> Option<Value> {
    let written = members.iter().find_map(|member| credential.get(*member))?;
    formats::date_time(written.as_str()?).map(|time| time.as_second().into())
}

fn agree(found: &Value, said: &Value) -> bool {
    match (found.as_f64(), said.as_f64()) {
        // A NumericDate may have a fraction; the credential's was cut off.
        (Some(found), Some(said)) => found.floor() == said,
        _ => found == said,
    }
}

fn check_times(payload: &Value, now: Timestamp, findings: &mut Vec<Finding>) {
    for (name, is_beginning) in [("nbf", true), ("exp", false)] {
        let Some(value) = payload.get(name) else { continue };
        let pointer = child("", name);
        match time(value) {
            None => {
                let message = format!("is {}, not a number of seconds since 1970", brief(value));
                findings.push(finding(pointer, "vc-jwt-claim", message));
            }
            Some(time) if is_beginning && time > now => {
                findings.push(finding(
                    pointer,
                    "vc-jwt-not-yet-valid",
                    format!("is valid from {time} on only"),
                ));
            }
            Some(time) if !is_beginning && time <= now => {
                findings.push(finding(pointer, "vc-jwt-expired", format!("expired on {time}")));
            }
            Some(_) => {}
        }
    }
}

/// A NumericDate, to the second.
fn time(value: &Value) -> Option<Timestamp> {
    let seconds = value.as_f64().filter(|seconds| seconds.is_finite())?;
    // What lies beyond the range of an instant saturates here and is refused there.
    #[expect(clippy::cast_possible_truncation, reason = "seconds saturate")]
    Timestamp::from_second(seconds.floor() as i64).ok()
}

fn fill_in(credential: &mut Map<String, Value>, payload: &Value) {
    let claim = |name: &str| payload.get(name).cloned();
    let date_time = |name: &str| payload.get(name).and_then(time).map(|time| time.to_string().into());
    let is_v1_1 = Edition::of(&Value::Object(credential.clone())) == Edition::V1_1;
    let mut fill = |member: &str, value: Option<Value>| {
        if let (false, Some(value)) = (credential.contains_key(member), value) {
            credential.insert(member.to_owned(), value);
        }
    };
    if is_v1_1 {
        fill("id", claim("jti"));
        fill("issuer", claim("iss"));
        fill("issuanceDate", date_time("nbf"));
        fill("expirationDate", date_time("exp"));
        let subject = credential.get_mut("credentialSubject").and_then(Value::as_object_mut);
        if let (Some(subject), Some(id)) = (subject, claim("sub")) {
            subject.entry("id").or_insert(id);
        }
    } else {
        fill("validUntil", date_time("exp"));
    }
}

fn finding(pointer: impl Into<String>, rule: &'static str, message: impl Into<String>) -> Finding {
    Finding::new(pointer, rule, message).by(Clause::ObSection("jwt-proof"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn credential() -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "id": "urn:uuid:1",
            "type": ["VerifiableCredential", "ClrCredential"],
            "issuer": {"id": "https://example.edu/issuers/1", "type": ["Profile"]},
            "validFrom": "2026-01-01T00:00:00.5Z",
            "validUntil": "2030-01-01T00:00:00Z",
            "credentialSubject": {"id": "did:example:learner"},
        })
    }

    fn credential_1_1() -> Value {
        json!({
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "id": "urn:uuid:1",
            "type": ["VerifiableCredential", "ClrCredential"],
            "issuer": {"id": "https://example.edu/issuers/1"},
            "issuanceDate": "2026-01-01T00:00:00Z",
            "credentialSubject": {"id": "did:example:learner"},
        })
    }

    fn now() -> Timestamp {
        "2026-06-01T00:00:00Z".parse().unwrap()
    }

    fn rules(payload: &Value) -> Vec<(String, &'static str)> {
        let findings = check_vc_jwt_claims(payload, now());
        findings
            .into_iter()
            .map(|finding| (finding.pointer, finding.rule))
            .collect()
    }

    fn changed(pointer: &str, value: Value) -> Value {
        let mut payload = Value::Object(vc_jwt_payload(&credential()));
        match (value, pointer.strip_prefix('/')) {
            (Value::Null, Some(member)) => drop(payload.as_object_mut().unwrap().remove(member)),
            (value, _) if payload.pointer(pointer).is_some() => *payload.pointer_mut(pointer).unwrap() = value,
            (value, member) => payload[member.unwrap()] = value,
        }
        payload
    }

    #[test]
    fn a_credential_of_either_version_comes_back_as_it_went_in() {
        for credential in [credential(), credential_1_1()] {
            let payload = Value::Object(vc_jwt_payload(&credential));
            assert_eq!(credential_of_vc_jwt(&payload).unwrap(), credential);
            assert_eq!(rules(&payload), []);
        }
    }

    #[test]
    fn a_vc_2_0_credential_is_the_whole_payload_with_its_claims() {
        let payload = vc_jwt_payload(&credential());
        assert_eq!(payload["iss"], "https://example.edu/issuers/1");
        assert_eq!(payload["jti"], "urn:uuid:1");
        assert_eq!(payload["sub"], "did:example:learner");
        assert_eq!(payload["nbf"], 1_767_225_600);
        assert_eq!(payload["exp"], 1_893_456_000);
        assert!(!payload.contains_key("vc"));
        assert_eq!(payload["validFrom"], "2026-01-01T00:00:00.5Z");
        assert_eq!(vc_jwt_payload(&credential_1_1())["vc"], credential_1_1());
    }

    #[test]
    fn a_claim_that_contradicts_the_credential_is_told() {
        for (claim, value) in [
            ("iss", json!("https://example.com/issuers/1")),
            ("jti", json!("urn:uuid:2")),
            ("sub", json!("did:example:another")),
            ("nbf", json!(1_767_225_601)),
            ("nbf", json!("1767225600")),
            ("exp", json!(1_893_456_001)),
        ] {
            let found = rules(&changed(&format!("/{claim}"), value));
            assert!(
                found.contains(&(format!("/{claim}"), "vc-jwt-claim")),
                "{claim}: {found:?}"
            );
        }
        assert_eq!(rules(&changed("/nbf", json!(1_767_225_600.25))), []);
    }

    #[test]
    fn claims_may_be_missing_where_1edtech_does_not_require_them() {
        for claim in ["iss", "jti", "sub", "nbf", "exp"] {
            let mut payload = changed(&format!("/{claim}"), Value::Null);
            assert_eq!(rules(&payload), [(format!("/{claim}"), "vc-jwt-claim")]);
            payload["type"] = json!(["VerifiableCredential"]);
            assert_eq!(rules(&payload), []);
        }
    }

    #[test]
    fn a_jwt_counts_between_nbf_and_exp() {
        let at = |time: &str| {
            let payload = Value::Object(vc_jwt_payload(&credential()));
            let findings = check_vc_jwt_claims(&payload, time.parse().unwrap());
            findings.into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
        };
        assert_eq!(at("2025-12-31T23:59:59Z"), ["vc-jwt-not-yet-valid"]);
        assert_eq!(at("2026-01-01T00:00:00Z"), [""; 0]);
        assert_eq!(at("2029-12-31T23:59:59Z"), [""; 0]);
        assert_eq!(at("2030-01-01T00:00:00Z"), ["vc-jwt-expired"]);
    }

    #[test]
    fn the_end_of_validity_may_stand_in_the_claim_alone() {
        let mut payload = changed("/validUntil", Value::Null);
        payload["exp"] = json!(1_893_456_000.9);
        assert_eq!(rules(&payload), []);
        assert_eq!(
            credential_of_vc_jwt(&payload).unwrap()["validUntil"],
            "2030-01-01T00:00:00Z"
        );
    }

    #[test]
    fn what_vc_1_1_leaves_to_the_claims_is_filled_in() {
        let mut payload = Value::Object(vc_jwt_payload(&credential_1_1()));
        for member in ["id", "issuer", "issuanceDate"] {
            payload["vc"].as_object_mut().unwrap().remove(member);
        }
        payload["vc"]["credentialSubject"] = json!({});
        let credential = credential_of_vc_jwt(&payload).unwrap();
        assert_eq!(credential["id"], "urn:uuid:1");
        assert_eq!(credential["issuer"], "https://example.edu/issuers/1");
        assert_eq!(credential["issuanceDate"], "2026-01-01T00:00:00Z");
        assert_eq!(credential["credentialSubject"]["id"], "did:example:learner");
        assert_eq!(rules(&payload), []);
    }

    #[test]
    fn the_form_follows_the_version() {
        let mut wrapped = Value::Object(vc_jwt_payload(&credential()));
        wrapped["vc"] = credential();
        assert_eq!(rules(&wrapped), [("/vc".to_owned(), "vc-jwt-form")]);
        let mut bare = credential_1_1();
        for (name, value) in vc_jwt_payload(&credential_1_1()) {
            if name != "vc" {
                bare[name] = value;
            }
        }
        assert_eq!(rules(&bare), [(String::new(), "vc-jwt-form")]);
        assert_eq!(rules(&json!({"vc": "text"})), [("/vc".to_owned(), "value-type")]);
    }

    #[test]
    fn payloads_of_any_kind_are_told_about_and_survived() {
        for payload in [
            json!(null),
            json!([]),
            json!({}),
            json!({"vc": {}}),
            json!({"nbf": {}, "exp": []}),
            json!({"exp": 1e300, "nbf": -1e300}),
            json!({"credentialSubject": [1], "issuer": 1, "validFrom": 1}),
        ] {
            let _ = check_vc_jwt_claims(&payload, now());
            let _ = credential_of_vc_jwt(&payload);
        }
    }
}
