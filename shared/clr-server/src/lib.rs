//! From process to handler: configuration, the shared [`App`], routes, extractors, the two error dialects, and [`serve()`].
//!
//! A function crate is a list of [`Routes`]; its `main` is `clr_server::serve(routes())`. The laptop merges the routes of all
//! functions and runs them with [`serve_on`]; there is no second routing table.

pub use axum::Router;

mod accept;
mod app;
mod aws;
mod config;
mod cors;
mod credential_body;
mod credential_state;
mod deadline;
pub mod dpop;
mod entity_tag;
mod error;
mod extract;
mod json_body;
mod language;
mod oauth_metadata;
mod page;
mod panics;
pub mod paths;
mod public_url;
mod published;
pub mod rate_limit;
mod request;
pub mod request_log;
mod routes;
mod serve;
mod sign_in;
mod unrouted;
#[cfg(test)]
#[path = "../../../tests/vectors.rs"]
mod vectors;

pub use crate::{
    app::App,
    config::{Config, ConfigError, VARIABLES},
    credential_body::CredentialBody,
    credential_state::{CREDENTIAL_STATE, credential_state},
    entity_tag::EntityTag,
    error::{ApiError, OAuthError},
    extract::{
        Caller, CredentialReadonly, CredentialUpsert, Issue, OperatorCaller, ProfileReadonly, ProfileUpdate,
        RequiredScope, Status,
    },
    json_body::JsonBody,
    language::Language,
    oauth_metadata::oauth_metadata,
    page::Page,
    panics::log_panics,
    public_url::PublicUrl,
    published::Published,
    request_log::RequestLog,
    routes::{Endpoint, Routes},
    serve::{StartError, connect, log_filter, router, serve, serve_on},
    sign_in::{DemoLearner, DemoLearners, DemoLearnersError, IdentityProvider, SignIn},
};
