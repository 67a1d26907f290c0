//! The service in process: real routers, the real table engine in memory, a clock that stands still, seeded randomness.
//!
//! ```ignore
//! let app = TestApp::start().await;
//! let answer = app.get("/ims/clr/v2p0/discovery").await;
//! assert_eq!(answer.status, 200);
//! ```
//! No socket is involved but the engine's; requests go straight into the router.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on stops"
)]

mod emulated_kms;
mod permissions;
pub mod served;
mod tokens;

use std::sync::Arc;

use aws_sdk_dynamodb::config::{SharedHttpClient, retry::RetryConfig, timeout::TimeoutConfig};
use axum::{Router, body::Body};
use bytes::Bytes;
use canonical_rdf::Contexts;
use clr_core::{
    Clock, FixedClock, Randomness, Table, TenantId,
    fetch::Fetcher,
    issuers::Issuers,
    metering::Usage,
    signer::{Signer, SoftwareKeys},
    verification::Policy,
};
use clr_server::{App, Config, DemoLearners, RequestLog, SignIn};
use http::{HeaderMap, Method, Request, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

use crate::permissions::{Asked, REQUEST};
pub use crate::permissions::{Permission, permitted, template};

/// The base URL that clients of a [`TestApp`] know.
pub const PUBLIC_URL: &str = "https://records.example.edu";

/// The issuer of [`TestApp::as_institution`].
pub const INSTITUTION: &str = "did:web:records.example.edu";

/// The time at which a [`TestApp`] starts.
pub const START: &str = "2026-01-15T09:30:00Z";

/// The whole service, in process.
#[derive(Debug)]
pub struct TestApp {
    /// What the handlers use.
    pub app: App,
    /// Stands still until it is moved.
    pub clock: Arc<FixedClock>,
    /// What the functions asked of AWS.
    pub asked: Asked,
    /// The engine's, for what the table's methods do not tell.
    pub client: aws_sdk_dynamodb::Client,
    wired: Option<Wired>,
    router: Router,
}

/// A wire to AWS in place of the usual one, and how long and how often it is tried.
#[derive(Clone, Debug)]
pub struct Wired {
    /// Sends the requests.
    pub http: SharedHttpClient,
    /// Their bounds.
    pub timeouts: TimeoutConfig,
    /// Their repetitions.
    pub retries: RetryConfig,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// What it took of AWS.
    pub usage: Usage,
}

/// The learners that `clr serve` has.
fn demo_learners() -> DemoLearners {
    DemoLearners::parse(local::DEMO_LEARNERS).unwrap()
}

impl TestApp {
    /// All functions, an empty table, an issuer with a `did:key`.
    pub async fn start() -> Self {
        Self::configured(|_| {}).await
    }

    /// The same, after a change of the settings.
    pub async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        Self::with(Contexts::standard(), None, None, change).await
    }

    /// What `clr serve --open-issue --w3c-suites` has, with the `did:key` of this key as issuer.
    pub async fn for_w3c_suites(signer: Arc<dyn Signer>) -> Self {
        let for_suites = |config: &mut Config| {
            config.open_issue = true;
            config.w3c_suites = true;
        };
        Self::with(Contexts::with_w3c_examples(), Some(signer), None, for_suites).await
    }

    /// The usual service, over this wire to its table and to KMS.
    pub async fn over(wired: Wired) -> Self {
        Self::with(Contexts::standard(), None, Some(wired), |_| {}).await
    }

    /// `signer`: the one that the issuer has; none: those of [`issuers`].
    async fn with(
        contexts: &'static Contexts,
        signer: Option<Arc<dyn Signer>>,
        wired: Option<Wired>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let database = dynoxide::Database::memory().unwrap();
        let asked = Asked::default();
        let mut client = asked.table(&local::embedded_table::start(database).await.unwrap());
        if let Some(Wired {
            http,
            timeouts,
            retries,
        }) = wired.clone()
        {
            let config = client.config().to_builder().http_client(http);
            client = aws_sdk_dynamodb::Client::from_conf(config.timeout_config(timeouts).retry_config(retries).build());
        }
        let mut config = Config {
            table_name: local::embedded_table::TABLE_NAME.to_owned(),
            public_url: Some(PUBLIC_URL.parse().unwrap()),
            tenant: TenantId::new("default").unwrap(),
            issuer_id: None,
            issuer_profile: Map::from_iter([("name".to_owned(), json!("Example University"))]),
            signing_keys: Vec::new(),
            rsa_signing_key: None,
            status_signing_keys: Vec::new(),
            status_lists: true,
            service_name: "Example University records".to_owned(),
            stack_name: "clr".to_owned(),
            terms_of_service_url: None,
            privacy_policy_url: None,
            // In process all requests come from one unknown address.
            attempts_per_minute: u32::MAX,
            identity_provider: None,
            open_issue: false,
            w3c_suites: false,
            verify_policy: Policy::default(),
        };
        change(&mut config);
        let clock = Arc::new(FixedClock::at(START.parse::<Timestamp>().unwrap()));
        let app = App {
            table: Table::new(client.clone(), config.table_name.clone(), config.tenant.clone()),
            issuers: Arc::new(match signer {
                Some(signer) => Issuers::new(config.issuer_id.clone(), config.issuer_profile.clone(), vec![signer]),
                None => issuers(&config),
            }),
            fetcher: Arc::new(Fetcher::offline([])),
            clock: clock.clone(),
            randomness: Arc::new(Randomness::seeded(1)),
            contexts,
            config: Arc::new(config),
            sign_in: Arc::new(SignIn::DemoLearners(demo_learners())),
            request_log: RequestLog::readable(),
        };
        let router = clr_server::router(local::routes(), app.clone());
        Self {
            app,
            clock,
            asked,
            client,
            wired,
            router,
        }
    }

    /// The same service, on the same table, with other issuers.
    #[must_use]
    pub fn with_issuers(&self, issuers: Issuers) -> Self {
        self.with_app(App {
            issuers: Arc::new(issuers),
            ..self.app.clone()
        })
    }

    /// The same service, fetching in another way and with nothing fetched yet.
    #[must_use]
    pub fn with_fetcher(&self, fetcher: Fetcher) -> Self {
        self.with_app(App {
            fetcher: Arc::new(fetcher),
            ..self.app.clone()
        })
    }

    /// The same service, on another table.
    #[must_use]
    pub fn with_table(&self, table: Table) -> Self {
        self.with_app(App {
            table,
            ..self.app.clone()
        })
    }

    /// The same service, telling of its requests elsewhere.
    #[must_use]
    pub fn with_request_log(&self, request_log: RequestLog) -> Self {
        self.with_app(App {
            request_log,
            ..self.app.clone()
        })
    }

    /// The same service, where learners sign in in another way.
    #[must_use]
    pub fn with_sign_in(&self, sign_in: SignIn) -> Self {
        self.with_app(App {
            sign_in: Arc::new(sign_in),
            ..self.app.clone()
        })
    }

    fn with_app(&self, app: App) -> Self {
        Self {
            router: clr_server::router(local::routes(), app.clone()),
            app,
            clock: Arc::clone(&self.clock),
            asked: self.asked.clone(),
            client: self.client.clone(),
            wired: self.wired.clone(),
        }
    }

    /// The same service, on the same table, for an institution with a domain of its own: a proof set on records, and another one
    /// on status lists. The seed makes the keys.
    #[must_use]
    pub fn as_institution(&self, seed: u64) -> Self {
        let signers = |seed| -> Vec<Arc<dyn Signer>> {
            let keys = SoftwareKeys::generate(&Randomness::seeded(seed));
            vec![Arc::new(keys.p256), Arc::new(keys.ed25519)]
        };
        let profile = Map::from_iter([("name".to_owned(), json!("Example University"))]);
        let issuers = Issuers::new(Some(INSTITUTION.to_owned()), profile, signers(seed))
            .with_status_signers(signers(seed + 1_000_000))
            .with_history(self.app.table.clone(), self.app.clock.clone());
        self.with_issuers(issuers)
    }

    /// The time inside the service.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Any request, under the role of the function that API Gateway would call.
    ///
    /// # Panics
    /// The role does not allow what the function asks of AWS.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let function = clr_server::paths::function(request.method(), request.uri().path());
        let (parts, body) = REQUEST
            .scope(self.asked.by(function), async {
                let response = self.router.clone().oneshot(request).await.unwrap();
                let (parts, body) = response.into_parts();
                (parts, axum::body::to_bytes(body, usize::MAX).await.unwrap())
            })
            .await;
        self.asked.nothing_was_refused();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
            usage: parts.extensions.get().copied().unwrap(),
        }
    }

    /// An answer, and how many calls to DynamoDB it took.
    pub async fn counted(&self, answer: impl Future<Output = Answer>) -> (Answer, u32) {
        let answer = answer.await;
        let calls = answer.usage.table_calls;
        (answer, calls)
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, None, Body::empty())).await
    }

    /// `GET path` with a bearer token.
    pub async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send(request(Method::GET, path, Some(token), Body::empty())).await
    }

    /// `POST path` with a JSON body.
    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.send(json_request(path, None, body)).await
    }

    /// `POST path` with a bearer token and a JSON body.
    pub async fn post_json_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.send(json_request(path, Some(token), body)).await
    }

    /// `POST path` with a form.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(form_request(path, fields)).await
    }
}

