//! A token request, one variant per grant type.

use clr_core::oauth::{CodeVerifier, GrantToken, MalformedPkce, Parameters, Scopes};
use clr_server::OAuthError;

use crate::form::{optional, required};

/// What is asked for.
pub(crate) enum TokenRequest {
    AuthorizationCode(AuthorizationCode),
    RefreshToken(RefreshToken),
    ClientCredentials(ClientCredentials),
}

/// RFC 6749, section 4.1.3, and RFC 7636, section 4.5.
pub(crate) struct AuthorizationCode {
    /// None when it cannot be one of ours.
    pub(crate) code: Option<GrantToken>,
    pub(crate) redirect_uri: String,
    pub(crate) verifier: CodeVerifier,
    pub(crate) scopes: Option<Scopes>,
}

/// RFC 6749, section 6.
pub(crate) struct RefreshToken {
    /// None when it cannot be one of ours.
    pub(crate) refresh_token: Option<GrantToken>,
    pub(crate) scopes: Option<Scopes>,
}

/// RFC 6749, section 4.4.2.
pub(crate) struct ClientCredentials {
    pub(crate) scopes: Option<Scopes>,
}

impl TokenRequest {
    pub(crate) fn read(form: &Parameters) -> Result<Self, OAuthError> {
        let scopes = || scopes(form);
        match required(form, "grant_type")? {
            "authorization_code" => Ok(Self::AuthorizationCode(AuthorizationCode {
                code: GrantToken::parse(required(form, "code")?),
                redirect_uri: required(form, "redirect_uri")?.to_owned(),
                verifier: CodeVerifier::parse(required(form, "code_verifier")?).map_err(malformed)?,
                scopes: scopes()?,
            })),
            "refresh_token" => Ok(Self::RefreshToken(RefreshToken {
                refresh_token: GrantToken::parse(required(form, "refresh_token")?),
                scopes: scopes()?,
            })),
            "client_credentials" => Ok(Self::ClientCredentials(ClientCredentials { scopes: scopes()? })),
            _ => Err(OAuthError::UnsupportedGrantType(
                "grant_type is not authorization_code, refresh_token or client_credentials".to_owned(),
            )),
        }
    }
}

/// An unknown scope asks for more than anybody has: nothing is granted for it. Who asks, and with what, is looked at first.
fn scopes(form: &Parameters) -> Result<Option<Scopes>, OAuthError> {
    Ok(optional(form, "scope")?.map(|text| text.parse().unwrap_or_default()))
}

fn malformed(malformed: MalformedPkce) -> OAuthError {
    OAuthError::InvalidRequest(malformed.to_string())
}
