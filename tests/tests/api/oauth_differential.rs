//! Ours against crate `oauth-as`, a certified authorization server: random sequences of registration, authorization, redemption,
//! refresh, revocation and introspection, good and bad, at random times, have the same outcomes and the same error codes.
//!
//! Where the two differ, the rule has a name, and only what it says is left out of the comparison:
//!
//! - *scope is required* at the authorization endpoint (digest section 2.2); there it has a default.
//! - *retry window*: ours takes the previous refresh token for 30 seconds more, so the clock goes on by 31 after each refresh.
//! - *refresh tokens are inspected* here by their client; there every refresh token is `{"active": false}`.
//! - [`Rule`]: after this the grant itself is no longer the same.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use clr_core::{Clock as _, FixedClock};
use oauth_as::{
    AuthorizationRequest, AuthorizationServer, Client, ClientAuth, ClientId, GrantType, MemoryStorage, ServerConfig,
    TokenRequest, TokenResponse,
    authorization::AuthorizationError,
    error::ErrorResponse,
    scope::ScopeSet,
    server::{Clock, UserApproval},
};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::Value;
use tests::{Answer, TestApp};

use crate::oauth_client::{Browser, READ, REDIRECT_URI, STATE, TestClient, UPSERT, query};

/// Why a grant is not compared any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Revoking an access token ends that token here, and the whole grant there (RFC 7009, section 2.1, leaves both open).
    AccessTokenAlone,
    /// Narrowed at a refresh, the new access token is narrow and the grant is as wide as before (RFC 6749, section 6; digest section 2.3);
    /// there the grant stays narrow.
    NarrowedOnce,
    /// A grant has eight live access tokens at most here.
    EightTokens,
}

/// One step of a sequence. Numbers choose among what is there.
#[derive(Clone, Debug)]
enum Step {
    Register,
    Authorize {
        client: usize,
        scope: Scope,
    },
    Redeem {
        client: Who,
        grant: usize,
        fault: Option<Fault>,
    },
    Refresh {
        client: Who,
        grant: usize,
        back: usize,
        scope: Scope,
        fault: Option<Fault>,
    },
    Revoke {
        client: Who,
        grant: usize,
        back: usize,
        refresh: bool,
    },
    Introspect {
        client: Who,
        grant: usize,
        back: usize,
    },
    Wait(u64),
}

/// Which client asks: the one that it belongs to, or some other one.
#[derive(Clone, Debug)]
enum Who {
    Owner,
    Any(usize),
}

#[derive(Clone, Copy, Debug)]
enum Scope {
    Left,
    Reading,
    Both,
    NotKnown,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Secret,
    Verifier,
    RedirectUri,
    Token,
}

/// What came of a step, as both tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Done(Option<String>),
    Error(String),
}

/// A grant on both sides.
struct Twin {
    client: usize,
    scope: String,
    verifier: String,
    code: [String; 2],
    access: Vec<[String; 2]>,
    refresh: Vec<[String; 2]>,
    /// Not compared any more.
    apart: Option<Rule>,
}

struct World {
    app: TestApp,
    oracle: AuthorizationServer<MemoryStorage, Time>,
    clients: Vec<TestClient>,
    grants: Vec<Twin>,
    compared: usize,
}

struct Time(Arc<FixedClock>);

impl Clock for Time {
    fn now(&self) -> SystemTime {
        let seconds = u64::try_from(self.0.now().as_second()).unwrap();
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }
}

const OFFLINE: &str = "offline_access";
const CASES: u32 = 128;
const STEPS: std::ops::Range<usize> = 8..48;

