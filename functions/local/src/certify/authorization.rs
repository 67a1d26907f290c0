//! The authorization request, and what the browser brings back.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clr_core::{Randomness, Secret};
use reqwest::{Url, header};
use sha2::{Digest as _, Sha256};

use super::{
    description::Description,
    finding::{Faults, Stop, Tested},
    http::Http,
    operator::Operator,
    registration::Client,
};

/// One request of this program to a learner.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) redirect_uri: Url,
    pub(crate) scopes: Vec<String>,
    state: String,
    pub(crate) verifier: Secret,
}

/// What the learner's consent brought.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) code: Secret,
    pub(crate) request: Request,
}

impl Request {
    pub(crate) fn new(redirect_uri: &Url, scopes: &[String], randomness: &Randomness) -> Self {
        Self {
            redirect_uri: redirect_uri.clone(),
            scopes: scopes.to_vec(),
            state: randomness.secret().reveal().to_owned(),
            verifier: randomness.secret(),
        }
    }

    /// Where the browser is sent.
    pub(crate) fn url(&self, description: &Description, client: &Client) -> Url {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.reveal()));
        let mut url = self.url_without_challenge(description, client);
        url.query_pairs_mut()
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        url
    }

    fn url_without_challenge(&self, description: &Description, client: &Client) -> Url {
        let mut url = description.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.id)
            .append_pair("redirect_uri", self.redirect_uri.as_str())
            .append_pair("scope", &self.scopes.join(" "))
            .append_pair("state", &self.state);
        url
    }

    fn is_answered_by(&self, place: &Url) -> bool {
        let (mut bare, mut registered) = (place.clone(), self.redirect_uri.clone());
        bare.set_query(None);
        registered.set_query(None);
        bare == registered
    }
}

/// `authorization.unknown-redirect-uri`: a browser without a session is enough to see it.
pub(crate) async fn unknown_redirect_uri(
    http: &Http,
    description: &Description,
    client: &Client,
    request: Request,
) -> Tested<()> {
    let elsewhere = "https://clr-certify.example/elsewhere";
    let mut request = request;
    request.redirect_uri = Url::parse(elsewhere).map_err(|error| Stop::skipped(error.to_string()))?;
    let answer = http.send(http.client().get(request.url(description, client))).await?;
    let mut faults = Faults::default();
    let location = answer.header(header::LOCATION);
    faults.unless(!location.starts_with(elsewhere), || {
        format!(
            "a redirect URI that is not registered is redirected to: {}",
            answer.status
        )
    });
    faults.with(())
}

/// `authorization.error`.
pub(crate) async fn error(http: &Http, description: &Description, client: &Client, request: &Request) -> Tested<()> {
    let url = request.url_without_challenge(description, client);
    let answer = http.send(http.client().get(url)).await?;
    let location = description.authorization.join(answer.header(header::LOCATION)).ok();
    let location = location.filter(|_| answer.status.is_redirection());
    let Some(location) = location.filter(|location| request.is_answered_by(location)) else {
        if answer.status.is_client_error() || answer.status.is_server_error() {
            return Err(Stop::failed(format!(
                "{}: the client is not told of its fault; the redirect URI is registered",
                answer.status
            )));
        }
        return Err(Stop::not_offered(
            "the host looks at the request after the learner has signed in: not to be seen from outside",
        ));
    };
    let mut faults = Faults::default();
    faults.unless(parameter(&location, "code").is_none(), || {
        "a code is given without PKCE".to_owned()
    });
    faults.unless(parameter(&location, "error").is_some(), || {
        "error is missing".to_owned()
    });
    faults.unless(parameter(&location, "state").as_ref() == Some(&request.state), || {
        "state is missing or another one".to_owned()
    });
    faults.with(())
}

/// `authorization.code`: the operator's browser, or a demo learner's, comes back.
pub(crate) async fn code(
    http: &Http,
    description: &Description,
    client: &Client,
    operator: &mut Operator,
    request: Request,
) -> Tested<Code> {
    http.notebook.keep_secret("state", &request.state);
    http.notebook.keep_secret("code_verifier", request.verifier.reveal());
    let place = operator.visit(request.url(description, client)).await?;
    if let Some(code) = parameter(&place, "code") {
        http.notebook.keep_secret("code", &code);
    }
    http.notebook.remark(format!("the browser came back to {place}"));
    let mut faults = Faults::default();
    faults.unless(request.is_answered_by(&place), || {
        format!("the browser came back to another address than {}", request.redirect_uri)
    });
    if let Some(error) = parameter(&place, "error") {
        let description = parameter(&place, "error_description").unwrap_or_default();
        return Err(match error.as_str() {
            "access_denied" => Stop::skipped("the learner refused"),
            _ => Stop::failed(format!("the host refused: {error} {description}")),
        });
    }
    match parameter(&place, "state") {
        None => faults.add("state does not come back"),
        Some(state) => faults.unless(state == request.state, || "another state came back".to_owned()),
    }
    match parameter(&place, "scope") {
        None => faults.add("scope does not come back"),
        Some(granted) => faults.of("scope", right_scopes(http, &request.scopes, &granted)),
    }
    let code = parameter(&place, "code");
    faults.unless(code.is_some(), || "code is missing".to_owned());
    faults.or(code.map(|code| Code {
        code: Secret::presented(code),
        request,
    }))
}

/// Those that were asked for, and no other; fewer is the learner's right.
pub(crate) fn right_scopes(http: &Http, asked: &[String], granted: &str) -> Faults {
    let mut faults = Faults::default();
    for scope in granted.split(' ').filter(|scope| !scope.is_empty()) {
        faults.unless(asked.iter().any(|asked| asked == scope), || {
            format!("{scope} was not asked for")
        });
    }
    let missing: Vec<&str> = asked
        .iter()
        .map(String::as_str)
        .filter(|asked| !granted.split(' ').any(|scope| scope == *asked))
        .collect();
    if missing.len() == asked.len() {
        faults.add("nothing of what was asked for is granted");
    } else if !missing.is_empty() {
        http.notebook.remark(format!("not granted: {}", missing.join(" ")));
    }
    faults
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}
