//! Client metadata as it is submitted, and as it is once every rule of 1EdTech's profile held (RFC 7591; digest section 2.1).

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    RedirectUri, RedirectUriFault, Scope, Scopes, Transport,
    redirect_uri::{MAX_URL_LENGTH, is_loopback},
};

/// What an application says of itself. Members that are not listed are ignored (RFC 7591, section 2).
#[derive(Clone, Debug, Default, Deserialize)]
#[expect(missing_docs, reason = "the members are those of RFC 7591")]
pub struct ClientMetadata {
    pub client_name: Option<String>,
    pub client_uri: Option<String>,
    pub logo_uri: Option<String>,
    pub tos_uri: Option<String>,
    pub policy_uri: Option<String>,
    pub software_id: Option<String>,
    pub software_version: Option<String>,
    pub redirect_uris: Option<Vec<String>>,
    pub scope: Option<String>,
    pub token_endpoint_auth_method: Option<String>,
    pub grant_types: Option<Vec<String>>,
    pub response_types: Option<Vec<String>>,
    pub contacts: Option<Vec<String>>,
}

/// An application whose metadata holds every rule: all URLs https and of one host, every text of a bounded size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members are those of RFC 7591")]
pub struct VerifiedClient {
    pub client_name: String,
    pub client_uri: Url,
    pub logo_uri: Url,
    pub tos_uri: Url,
    pub policy_uri: Url,
    pub software_id: String,
    pub software_version: String,
    pub redirect_uris: Vec<RedirectUri>,
    /// Those of the submitted ones that a learner can grant here.
    pub scope: Scopes,
    pub token_endpoint_auth_method: SecretMethod,
    /// Whether `refresh_token` is among the grant types; `authorization_code` always is.
    pub refreshes: bool,
    pub contacts: Vec<String>,
}

/// How a client presents its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretMethod {
    /// HTTP Basic: 1EdTech's only one.
    ClientSecretBasic,
    /// In the form.
    ClientSecretPost,
}

/// Which rule the metadata breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataFault {
    /// `invalid_redirect_uri`.
    #[error("{0}")]
    RedirectUri(String),
    /// `invalid_client_metadata`.
    #[error("{0}")]
    Metadata(String),
}

const MAX_TEXT_LENGTH: usize = 200;
const MAX_REDIRECT_URIS: usize = 10;
const MAX_CONTACTS: usize = 5;

impl ClientMetadata {
    /// Checks every rule; the first that is broken is told.
    ///
    /// # Errors
    /// See [`MetadataFault`].
    pub fn verify(self, transport: Transport) -> Result<VerifiedClient, MetadataFault> {
        let url = |name, value| web_page(name, value, transport);
        let grant_types = choice(
            "grant_types",
            self.grant_types,
            &["authorization_code", "refresh_token"],
        )?;
        if grant_types
            .as_ref()
            .is_some_and(|types| !types.iter().any(|name| name == "authorization_code"))
        {
            return Err(fault("grant_types lacks authorization_code"));
        }
        choice("response_types", self.response_types, &["code"])?;
        let submitted = scope(self.scope)?;
        // An application that names no grant types but asks for offline_access means to refresh.
        let refreshes = grant_types.map_or(submitted.contains(Scope::OfflineAccess), |types| {
            types.iter().any(|name| name == "refresh_token")
        });
        let scope: Scopes = submitted
            .iter()
            .filter(|scope| refreshes || *scope != Scope::OfflineAccess)
            .collect();
        if !scope.iter().any(|scope| scope != Scope::OfflineAccess) {
            return Err(fault(format!(
                "scope names none of those supported here: {}",
                learner_scopes()
            )));
        }
        let client = VerifiedClient {
            client_name: text("client_name", self.client_name)?,
            client_uri: url("client_uri", self.client_uri)?,
            logo_uri: url("logo_uri", self.logo_uri)?,
            tos_uri: url("tos_uri", self.tos_uri)?,
            policy_uri: url("policy_uri", self.policy_uri)?,
            software_id: text("software_id", self.software_id)?,
            software_version: text("software_version", self.software_version)?,
            redirect_uris: redirect_uris(self.redirect_uris, transport)?,
            scope,
            token_endpoint_auth_method: secret_method(self.token_endpoint_auth_method.as_deref())?,
            refreshes,
            contacts: contacts(self.contacts.unwrap_or_default())?,
        };
        client.has_one_host(transport)?;
        Ok(client)
    }
}

impl VerifiedClient {
    /// The registered redirect URI that equals this text.
    #[must_use]
    pub fn redirect_uri(&self, text: &str) -> Option<&RedirectUri> {
        self.redirect_uris.iter().find(|uri| uri.as_str() == text)
    }

