//! The service's parts as a laptop has them: a table file, a software key, the machine's clock.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_config::BehaviorVersion;
use axum_server::tls_rustls::RustlsConfig;
use canonical_rdf::Contexts;
use clr_core::{
    Clock, Randomness, SystemClock, Table, TenantId,
    fetch::Fetcher,
    issuers::Issuers,
    rate_limit::LEAST_ATTEMPTS_PER_MINUTE,
    signer::{Signer, SoftwareKeys, SoftwareSigner},
    verification::Policy,
};
use clr_server::{App, Config, DemoLearners, IdentityProvider, RequestLog, SignIn};
use dynoxide::Database;
use serde_json::{Map, json};
use tokio::net::TcpListener;
use url::Url;

use crate::{embedded_table, failure::Failure, tls};

/// The folder with the table and the keys, in the folder where `clr` was started.
pub(crate) const FOLDER: &str = ".clr";

/// Learners who can sign in on a laptop, with no password.
pub const DEMO_LEARNERS: &str = include_str!("../demo-learners.json");

/// A deployment, reached with the operator's own access to AWS.
pub(crate) async fn connected(config: Config) -> App {
    clr_server::connect(config, &aws_config::load_defaults(BehaviorVersion::latest()).await)
}

/// What differs between the runs of a laptop.
pub(crate) struct Settings {
    pub(crate) database: Database,
    pub(crate) keys: SoftwareKeys,
    pub(crate) open_issue: bool,
    /// The W3C examples context, the own name in place of a foreign issuer, status entries for what is issued.
    pub(crate) w3c_suites: bool,
    /// https with a certificate of our own.
    pub(crate) tls: bool,
    /// Which issuer comes first; none: the `did:key` of the P-256 key.
    pub(crate) issuer: Option<String>,
    /// Whose keys are believed where a request does not say.
    pub(crate) policy: Policy,
    /// Of one address, at each endpoint that anyone may use.
    pub(crate) attempts_per_minute: u32,
    /// None: the demo learners.
    pub(crate) identity_provider: Option<IdentityProvider>,
}

impl Settings {
    /// A laptop as anybody has it.
    pub(crate) fn usual(database: Database, keys: SoftwareKeys) -> Self {
        Self {
            database,
            keys,
            open_issue: false,
            w3c_suites: false,
            tls: false,
            issuer: None,
            policy: Policy::default(),
            attempts_per_minute: LEAST_ATTEMPTS_PER_MINUTE,
            identity_provider: None,
        }
    }
}

/// A service that is ready to run.
pub(crate) struct Service {
    pub(crate) app: App,
    pub(crate) url: Url,
    listener: TcpListener,
    tls: Option<RustlsConfig>,
}

impl Service {
    /// Prepares the service on this port of the loopback interface; 0 is any free one.
    pub(crate) async fn on_port(port: u16, settings: Settings) -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| {
            Failure::new(format!(
                "cannot listen on port {port}: {error}; choose another one with --port"
            ))
        })?;
        let scheme = if settings.tls { "https" } else { "http" };
        let url = Url::parse(&format!("{scheme}://{}", listener.local_addr()?))?;
        let config = Config {
            public_url: Some(url.clone()),
            open_issue: settings.open_issue,
            w3c_suites: settings.w3c_suites,
            verify_policy: settings.policy,
            status_lists: settings.w3c_suites,
            attempts_per_minute: settings.attempts_per_minute,
            ..config(default_tenant()?)
        };
        let client = embedded_table::start(settings.database).await?;
        let table = Table::new(client, config.table_name.clone(), config.tenant.clone());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let issuers = issuers_beginning_with(settings.issuer.as_deref(), settings.keys)
            .await?
            .with_history(table.clone(), Arc::clone(&clock));
        let app = App {
            table,
            issuers: Arc::new(issuers),
            fetcher: Arc::new(Fetcher::reaching_loopback([])),
            clock,
            randomness: Arc::new(Randomness::operating_system()),
            contexts: if settings.w3c_suites {
                Contexts::with_w3c_examples()
            } else {
                Contexts::standard()
            },
            config: Arc::new(config),
            sign_in: Arc::new(match settings.identity_provider {
                Some(provider) => SignIn::IdentityProvider(provider),
                None => SignIn::DemoLearners(DemoLearners::parse(DEMO_LEARNERS)?),
            }),
            request_log: RequestLog::readable(),
        };
        let tls = if settings.tls {
            Some(tls::configuration().await?)
        } else {
            None
        };
        Ok(Self {
            app,
            url,
            listener,
            tls,
        })
    }

    /// Serves until the process is asked to end.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let router = clr_server::router(crate::routes(), self.app);
        match self.tls {
            Some(tls) => tls::serve_on(self.listener, router, tls).await,
            None => Ok(clr_server::serve_on(self.listener, router).await?),
        }
    }
}

