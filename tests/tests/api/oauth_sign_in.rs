//! Signing in at the institution's OpenID Connect provider: an emulated one, on this machine.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::Uri,
    response::{IntoResponse as _, Response},
};
use clr_core::{Clock as _, Secret, SystemClock};
use clr_server::{IdentityProvider, SignIn};
use http::{Method, StatusCode, header};
use serde_json::json;
use tests::{Answer, TestApp, request};
use tokio::net::TcpListener;

use crate::{
    oauth_client::{Browser, READ, TestClient, query},
    oauth_keys::TestKey,
};

/// A provider, and what it says of itself.
#[derive(Clone)]
struct Provider {
    /// Where it is, without a last slash.
    base: String,
    said: Arc<Mutex<Said>>,
}

#[derive(Default)]
struct Said {
    /// The issuer of its metadata, and that of its ID tokens.
    metadata: String,
    id_token: String,
    nonce: String,
}

impl Provider {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let provider = Self {
            base: format!("http://{}", listener.local_addr().unwrap()),
            said: Arc::default(),
        };
        let answer = async |State(provider): State<Self>, uri: Uri| provider.answer(uri.path());
        let router = Router::new().fallback(answer).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        provider
    }

    /// Its path does not matter but for the metadata, which are where OpenID Connect Discovery, section 4, has them.
    fn answer(&self, path: &str) -> Response {
        let said = self.said.lock().unwrap();
        let at = |name: &str| format!("{}/{name}", self.base);
        let issuer = said.metadata.trim_end_matches('/');
        let metadata = format!("{issuer}/.well-known/openid-configuration");
        if format!("{}{path}", self.base) == metadata {
            return Json(json!({
                "issuer": said.metadata,
                "authorization_endpoint": at("authorize"),
                "token_endpoint": at("token"),
                "jwks_uri": at("jwks"),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
            }))
            .into_response();
        }
        match path {
            "/jwks" => Json(json!({"keys": [TestKey::one().jwk()]})).into_response(),
            "/token" => {
                let now = SystemClock.now().as_second();
                let claims = json!({
                    "iss": said.id_token,
                    "sub": "1",
                    "aud": "clr",
                    "iat": now,
                    "exp": now + 60,
                    "nonce": said.nonce,
                    "email": "ada@example.edu",
                    "email_verified": true,
                });
                let id_token = TestKey::one().sign(json!({}), &claims);
                Json(json!({"access_token": "a test token", "token_type": "Bearer", "id_token": id_token}))
                    .into_response()
            }
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }

    /// What a learner sees who signs in here, by a service that knows the provider by `configured`, after the provider said these.
    async fn sign_in(&self, configured: &str, metadata: &str, id_token: &str, iss: &str) -> Answer {
        let app = TestApp::start()
            .await
            .with_sign_in(SignIn::IdentityProvider(IdentityProvider {
                issuer: configured.to_owned(),
                client_id: "clr".to_owned(),
                client_secret: Secret::presented("this is a test secret of the provider"),
            }));
        {
            let mut said = self.said.lock().unwrap();
            (said.metadata, said.id_token) = (metadata.to_owned(), id_token.to_owned());
        }
        let client = TestClient::register(&app).await;
        let browser = Browser::open(&app, &client.authorization(READ, &[])).await;
        if browser.page.status != 303 {
            return browser.page;
        }
        let asked = query(&browser.location());
        self.said.lock().unwrap().nonce = asked["nonce"].as_str().unwrap().to_owned();
        let back = [
            ("code", "a-test-code"),
            ("state", asked["state"].as_str().unwrap()),
            ("iss", iss),
        ];
        let path = format!("/oauth/signed-in?{}", serde_urlencoded::to_string(back).unwrap());
        let mut back = request(Method::GET, &path, None, Body::empty());
        back.headers_mut()
            .insert(header::COOKIE, browser.cookie.parse().unwrap());
        app.send(back).await
    }
}

#[tokio::test]
async fn learners_sign_in_at_a_provider_whose_issuer_ends_as_it_likes() {
    let provider = Provider::start().await;
    for end in ["", "/", "/tenant", "/tenant/"] {
        let issuer = format!("{}{end}", provider.base);
        let page = provider.sign_in(&issuer, &issuer, &issuer, &issuer).await;
        assert_eq!(page.status, 200, "{issuer}: {}", page.text());
        assert!(page.text().contains("Example Wallet"), "{}", page.text());
    }
}

#[tokio::test]
async fn a_provider_that_calls_itself_otherwise_than_it_is_configured_is_not_believed() {
    let provider = Provider::start().await;
    let (bare, slash) = (provider.base.as_str(), format!("{}/", provider.base));
    for (right, wrong) in [(bare, slash.as_str()), (&slash, bare)] {
        for (metadata, id_token, iss, status) in [
            (wrong, right, right, 503),
            (right, wrong, right, 403),
            (right, right, wrong, 400),
        ] {
            let page = provider.sign_in(right, metadata, id_token, iss).await;
            assert_eq!(
                page.status,
                status,
                "{right}, {metadata}, {id_token}, {iss}: {}",
                page.text()
            );
        }
    }
}
