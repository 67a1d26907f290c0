//! Client metadata as it is submitted, and as it is once every rule of 1EdTech's profile held (RFC 7591; digest section 2.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{
    ClientKeys, RedirectUri, RedirectUriFault, Scope, Scopes, Transport,
    redirect_uri::{MAX_URL_LENGTH, is_loopback, is_plain},
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
    pub jwks: Option<Value>,
    pub jwks_uri: Option<String>,
    pub dpop_bound_access_tokens: Option<bool>,
    pub require_pushed_authorization_requests: Option<bool>,
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
    pub authentication: ClientAuthentication,
    /// Whether `refresh_token` is among the grant types; `authorization_code` always is.
    pub refreshes: bool,
    pub contacts: Vec<String>,
    /// Tokens without proof of possession are not given to it (RFC 9449, section 5.2).
    pub dpop_bound_access_tokens: bool,
    /// Only pushed requests of it are put to learners (RFC 9126, section 6).
    pub require_pushed_authorization_requests: bool,
}

/// How a client proves itself: in this way and no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// With its secret in HTTP Basic: 1EdTech's only way.
    ClientSecretBasic,
    /// With its secret in the form.
    ClientSecretPost,
    /// With a JWT signed by one of these keys.
    PrivateKeyJwt(ClientKeys),
    /// With a JWT signed by one of the keys that it publishes here.
    PublishedKeys(Url),
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

impl ClientAuthentication {
    /// All methods, as the standard spells them.
    pub const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

    /// As the standard spells it.
    #[must_use]
    pub fn method(&self) -> &'static str {
        let [basic, post, private_key_jwt] = Self::METHODS;
        match self {
            Self::ClientSecretBasic => basic,
            Self::ClientSecretPost => post,
            Self::PrivateKeyJwt(_) | Self::PublishedKeys(_) => private_key_jwt,
        }
    }

    /// The member `jwks` of the metadata.
    #[must_use]
    pub fn keys(&self) -> Option<&ClientKeys> {
        match self {
            Self::PrivateKeyJwt(keys) => Some(keys),
            Self::ClientSecretBasic | Self::ClientSecretPost | Self::PublishedKeys(_) => None,
        }
    }

    /// The member `jwks_uri` of the metadata.
    #[must_use]
    pub fn keys_url(&self) -> Option<&Url> {
        match self {
            Self::PublishedKeys(url) => Some(url),
            Self::ClientSecretBasic | Self::ClientSecretPost | Self::PrivateKeyJwt(_) => None,
        }
    }
}

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
            authentication: authentication(
                self.token_endpoint_auth_method.as_deref(),
                self.jwks.as_ref(),
                self.jwks_uri.map(|uri| url("jwks_uri", Some(uri))).transpose()?,
            )?,
            refreshes,
            contacts: contacts(self.contacts.unwrap_or_default())?,
            dpop_bound_access_tokens: self.dpop_bound_access_tokens.unwrap_or_default(),
            require_pushed_authorization_requests: self.require_pushed_authorization_requests.unwrap_or_default(),
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
            .chain(self.authentication.keys_url())
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
    let printable = text.len() <= MAX_URL_LENGTH && text.bytes().all(is_plain);
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

fn authentication(
    method: Option<&str>,
    jwks: Option<&Value>,
    jwks_uri: Option<Url>,
) -> Result<ClientAuthentication, MetadataFault> {
    let [basic, post, private_key_jwt] = ClientAuthentication::METHODS;
    let method = method.unwrap_or(basic);
    if method == private_key_jwt {
        return match (jwks, jwks_uri) {
            (Some(_), Some(_)) => Err(fault("jwks and jwks_uri do not go together")),
            (None, Some(url)) => Ok(ClientAuthentication::PublishedKeys(url)),
            (jwks, None) => {
                let keys = ClientKeys::read(required("jwks or jwks_uri", jwks)?).map_err(fault)?;
                Ok(ClientAuthentication::PrivateKeyJwt(keys))
            }
        };
    }
    if jwks.is_some() || jwks_uri.is_some() {
        return Err(fault(format!("jwks and jwks_uri go with {private_key_jwt} only")));
    }
    if method == basic {
        Ok(ClientAuthentication::ClientSecretBasic)
    } else if method == post {
        Ok(ClientAuthentication::ClientSecretPost)
    } else {
        let methods = ClientAuthentication::METHODS.join(", ");
        Err(fault(format!("token_endpoint_auth_method is none of {methods}")))
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
