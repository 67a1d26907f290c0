//! A client application and a learner's browser, as the OAuth tests play them.

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clr_core::oauth::{CodeVerifier, Scope};
use http::{Method, Request, header};
use serde_json::{Value, json};
use tests::{Answer, TestApp, form_request};
use url::Url;

pub(crate) const REDIRECT_URI: &str = "https://app.example/callback?from=clr";
pub(crate) const READ: &str = Scope::CredentialReadonly.as_str();
pub(crate) const UPSERT: &str = Scope::CredentialUpsert.as_str();
pub(crate) const STATE: &str = "a state & more";

/// A client that registered itself.
#[derive(Clone, Debug)]
pub(crate) struct TestClient {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) verifier: String,
}

/// A browser: keeps cookies, fills forms.
#[derive(Debug)]
pub(crate) struct Browser<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) cookie: String,
    pub(crate) page: Answer,
}

/// Metadata that keeps every rule.
pub(crate) fn metadata() -> Value {
    json!({
        "client_name": "Example Wallet",
        "client_uri": "https://app.example/",
        "logo_uri": "https://app.example/logo.png",
        "tos_uri": "https://app.example/terms",
        "policy_uri": "https://app.example/privacy",
        "software_id": "example-wallet",
        "software_version": "1.2",
        "redirect_uris": [REDIRECT_URI],
        "scope": format!("{READ} {UPSERT} offline_access"),
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "contacts": ["wallet@app.example"],
    })
}

impl TestClient {
    pub(crate) async fn register(app: &TestApp) -> Self {
        Self::register_as(app, |_| {}).await
    }

    /// A client whose metadata differ from the usual.
    pub(crate) async fn register_as(app: &TestApp, change: impl FnOnce(&mut Value)) -> Self {
        let mut metadata = metadata();
        change(&mut metadata);
        let answer = app.post_json("/oauth/register", &metadata).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let member = |name: &str| answer.json()[name].as_str().unwrap_or_default().to_owned();
        let verifier = app.app.randomness.secret().reveal().to_owned();
        Self {
            id: member("client_id"),
            secret: member("client_secret"),
            verifier,
        }
    }

    /// The path and query of an authorization request for these scopes, after changes: none as value takes a parameter away.
    pub(crate) fn authorization(&self, scope: &str, changes: &[(&str, Option<&str>)]) -> String {
        let challenge = String::from(CodeVerifier::parse(&self.verifier).unwrap().challenge());
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", REDIRECT_URI),
            ("scope", scope),
            ("state", STATE),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            parameters.retain(|(other, _)| other != name);
            parameters.extend(value.map(|value| (*name, value)));
        }
        format!("/oauth/authorize?{}", serde_urlencoded::to_string(parameters).unwrap())
    }

    /// A code for these scopes, from a learner who allows all.
    pub(crate) async fn code(&self, app: &TestApp, scope: &str) -> String {
        self.code_of(app, &self.authorization(scope, &[]), scope).await
    }

    /// The same, for this path and query.
    pub(crate) async fn code_of(&self, app: &TestApp, path: &str, scope: &str) -> String {
        let mut browser = Browser::open(app, path).await;
        browser.sign_in("ada").await;
        let scopes: Vec<_> = scope.split(' ').map(|scope| ("scope", scope)).collect();
        browser.answer("allow", &scopes).await;
        query(&browser.location())["code"].as_str().unwrap().to_owned()
    }

    /// Tokens for these scopes.
    pub(crate) async fn tokens(&self, app: &TestApp, scope: &str) -> Value {
        let code = self.code(app, scope).await;
        let answer = self.redeem(app, &code).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub(crate) async fn redeem(&self, app: &TestApp, code: &str) -> Answer {
        self.token(app, &self.redemption(code)).await
    }

    pub(crate) fn redemption<'a>(&'a self, code: &'a str) -> [(&'a str, &'a str); 4] {
        [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", &self.verifier),
        ]
    }

    pub(crate) async fn refresh(&self, app: &TestApp, refresh_token: &Value) -> Answer {
        let refresh_token = refresh_token.as_str().unwrap();
        self.token(
            app,
            &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)],
        )
        .await
    }

    /// A token request, authenticated with HTTP Basic.
    pub(crate) async fn token(&self, app: &TestApp, form: &[(&str, &str)]) -> Answer {
        self.post(app, "/oauth/token", form).await
    }

    /// A form, authenticated with HTTP Basic.
    pub(crate) async fn post(&self, app: &TestApp, path: &str, form: &[(&str, &str)]) -> Answer {
        app.send(self.request(path, form)).await
    }

    /// The same, not sent yet.
    pub(crate) fn request(&self, path: &str, form: &[(&str, &str)]) -> Request<Body> {
        let mut request = form_request(path, form);
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", self.id, self.secret)));
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, basic.parse().unwrap());
        request
    }
}

impl<'a> Browser<'a> {
    pub(crate) async fn open(app: &'a TestApp, path: &str) -> Self {
        let page = app.get(path).await;
        let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
        Self { app, cookie, page }
    }

    pub(crate) async fn sign_in(&mut self, learner: &str) {
        self.sign_in_at("/oauth/authorize", learner).await;
    }

    pub(crate) async fn sign_in_at(&mut self, path: &str, learner: &str) {
        let form = self.form("sign_in", &[("learner", learner)]);
        let form: Vec<_> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.page = self.send_to(path, &form).await;
        assert_eq!(self.page.status, 200, "{}", self.page.text());
    }

    /// Sends the page's form.
    pub(crate) async fn answer(&mut self, answer: &str, fields: &[(&str, &str)]) {
        let form = self.form(answer, fields);
        let form: Vec<_> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.page = self.send(&form).await;
    }

    /// The page's form, filled.
    pub(crate) fn form(&self, answer: &str, fields: &[(&str, &str)]) -> Vec<(String, String)> {
        let hidden = ["authorization", "form_token"].map(|name| (name.to_owned(), self.hidden(name)));
        let chosen = [("answer", answer)].into_iter().chain(fields.iter().copied());
        hidden
            .into_iter()
            .chain(chosen.map(|(name, value)| (name.to_owned(), value.to_owned())))
            .collect()
    }

    pub(crate) async fn send(&self, form: &[(&str, &str)]) -> Answer {
        self.send_to("/oauth/authorize", form).await
    }

    pub(crate) async fn send_to(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut request: Request<Body> = form_request(path, form);
        assert_eq!(request.method(), Method::POST);
        if !self.cookie.is_empty() {
            request
                .headers_mut()
                .insert(header::COOKIE, self.cookie.parse().unwrap());
        }
        self.app.send(request).await
    }

    /// The value of a hidden field of the page's form.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let text = self.page.text();
        let start = text
            .split_once(&format!(r#"type="hidden" name="{name}" value=""#))
            .expect("the field is there")
            .1;
        start.split_once('"').unwrap().0.to_owned()
    }

    /// Where the browser is sent.
    pub(crate) fn location(&self) -> Url {
        assert_eq!(self.page.status, 303, "{}", self.page.text());
        Url::parse(self.page.header("location")).unwrap()
    }
}

/// The query of a URL as an object.
pub(crate) fn query(url: &Url) -> Value {
    url.query_pairs()
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}
