//! The Service Description Document: what it must have, and what of it the other tests go by.

use clr_core::oauth::Scope;
use clr_server::paths;
use reqwest::Url;
use serde_json::Value;

use super::{
    finding::{Faults, Stop, Tested},
    http::Http,
};

/// What a host says of itself.
#[derive(Debug)]
pub(crate) struct Description {
    document: Value,
    /// The URL that the operations' paths are under, without a slash at its end.
    pub(crate) api: String,
    pub(crate) registration: Url,
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    /// Of the scopes that a learner can grant, those that the host has.
    pub(crate) scopes: Vec<String>,
}

const SCHEME: &str = "/components/securitySchemes/OAuth2ACG";
const FLOW: &str = "/components/securitySchemes/OAuth2ACG/flows/authorizationCode";
const SCOPES: &str = "https://purl.imsglobal.org/spec/clr/v2p0/scope/";

/// `discovery.open`: the document, under the base URL as a person types it.
pub(crate) async fn open(http: &Http, base: &Url) -> Tested<Value> {
    let url = format!("{}{}", base.as_str().trim_end_matches('/'), paths::CLR_DISCOVERY);
    let answer = http.send(http.client().get(url)).await?;
    let document = answer.json();
    answer.expect_json(200).or(document.is_object().then_some(document))
}

/// `discovery.members`.
pub(crate) fn members(http: &Http, document: &Value) -> Faults {
    let mut faults = Faults::default();
    for pointer in ["/openapi", "/info/title", "/info/version", &format!("{SCHEME}/type")] {
        let text = text(document, pointer).unwrap_or_default();
        faults.unless(!text.is_empty(), || format!("{pointer} is missing or no text"));
    }
    let says = |pointer: &str, wanted: &str| text(document, pointer).is_none_or(|text| text.starts_with(wanted));
    faults.unless(says("/openapi", "3.0"), || "/openapi is not of version 3.0".to_owned());
    faults.unless(says("/info/version", "2.0"), || "/info/version is not 2.0".to_owned());
    faults.unless(says(&format!("{SCHEME}/type"), "oauth2"), || {
        format!("{SCHEME}/type is not oauth2")
    });
    let urls = [
        "/info/termsOfService".to_owned(),
        "/info/x-imssf-privacyPolicyUrl".to_owned(),
        format!("{SCHEME}/x-imssf-registrationUrl"),
        format!("{SCHEME}/x-imssf-privacyPolicyUrl"),
        format!("{FLOW}/authorizationUrl"),
        format!("{FLOW}/tokenUrl"),
        "/servers/0/url".to_owned(),
    ];
    for pointer in urls {
        match text(document, &pointer) {
            Some(url) => faults.unless(http.address(url).is_ok(), || {
                format!("{pointer}: {url:?} is not an https URL")
            }),
            None => faults.add(format!("{pointer} is missing or no text")),
        }
    }
    if let Some(url) = text(document, "/servers/0/url") {
        let ends = url.trim_end_matches('/').ends_with(paths::CLR_BASE);
        faults.unless(ends, || format!("/servers/0/url does not end in {}", paths::CLR_BASE));
    }
    for pointer in ["/paths".to_owned(), format!("{FLOW}/scopes")] {
        let members = document.pointer(&pointer).and_then(Value::as_object);
        faults.unless(members.is_some_and(|members| !members.is_empty()), || {
            format!("{pointer} is missing or empty")
        });
    }
    faults
}

impl Description {
    /// What is needed to go on, whatever else is missing.
    pub(crate) fn read(http: &Http, base: &Url, document: Value) -> Result<Self, Stop> {
        let url = |pointer: &str| {
            let text = text(&document, pointer).ok_or_else(|| format!("the service description has no {pointer}"))?;
            http.address(text)
        };
        let needed = |pointer: String| url(&pointer).map_err(Stop::Skipped);
        let default = format!("{}{}", base.as_str().trim_end_matches('/'), paths::CLR_BASE);
        let api = url("/servers/0/url").map_or(default, |url| url.to_string());
        let scopes = document.pointer(&format!("{FLOW}/scopes")).and_then(Value::as_object);
        let scopes: Vec<String> = scopes.into_iter().flat_map(|scopes| scopes.keys().cloned()).collect();
        Ok(Self {
            registration: needed(format!("{SCHEME}/x-imssf-registrationUrl"))?,
            authorization: needed(format!("{FLOW}/authorizationUrl"))?,
            token: needed(format!("{FLOW}/tokenUrl"))?,
            api: api.trim_end_matches('/').to_owned(),
            scopes,
            document,
        })
    }

    /// The scopes to register with and to ask for: those of this standard, and the one that brings a refresh token.
    pub(crate) fn wanted_scopes(&self) -> Vec<String> {
        let known = [
            "credential.readonly",
            "credential.upsert",
            "profile.readonly",
            "profile.update",
        ];
        let known = known.map(|name| format!("{SCOPES}{name}"));
        let mut wanted: Vec<String> = known.into_iter().filter(|scope| self.offers(scope)).collect();
        let refreshes = self.document.pointer(&format!("{FLOW}/refreshUrl")).is_some();
        if refreshes || self.offers(Scope::OfflineAccess.as_str()) {
            wanted.push(Scope::OfflineAccess.as_str().to_owned());
        }
        wanted
    }

    /// Whether the host has this scope.
    pub(crate) fn offers(&self, scope: &str) -> bool {
        self.scopes.iter().any(|offered| offered == scope)
    }

    /// Whether the host says that it has this operation.
    pub(crate) fn has(&self, method: &str, path: &str) -> bool {
        self.operation(method, path).is_some()
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let paths = self.document.get("paths")?.as_object()?;
        let (_, operations) = paths
            .iter()
            .find(|(written, _)| written.trim_end_matches('/').ends_with(path))?;
        operations.get(method)
    }

    /// `discovery.operations`.
    pub(crate) fn operations(&self) -> Faults {
        let mut faults = Faults::default();
        let read_or_write = self.has("get", "/credentials") || self.has("post", "/credentials");
        faults.unless(read_or_write, || {
            "/paths has neither GET nor POST of /credentials".to_owned()
        });
        for (method, path, name) in [
            ("get", "/credentials", "credential.readonly"),
            ("post", "/credentials", "credential.upsert"),
            ("get", "/profile", "profile.readonly"),
            ("put", "/profile", "profile.update"),
        ] {
            let Some(operation) = self.operation(method, path) else {
                continue;
            };
            let scope = format!("{SCOPES}{name}");
            let security = operation.get("security").and_then(Value::as_array);
            let asks = security.into_iter().flatten().any(|entry| {
                let scopes = entry.get("OAuth2ACG").and_then(Value::as_array);
                scopes.is_some_and(|scopes| scopes.iter().any(|asked| *asked == scope.as_str()))
            });
            faults.unless(asks, || {
                format!("{method} {path} does not say that it needs OAuth2ACG with {scope}")
            });
            faults.unless(self.offers(&scope), || format!("{FLOW}/scopes lacks {scope}"));
        }
        faults
    }

    /// Where tokens are revoked: no member of the standard, but some hosts tell it beside the others.
    pub(crate) fn revocation(&self, http: &Http) -> Option<Url> {
        let scheme = self.document.pointer(SCHEME)?.as_object()?;
        let named = scheme
            .iter()
            .find(|(name, _)| name.to_ascii_lowercase().contains("revocation"))?;
        http.address(named.1.as_str()?).ok()
    }
}

fn text<'a>(document: &'a Value, pointer: &str) -> Option<&'a str> {
    document.pointer(pointer).and_then(Value::as_str)
}
