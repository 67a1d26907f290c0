//! Which credentials are the same, and which of them is newer.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Clause, Finding, Findings, issuer_id, validate::formats};

/// Equality and comparison of credentials.
const COMPARISON: Clause = Clause::ObSection("credential-equality-and-comparison-algorithm");

/// Issuer id and credential id, normalized: percent-decoded, then trimmed (digest section 5.6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CredentialIdentity {
    /// Normalized `issuer.id`.
    pub issuer: String,
    /// Normalized `id`.
    pub credential: String,
}

/// `validFrom` (VC 1.1: `issuanceDate`) as an instant; a later one is the newer version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub Timestamp);

impl CredentialIdentity {
    /// Reads it from a credential.
    ///
    /// # Errors
    /// Names each member that is missing, or that cannot identify anything.
    pub fn of(credential: &Value) -> Result<Self, Findings> {
        let mut findings = Vec::new();
        let mut part = |pointer: &str, id: Option<&str>| {
            normalized(id).unwrap_or_else(|message| {
                findings.push(Finding::new(pointer, "identity", message).by(COMPARISON));
                String::new()
            })
        };
        let issuer_pointer = if credential.get("issuer").is_some_and(Value::is_object) {
            "/issuer/id"
        } else {
            "/issuer"
        };
        let identity = Self {
            issuer: part(issuer_pointer, issuer_id(credential)),
            credential: part("/id", credential.get("id").and_then(Value::as_str)),
        };
        if findings.is_empty() {
            Ok(identity)
        } else {
            Err(Findings(findings))
        }
    }

    /// base64url(SHA-256(issuer, NUL, credential id)), 43 characters.
    #[must_use]
    pub fn clr_credential_id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(&self.issuer);
        hash.update([0]);
        hash.update(&self.credential);
        URL_SAFE_NO_PAD.encode(hash.finalize())
    }
}

impl Version {
    /// Reads it from a credential.
    ///
    /// # Errors
    /// Names the member that is missing or not a date-time with offset.
    pub fn of(credential: &Value) -> Result<Self, Findings> {
        let member = if credential.get("validFrom").is_none() && credential.get("issuanceDate").is_some() {
            "issuanceDate"
        } else {
            "validFrom"
        };
        let text = credential.get(member).and_then(Value::as_str);
        text.and_then(formats::date_time).map(Self).ok_or_else(|| {
            let message = match text {
                None => format!("{member:?} is missing, so it cannot be told which version is newer"),
                Some(text) => format!("{text:?} is not a date-time with offset such as 2026-05-18T00:00:00Z"),
            };
            Findings(vec![
                Finding::new(format!("/{member}"), "version", message).by(COMPARISON),
            ])
        })
    }
}

/// Percent-decoded and trimmed. Bytes that are not UTF-8 once decoded leave the text as it was written.
fn normalized(id: Option<&str>) -> Result<String, String> {
    let id = id.ok_or("an id is missing, so the credential cannot be told from others")?;
    let decoded = percent_decode_str(id).decode_utf8().unwrap_or(id.into());
    let trimmed = decoded.trim();
    if trimmed.is_empty() {
        Err("the id is empty, so the credential cannot be told from others".to_owned())
    } else if trimmed.contains('\0') {
        // NUL separates the two ids in the hash.
        Err("an id cannot hold a NUL character".to_owned())
    } else {
        Ok(trimmed.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn identity(issuer: Value, id: &str) -> CredentialIdentity {
        CredentialIdentity::of(&json!({"issuer": issuer, "id": id})).unwrap()
    }

    #[test]
    fn percent_encoding_and_surrounding_space_do_not_tell_credentials_apart() {
        let plain = identity(json!("https://a.example/x y"), "urn:é");
        assert_eq!(
            plain,
            identity(json!({"id": " https://a.example/x%20y\n"}), "%20urn:%C3%A9")
        );
        assert_eq!(
            plain.clr_credential_id(),
            identity(json!("https://a.example/x%20y"), "urn:é").clr_credential_id()
        );
    }

    #[test]
    fn an_issuer_given_as_a_string_counts_as_its_id() {
        assert_eq!(
            identity(json!("urn:a"), "urn:b"),
            identity(json!({"id": "urn:a", "name": "A"}), "urn:b")
        );
    }

    #[test]
    fn case_tells_credentials_apart() {
        assert_ne!(identity(json!("urn:a"), "urn:b"), identity(json!("urn:a"), "urn:B"));
    }

    #[test]
    fn the_credential_id_is_the_hash_of_both_ids() {
        // printf 'urn:a\0urn:b' | openssl dgst -sha256 -binary | basenc --base64url
        assert_eq!(
            identity(json!("urn:a"), "urn:b").clr_credential_id(),
            "iMs68jO52mjtUbMJyPxCTfRC-ZzxczYBn7xv7lrnEW8"
        );
    }

    #[test]
    fn missing_ids_are_all_named() {
        let Findings(findings) = CredentialIdentity::of(&json!({"issuer": {"name": "A"}})).unwrap_err();
        let pointers: Vec<_> = findings.iter().map(|finding| finding.pointer.as_str()).collect();
        assert_eq!(pointers, ["/issuer/id", "/id"]);
    }

    #[test]
    fn a_nul_cannot_move_the_border_between_the_two_ids() {
        assert!(CredentialIdentity::of(&json!({"issuer": "urn:a%00b", "id": "c"})).is_err());
    }

    #[test]
    fn versions_are_compared_as_instants() {
        let version = |text: &str| Version::of(&json!({"validFrom": text})).unwrap();
        assert!(version("2026-01-01T01:00:00+02:00") < version("2026-01-01T00:00:00Z"));
        assert_eq!(
            version("2026-01-01T02:00:00.000+02:00"),
            version("2026-01-01T00:00:00Z")
        );
        assert_eq!(
            Version::of(&json!({"issuanceDate": "2026-01-01T00:00:00Z"})).unwrap(),
            version("2026-01-01T00:00:00Z")
        );
    }

    #[test]
    fn a_version_without_offset_is_refused_with_its_place() {
        let Findings(findings) = Version::of(&json!({"validFrom": "2026-01-01T00:00:00"})).unwrap_err();
        assert_eq!(findings[0].pointer, "/validFrom");
        assert!(
            findings[0].message.contains("2026-01-01T00:00:00"),
            "{}",
            findings[0].message
        );
    }
}
