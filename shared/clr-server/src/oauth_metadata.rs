//! What the authorization server can do, for clients to read (RFC 8414): exactly what is there.

use clr_core::oauth::{ClientAuthentication, SIGNATURE_ALGORITHMS, Scope};
use serde_json::{Map, Value, json};

use crate::{Config, Language, PublicUrl, paths};

/// The metadata document. Scopes of the operator are not listed: nobody can register them.
#[must_use]
pub fn oauth_metadata(url: &PublicUrl, config: &Config) -> Value {
    let scopes = Scope::LEARNER.map(Scope::as_str);
    let mut document = Map::from_iter([
        ("issuer".to_owned(), json!(url.as_str())),
        ("authorization_endpoint".to_owned(), json!(url.join(paths::AUTHORIZE))),
        ("token_endpoint".to_owned(), json!(url.join(paths::TOKEN))),
        ("registration_endpoint".to_owned(), json!(url.join(paths::REGISTER))),
        (
            "pushed_authorization_request_endpoint".to_owned(),
            json!(url.join(paths::PUSHED_REQUESTS)),
        ),
        ("revocation_endpoint".to_owned(), json!(url.join(paths::REVOKE))),
        ("introspection_endpoint".to_owned(), json!(url.join(paths::INTROSPECT))),
        ("scopes_supported".to_owned(), json!(scopes)),
        ("response_types_supported".to_owned(), json!(["code"])),
        ("response_modes_supported".to_owned(), json!(["query"])),
        (
            "grant_types_supported".to_owned(),
            json!(["authorization_code", "refresh_token", "client_credentials"]),
        ),
        ("code_challenge_methods_supported".to_owned(), json!(["S256"])),
        ("authorization_response_iss_parameter_supported".to_owned(), json!(true)),
        (
            "dpop_signing_alg_values_supported".to_owned(),
            json!(SIGNATURE_ALGORITHMS),
        ),
        ("require_pushed_authorization_requests".to_owned(), json!(false)),
        (
            "ui_locales_supported".to_owned(),
            json!(Language::ALL.map(Language::tag)),
        ),
    ]);
    // All of these endpoints authenticate clients alike.
    for endpoint in ["token", "revocation", "introspection"] {
        document.insert(
            format!("{endpoint}_endpoint_auth_methods_supported"),
            json!(ClientAuthentication::METHODS),
        );
        document.insert(
            format!("{endpoint}_endpoint_auth_signing_alg_values_supported"),
            json!(SIGNATURE_ALGORITHMS),
        );
    }
    let pages = [
        ("op_tos_uri", &config.terms_of_service_url),
        ("op_policy_uri", &config.privacy_policy_url),
    ];
    let known = pages
        .into_iter()
        .filter_map(|(name, page)| Some((name.to_owned(), json!(page.as_ref()?))));
    document.extend(known);
    Value::Object(document)
}
