//! Both servers, with the same clients and the same time.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use clr_core::{
    Clock as _, FixedClock,
    oauth::{Client as OwnClient, OperatorClient, Scope},
};
use oauth_as::{
    AuthorizationServer, Client, ClientAuth, ClientId, GrantType, MemoryStorage, ServerConfig, par::ParConfig,
    scope::ScopeSet, server::Clock,
};
use tests::{Answer, TestApp};

use super::{
    Rule,
    steps::{self, Fault, OFFLINE, Step, Who},
};
use crate::oauth_client::{READ, REDIRECT_URI, TestClient, UPSERT};

/// What came of a step, as both tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done(Option<String>),
    Error(String),
}

pub(super) struct World {
    pub(super) app: TestApp,
    pub(super) oracle: AuthorizationServer<MemoryStorage, Time>,
    pub(super) clients: Vec<TestClient>,
    /// Made by the operator: acts for itself.
    pub(super) operator: TestClient,
    pub(super) grants: Vec<Twin>,
    pub(super) pushed: Vec<Pushed>,
    /// The operator's client's own tokens.
    pub(super) own: Vec<[String; 2]>,
    pub(super) compared: usize,
}

/// A pushed request on both sides.
#[derive(Clone)]
pub(super) struct Pushed {
    pub(super) client: usize,
    pub(super) scope: String,
    pub(super) verifier: String,
    pub(super) reference: [String; 2],
}

/// A grant on both sides.
pub(super) struct Twin {
    pub(super) client: usize,
    pub(super) scope: String,
    pub(super) verifier: String,
    pub(super) code: [String; 2],
    pub(super) access: Vec<[String; 2]>,
    pub(super) refresh: Vec<[String; 2]>,
    /// Not compared any more.
    pub(super) apart: Option<Rule>,
}

pub(super) struct Time(Arc<FixedClock>);

impl Clock for Time {
    fn now(&self) -> SystemTime {
        let seconds = u64::try_from(self.0.now().as_second()).unwrap();
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }
}

impl World {
    pub(super) async fn new() -> Self {
        let app = TestApp::start().await;
        let mut config = ServerConfig::new(tests::PUBLIC_URL, tests::PUBLIC_URL);
        config.authorization_code_ttl = Duration::from_secs(600);
        let mut pushed = ParConfig::new();
        pushed.request_uri_ttl = Duration::from_secs(90);
        config.par = Some(Box::new(pushed));
        let oracle = AuthorizationServer::with_clock(config, MemoryStorage::new(), Time(app.clock.clone()));
        let operator = operator(&app, &oracle).await;
        let mut world = Self {
            app,
            oracle,
            clients: Vec::new(),
            operator,
            grants: Vec::new(),
            pushed: Vec::new(),
            own: Vec::new(),
            compared: 0,
        };
        for client in 0..2 {
            world.register().await;
            world.authorize(client, steps::Scope::Both).await;
        }
        world
    }

    pub(super) async fn walk(&mut self, step: &Step) {
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
            Step::Push { client, scope, fault } => self.push(client % self.clients.len(), *scope, *fault).await,
            Step::Bring { client, pushed } => self.bring(client, *pushed).await,
            Step::ClientCredentials { client, scope, fault } => {
                self.client_credentials(*client, *scope, *fault).await;
            }
            Step::InspectOwn { back } => self.inspect_own(*back).await,
            Step::RevokeOwn { back } => self.revoke_own(*back).await,
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

    pub(super) fn wait(&self, seconds: u64) {
        self.app.clock.advance(Duration::from_secs(seconds).try_into().unwrap());
    }

    #[track_caller]
    pub(super) fn compare(&mut self, step: &str, ours: &Outcome, theirs: &Outcome) {
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

    pub(super) fn secret(&self, client: usize, fault: Option<Fault>) -> String {
        match fault {
            Some(Fault::Secret) => "wrong".to_owned(),
            _ => self.clients[client].secret.clone(),
        }
    }

    pub(super) fn faulty(&self, tokens: &[String; 2], fault: Option<Fault>) -> [String; 2] {
        match fault {
            Some(Fault::Token) => ["unknown".to_owned(), "unknown".to_owned()],
            _ => tokens.clone(),
        }
    }

    pub(super) async fn post(&self, client: usize, secret: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        self.post_as(&self.clients[client], secret, path, form).await
    }

    pub(super) async fn post_as(&self, client: &TestClient, secret: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let client = TestClient {
            secret: secret.to_owned(),
            ..client.clone()
        };
        client.post(&self.app, path, form).await
    }
}

/// A client of the operator's, with all that such a client can hold.
async fn operator(app: &TestApp, oracle: &AuthorizationServer<MemoryStorage, Time>) -> TestClient {
    let scopes = Scope::OPERATOR.into_iter().collect();
    let client = OperatorClient::new("registrar", scopes).unwrap();
    let (client, secret) = OwnClient::of_operator(client, app.now(), &app.app.randomness);
    app.app.table.insert_client(&client).await.unwrap();
    let operator = TestClient {
        id: client.id().to_string(),
        secret: secret.reveal().to_owned(),
        verifier: String::new(),
    };
    let scopes = ScopeSet::parse("issue status").unwrap();
    let theirs = Client {
        client_id: ClientId::new(operator.id.clone()),
        auth: ClientAuth::ConfidentialSecret {
            secret: operator.secret.clone(),
        },
        grant_types: vec![GrantType::ClientCredentials],
        redirect_uris: Vec::new(),
        allowed_scopes: scopes.clone(),
        default_scopes: scopes,
        name: None,
        registration: None,
    };
    oracle.register_client(theirs).await.unwrap();
    operator
}
