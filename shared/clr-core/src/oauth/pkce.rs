//! Proof Key for Code Exchange (RFC 7636), method S256 only.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// `BASE64URL(SHA256(verifier))`, 43 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeChallenge(String);

/// What only the client that asked for the code knows: 43 to 128 unreserved characters (section 4.1).
#[derive(Clone)]
pub struct CodeVerifier(String);

/// Not of the form that RFC 7636 gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedPkce {
    /// The challenge.
    #[error("code_challenge is not 43 base64url characters, the S256 of a verifier")]
    Challenge,
    /// The verifier.
    #[error("code_verifier is not 43 to 128 letters, digits, `-`, `.`, `_` or `~`")]
    Verifier,
}

impl TryFrom<String> for CodeChallenge {
    type Error = MalformedPkce;

    fn try_from(text: String) -> Result<Self, MalformedPkce> {
        match URL_SAFE_NO_PAD.decode(&text) {
            Ok(hash) if hash.len() == 32 => Ok(Self(text)),
            _ => Err(MalformedPkce::Challenge),
        }
    }
}

impl From<CodeChallenge> for String {
    fn from(challenge: CodeChallenge) -> Self {
        challenge.0
    }
}

impl CodeVerifier {
    /// Reads what a client presented.
    ///
    /// # Errors
    /// It has another form.
    pub fn parse(text: &str) -> Result<Self, MalformedPkce> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if (43..=128).contains(&text.len()) && text.bytes().all(unreserved) {
            return Ok(Self(text.to_owned()));
        }
        Err(MalformedPkce::Verifier)
    }

    /// The challenge that this verifier answers.
    #[must_use]
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes())))
    }

    /// Whether it answers the challenge.
    #[must_use]
    pub fn answers(&self, challenge: &CodeChallenge) -> bool {
        self.challenge().0.as_bytes().ct_eq(challenge.0.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_holds() {
        let verifier = CodeVerifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
        let challenge = CodeChallenge::try_from("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()).unwrap();
        assert!(verifier.answers(&challenge));
        assert!(!CodeVerifier::parse(&"a".repeat(43)).unwrap().answers(&challenge));
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "short",
            &"a".repeat(42),
            &"a".repeat(129),
            &format!("{} ", "a".repeat(43)),
        ] {
            assert_eq!(
                CodeVerifier::parse(text).err(),
                Some(MalformedPkce::Verifier),
                "{text:?}"
            );
        }
        for text in ["", &"a".repeat(42), &"a".repeat(44), &"=".repeat(43)] {
            assert_eq!(
                CodeChallenge::try_from((*text).to_owned()),
                Err(MalformedPkce::Challenge),
                "{text:?}"
            );
        }
    }
}
