//! The institution's identity provider: OpenID Connect, code flow with PKCE and nonce (crate `openidconnect`).

use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

use clr_core::{
    learners::{Account, Identifier, IdentifierKind, Identity, Voucher},
    oauth::UpstreamRequest,
};
use clr_server::{IdentityProvider, paths};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse as _,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreJwsSigningAlgorithm, CoreProviderMetadata,
        CoreTokenResponse, CoreUserInfoClaims,
    },
};
use url::Url;

use crate::{Visit, refused::Refused};

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// A provider whose documents were read.
pub(crate) struct Provider {
    client: Client,
}

/// Why a sign-in did not come about.
#[derive(Debug, thiserror::Error)]
#[error("the identity provider: {0}")]
struct UpstreamFault(String);

/// How long the provider's documents are taken for current.
const KNOWN_SECONDS: i64 = 3_600;
const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_ANSWER_BYTES: usize = 1_000_000;

/// Documents by issuer, each with the second at which it was read. One process has one provider; tests have several.
static KNOWN: LazyLock<Mutex<BTreeMap<String, (i64, CoreProviderMetadata)>>> = LazyLock::new(Mutex::default);

impl Provider {
    /// Reads the provider's documents, unless they were read within the hour.
    pub(crate) async fn discovered(provider: &IdentityProvider, visit: &Visit) -> Result<Self, Refused> {
        let now = visit.app.clock.now().as_second();
        let issuer = &provider.issuer;
        let known = {
            let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
            known
                .get(issuer)
                .filter(|(read, _)| (0..KNOWN_SECONDS).contains(&(now - read)))
                .cloned()
        };
        let metadata = match known {
            Some((_, metadata)) => metadata,
            None => {
                let metadata = discover(provider).await?;
                let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
                known.insert(issuer.clone(), (now, metadata.clone()));
                metadata
            }
        };
        let redirect_url = RedirectUrl::new(visit.url.join(paths::SIGNED_IN)).map_err(failed)?;
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(provider.client_id.clone()),
            Some(ClientSecret::new(provider.client_secret.reveal().to_owned())),
        )
        .set_redirect_uri(redirect_url);
        Ok(Self { client })
    }

    /// Where the learner signs in.
    pub(crate) fn sign_in_url(&self, asked: &UpstreamRequest, state: String) -> Url {
        let verifier = PkceCodeVerifier::new(asked.code_verifier.clone());
        let nonce = asked.nonce.clone();
        let request = self
            .client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        request.url().0
    }

    /// Who signed in: the ID token, verified, and what the provider says beside it.
    pub(crate) async fn identity(&self, code: &str, asked: &UpstreamRequest) -> Result<Identity, Refused> {
        let request = self
            .client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(failed)?;
        let answer: CoreTokenResponse = request
            .set_pkce_verifier(PkceCodeVerifier::new(asked.code_verifier.clone()))
            .request_async(&send)
            .await
            .map_err(not_confirmed)?;
        let id_token = answer.id_token().ok_or(Refused::NotSignedIn)?;
        // Only a key of the provider can sign: the client secret, which HMAC would take, is not one. This is the one place where the
        // machine's own time decides, in the crate.
        let verifier = self.client.id_token_verifier().set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EcdsaP384Sha384,
            CoreJwsSigningAlgorithm::EdDsa,
        ]);
        let claims = id_token
            .claims(&verifier, &Nonce::new(asked.nonce.clone()))
            .map_err(not_confirmed)?;
        let mut identity = identity_of(claims);
        // Claims of scopes are at the UserInfo endpoint, as a rule (OpenID Connect Core, section 5.4).
        if claims.email().is_none()
            && let Ok(request) = self
                .client
                .user_info(answer.access_token().clone(), Some(claims.subject().clone()))
        {
            let more: CoreUserInfoClaims = request.request_async(&send).await.map_err(not_confirmed)?;
            add_user_info(&mut identity, &more);
        }
        Ok(identity)
    }
}

