//! What the deployment says of itself: `GET /ims/clr/v2p0/discovery` (getServiceDescription, digest section 1.8),
//! `GET /.well-known/oauth-authorization-server` (RFC 8414; the same under `openid-configuration`, where older clients look:
//! this is no OpenID provider), and `GET /.well-known/did.json`, the issuer's DID document.
//! `GET /terms` and `GET /privacy` stand in for pages that the operator has not published.
//!
//! In AWS the `$default` route leads here too: what no function answers is refused from the path table, by `clr_server`.

mod operations;
mod published;
mod schemas;
mod service_description;
mod terms;

use axum::{extract::State, response::Response};
use clr_server::{ApiError, App, PublicUrl, Routes, oauth_metadata, paths};
use http::HeaderMap;

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::CLR_DISCOVERY, service_description)
        .get(paths::OAUTH_METADATA, authorization_server)
        .get(paths::OPENID_CONFIGURATION, authorization_server)
        .get(paths::DID_DOCUMENT, did_document)
        .get(paths::TERMS, terms::terms_of_service)
        .get(paths::PRIVACY, terms::privacy_policy)
}

async fn service_description(State(app): State<App>, public_url: PublicUrl, headers: HeaderMap) -> Response {
    let document = service_description::of(&app.config, &public_url);
    published::answer("application/json", &document, &headers)
}

async fn authorization_server(State(app): State<App>, public_url: PublicUrl, headers: HeaderMap) -> Response {
    let document = oauth_metadata(&public_url, &app.config);
    published::answer("application/json", &document, &headers)
}

async fn did_document(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let issuers = app.issuers.all().await?;
    // A did:key is its own document; nobody looks for it here.
    let issuer = issuers.iter().find(|issuer| issuer.id.starts_with("did:web:"));
    let issuer = issuer.ok_or_else(|| ApiError::NotFound("this deployment's issuer is no did:web".to_owned()))?;
    Ok(published::answer(
        "application/did+json",
        &issuer.did_document(),
        &headers,
    ))
}
