//! What a client is told of its registration (RFC 7591, section 3.2.1; RFC 7592, section 3).

use axum::response::{IntoResponse, Response};
use clr_core::{
    Secret,
    oauth::{Client, ClientKeys, RedirectUri, Scopes, VerifiedClient},
};
use clr_server::{PublicUrl, paths};
use http::header;
use serde::Serialize;

/// All that is registered. The secret is there when it is new: only its digest is kept.
#[derive(Serialize)]
pub(crate) struct ClientInformation {
    client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    client_id_issued_at: i64,
    /// Never.
    client_secret_expires_at: u8,
    registration_access_token: String,
    registration_client_uri: String,
    client_name: String,
    client_uri: String,
    logo_uri: String,
    tos_uri: String,
    policy_uri: String,
    software_id: String,
    software_version: String,
    redirect_uris: Vec<String>,
    scope: String,
    token_endpoint_auth_method: &'static str,
    grant_types: &'static [&'static str],
    response_types: [&'static str; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contacts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks: Option<ClientKeys>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks_uri: Option<String>,
    dpop_bound_access_tokens: bool,
    require_pushed_authorization_requests: bool,
}

impl ClientInformation {
    /// None for a client that did not register itself.
    pub(crate) fn of(client: &Client, secret: Option<&Secret>, token: &Secret, url: &PublicUrl) -> Option<Self> {
        let application: &VerifiedClient = client.application()?;
        let id = client.id().to_string();
        Some(Self {
            client_secret: secret.map(|secret| secret.reveal().to_owned()),
            client_id_issued_at: client.issued(),
            client_secret_expires_at: 0,
            registration_access_token: token.reveal().to_owned(),
            registration_client_uri: url.join(&paths::REGISTERED_CLIENT.replace("{client_id}", &id)),
            client_id: id,
            client_name: application.client_name.clone(),
            client_uri: application.client_uri.to_string(),
            logo_uri: application.logo_uri.to_string(),
            tos_uri: application.tos_uri.to_string(),
            policy_uri: application.policy_uri.to_string(),
            software_id: application.software_id.clone(),
            software_version: application.software_version.clone(),
            redirect_uris: application.redirect_uris.iter().map(RedirectUri::to_string).collect(),
            scope: Scopes::to_string(&application.scope),
            token_endpoint_auth_method: application.authentication.method(),
            grant_types: application.grant_types(),
            response_types: ["code"],
            contacts: application.contacts.clone(),
            jwks: application.authentication.keys().cloned(),
            jwks_uri: application.authentication.keys_url().map(ToString::to_string),
            dpop_bound_access_tokens: application.dpop_bound_access_tokens,
            require_pushed_authorization_requests: application.require_pushed_authorization_requests,
        })
    }
}

impl IntoResponse for ClientInformation {
    fn into_response(self) -> Response {
        let no_store = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
        (no_store, axum::Json(self)).into_response()
    }
}
