//! The service's parts as a laptop has them: a table file, a software key, the machine's clock.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
};

use canonical_rdf::Contexts;
use clr_core::{
    Clock, Randomness, SystemClock, Table, TenantId,
    fetch::Fetcher,
    issuers::Issuers,
    signer::{Signer, SoftwareKeys},
};
use clr_server::{App, Config, DemoLearners, IdentityProvider, SignIn};
use dynoxide::Database;
use serde_json::{Map, json};
use tokio::net::TcpListener;
use url::Url;

use crate::{embedded_table, failure::Failure};

/// The folder with the table and the keys, in the folder where `clr` was started.
pub(crate) const FOLDER: &str = ".clr";

/// Learners who can sign in on a laptop, with no password.
pub const DEMO_LEARNERS: &str = include_str!("../demo-learners.json");

/// What differs between the runs of a laptop.
pub(crate) struct Settings {
    pub(crate) database: Database,
    pub(crate) keys: SoftwareKeys,
    pub(crate) open_issue: bool,
    /// None: the demo learners.
    pub(crate) identity_provider: Option<IdentityProvider>,
    pub(crate) w3c_suites: bool,
}

/// A service that is ready to run.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) app: App,
    pub(crate) url: Url,
    listener: TcpListener,
}

impl Service {
    /// Prepares the service on this port of the loopback interface; 0 is any free one.
    pub(crate) async fn on_port(port: u16, settings: Settings) -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| {
            Failure::new(format!(
                "cannot listen on port {port}: {error}; choose another one with --port"
            ))
        })?;
        let url = Url::parse(&format!("http://{}", listener.local_addr()?))?;
        let config = Config {
            public_url: Some(url.clone()),
            open_issue: settings.open_issue,
            w3c_suites: settings.w3c_suites,
            ..config(default_tenant()?)
        };
        let client = embedded_table::start(settings.database).await?;
        let table = Table::new(client, config.table_name.clone(), config.tenant.clone());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let issuers = issuers(settings.keys).with_history(table.clone(), Arc::clone(&clock));
        let app = App {
            table,
            issuers: Arc::new(issuers),
            fetcher: Arc::new(Fetcher::reaching_loopback([])?),
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
        };
        Ok(Self { app, url, listener })
    }

    /// Serves until the process is asked to end.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        Ok(clr_server::serve_on(self.listener, clr_server::router(crate::routes(), self.app)).await?)
    }
}

/// The laptop's issuer: the `did:key` of its P-256 key.
pub(crate) fn issuers(keys: SoftwareKeys) -> Issuers {
    let signer: Arc<dyn Signer> = Arc::new(keys.p256);
    Issuers::new(
        None,
        Map::from_iter([("name".to_owned(), json!("Local issuer"))]),
        vec![signer],
    )
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

fn default_tenant() -> Result<TenantId, Failure> {
    TenantId::new("default").ok_or_else(|| Failure::new("the default tenant has no valid name"))
}

fn config(tenant: TenantId) -> Config {
    Config {
        table_name: embedded_table::TABLE_NAME.to_owned(),
        public_url: None,
        tenant,
        issuer_id: None,
        issuer_profile: Map::new(),
        signing_keys: Vec::new(),
        status_signing_keys: Vec::new(),
        status_lists: false,
        service_name: "CLR host on this machine".to_owned(),
        terms_of_service_url: None,
        privacy_policy_url: None,
        attempts_per_minute: clr_core::rate_limit::LEAST_ATTEMPTS_PER_MINUTE,
        identity_provider: None,
        open_issue: false,
        w3c_suites: false,
    }
}