    /// In the order of RFC 7591.
    #[must_use]
    pub fn grant_types(&self) -> &'static [&'static str] {
        if self.refreshes {
            &["authorization_code", "refresh_token"]
        } else {
            &["authorization_code"]
        }
    }

    /// On a laptop, loopback addresses stand for any host.
    fn has_one_host(&self, transport: Transport) -> Result<(), MetadataFault> {
        let pages = [&self.client_uri, &self.logo_uri, &self.tos_uri, &self.policy_uri];
        let mut hosts: Vec<&str> = pages
            .into_iter()
            .chain(self.redirect_uris.iter().map(RedirectUri::url))
            .filter(|url| transport == Transport::Https || !is_loopback(url))
            .filter_map(Url::host_str)
            .collect();
        hosts.sort_unstable();
        hosts.dedup();
        if hosts.len() > 1 {
            return Err(fault(format!(
                "all URLs of a client have one host name, these have {}",
                hosts.join(", ")
            )));
        }
        Ok(())
    }
}

fn fault(text: impl Into<String>) -> MetadataFault {
    MetadataFault::Metadata(text.into())
}

fn required<T>(name: &str, value: Option<T>) -> Result<T, MetadataFault> {
    value.ok_or_else(|| fault(format!("{name} is missing")))
}

fn text(name: &str, value: Option<String>) -> Result<String, MetadataFault> {
    let text = required(name, value)?.trim().to_owned();
    if text.is_empty() || text.chars().count() > MAX_TEXT_LENGTH || text.chars().any(is_deceptive) {
        return Err(fault(format!(
            "{name} is not 1 to {MAX_TEXT_LENGTH} printable characters"
        )));
    }
    Ok(text)
}

/// Control characters and those that turn the direction of writing: a name must look like what it says.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn web_page(name: &str, value: Option<String>, transport: Transport) -> Result<Url, MetadataFault> {
    let text = required(name, value)?;
    let printable = text.len() <= MAX_URL_LENGTH && text.bytes().all(|byte| byte.is_ascii_graphic());
    let url = if printable { Url::parse(&text).ok() } else { None };
    let url = url.ok_or_else(|| fault(format!("{name} is not an absolute URL")))?;
    let loopback = transport == Transport::HttpsOrLoopback && url.scheme() == "http" && is_loopback(&url);
    if url.scheme() != "https" && !loopback {
        return Err(fault(format!("{name} is not https")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(fault(format!("{name} carries credentials")));
    }
    Ok(url)
}

fn redirect_uris(value: Option<Vec<String>>, transport: Transport) -> Result<Vec<RedirectUri>, MetadataFault> {
    let texts = required("redirect_uris", value)?;
    if texts.is_empty() || texts.len() > MAX_REDIRECT_URIS {
        return Err(MetadataFault::RedirectUri(format!(
            "redirect_uris has 1 to {MAX_REDIRECT_URIS} members"
        )));
    }
    let uri = |text: &String| {
        RedirectUri::registered(text, transport)
            .map_err(|reason: RedirectUriFault| MetadataFault::RedirectUri(reason.to_string()))
    };
    texts.iter().map(uri).collect()
}

fn scope(value: Option<String>) -> Result<Scopes, MetadataFault> {
    // The server may leave out what it does not support (RFC 7591, section 3.2.1); nobody registers an operator's scope.
    let words = required("scope", value)?;
    let known = words.split(' ').filter_map(|word| word.parse::<Scope>().ok());
    Ok(known.filter(|scope| Scope::LEARNER.contains(scope)).collect())
}

fn secret_method(value: Option<&str>) -> Result<SecretMethod, MetadataFault> {
    match value {
        None | Some("client_secret_basic") => Ok(SecretMethod::ClientSecretBasic),
        Some("client_secret_post") => Ok(SecretMethod::ClientSecretPost),
        Some(_) => Err(fault(
            "token_endpoint_auth_method is not client_secret_basic or client_secret_post",
        )),
    }
}

fn choice(name: &str, value: Option<Vec<String>>, allowed: &[&str]) -> Result<Option<Vec<String>>, MetadataFault> {
    let Some(words) = value.filter(|words| !words.is_empty()) else {
        return Ok(None);
    };
    if words.iter().all(|word| allowed.contains(&word.as_str())) {
        return Ok(Some(words));
    }
    Err(fault(format!("{name} can hold {} only", allowed.join(", "))))
}

fn contacts(contacts: Vec<String>) -> Result<Vec<String>, MetadataFault> {
    if contacts.len() > MAX_CONTACTS {
        return Err(fault(format!("contacts has at most {MAX_CONTACTS} members")));
    }
    contacts
        .into_iter()
        .map(|contact| text("contacts", Some(contact)))
        .collect()
}

fn learner_scopes() -> Scopes {
    Scope::LEARNER.into_iter().collect()
}
