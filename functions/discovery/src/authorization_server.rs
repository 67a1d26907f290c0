//! Authorization server metadata (RFC 8414): exactly what is there.

use clr_core::oauth::Scope;
use clr_server::{Config, PublicUrl, paths};
use serde_json::{Value, json};

use crate::terms::{privacy_policy_url, terms_of_service_url};

pub(crate) fn of(config: &Config, public_url: &PublicUrl) -> Value {
    let scopes: Vec<&str> = Scope::LEARNER.into_iter().chain(Scope::OPERATOR).map(Scope::as_str).collect();
    json!({
        "issuer": public_url.as_str(),
        "authorization_endpoint": public_url.join(paths::AUTHORIZE),
        "token_endpoint": public_url.join(paths::TOKEN),
        "registration_endpoint": public_url.join(paths::REGISTER),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "op_policy_uri": privacy_policy_url(config, public_url),
        "op_tos_uri": terms_of_service_url(config, public_url),
        "service_documentation": public_url.join(paths::CLR_DISCOVERY),
    })
}
