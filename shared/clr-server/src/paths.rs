//! Every path of the service, used by routers, metadata, the discovery document and tests, and which function answers it.
//!
//! To add an endpoint: its path here, a row in [`TABLE`], the route in its function crate, the event in `template.yaml`.
//! Tests hold the three against each other.

use http::Method;

/// `getServiceDescription`.
pub const CLR_DISCOVERY: &str = "/ims/clr/v2p0/discovery";
/// `getCredentials` and `upsertCredential`.
pub const CLR_CREDENTIALS: &str = "/ims/clr/v2p0/credentials";
/// One credential, to its learner; ours, not the standard's.
pub const CLR_CREDENTIAL: &str = "/ims/clr/v2p0/credentials/{clr_credential_id}";
/// `getProfile` and `putProfile`.
pub const CLR_PROFILE: &str = "/ims/clr/v2p0/profile";
/// Base of the CLR API.
pub const CLR_BASE: &str = "/ims/clr/v2p0";
/// What the paths of the authorization server begin with; errors there are OAuth's.
pub(crate) const OAUTH_BASE: &str = "/oauth/";
/// Client registration (RFC 7591).
pub const REGISTER: &str = "/oauth/register";
/// A client's own registration (RFC 7592).
pub const REGISTERED_CLIENT: &str = "/oauth/register/{client_id}";
/// Pushed authorization requests (RFC 9126).
pub const PUSHED_REQUESTS: &str = "/oauth/par";
/// Where the institution's identity provider sends the learner back to.
pub const SIGNED_IN: &str = "/oauth/signed-in";
/// What the learner allowed, and how to take it back.
pub const GRANTS: &str = "/oauth/grants";
/// Revocation of tokens (RFC 7009).
pub const REVOKE: &str = "/oauth/revoke";
/// Introspection of tokens (RFC 7662).
pub const INTROSPECT: &str = "/oauth/introspect";
/// Authorization endpoint (RFC 6749, section 3.1).
pub const AUTHORIZE: &str = "/oauth/authorize";
/// Token endpoint (RFC 6749, section 3.2).
pub const TOKEN: &str = "/oauth/token";
/// Authorization server metadata (RFC 8414).
pub const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
/// The same document, where older clients look.
pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
/// The issuer's DID document.
pub const DID_DOCUMENT: &str = "/.well-known/did.json";
/// The issuer's keys, a JWK Set (RFC 7517).
pub const JWKS: &str = "/.well-known/jwks.json";
/// The issuer's Profile.
pub const ISSUER_PROFILE: &str = "/issuer";
/// Signs a record.
pub const ISSUE: &str = "/credentials/issue";
/// Changes the state of a credential.
pub const CHANGE_STATUS: &str = "/credentials/status";
/// A status list credential.
pub const STATUS_LIST: &str = "/status/{list}";
/// What the paths of status lists begin with.
pub const STATUS_LISTS: &str = "/status";
/// Checks a record.
pub const VERIFY: &str = "/credentials/verify";
/// Checks a presentation and the records in it.
pub const VERIFY_PRESENTATION: &str = "/presentations/verify";
/// Stands in for terms of service that the operator has not published elsewhere.
pub const TERMS: &str = "/terms";
/// Stands in for a privacy policy.
pub const PRIVACY: &str = "/privacy";

/// One method on one path, and the function crate that answers it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// With `{parameters}`.
    pub path: &'static str,
    /// Name of the crate, of its binary and of its folder.
    pub function: &'static str,
}

