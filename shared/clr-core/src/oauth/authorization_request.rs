//! An authorization request, from the query to what may be asked of the learner (RFC 6749, section 4.1.1; digest section 2.2).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Client, ClientId, CodeChallenge, Parameters, PushedRequest, RedirectUri, Repeated, Scope, Scopes, Thumbprint,
    printable_description,
};

/// A request that keeps every rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// The client that asks.
    pub client: ClientId,
    /// Where the answer goes: one of the registered ones.
    pub redirect_uri: RedirectUri,
    /// What it asks for: within what it registered, never empty.
    pub scopes: Scopes,
    /// Goes back with the answer as it came.
    pub state: String,
    /// PKCE, S256.
    pub challenge: CodeChallenge,
    /// `dpop_jkt`: the key that must redeem the code (RFC 9449, section 10).
    pub key: Option<Thumbprint>,
}

/// Why a request is not put to the learner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestFault {
    /// The browser is sent nowhere.
    #[error(transparent)]
    CannotRedirect(#[from] CannotRedirect),
    /// The client is told.
    #[error("{}", .0.description)]
    Redirect(Box<AuthorizationError>),
}

/// It is not certain where the answer may go: a page tells the learner (RFC 6749, section 4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CannotRedirect(pub &'static str);

/// An error that goes back to the client by way of the browser (RFC 6749, section 4.1.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationError {
    redirect_uri: RedirectUri,
    state: Option<String>,
    code: AuthorizationErrorCode,
    description: String,
}

/// What went wrong, in the words of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the codes are those of RFC 6749")]
pub enum AuthorizationErrorCode {
    InvalidRequest,
    AccessDenied,
    UnsupportedResponseType,
    InvalidScope,
    ServerError,
}

const MAX_STATE_LENGTH: usize = 4_096;

/// The client that a request names; it must be known before the rest is looked at.
///
/// # Errors
/// None or no possible one is named.
pub fn requesting_client(parameters: &Parameters) -> Result<ClientId, CannotRedirect> {
    let named = parameters
        .one("client_id")
        .map_err(|_| CannotRedirect("client_id is there twice"))?;
    let id = named.ok_or(CannotRedirect("client_id is missing"))?;
    ClientId::parse(id).ok_or(UNKNOWN_CLIENT)
}

/// The same for a malformed and for an unregistered one.
pub const UNKNOWN_CLIENT: CannotRedirect = CannotRedirect("the application is not registered here");

impl AuthorizationRequest {
    /// Holds a request, brought by the browser, against its client's registration.
    ///
    /// # Errors
    /// See [`RequestFault`].
    pub fn read(parameters: &Parameters, client: &Client) -> Result<Self, RequestFault> {
        let request = Self::read_pushed(parameters, client)?;
        let must_push = client
            .application()
            .is_some_and(|client| client.require_pushed_authorization_requests);
        if must_push {
            let text = "the application registered to push its requests (RFC 9126)";
            let error = request.refused(AuthorizationErrorCode::InvalidRequest, text);
            return Err(RequestFault::Redirect(Box::new(error)));
        }
        Ok(request)
    }

    /// The request that was pushed, if it is this client's, in time, and still within its registration.
    ///
    /// # Errors
    /// It is not, or there is none.
    pub fn resume(pushed: Option<PushedRequest>, client: &Client, now: Timestamp) -> Result<Self, CannotRedirect> {
        let registered = |request: &Self| {
            let application = client.application();
            application.is_some_and(|application| {
                application.redirect_uri(request.redirect_uri.as_str()).is_some()
                    && request.scopes.is_subset(&application.scope)
            })
        };
        pushed
            .filter(|pushed| !pushed.expires().has_passed(now))
            .map(|pushed| pushed.request().clone())
            .filter(|request| request.client == client.id() && registered(request))
            .ok_or(CannotRedirect(
                "request_uri is unknown, used already, too old, or another application's",
            ))
    }

    /// Holds a request that the client pushed against its registration.
    ///
    /// # Errors
    /// See [`RequestFault`].
    pub fn read_pushed(parameters: &Parameters, client: &Client) -> Result<Self, RequestFault> {
        let application = client
            .application()
            .ok_or(CannotRedirect("this client cannot act for learners"))?;
        let asked = parameters.one("redirect_uri").ok().flatten();
        let redirect_uri = asked
            .and_then(|asked| application.redirect_uri(asked))
            .ok_or(CannotRedirect(
                "redirect_uri is not one that the application registered",
            ))?;
        let state = parameters
            .one("state")
            .ok()
            .flatten()
            .filter(|state| state.len() <= MAX_STATE_LENGTH);
        let rest = || {
            let state = state.ok_or_else(|| {
                Fault::invalid(format!(
                    "state is missing, there twice, or longer than {MAX_STATE_LENGTH} bytes"
                ))
            })?;
            Ok(Self {
                client: client.id(),
                redirect_uri: redirect_uri.clone(),
                challenge: challenge(parameters)?,
                key: key(parameters)?,
                scopes: scopes(parameters, &application.scope)?,
                state: state.to_owned(),
            })
        };
        rest().map_err(|Fault(code, description)| {
            let (redirect_uri, state) = (redirect_uri.clone(), state.map(str::to_owned));
            RequestFault::Redirect(Box::new(AuthorizationError {
                redirect_uri,
                state,
                code,
                description,
            }))
        })
    }