impl Scope {
    fn text(self) -> Option<String> {
        match self {
            Self::Left => None,
            Self::Reading => Some(format!("{READ} {OFFLINE}")),
            Self::Both => Some(format!("{READ} {UPSERT} {OFFLINE}")),
            Self::NotKnown => Some("openid".to_owned()),
        }
    }
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let mut config = ServerConfig::new(tests::PUBLIC_URL, tests::PUBLIC_URL);
        config.authorization_code_ttl = Duration::from_secs(600);
        let oracle = AuthorizationServer::with_clock(config, MemoryStorage::new(), Time(app.clock.clone()));
        let mut world = Self {
            app,
            oracle,
            clients: Vec::new(),
            grants: Vec::new(),
            compared: 0,
        };
        for client in 0..2 {
            world.register().await;
            world.authorize(client, Scope::Both).await;
        }
        world
    }

    async fn walk(&mut self, step: &Step) {
        match step {
            Step::Register => self.register().await,
            Step::Authorize { client, scope } => self.authorize(client % self.clients.len(), *scope).await,
            Step::Wait(seconds) => self.wait(*seconds),
            Step::Redeem { client, grant, fault } => {
                if let Some((client, grant)) = self.chosen(client, *grant) {
                    self.redeem(client, grant, *fault).await;
                }
            }
            Step::Refresh {
                client,
                grant,
                back,
                scope,
                fault,
            } => {
                if let Some((client, grant)) = self.chosen(client, *grant) {
                    self.refresh(client, grant, *back, *scope, *fault).await;
                }
            }
            Step::Revoke {
                client,
                grant,
                back,
                refresh,
            } => {
                if let Some((client, grant)) = self.chosen(client, *grant) {
                    self.revoke(client, grant, *back, *refresh).await;
                }
            }
            Step::Introspect { client, grant, back } => {
                if let Some((client, grant)) = self.chosen(client, *grant) {
                    self.introspect(client, grant, *back).await;
                }
            }
        }
    }

    /// The client and a grant that is still compared.
    fn chosen(&self, client: &Who, grant: usize) -> Option<(usize, usize)> {
        let grant = grant.checked_rem(self.grants.len())?;
        if self.grants[grant].apart.is_some() {
            return None;
        }
        let client = match client {
            Who::Owner => self.grants[grant].client,
            Who::Any(client) => client % self.clients.len(),
        };
        Some((client, grant))
    }

    fn wait(&self, seconds: u64) {
        self.app.clock.advance(Duration::from_secs(seconds).try_into().unwrap());
    }

    #[track_caller]
    fn compare(&mut self, step: &str, ours: &Outcome, theirs: &Outcome) {
        assert_eq!(ours, theirs, "{step}: ours is left, theirs is right");
        self.compared += 1;
    }

    async fn register(&mut self) {
        let client = TestClient::register(&self.app).await;
        let scopes = ScopeSet::parse(&format!("{READ} {UPSERT} {OFFLINE}")).unwrap();
        let theirs = Client {
            client_id: ClientId::new(client.id.clone()),
            auth: ClientAuth::ConfidentialSecret {
                secret: client.secret.clone(),
            },
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            redirect_uris: vec![REDIRECT_URI.to_owned()],
            allowed_scopes: scopes.clone(),
            default_scopes: scopes,
            name: None,
            registration: None,
        };
        self.oracle.register_client(theirs).await.unwrap();
        self.clients.push(client);
    }

    async fn authorize(&mut self, client: usize, scope: Scope) {
        // A request without scope has a default there and is refused here (digest section 2.2).
        let scope = scope.text().unwrap_or_else(|| format!("{READ} {OFFLINE}"));
        let client_index = client;
        let client = self.clients[client].clone();
        let verifier = self.app.app.randomness.secret().reveal().to_owned();
        let asking = TestClient {
            verifier: verifier.clone(),
            ..client.clone()
        };
        let path = asking.authorization(&scope, &[]);
        let asked = self.app.get(&path).await;
        let ours = if asked.status == 302 {
            Err(query(&url::Url::parse(asked.header("location")).unwrap())["error"]
                .as_str()
                .unwrap()
                .to_owned())
        } else {
            let mut browser = Browser::open(&self.app, &path).await;
            browser.sign_in("ada").await;
            let scopes: Vec<_> = scope.split(' ').map(|scope| ("scope", scope)).collect();
            browser.answer("allow", &scopes).await;
            Ok(query(&browser.location())["code"].as_str().unwrap().to_owned())
        };

        let parameters: Vec<(String, String)> = serde_urlencoded::from_str(path.split_once('?').unwrap().1).unwrap();
        let parameter = |name: &str| {
            parameters
                .iter()
                .find(|(given, _)| given == name)
                .map(|(_, value)| value.clone().into())
        };
        let mut request = AuthorizationRequest::default();
        request.response_type = parameter("response_type");
        request.client_id = parameter("client_id");
        request.redirect_uri = parameter("redirect_uri");
        request.scope = parameter("scope");
        request.state = parameter("state");
        request.code_challenge = parameter("code_challenge");
        request.code_challenge_method = parameter("code_challenge_method");
        let theirs = match self.oracle.validate_authorization_request(&request).await {
            Ok(valid) => {
                let answer = self
                    .oracle
                    .issue_authorization_code(UserApproval::granted(&valid, "ada"))
                    .await;
                let answer = answer.unwrap();
                assert_eq!(answer.state.as_deref(), Some(STATE));
                Ok(answer.code)
            }
            Err(AuthorizationError::Redirect(refused)) => Err(refused.error.error.as_str().to_owned()),
            Err(AuthorizationError::Direct(refused)) => Err(format!("direct {}", refused.error.as_str())),
        };
        let outcome = |result: &Result<String, String>| match result {
            Ok(_) => Outcome::Done(None),
            Err(error) => Outcome::Error(error.clone()),
        };
        self.compare("authorize", &outcome(&ours), &outcome(&theirs));
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            self.grants.push(Twin {
                client: client_index,
                scope,
                verifier,
                code: [ours, theirs],
                access: Vec::new(),
                refresh: Vec::new(),
                apart: None,
            });
        }
    }

    async fn redeem(&mut self, client: usize, grant: usize, fault: Option<Fault>) {
        let twin = &self.grants[grant];
        let secret = self.secret(client, fault);
        let verifier = match fault {
            Some(Fault::Verifier) => "a".repeat(43),
            _ => twin.verifier.clone(),
        };
        let redirect_uri = match fault {
            Some(Fault::RedirectUri) => "https://app.example/other",
            _ => REDIRECT_URI,
        };
        let [ours, theirs] = self.faulty(&twin.code, fault);
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &ours),
            ("redirect_uri", redirect_uri),
            ("code_verifier", &verifier),
        ];
        let ours = self.post(client, &secret, "/oauth/token", &form).await;
        let theirs = self
            .oracle
            .token(TokenRequest::AuthorizationCode {
                client_id: ClientId::new(self.clients[client].id.clone()),
                client_secret: Some(secret),
                code: theirs,
                redirect_uri: Some(redirect_uri.to_owned()),
                code_verifier: Some(verifier),
            })
            .await;
        self.keep_tokens("redeem", grant, &ours, theirs);
    }

    async fn refresh(&mut self, client: usize, grant: usize, back: usize, scope: Scope, fault: Option<Fault>) {
        let twin = &self.grants[grant];
        let Some(token) = nth_last(&twin.refresh, back) else {
            return;
        };
        let secret = self.secret(client, fault);
        let [ours, theirs] = self.faulty(&token, fault);
        let scope = scope.text();
        let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", ours.as_str())];
        form.extend(scope.as_deref().map(|scope| ("scope", scope)));
        let ours = self.post(client, &secret, "/oauth/token", &form).await;
        let theirs = self
            .oracle
            .token(TokenRequest::RefreshToken {
                client_id: ClientId::new(self.clients[client].id.clone()),
                client_secret: Some(secret),
                refresh_token: theirs,
                scope: scope.map(|scope| ScopeSet::parse(&scope).unwrap()),
            })
            .await;
        let narrowed = ours.json()["scope"]
            .as_str()
            .is_some_and(|scope| scope.len() < self.grants[grant].scope.len());
        self.keep_tokens("refresh", grant, &ours, theirs);
        if narrowed {
            self.grants[grant].apart = Some(Rule::NarrowedOnce);
        }
        // The retry window.
        self.wait(31);
    }

    fn keep_tokens(&mut self, step: &str, grant: usize, ours: &Answer, theirs: Result<TokenResponse, ErrorResponse>) {
        let scope = |text: &str| {
            let mut words: Vec<_> = text.split(' ').collect();
            words.sort_unstable();
            words.join(" ")
        };
        let ours_outcome = match ours.json()["error"].as_str() {
            None => Outcome::Done(ours.json()["scope"].as_str().map(scope)),
            Some(error) => Outcome::Error(error.to_owned()),
        };
        let theirs_outcome = match &theirs {
            Ok(tokens) => Outcome::Done(tokens.scope.as_deref().map(scope)),
            Err(refused) => Outcome::Error(refused.error.as_str().to_owned()),
        };
        self.compare(step, &ours_outcome, &theirs_outcome);
        if let Ok(theirs) = theirs {
            let ours = ours.json();
            let text = |name: &str| ours[name].as_str().unwrap().to_owned();
            let twin = &mut self.grants[grant];
            twin.access.push([text("access_token"), theirs.access_token]);
            twin.refresh
                .push([text("refresh_token"), theirs.refresh_token.unwrap()]);
            if twin.access.len() > 8 {
                twin.apart = Some(Rule::EightTokens);
            }
        }
    }

    async fn revoke(&mut self, client: usize, grant: usize, back: usize, refresh: bool) {
        let twin = &self.grants[grant];
        let Some(token) = nth_last(if refresh { &twin.refresh } else { &twin.access }, back) else {
            return;
        };
        let owner = twin.client == client;
        let secret = self.clients[client].secret.clone();
        let ours = self
            .post(client, &secret, "/oauth/revoke", &[("token", &token[0])])
            .await;
        let id = ClientId::new(self.clients[client].id.clone());
        let theirs = self.oracle.revoke(&id, Some(&secret), &token[1], None).await;
        let ours = if ours.status == 200 {
            Outcome::Done(None)
        } else {
            Outcome::Error(ours.text())
        };
        let theirs = match theirs {
            Ok(()) => Outcome::Done(None),
            Err(refused) => Outcome::Error(refused.error.as_str().to_owned()),
        };
        self.compare("revoke", &ours, &theirs);
        if owner && !refresh {
            self.grants[grant].apart = Some(Rule::AccessTokenAlone);
        }
    }

    async fn introspect(&mut self, client: usize, grant: usize, back: usize) {
        let twin = &self.grants[grant];
        let Some(token) = nth_last(&twin.access, back) else {
            return;
        };
        let secret = self.clients[client].secret.clone();
        let ours = self
            .post(client, &secret, "/oauth/introspect", &[("token", &token[0])])
            .await
            .json();
        let id = ClientId::new(self.clients[client].id.clone());
        let theirs = self
            .oracle
            .introspection_response(&id, Some(&secret), &token[1])
            .await
            .unwrap();
        let outcome =
            |active: bool, client: Option<&str>| Outcome::Done(active.then(|| client.unwrap_or_default().to_owned()));
        let ours = outcome(ours["active"] == Value::Bool(true), ours["client_id"].as_str());
        self.compare(
            "introspect",
            &ours,
            &outcome(theirs.active, theirs.client_id.as_deref()),
        );
    }

    fn secret(&self, client: usize, fault: Option<Fault>) -> String {
        match fault {
            Some(Fault::Secret) => "wrong".to_owned(),
            _ => self.clients[client].secret.clone(),
        }
    }

    fn faulty(&self, tokens: &[String; 2], fault: Option<Fault>) -> [String; 2] {
        match fault {
            Some(Fault::Token) => ["unknown".to_owned(), "unknown".to_owned()],
            _ => tokens.clone(),
        }
    }

    async fn post(&self, client: usize, secret: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let client = TestClient {
            secret: secret.to_owned(),
            ..self.clients[client].clone()
        };
        client.post(&self.app, path, form).await
    }
}