/// All endpoints. `HEAD` is answered wherever `GET` is, by the same function; see [`routes`].
pub const TABLE: &[Route] = &[
    route("GET", CLR_DISCOVERY, "discovery"),
    route("GET", OAUTH_METADATA, "discovery"),
    route("GET", OPENID_CONFIGURATION, "discovery"),
    route("GET", DID_DOCUMENT, "discovery"),
    route("GET", JWKS, "discovery"),
    route("GET", ISSUER_PROFILE, "discovery"),
    route("GET", TERMS, "discovery"),
    route("GET", PRIVACY, "discovery"),
    route("POST", REGISTER, "registration"),
    route("GET", REGISTERED_CLIENT, "registration"),
    route("PUT", REGISTERED_CLIENT, "registration"),
    route("DELETE", REGISTERED_CLIENT, "registration"),
    route("GET", AUTHORIZE, "authorize"),
    route("POST", AUTHORIZE, "authorize"),
    route("GET", SIGNED_IN, "authorize"),
    route("GET", GRANTS, "authorize"),
    route("POST", GRANTS, "authorize"),
    route("POST", TOKEN, "token"),
    route("POST", PUSHED_REQUESTS, "token"),
    route("POST", REVOKE, "token"),
    route("POST", INTROSPECT, "token"),
    route("POST", CLR_CREDENTIALS, "upsert-credential"),
    route("GET", CLR_CREDENTIALS, "get-credentials"),
    route("GET", CLR_CREDENTIAL, "get-credentials"),
    route("GET", CLR_PROFILE, "profile"),
    route("PUT", CLR_PROFILE, "profile"),
    route("POST", ISSUE, "issue"),
    route("POST", CHANGE_STATUS, "status"),
    route("GET", STATUS_LIST, "status"),
    route("POST", VERIFY, "verify"),
    route("POST", VERIFY_PRESENTATION, "verify"),
];

const fn route(method: &'static str, path: &'static str, function: &'static str) -> Route {
    Route { method, path, function }
}

/// The table with its `HEAD` rows written out: what API Gateway must be told.
pub fn routes() -> impl Iterator<Item = Route> {
    let heads = TABLE.iter().filter(|route| route.method == "GET").map(|get| Route {
        method: "HEAD",
        ..get.clone()
    });
    TABLE.iter().cloned().chain(heads)
}

/// The function crate that API Gateway calls: `discovery` for what no route takes.
#[must_use]
pub fn function(method: &Method, path: &str) -> &'static str {
    let route = routes().find(|route| route.method == method.as_str() && matches(route.path, path));
    route.map_or("discovery", |route| route.function)
}

/// The methods that a request's path answers, in the order of an `Allow` header; empty: there is nothing at this path.
#[must_use]
pub fn allowed_methods(path: &str) -> Vec<Method> {
    let here = || routes().filter(|route| matches(route.path, path));
    if here().next().is_none() {
        return Vec::new();
    }
    let order = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE];
    let answered = order
        .into_iter()
        .filter(|method| here().any(|route| route.method == method.as_str()));
    answered.chain([Method::OPTIONS]).collect()
}

/// Whether a request's path is one of this pattern.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let (mut expected, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (expected.next(), given.next()) {
            (None, None) => return true,
            (Some(parameter), Some(text)) if parameter.starts_with('{') && !text.is_empty() => {}
            (Some(expected), Some(given)) if expected == given => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(path: &str) -> String {
        allowed_methods(path)
            .iter()
            .map(Method::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_path_answers_the_methods_of_all_its_functions() {
        assert_eq!(allow(CLR_CREDENTIALS), "GET HEAD POST OPTIONS");
        assert_eq!(allow(AUTHORIZE), "GET HEAD POST OPTIONS");
        assert_eq!(allow(TOKEN), "POST OPTIONS");
    }

    #[test]
    fn a_parameter_stands_for_one_segment_that_is_not_empty() {
        assert_eq!(allow("/ims/clr/v2p0/credentials/abc"), "GET HEAD OPTIONS");
        assert_eq!(allow("/ims/clr/v2p0/credentials/"), "");
        assert_eq!(allow("/ims/clr/v2p0/credentials/abc/def"), "");
    }

    #[test]
    fn no_endpoint_is_listed_twice() {
        let mut rows: Vec<_> = routes().map(|route| (route.method, route.path)).collect();
        rows.sort_unstable();
        let listed = rows.len();
        rows.dedup();
        assert_eq!(rows.len(), listed);
    }
}
