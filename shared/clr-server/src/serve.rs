//! Runs routes: under Lambda where its runtime API is, on a listener elsewhere.

use std::{net::SocketAddr, sync::Arc};

use aws_config::BehaviorVersion;
use axum::{Router, body::Body, extract::DefaultBodyLimit, middleware, response::IntoResponse};
use canonical_rdf::Contexts;
use clr_core::{
    Clock, Randomness, SystemClock, Table,
    fetch::Fetcher,
    issuers::Issuers,
    signer::{KmsRsaSigner, KmsSigner, Signer},
};
use http::Response;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{ApiError, App, Config, ConfigError, Routes, SignIn, accept, cors, unrouted};

/// No request body may be longer (API Gateway itself stops at 10 MB, Lambda at 6 MB).
pub const MAX_BODY_BYTES: usize = 4_000_000;

/// Why the process did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The environment is not complete.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The TLS library does not start.
    #[error("cannot fetch: {0}")]
    Fetch(String),
    /// The listener or the Lambda runtime ended.
    #[error("cannot serve: {0}")]
    Serve(String),
}

/// The life of a Lambda function: reads the environment, connects, serves until the runtime ends it.
///
/// # Errors
/// See [`StartError`].
pub async fn serve(routes: Routes) -> Result<(), StartError> {
    log_as_json();
    let config = Config::from_env(routes.signs())?;
    let app = connect(config).await?;
    let router = router(routes, app);
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

/// The routes with the layers that all share: body bound, panics as errors, fallbacks in the CLR dialect.
pub fn router(routes: Routes, app: App) -> Router {
    routes
        .router
        .fallback(unrouted::answer)
        .method_not_allowed_fallback(unrouted::answer)
        .layer(middleware::from_fn(accept::or_refuse))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(middleware::from_fn(cors::allow))
        .with_state(app)
}

/// The parts of a deployment in AWS: its table, its keys in KMS, the real clock. None of them is called yet.
///
/// # Errors
/// The fetcher cannot be made.
pub async fn connect(config: Config) -> Result<App, StartError> {
    let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let table = Table::new(
        aws_sdk_dynamodb::Client::new(&aws),
        config.table_name.clone(),
        config.tenant.clone(),
    );
    let kms = aws_sdk_kms::Client::new(&aws);
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
    Ok(App {
        table,
        issuers: Arc::new(issuers),
        fetcher: Arc::new(Fetcher::new().map_err(|error| StartError::Fetch(error.to_string()))?),
        clock,
        randomness: Arc::new(Randomness::operating_system()),
        contexts: Contexts::standard(),
        config: Arc::new(config),
        sign_in: Arc::new(provider.map_or(SignIn::NotConfigured, SignIn::IdentityProvider)),
    })
}

fn answer_panic(panic: Box<dyn std::any::Any + Send>) -> Response<Body> {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = message.unwrap_or("unknown"), "a handler panicked");
    ApiError::Internal.into_response()
}

fn log_as_json() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_target(false)
        .init();
}
