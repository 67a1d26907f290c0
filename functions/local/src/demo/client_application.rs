//! A client application, for instance a wallet: discovers, registers, gets a token, delivers and lists.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clr_core::{Randomness, Secret};
use reqwest::{Method, StatusCode, Url, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    Wrong,
    http::{Answer, Http, Notes},
};

/// What the application is called, and the one host that all its addresses share.
const NAME: &str = "Demo wallet";
const REDIRECT_URI: &str = "https://wallet.example.org/callback";
const SCOPE: &str = "https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.readonly \
                     https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.upsert offline_access";

/// The application and what it has learned so far.
#[derive(Debug)]
pub(crate) struct ClientApplication {
    http: Http,
    endpoints: Option<Endpoints>,
    registration: Option<Registration>,
    state: String,
    code_verifier: Secret,
    tokens: Option<Tokens>,
}

/// From the service description document.
#[derive(Debug)]
struct Endpoints {
    api: String,
    registration: String,
    authorization: String,
    token: String,
}

#[derive(Debug)]
struct Registration {
    client_id: String,
    client_secret: Secret,
}

#[derive(Debug)]
struct Tokens {
    access: Secret,
    refresh: Secret,
}

impl ClientApplication {
    /// Knows nothing yet.
    pub(crate) fn new(randomness: &Randomness, notes: &Notes) -> Result<Self, Wrong> {
        Ok(Self {
            http: Http::new(notes)?,
            endpoints: None,
            registration: None,
            state: randomness.secret().reveal().to_owned(),
            code_verifier: randomness.secret(),
            tokens: None,
        })
    }

    /// Reads the service description document under a base URL, as a person typed it.
    pub(crate) async fn discover(&mut self, base: &str) -> Result<(), Wrong> {
        let request = self
            .http
            .client()
            .get(format!("{base}/ims/clr/v2p0/discovery"))
            .build()?;
        let answer = self
            .http
            .send(request)
            .await?
            .expect(StatusCode::OK, "the service description")?;
        let document = answer.json();
        let text = |pointer: &str| match document.pointer(pointer).and_then(Value::as_str) {
            Some(text) => Ok(text.to_owned()),
            None => Err(Wrong::from(format!("the service description has no {pointer}"))),
        };
        let scheme = "/components/securitySchemes/OAuth2ACG";
        self.endpoints = Some(Endpoints {
            api: text("/servers/0/url")?,
            registration: text(&format!("{scheme}/x-imssf-registrationUrl"))?,
            authorization: text(&format!("{scheme}/flows/authorizationCode/authorizationUrl"))?,
            token: text(&format!("{scheme}/flows/authorizationCode/tokenUrl"))?,
        });
        Ok(())
    }

    /// Registers (RFC 7591 with the members that 1EdTech requires).
    pub(crate) async fn register(&mut self) -> Result<(), Wrong> {
        let metadata = json!({
            "client_name": NAME,
            "client_uri": "https://wallet.example.org",
            "logo_uri": "https://wallet.example.org/logo.png",
            "tos_uri": "https://wallet.example.org/terms",
            "policy_uri": "https://wallet.example.org/privacy",
            "software_id": "4c1b1c52-1f0c-4d0c-9b7d-7c9a3f6d2e10",
            "software_version": env!("CARGO_PKG_VERSION"),
            "redirect_uris": [REDIRECT_URI],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_basic",
            "scope": SCOPE,
        });
        let request = self
            .http
            .client()
            .post(&self.endpoints()?.registration)
            .json(&metadata)
            .build()?;
        let answer = self
            .http
            .send(request)
            .await?
            .expect(StatusCode::CREATED, "a registration")?;
        self.registration = Some(Registration {
            client_id: answer.text_at("/client_id")?,
            client_secret: Secret::presented(answer.text_at("/client_secret")?),
        });
        Ok(())
    }

