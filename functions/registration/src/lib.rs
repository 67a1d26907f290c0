//! `POST /oauth/register`: an application introduces itself and gets credentials of its own.
//!
//! [RFC 7591](https://www.rfc-editor.org/rfc/rfc7591#section-3), with the members that 1EdTech requires. Open to anyone: every request
//! makes a new client, no request ever learns of another one, nothing that a client names is fetched.

use axum::{
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use clr_core::{
    Secret,
    oauth::{Client, ClientMetadata, MetadataFault, RedirectUri, Scopes, SecretMethod, VerifiedClient},
};
use clr_server::{
    App, OAuthError, PublicUrl, Routes, paths,
    rate_limit::{Registration, Within},
};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;

/// Metadata of a usual client is below 2 KB.
const MAX_METADATA_BYTES: usize = 64 * 1024;

/// The endpoint.
#[must_use]
pub fn routes() -> Routes {
    Routes::new().post(paths::REGISTER, register)
}

async fn register(
    _: Within<Registration>,
    State(app): State<App>,
    url: PublicUrl,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, OAuthError> {
    let application = metadata(&headers, &body)?.verify(url.transport()).map_err(refuse)?;
    let (client, secret) = Client::register(application.clone(), app.clock.now(), &app.randomness);
    app.table.insert_client(&client).await?;
    tracing::info!(client = %client.id(), "a client registered");
    let registered = Registered::new(&client, &secret, &application);
    let no_store = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    Ok((StatusCode::CREATED, no_store, axum::Json(registered)).into_response())
}

fn metadata(headers: &HeaderMap, body: &[u8]) -> Result<ClientMetadata, OAuthError> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(OAuthError::InvalidClientMetadata(
            "the body is not of type application/json".to_owned(),
        ));
    }
    if body.len() > MAX_METADATA_BYTES {
        let text = format!("the body is longer than {MAX_METADATA_BYTES} bytes");
        return Err(OAuthError::InvalidClientMetadata(text));
    }
    serde_json::from_slice(body)
        .map_err(|error| OAuthError::InvalidClientMetadata(format!("the body is not client metadata: {error}")))
}

fn refuse(fault: MetadataFault) -> OAuthError {
    match fault {
        MetadataFault::RedirectUri(text) => OAuthError::InvalidRedirectUri(text),
        MetadataFault::Metadata(text) => OAuthError::InvalidClientMetadata(text),
    }
}

/// The answer: what was registered, and the credentials, once (RFC 7591, section 3.2.1).
#[derive(Serialize)]
struct Registered<'a> {
    client_id: String,
    client_secret: &'a str,
    client_id_issued_at: i64,
    /// Never.
    client_secret_expires_at: u8,
    client_name: &'a str,
    client_uri: &'a str,
    logo_uri: &'a str,
    tos_uri: &'a str,
    policy_uri: &'a str,
    software_id: &'a str,
    software_version: &'a str,
    redirect_uris: Vec<&'a str>,
    scope: String,
    token_endpoint_auth_method: SecretMethod,
    grant_types: &'a [&'a str],
    response_types: [&'a str; 1],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    contacts: &'a [String],
}

impl<'a> Registered<'a> {
    fn new(client: &Client, secret: &'a Secret, application: &'a VerifiedClient) -> Self {
        Self {
            client_id: client.id().to_string(),
            client_secret: secret.reveal(),
            client_id_issued_at: client.issued(),
            client_secret_expires_at: 0,
            client_name: &application.client_name,
            client_uri: application.client_uri.as_str(),
            logo_uri: application.logo_uri.as_str(),
            tos_uri: application.tos_uri.as_str(),
            policy_uri: application.policy_uri.as_str(),
            software_id: &application.software_id,
            software_version: &application.software_version,
            redirect_uris: application.redirect_uris.iter().map(RedirectUri::as_str).collect(),
            scope: Scopes::to_string(&application.scope),
            token_endpoint_auth_method: application.token_endpoint_auth_method,
            grant_types: application.grant_types(),
            response_types: ["code"],
            contacts: &application.contacts,
        }
    }
}