/// With an id one issuer that has both keys, as in AWS; else one for each key, as on a laptop.
fn issuers(config: &Config) -> Issuers {
    let keys = SoftwareKeys::generate(&Randomness::seeded(7));
    let (p256, ed25519): (Arc<dyn Signer>, Arc<dyn Signer>) = (Arc::new(keys.p256), Arc::new(keys.ed25519));
    let profile = || config.issuer_profile.clone();
    match config.issuer_id.clone() {
        Some(id) => Issuers::new(Some(id), profile(), vec![p256, ed25519]),
        None => Issuers::new(None, profile(), vec![p256]).and(None, profile(), vec![ed25519]),
    }
}

impl Answer {
    /// The body as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's value; empty if it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The text an error of the CLR API gives its caller.
    #[must_use]
    #[track_caller]
    pub fn description(&self) -> String {
        self.json()["imsx_description"]
            .as_str()
            .expect("an Imsx_StatusInfo body")
            .to_owned()
    }
}

/// A request with an optional bearer token.
#[must_use]
pub fn request(method: Method, path: &str, token: Option<&str>, body: Body) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(body).unwrap()
}

/// A POST of JSON.
#[must_use]
pub fn json_request(path: &str, token: Option<&str>, body: &Value) -> Request<Body> {
    let mut request = request(Method::POST, path, token, Body::from(body.to_string()));
    request
        .headers_mut()
        .insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    request
}

/// A POST of a form.
#[must_use]
pub fn form_request(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let body = serde_urlencoded::to_string(fields).unwrap();
    let mut request = request(Method::POST, path, None, Body::from(body));
    request.headers_mut().insert(
        header::CONTENT_TYPE,
        "application/x-www-form-urlencoded".parse().unwrap(),
    );
    request
}
