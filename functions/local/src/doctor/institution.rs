//! A deployment for the tests of this folder to look at: the real service over https on this machine, whose AWS is a stand-in.

use std::{net::TcpListener, sync::Arc};

use axum::{Router, response::IntoResponse as _};
use axum_server::tls_rustls::RustlsConfig;
use clr_core::{
    Randomness, SystemClock, Table,
    fetch::Fetcher,
    issuers::Issuers,
    signer::{Signer, SoftwareKeys},
};
use clr_server::{App, Config, DemoLearners, RequestLog, SignIn};
use dynoxide::Database;
use serde_json::{Map, Value, json};

use super::{
    deployment::{Deployment, Place},
    report::{Check, Outcome},
    stand_in::{Answers, aws, good_answers},
};
use crate::{embedded_table, service};

/// A whole deployment on this machine.
pub(super) struct Institution {
    pub(super) deployment: Deployment,
    pub(super) app: App,
    pub(super) certificate: reqwest::Certificate,
}

impl Institution {
    pub(super) async fn start() -> Self {
        Self::serving(|_| true, good_answers()).await
    }

    /// With these functions alone, and with these answers of AWS.
    pub(super) async fn serving(function: fn(&str) -> bool, answers: Answers) -> Self {
        let listener = listener();
        let port = listener.local_addr().unwrap().port();
        let database = embedded_table::start(Database::memory().unwrap()).await.unwrap();
        let config = Config {
            public_url: Some(format!("https://localhost:{port}").parse().unwrap()),
            issuer_id: Some(format!("did:web:localhost%3A{port}")),
            signing_keys: vec!["p256".to_owned(), "ed25519".to_owned()],
            status_signing_keys: vec!["status".to_owned()],
            rsa_signing_key: Some("rsa".to_owned()),
            status_lists: true,
            ..service::config(service::default_tenant().unwrap())
        };
        let table = Table::new(database, config.table_name.clone(), config.tenant.clone());
        let signers = |seed| -> Vec<Arc<dyn Signer>> {
            let keys = SoftwareKeys::generate(&Randomness::seeded(seed));
            vec![Arc::new(keys.p256), Arc::new(keys.ed25519)]
        };
        let profile = Map::from_iter([("name".to_owned(), json!("Example University"))]);
        let app = App {
            issuers: Arc::new(
                Issuers::new(config.issuer_id.clone(), profile, signers(1))
                    .with_status_signers(signers(2))
                    .with_history(table.clone(), Arc::new(SystemClock)),
            ),
            table,
            fetcher: Arc::new(Fetcher::offline([])),
            clock: Arc::new(SystemClock),
            randomness: Arc::new(Randomness::seeded(1)),
            contexts: canonical_rdf::Contexts::standard(),
            request_log: RequestLog::readable(),
            sign_in: Arc::new(SignIn::DemoLearners(
                DemoLearners::parse(service::DEMO_LEARNERS).unwrap(),
            )),
            config: Arc::new(config),
        };
        let routes = crate::functions()
            .into_iter()
            .filter(|(name, _)| function(name))
            .map(|(_, routes)| routes)
            .fold(clr_server::Routes::new(), clr_server::Routes::merge);
        let certificate = serve_tls(listener, clr_server::router(routes, app.clone())).await;
        let deployment = Deployment::new(
            app.config.public_url.clone(),
            Some(app.clone()),
            Place::Aws(aws(answers).await),
            None,
            Some(certificate.clone()),
        );
        Self {
            deployment: deployment.unwrap(),
            app,
            certificate,
        }
    }

    /// The same, as if it were another app.
    pub(super) fn with(self, app: App) -> Deployment {
        Deployment {
            app: Some(app),
            ..self.deployment
        }
    }

    pub(super) fn issuer(&self) -> String {
        self.app.config.issuer_id.clone().unwrap()
    }
}

pub(super) fn listener() -> TcpListener {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

async fn serve_tls(listener: TcpListener, router: Router) -> reqwest::Certificate {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let der = made.cert.der().to_vec();
    let tls = RustlsConfig::from_der(vec![der.clone()], made.signing_key.serialize_der());
    let server = axum_server::from_tcp_rustls(listener, tls.await.unwrap()).unwrap();
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { server.serve(service).await.unwrap() });
    reqwest::Certificate::from_der(&der).unwrap()
}

/// Serves one JSON document, which may name its own URL, at every path, without TLS; that URL.
pub(super) async fn serve_everywhere(status: u16, document: impl FnOnce(&str) -> Value) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let document = document(&url);
    let answer = move || async move {
        let status = axum::http::StatusCode::from_u16(status).unwrap();
        (status, axum::Json(document)).into_response()
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    url
}

/// Its outcome, and that its reason says this.
#[track_caller]
pub(super) fn assert_says(check: &Check, outcome: Outcome, told: &str) {
    assert_eq!(check.outcome, outcome, "{check:?}");
    assert!(check.reason.contains(told), "{check:?} does not say {told:?}");
    assert_eq!(check.remedy.is_some(), outcome != Outcome::Ok, "{check:?}");
}

pub(super) fn find<'a>(checks: &'a [Check], name: &str) -> &'a Check {
    let found = checks.iter().find(|check| check.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {checks:?}"))
}
