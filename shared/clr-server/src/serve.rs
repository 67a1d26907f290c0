//! Runs routes: under Lambda where its runtime API is, on a listener elsewhere.

use std::{fmt, net::SocketAddr, sync::Arc};

use aws_config::SdkConfig;
use axum::{Router, extract::DefaultBodyLimit, middleware};
use canonical_rdf::Contexts;
use clr_core::{
    Clock, Randomness, SystemClock, Table,
    aws::{kms_client, table_client},
    fetch::Fetcher,
    issuers::Issuers,
    signer::{KmsRsaSigner, KmsSigner, Signer},
};
use tokio::net::TcpListener;
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{
    App, Config, ConfigError, RequestLog, Routes, SignIn, accept, aws, cors, panics::log_panics, request, unrouted,
};

/// No request body may be longer (API Gateway itself stops at 10 MB, Lambda at 6 MB).
pub(crate) const MAX_BODY_BYTES: usize = 4_000_000;

/// Why the process did not start.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The environment is not complete.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The listener or the Lambda runtime ended.
    #[error("cannot serve: {0}")]
    Serve(String),
}

/// The same one line as `Display`: it is what a `main` that fails writes.
impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The life of a Lambda function: reads the environment, connects, serves until the runtime ends it.
///
/// # Errors
/// See [`StartError`].
pub async fn serve(routes: Routes) -> Result<(), StartError> {
    log_as_json();
    log_panics();
    let config = Config::from_env(routes.signs())?;
    let router = router(routes, connect(config, &aws::of_lambda()));
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        return lambda_http::run(router)
            .await
            .map_err(|error| StartError::Serve(error.to_string()));
    }
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(|error| StartError::Serve(error.to_string()))?;
    tracing::info!(address = ?listener.local_addr().ok(), "serving without Lambda");
    serve_on(listener, router).await
}

/// Serves on a listener until the process is asked to end.
///
/// # Errors
/// The listener fails.
pub async fn serve_on(listener: TcpListener, router: Router) -> Result<(), StartError> {
    // The address of the caller is what attempts are counted by.
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await
        .map_err(|error| StartError::Serve(error.to_string()))
}

/// The routes with the layers that all share: body bound, cross-origin headers, panics and lateness as errors, a line in the log,
/// fallbacks in the CLR dialect.
pub fn router(routes: Routes, app: App) -> Router {
    routes
        .router
        .fallback(unrouted::answer)
        .method_not_allowed_fallback(unrouted::answer)
        .layer(middleware::from_fn(accept::or_refuse))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(app.clone(), request::observe))
        // Around that one, too: a browser may read failures.
        .layer(middleware::from_fn(cors::allow))
        .with_state(app)
}

/// The parts of a deployment in AWS: its table, its keys in KMS, the real clock. None of them is called yet.
#[must_use]
pub fn connect(config: Config, aws: &SdkConfig) -> App {
    let mut dynamodb = aws_sdk_dynamodb::config::Builder::from(aws);
    if let Some(url) = aws::endpoint("DYNAMODB") {
        dynamodb.set_endpoint_url(Some(url));
    }
    let table = Table::new(table_client(dynamodb), config.table_name.clone(), config.tenant.clone());
    let mut kms = aws_sdk_kms::config::Builder::from(aws);
    if let Some(url) = aws::endpoint("KMS") {
        kms.set_endpoint_url(Some(url));
    }
    let kms = kms_client(kms);
    let signers = |keys: &[String]| -> Vec<Arc<dyn Signer>> {
        let signer = |key| Arc::new(KmsSigner::new(kms.clone(), key)) as Arc<dyn Signer>;
        keys.iter().map(signer).collect()
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let issuers = Issuers::new(
        config.issuer_id.clone(),
        config.issuer_profile.clone(),
        signers(&config.signing_keys),
    )
    .with_status_signers(signers(&config.status_signing_keys))
    .with_rsa_signer(
        config
            .rsa_signing_key
            .as_ref()
            .map(|key| Arc::new(KmsRsaSigner::new(kms.clone(), key))),
    )
    .with_history(table.clone(), Arc::clone(&clock));
    let provider = config.identity_provider.clone();
    let request_log = request_log(&config.stack_name);
    App {
        table,
        issuers: Arc::new(issuers),
        fetcher: Arc::new(Fetcher::new()),
        clock,
        randomness: Arc::new(Randomness::operating_system()),
        contexts: Contexts::standard(),
        config: Arc::new(config),
        sign_in: Arc::new(provider.map_or(SignIn::NotConfigured, SignIn::IdentityProvider)),
        request_log,
    }
}

/// For CloudWatch where Lambda says who we are.
fn request_log(stack: &str) -> RequestLog {
    std::env::var("AWS_LAMBDA_FUNCTION_NAME").map_or_else(
        |_| RequestLog::readable(),
        |function| RequestLog::json(stack, &function, std::io::stdout()),
    )
}

fn log_as_json() {
    tracing_subscriber::registry()
        .with(log_filter(LevelFilter::INFO))
        .with(tracing_subscriber::fmt::layer().json().with_target(false))
        .init();
}

/// What `RUST_LOG` asks for (`debug`, or `warn,clr_core=info`), else this level.
#[must_use]
pub fn log_filter(otherwise: LevelFilter) -> Targets {
    let asked = std::env::var("RUST_LOG").ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| Targets::new().with_default(otherwise))
}