    /// Where the learner's browser is sent.
    pub(crate) fn authorization_url(&self) -> Result<Url, Wrong> {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.code_verifier.reveal()));
        let mut url = Url::parse(&self.endpoints()?.authorization)?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.registration()?.client_id)
            .append_pair("redirect_uri", REDIRECT_URI)
            .append_pair("scope", SCOPE)
            .append_pair("state", &self.state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    /// Takes the code that the browser brings back and checks that it belongs to this application's request.
    pub(crate) fn receive(&self, callback: &Url) -> Result<Secret, Wrong> {
        let parameter = |name: &str| {
            callback
                .query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        if let Some(error) = parameter("error") {
            let description = parameter("error_description").unwrap_or_default();
            return Err(Wrong::from(format!(
                "the authorization was refused: {error} {description}"
            )));
        }
        if !callback.as_str().starts_with(REDIRECT_URI) || parameter("state").as_deref() != Some(&self.state) {
            return Err(Wrong::from(
                "the browser came back with another request's state, or to another address",
            ));
        }
        parameter("code")
            .map(Secret::presented)
            .ok_or_else(|| Wrong::from("the browser came back without a code"))
    }

    /// Swaps the code for tokens.
    pub(crate) async fn redeem(&mut self, code: &Secret) -> Result<(), Wrong> {
        let verifier = self.code_verifier.reveal().to_owned();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.reveal()),
            ("redirect_uri", REDIRECT_URI),
            ("scope", SCOPE),
            ("code_verifier", &verifier),
        ];
        self.request_tokens(&fields).await
    }

    /// Swaps the refresh token for new tokens.
    pub(crate) async fn refresh(&mut self) -> Result<(), Wrong> {
        let refresh = self.tokens()?.refresh.clone();
        self.request_tokens(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.reveal()),
            ("scope", SCOPE),
        ])
        .await
    }

    /// Delivers a signed record to the learner.
    pub(crate) async fn upsert(&mut self, record: &str, expected: StatusCode) -> Result<(), Wrong> {
        let answer = self
            .call(Method::POST, "", Some(record))
            .await?
            .expect(expected, "the record's receipt")?;
        match answer.body == record {
            true => Ok(()),
            false => Err(Wrong::from("the host did not answer with what was submitted")),
        }
    }

    /// One page of the learner's records, and how many there are in all.
    pub(crate) async fn list(&mut self) -> Result<(Vec<Value>, usize), Wrong> {
        let answer = self
            .call(Method::GET, "?limit=100&offset=0", None)
            .await?
            .expect(StatusCode::OK, "a list")?;
        let total = answer
            .header("x-total-count")
            .parse()
            .map_err(|_| "the list has no X-Total-Count")?;
        let credentials = answer.json().get("credential").and_then(Value::as_array).cloned();
        Ok((credentials.unwrap_or_default(), total))
    }

    async fn request_tokens(&mut self, fields: &[(&str, &str)]) -> Result<(), Wrong> {
        let Registration {
            client_id,
            client_secret,
        } = self.registration()?;
        let request = self.http.client().post(&self.endpoints()?.token);
        let request = request
            .basic_auth(client_id, Some(client_secret.reveal()))
            .form(fields)
            .build()?;
        let answer = self.http.send(request).await?.expect(StatusCode::OK, "tokens")?;
        self.tokens = Some(Tokens {
            access: Secret::presented(answer.text_at("/access_token")?),
            refresh: Secret::presented(answer.text_at("/refresh_token")?),
        });
        Ok(())
    }

    async fn call(&mut self, method: Method, query: &str, body: Option<&str>) -> Result<Answer, Wrong> {
        let url = format!("{}/credentials{query}", self.endpoints()?.api);
        let mut request = self
            .http
            .client()
            .request(method, url)
            .bearer_auth(self.tokens()?.access.reveal());
        if let Some(body) = body {
            request = request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_owned());
        }
        Ok(self.http.send(request.build()?).await?)
    }

    fn endpoints(&self) -> Result<&Endpoints, Wrong> {
        self.endpoints
            .as_ref()
            .ok_or_else(|| Wrong::from("nothing was discovered yet"))
    }

    fn registration(&self) -> Result<&Registration, Wrong> {
        self.registration
            .as_ref()
            .ok_or_else(|| Wrong::from("the application is not registered yet"))
    }

    fn tokens(&self) -> Result<&Tokens, Wrong> {
        self.tokens
            .as_ref()
            .ok_or_else(|| Wrong::from("the application has no token yet"))
    }
}