/// The laptop's issuers: the `did:key` of its P-256 key, which comes first, and that of its Ed25519 key.
pub(crate) fn issuers(keys: SoftwareKeys) -> Issuers {
    issuers_of(keys.p256, keys.ed25519)
}

/// The same, another one first: who names no issuer means that.
async fn issuers_beginning_with(first: Option<&str>, keys: SoftwareKeys) -> Result<Issuers, Failure> {
    let Some(first) = first else {
        return Ok(issuers(keys));
    };
    let (p256, ed25519) = (
        keys.p256.public_key().await?.to_did_key(),
        keys.ed25519.public_key().await?.to_did_key(),
    );
    if first == p256 {
        Ok(issuers(keys))
    } else if first == ed25519 {
        Ok(issuers_of(keys.ed25519, keys.p256))
    } else {
        Err(Failure::new(format!(
            "--issuer {first} is the did:key of no key of this folder; there are {p256} and {ed25519}"
        )))
    }
}

fn issuers_of(first: SoftwareSigner, second: SoftwareSigner) -> Issuers {
    let profile = Map::from_iter([("name".to_owned(), json!("Local issuer"))]);
    let one = |key: SoftwareSigner| vec![Arc::new(key) as Arc<dyn Signer>];
    Issuers::new(None, profile.clone(), one(first)).and(None, profile, one(second))
}

/// This folder's keys; made at first use.
pub(crate) fn keys_of_this_folder() -> Result<SoftwareKeys, Failure> {
    let path = Path::new(FOLDER).join("keys.json");
    Ok(SoftwareKeys::open_or_create(&path, &Randomness::operating_system())?)
}

/// This folder's table file; made at first use.
pub(crate) fn database_of_this_folder() -> Result<Database, Failure> {
    let path = Path::new(FOLDER).join("table.sqlite");
    std::fs::create_dir_all(FOLDER)?;
    let open = |path: &PathBuf| Database::new(&path.to_string_lossy());
    open(&path).map_err(|error| Failure::new(format!("cannot open the table file {}: {error}", path.display())))
}

/// This folder's table.
pub(crate) async fn table_of_this_folder(tenant: TenantId) -> Result<Table, Failure> {
    let client = embedded_table::start(database_of_this_folder()?).await?;
    Ok(Table::new(client, embedded_table::TABLE_NAME, tenant))
}

pub(crate) fn default_tenant() -> Result<TenantId, Failure> {
    TenantId::new("default").ok_or_else(|| Failure::new("the default tenant has no valid name"))
}

pub(crate) fn config(tenant: TenantId) -> Config {
    Config {
        table_name: embedded_table::TABLE_NAME.to_owned(),
        public_url: None,
        tenant,
        issuer_id: None,
        issuer_profile: Map::new(),
        signing_keys: Vec::new(),
        rsa_signing_key: None,
        status_signing_keys: Vec::new(),
        status_lists: false,
        service_name: "CLR host on this machine".to_owned(),
        stack_name: "clr".to_owned(),
        terms_of_service_url: None,
        privacy_policy_url: None,
        attempts_per_minute: LEAST_ATTEMPTS_PER_MINUTE,
        identity_provider: None,
        open_issue: false,
        w3c_suites: false,
        verify_policy: Policy::default(),
    }
}
