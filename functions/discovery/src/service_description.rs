//! The Service Description Document: an OpenAPI document of what this deployment does (digest section 1.8).

use clr_core::oauth::Scope;
use clr_server::{Config, PublicUrl, paths};
use serde_json::{Map, Value, json};

use crate::{
    operations, schemas,
    terms::{privacy_policy_url, terms_of_service_url},
};

pub(crate) fn of(config: &Config, public_url: &PublicUrl) -> Value {
    json!({
        "openapi": "3.0.1",
        "info": {
            "title": config.service_name,
            "description": "The 1EdTech Comprehensive Learner Record API, version 2.0.",
            "version": "2.0",
            "termsOfService": terms_of_service_url(config, public_url),
            "x-imssf-privacyPolicyUrl": privacy_policy_url(config, public_url),
        },
        "servers": [{ "url": public_url.join(paths::CLR_BASE) }],
        "paths": operations::paths(),
        "components": {
            "securitySchemes": { "OAuth2ACG": security_scheme(config, public_url) },
            "headers": operations::headers(),
            "schemas": schemas::all(),
        },
    })
}

fn security_scheme(config: &Config, public_url: &PublicUrl) -> Value {
    let token_url = public_url.join(paths::TOKEN);
    let scopes = Scope::LEARNER.map(|scope| (scope.as_str().to_owned(), json!(meaning(scope))));
    json!({
        "type": "oauth2",
        "description": "Authorization code with PKCE (S256), for clients registered at x-imssf-registrationUrl. A token that is bound to \
            a key goes with Authorization: DPoP (RFC 9449), any other one with Authorization: Bearer.",
        "x-imssf-name": config.service_name,
        "x-imssf-registrationUrl": public_url.join(paths::REGISTER),
        "x-imssf-termsOfServiceUrl": terms_of_service_url(config, public_url),
        "x-imssf-privacyPolicyUrl": privacy_policy_url(config, public_url),
        // No member of the standard's tells these.
        "x-clr-serverless-metadataUrl": public_url.join(paths::OAUTH_METADATA),
        "x-clr-serverless-revocationUrl": public_url.join(paths::REVOKE),
        "flows": {
            "authorizationCode": {
                "authorizationUrl": public_url.join(paths::AUTHORIZE),
                "tokenUrl": token_url,
                "refreshUrl": token_url,
                "scopes": Map::from_iter(scopes),
            },
        },
    })
}

fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::CredentialReadonly => "Read the credentials of the learner who grants it.",
        Scope::CredentialUpsert => "Add credentials to those of the learner who grants it, or replace them.",
        Scope::ProfileReadonly => "Read the Profile of the learner who grants it.",
        Scope::ProfileUpdate => "Replace the Profile of the learner who grants it.",
        Scope::OfflineAccess => "Go on without the learner: ask for a refresh token.",
        Scope::Issue => "Issue records in the institution's name.",
        Scope::Status => "Revoke and suspend what was issued in the institution's name.",
    }
}