/// Counted from the end, whatever the number.
fn nth_last(tokens: &[[String; 2]], back: usize) -> Option<[String; 2]> {
    let back = back.checked_rem(tokens.len())?;
    tokens.iter().rev().nth(back).cloned()
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = || prop_oneof![6 => Just(Who::Owner), 1 => (0..3usize).prop_map(Who::Any)];
    let scope = || {
        prop_oneof![
            4 => Just(Scope::Left),
            3 => Just(Scope::Reading),
            3 => Just(Scope::Both),
            1 => Just(Scope::NotKnown),
        ]
    };
    let fault = || {
        let some = prop_oneof![
            Just(Fault::Secret),
            Just(Fault::Verifier),
            Just(Fault::RedirectUri),
            Just(Fault::Token),
        ];
        prop_oneof![5 => Just(None), 1 => some.prop_map(Some)]
    };
    let seconds = prop_oneof![
        Just(1),
        Just(40),
        Just(599),
        Just(601),
        Just(3_599),
        Just(3_601),
        Just(90_000)
    ];
    let step = prop_oneof![
        1 => Just(Step::Register),
        4 => (0..3usize, scope()).prop_map(|(client, scope)| Step::Authorize { client, scope }),
        6 => (who(), 0..9usize, fault()).prop_map(|(client, grant, fault)| Step::Redeem { client, grant, fault }),
        6 => (who(), 0..9usize, prop_oneof![4 => Just(0usize), 1 => 0..4usize], scope(), fault())
            .prop_map(|(client, grant, back, scope, fault)| Step::Refresh { client, grant, back, scope, fault }),
        2 => (who(), 0..9usize, 0..3usize, any::<bool>())
            .prop_map(|(client, grant, back, refresh)| Step::Revoke { client, grant, back, refresh }),
        6 => (who(), 0..9usize, 0..3usize)
            .prop_map(|(client, grant, back)| Step::Introspect { client, grant, back }),
        2 => seconds.prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, STEPS)
}

#[test]
fn random_sequences_have_the_same_outcomes_as_with_a_certified_server() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new_with_rng(
        ProptestConfig {
            cases: CASES,
            failure_persistence: None,
            ..ProptestConfig::default()
        },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let compared = std::cell::Cell::new(0);
    let result = runner.run(&steps(), |steps| {
        runtime.block_on(async {
            let mut world = World::new().await;
            for step in &steps {
                world.walk(step).await;
            }
            compared.set(compared.get() + world.compared);
        });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(compared.get() > 1_000, "only {} outcomes were compared", compared.get());
}