/// The documents of the provider that calls itself as it is configured, character by character.
async fn discover(provider: &IdentityProvider) -> Result<CoreProviderMetadata, Refused> {
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(failed)?;
    CoreProviderMetadata::discover_async(issuer, &send)
        .await
        .map_err(failed)
}

fn identity_of(claims: &CoreIdTokenClaims) -> Identity {
    let email = claims.email().map(|email| email.as_str());
    Identity {
        account: Account {
            issuer: claims.issuer().as_str().to_owned(),
            subject: claims.subject().as_str().to_owned(),
        },
        name: claims
            .name()
            .and_then(|name| name.get(None))
            .map(|name| name.as_str().to_owned()),
        identifiers: verified_email(email, claims.email_verified()),
    }
}

fn add_user_info(identity: &mut Identity, claims: &CoreUserInfoClaims) {
    let email = claims.email().map(|email| email.as_str());
    identity.identifiers = verified_email(email, claims.email_verified());
    if identity.name.is_none() {
        identity.name = claims
            .name()
            .and_then(|name| name.get(None))
            .map(|name| name.as_str().to_owned());
    }
}

/// An address counts when the provider says that it verified it, and not otherwise.
fn verified_email(email: Option<&str>, verified: Option<bool>) -> Vec<Identifier> {
    let email = email.filter(|_| verified == Some(true));
    let identifier = |email| Identifier::new(IdentifierKind::EmailAddress, email, Voucher::IdentityProvider);
    email.map(identifier).into_iter().collect()
}

/// One request to the provider: no redirects, bounded in time and size.
async fn send(request: HttpRequest) -> Result<HttpResponse, UpstreamFault> {
    static CLIENT: LazyLock<Result<reqwest::Client, String>> = LazyLock::new(|| {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT);
        client.build().map_err(|error| error.to_string())
    });
    let fault = |error: reqwest::Error| UpstreamFault(error.without_url().to_string());
    let client = CLIENT.as_ref().map_err(|error| UpstreamFault(error.clone()))?;
    let request = reqwest::Request::try_from(request).map_err(fault)?;
    let mut answer = client.execute(request).await.map_err(fault)?;
    let mut response = http::Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        *headers = answer.headers().clone();
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(fault)? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER_BYTES {
            return Err(UpstreamFault(format!(
                "an answer is longer than {MAX_ANSWER_BYTES} bytes"
            )));
        }
    }
    response.body(body).map_err(|error| UpstreamFault(error.to_string()))
}

/// The provider cannot be reached or is not what the configuration says.
fn failed(error: impl std::error::Error) -> Refused {
    tracing::error!(error = %chain(&error), "the identity provider cannot be used");
    Refused::Unreachable
}

/// The provider, or somebody in its place, did not prove who signed in.
fn not_confirmed(error: impl std::error::Error) -> Refused {
    tracing::warn!(error = %chain(&error), "a sign-in was not confirmed");
    Refused::NotSignedIn
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_the_provider_verified_counts() {
        let count = |verified| verified_email(Some("Ada@Example.edu"), verified).len();
        assert_eq!((count(Some(true)), count(Some(false)), count(None)), (1, 0, 0));
        assert_eq!(verified_email(None, Some(true)), []);
        let identifier = &verified_email(Some("Ada@Example.edu"), Some(true))[0];
        assert_eq!(identifier.value(), "ada@example.edu");
        assert_eq!(identifier.vouched_by, Voucher::IdentityProvider);
    }

    #[tokio::test]
    async fn a_provider_that_is_not_there_is_an_error_and_no_panic() {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = nobody.local_addr().unwrap();
        drop(nobody);
        let request = http::Request::get(format!("http://{address}/"))
            .body(Vec::new())
            .unwrap();
        assert!(send(request).await.is_err());
    }
}
