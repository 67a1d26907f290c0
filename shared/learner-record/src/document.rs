//! A credential as it comes in a file, whatever the file is called: JSON, a compact JWS, or one of them inside a picture.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{
    CredentialKind, NotReadable,
    baking::{self, BakingError},
    credential_of_vc_jwt, read,
    validate::formats,
};

/// A credential, in one of the two forms that it is signed in.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    /// JSON, with embedded proofs if it is signed.
    Json(Value),
    /// A VC-JWT: the compact JWS. Nothing in it has been checked yet.
    Jwt(String),
}

/// Why bytes are no credential.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotADocument {
    /// Neither text nor a picture that may carry one.
    #[error("neither a text in UTF-8 nor a PNG file")]
    NotText,
    /// Neither JSON nor a compact JWS.
    #[error("not JSON: {0}; a credential is JSON, a compact JWS, or a picture with one of them inside")]
    Json(#[from] NotReadable),
    /// The picture does not carry one.
    #[error(transparent)]
    Picture(#[from] BakingError),
}

impl Document {
    /// Reads the bytes of a file, by what they are.
    ///
    /// # Errors
    /// See [`NotADocument`].
    pub fn read(bytes: &[u8]) -> Result<Self, NotADocument> {
        if baking::is_picture(bytes) {
            return Self::read_text(&baking::unbake(bytes)?);
        }
        Self::read_text(std::str::from_utf8(bytes).map_err(|_| NotADocument::NotText)?)
    }

    /// Reads JSON or a compact JWS, with any space around it.
    ///
    /// # Errors
    /// See [`NotADocument`].
    pub fn read_text(text: &str) -> Result<Self, NotADocument> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if formats::is_compact_jws(text) {
            Ok(Self::Jwt(text.to_owned()))
        } else {
            Ok(Self::Json(read(text)?))
        }
    }

    /// What the credential says it is.
    #[must_use]
    pub fn kind(&self) -> CredentialKind {
        match self {
            Self::Json(credential) => CredentialKind::of(credential),
            Self::Jwt(jws) => claimed(jws).map_or(CredentialKind::Other, |credential| CredentialKind::of(&credential)),
        }
    }
}

/// The credential that a JWS claims to sign.
fn claimed(jws: &str) -> Option<Value> {
    let payload = URL_SAFE_NO_PAD.decode(jws.split('.').nth(1)?).ok()?;
    let payload = read(std::str::from_utf8(&payload).ok()?).ok()?;
    credential_of_vc_jwt(&payload).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn jws(payload: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2ln", part(&json!({"alg": "ES256"})), part(payload))
    }

    #[test]
    fn a_file_is_read_by_what_it_holds() {
        let credential = json!({"type": ["VerifiableCredential", "ClrCredential"]});
        let jws = jws(&credential);
        let json = |bytes: String| {
            assert_eq!(
                Document::read(bytes.as_bytes()).unwrap(),
                Document::Json(credential.clone())
            )
        };
        json(credential.to_string());
        json(format!("\u{feff}\n {credential}\n"));
        assert_eq!(
            Document::read(format!(" {jws}\r\n").as_bytes()).unwrap(),
            Document::Jwt(jws)
        );
    }

    #[test]
    fn a_jwt_is_of_the_kind_that_it_claims() {
        let badge = json!({"type": ["VerifiableCredential", "OpenBadgeCredential"]});
        assert_eq!(Document::Jwt(jws(&badge)).kind(), CredentialKind::Achievement);
        assert_eq!(
            Document::Jwt(jws(&json!({ "vc": badge }))).kind(),
            CredentialKind::Achievement
        );
        assert_eq!(Document::Jwt("a.b.c".to_owned()).kind(), CredentialKind::Other);
    }

    #[test]
    fn what_is_no_credential_is_told_with_its_reason() {
        for (bytes, told) in [
            (&b"\xff\xfe\x00"[..], "neither a text"),
            (b"a transcript", "not JSON: expected value at line 1 column 1"),
            (b"{\"name\": 1, \"name\": 2}", "stands twice"),
            (b"<html></html>", "neither a PNG nor an SVG"),
            (b"\x89PNG\r\n\x1a\n", "broken"),
            (b"<svg/>", "carries no credential"),
        ] {
            let error = Document::read(bytes).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