    /// The answer with a code; `issuer` is this server (RFC 9207).
    #[must_use]
    pub fn granted(&self, code: &str, scopes: &Scopes, issuer: &str) -> Url {
        let scope = scopes.to_string();
        let answer = [
            ("code", code),
            ("scope", &scope),
            ("state", &self.state),
            ("iss", issuer),
        ];
        self.redirect_uri.with_parameters(&answer)
    }

    /// An answer without a code.
    #[must_use]
    pub fn refused(&self, code: AuthorizationErrorCode, description: &str) -> AuthorizationError {
        AuthorizationError {
            redirect_uri: self.redirect_uri.clone(),
            state: Some(self.state.clone()),
            code,
            description: description.to_owned(),
        }
    }
}

impl AuthorizationError {
    /// What went wrong.
    #[must_use]
    pub fn code(&self) -> AuthorizationErrorCode {
        self.code
    }

    /// What the client can do.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Where the browser is sent; `issuer` is this server (RFC 9207).
    #[must_use]
    pub fn location(&self, issuer: &str) -> Url {
        let description = printable_description(&self.description);
        let mut answer = vec![("error", self.code.as_str()), ("error_description", &description)];
        answer.extend(self.state.as_deref().map(|state| ("state", state)));
        answer.push(("iss", issuer));
        self.redirect_uri.with_parameters(&answer)
    }
}

impl AuthorizationErrorCode {
    /// As the standard spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::ServerError => "server_error",
        }
    }
}

struct Fault(AuthorizationErrorCode, String);

impl Fault {
    fn invalid(description: impl Into<String>) -> Self {
        Self(AuthorizationErrorCode::InvalidRequest, description.into())
    }
}

impl From<Repeated> for Fault {
    fn from(repeated: Repeated) -> Self {
        Self::invalid(repeated.to_string())
    }
}

fn challenge(parameters: &Parameters) -> Result<CodeChallenge, Fault> {
    // A request object could say something else than the parameters.
    if parameters.one("request")?.is_some() || parameters.one("request_uri")?.is_some() {
        return Err(Fault::invalid(
            "request and request_uri do not go with other parameters",
        ));
    }
    match parameters.one("response_type")? {
        Some("code") => {}
        None => return Err(Fault::invalid("response_type is missing")),
        Some(_) => {
            let description = "response_type is not code".to_owned();
            return Err(Fault(AuthorizationErrorCode::UnsupportedResponseType, description));
        }
    }
    if !matches!(parameters.one("response_mode")?, None | Some("query")) {
        return Err(Fault::invalid("response_mode is not query"));
    }
    let challenge = parameters
        .one("code_challenge")?
        .ok_or_else(|| Fault::invalid("code_challenge is missing (PKCE)"))?;
    // Left out, the method would be `plain` (RFC 7636, section 4.3).
    if parameters.one("code_challenge_method")? != Some("S256") {
        return Err(Fault::invalid("code_challenge_method is not S256"));
    }
    CodeChallenge::try_from(challenge.to_owned()).map_err(|malformed| Fault::invalid(malformed.to_string()))
}

fn key(parameters: &Parameters) -> Result<Option<Thumbprint>, Fault> {
    let Some(text) = parameters.one("dpop_jkt")? else {
        return Ok(None);
    };
    let key = Thumbprint::parse(text).ok_or_else(|| Fault::invalid("dpop_jkt is not the thumbprint of a key"))?;
    Ok(Some(key))
}

fn scopes(parameters: &Parameters, registered: &Scopes) -> Result<Scopes, Fault> {
    let invalid = |description: String| Fault(AuthorizationErrorCode::InvalidScope, description);
    let asked = parameters
        .one("scope")?
        .ok_or_else(|| invalid("scope is missing".to_owned()))?;
    let asked: Scopes = asked
        .parse()
        .map_err(|unknown: super::UnknownScope| invalid(unknown.to_string()))?;
    if let Some(scope) = asked.iter().find(|scope| !registered.contains(*scope)) {
        return Err(invalid(format!("the application did not register the scope {scope}")));
    }
    if !asked.iter().any(|scope| scope != Scope::OfflineAccess) {
        return Err(invalid("scope names nothing that can be done".to_owned()));
    }
    Ok(asked)
}
