//! `clr serve` as a process of its own, and those who talk to it over the network: for tests from outside.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use clr_core::{
    Randomness,
    oauth::{CodeVerifier, Scope},
};
use reqwest::{Client, RequestBuilder, Response, header, redirect};
use serde_json::{Value, json};
use url::Url;

const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";
const LEARNER_SCOPES: [Scope; 3] = [Scope::CredentialReadonly, Scope::CredentialUpsert, Scope::OfflineAccess];

/// A running `clr serve`, which ends with this value.
#[derive(Debug)]
pub struct Served {
    process: Child,
    /// Where it is reached, without a slash at the end.
    pub base: String,
}

impl Served {
    /// Starts it in this folder, on this port, and waits until it is ready.
    #[must_use]
    pub fn start(clr: &Path, folder: &Path, port: u16, arguments: &[&str]) -> Self {
        let mut process = Command::new(clr)
            .args(["serve", "--port", &port.to_string()])
            .args(arguments)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", clr.display()));
        // It tells where it listens when it does.
        let told = BufReader::new(process.stdout.as_mut().unwrap()).lines().next();
        assert!(told.is_some_and(|line| line.is_ok()), "clr serve did not start");
        Self {
            process,
            base: format!("http://127.0.0.1:{port}"),
        }
    }

    /// The process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends it with SIGKILL: nothing in it runs any more.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have been ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port of the loopback interface that nobody has now.
#[must_use]
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// A client of HTTP that follows no redirect.
#[must_use]
pub fn http_client() -> Client {
    let client = Client::builder().no_proxy().redirect(redirect::Policy::none());
    client.timeout(Duration::from_secs(30)).build().unwrap()
}

/// A client of the service, with its credentials.
#[derive(Clone, Debug)]
pub struct ServiceClient {
    http: Client,
    base: String,
    id: String,
    secret: String,
}

impl ServiceClient {
    /// An application registers itself.
    pub async fn register(http: &Client, base: &str) -> Self {
        let answer = Self::registration(http, base).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        let answer: Value = answer.json().await.unwrap();
        Self {
            http: http.clone(),
            base: base.to_owned(),
            id: text(&answer, "client_id"),
            secret: text(&answer, "client_secret"),
        }
    }

    /// What an application sends to register.
    pub fn registration(http: &Client, base: &str) -> RequestBuilder {
        http.post(format!("{base}/oauth/register")).json(&json!({
            "client_name": "Example Wallet",
            "client_uri": "https://app.example/",
            "logo_uri": "https://app.example/logo.png",
            "tos_uri": "https://app.example/terms",
            "policy_uri": "https://app.example/privacy",
            "software_id": "example-wallet",
            "software_version": "1",
            "redirect_uris": [REDIRECT_URI],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": scopes(),
        }))
    }

    /// The operator makes a client that may issue and change states, in the table of this folder.
    #[must_use]
    pub fn of_operator(clr: &Path, folder: &Path, http: &Client, base: &str) -> Self {
        let made = Command::new(clr)
            .args(["admin", "client", "create", "--scope", "issue status"])
            .current_dir(folder)
            .output()
            .unwrap();
        let told = String::from_utf8(made.stdout).unwrap();
        let field = |name| told.lines().find_map(|line| line.strip_prefix(name));
        Self {
            http: http.clone(),
            base: base.to_owned(),
            id: field("client_id").unwrap().trim().to_owned(),
            secret: field("client_secret").unwrap().trim().to_owned(),
        }
    }

    /// A form, in this client's name.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.base));
        request.basic_auth(&self.id, Some(&self.secret)).form(fields)
    }

    /// An access token of its own.
    pub async fn own_token(&self) -> String {
        let answer = self.form("/oauth/token", &[("grant_type", "client_credentials")]);
        text(&json_of(answer).await, "access_token")
    }

    /// A learner of the demonstration signs in and allows everything: access token and refresh token.
    pub async fn tokens(&self, learner: &str) -> (String, String) {
        let verifier = Randomness::operating_system().secret().reveal().to_owned();
        let code = self.code(learner, &verifier).await;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", &verifier),
        ];
        let tokens = json_of(self.form("/oauth/token", &fields)).await;
        (text(&tokens, "access_token"), text(&tokens, "refresh_token"))
    }

    async fn code(&self, learner: &str, verifier: &str) -> String {
        let endpoint = format!("{}/oauth/authorize", self.base);
        let challenge = String::from(CodeVerifier::parse(verifier).unwrap().challenge());
        let asked = [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", REDIRECT_URI),
            ("scope", &scopes()),
            ("state", "state"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let page = self.http.get(&endpoint).query(&asked).send().await.unwrap();
        let cookie = page.headers()[header::SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let page = page.text().await.unwrap();
        let answer = async |page: &str, more: &[(&str, &str)]| -> Response {
            let hidden = ["authorization", "form_token", "client"].map(|name| (name, hidden(page, name)));
            let hidden = hidden
                .iter()
                .filter_map(|(name, value)| Some((*name, value.as_deref()?)));
            let fields: Vec<_> = hidden.chain(more.iter().copied()).collect();
            let request = self.http.post(&endpoint).header(header::COOKIE, &cookie);
            request.form(&fields).send().await.unwrap()
        };
        let page = answer(&page, &[("answer", "sign_in"), ("learner", learner)]).await;
        let page = page.text().await.unwrap();
        let mut allowed = vec![("answer", "allow")];
        allowed.extend(LEARNER_SCOPES.map(|scope| ("scope", scope.as_str())));
        let back = answer(&page, &allowed).await;
        let location = Url::parse(back.headers()[header::LOCATION].to_str().unwrap()).unwrap();
        let code = location.query_pairs().find(|(name, _)| name == "code");
        code.unwrap().1.into_owned()
    }
}

/// The body of the answer to a request that succeeds.
pub async fn json_of(request: RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let body = answer.text().await.unwrap();
    assert!(status.is_success(), "{status} {body}");
    serde_json::from_str(&body).unwrap()
}

/// A member that is a text.
fn text(value: &Value, name: &str) -> String {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {value}"))
        .to_owned()
}

fn scopes() -> String {
    LEARNER_SCOPES.map(Scope::as_str).join(" ")
}

/// The first hidden field of this name.
fn hidden(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// An unsigned record, as small as a registrar can write it, with this id.
#[must_use]
pub fn small_record(id: &str) -> Value {
    let mut record: Value = serde_json::from_str(MINIMAL).unwrap();
    record["id"] = json!(id);
    record
}

const MINIMAL: &str = include_str!("../../shared/learner-record/fixtures/minimal.json");

/// Has a record signed, with an operator client's token.
pub async fn signed(http: &Client, base: &str, token: &str, record: &Value) -> Value {
    let request = http.post(format!("{base}/credentials/issue")).bearer_auth(token);
    let mut answer = json_of(request.json(&json!({ "credential": record }))).await;
    answer["verifiableCredential"].take()
}
