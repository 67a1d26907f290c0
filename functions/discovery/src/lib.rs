//! What the deployment says of itself: `GET /ims/clr/v2p0/discovery` (getServiceDescription, digest section 1.8),
//! `GET /.well-known/oauth-authorization-server` (RFC 8414; the same under `openid-configuration`, where older clients look:
//! this is no OpenID provider), and `GET /.well-known/did.json`, the issuer's DID document.
//! Beside that document, what else the issuer publishes: `GET /.well-known/jwks.json`, its keys as a JWK Set (RFC 7517), and
//! `GET /issuer`, its Profile.
//! `GET /terms` and `GET /privacy` stand in for pages that the operator has not published.
//!
//! In AWS the `$default` route leads here too: what no function answers is refused from the path table, by `clr_server`.

mod operations;
mod responses;
mod schemas;
mod service_description;
mod terms;

use axum::{extract::State, response::Response};
use clr_core::issuers::{Issuer, ListedKey};
use clr_server::{ApiError, App, PublicUrl, Published, Routes, oauth_metadata, paths};
use http::HeaderMap;

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::CLR_DISCOVERY, service_description)
        .get(paths::OAUTH_METADATA, authorization_server)
        .get(paths::OPENID_CONFIGURATION, authorization_server)
        .get(paths::DID_DOCUMENT, did_document)
        .get(paths::JWKS, jwks)
        .get(paths::ISSUER_PROFILE, issuer_profile)
        .get(paths::TERMS, terms::terms_of_service)
        .get(paths::PRIVACY, terms::privacy_policy)
}

async fn service_description(State(app): State<App>, public_url: PublicUrl, headers: HeaderMap) -> Response {
    let document = service_description::of(&app.config, &public_url);
    Published::document("application/json", document.to_string()).answer(&headers)
}

async fn authorization_server(State(app): State<App>, public_url: PublicUrl, headers: HeaderMap) -> Response {
    let document = oauth_metadata(&public_url, &app.config);
    Published::document("application/json", document.to_string()).answer(&headers)
}

async fn did_document(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let (issuer, keys) = issuer(&app).await?;
    // A did:key is its own document; nobody looks for it here.
    if !issuer.id.starts_with("did:web:") {
        return Err(ApiError::NotFound("this deployment's issuer is no did:web".to_owned()));
    }
    let document = issuer.did_document(&keys).to_string();
    Ok(Published::document("application/did+json", document).answer(&headers))
}

async fn jwks(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let (issuer, keys) = issuer(&app).await?;
    let document = issuer.jwks(&keys).to_string();
    Ok(Published::document("application/jwk-set+json", document).answer(&headers))
}

async fn issuer_profile(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let (issuer, keys) = issuer(&app).await?;
    let document = issuer.profile_document(&keys).to_string();
    Ok(Published::document("application/json", document).answer(&headers))
}

/// The deployment's issuer and every key that it tells of.
async fn issuer(app: &App) -> Result<(&Issuer, Vec<ListedKey>), ApiError> {
    let issuers = app.issuers.all().await?;
    let issuer = issuers
        .first()
        .ok_or_else(|| ApiError::NotFound("this deployment has no issuer".to_owned()))?;
    Ok((issuer, app.issuers.listed_keys(issuer).await?))
}
