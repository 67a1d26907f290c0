//! Somebody else's server, on this machine and over TLS, and an institution or a client application that publishes there.

use std::{
    io::Write as _,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::Uri,
    response::{IntoResponse as _, Response},
};
use axum_server::tls_rustls::RustlsConfig;
use clr_core::{
    Randomness,
    fetch::Fetcher,
    issuers::Issuers,
    signer::{Signer, SoftwareKeys},
};
use futures::StreamExt as _;
use http::{StatusCode, header};
use serde_json::{Map, Value, json};
use tests::TestApp;

/// What is found at a path.
#[derive(Clone, Debug)]
pub(crate) enum Published {
    Json(Value),
    /// A body with a content encoding.
    Encoded(&'static str, Vec<u8>),
    RedirectTo(String),
    /// A body that goes on and on.
    Endless,
    /// No answer.
    Nothing,
}

/// What a server sends with `Content-Encoding: gzip`.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A server with documents by their path, that remembers what it was asked for.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) port: u16,
    certificate: reqwest::Certificate,
    documents: Arc<Mutex<Vec<(String, Published)>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let der = made.cert.der().to_vec();
        let tls = RustlsConfig::from_der(vec![der.clone()], made.signing_key.serialize_der())
            .await
            .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            certificate: reqwest::Certificate::from_der(&der).unwrap(),
            documents: Arc::default(),
            requests: Arc::default(),
        };
        let answer = async |State(server): State<Self>, uri: Uri| server.answer(uri.path()).await;
        let router = Router::new().fallback(answer).with_state(server.clone());
        let serving = axum_server::from_tcp_rustls(listener, tls).unwrap();
        tokio::spawn(async move { serving.serve(router.into_make_service()).await.unwrap() });
        server
    }

    pub(crate) fn publish(&self, path: &str, document: Value) {
        self.put(path, Published::Json(document));
    }

    pub(crate) fn put(&self, path: &str, published: Published) {
        let mut documents = self.documents.lock().unwrap();
        documents.retain(|(known, _)| known != path);
        documents.push((path.to_owned(), published));
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// The paths that were asked for since the last look.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    /// Fetches from here and from nowhere else, and has nothing fetched yet.
    pub(crate) fn fetcher(&self) -> Fetcher {
        Fetcher::offline([self.certificate.clone()])
    }

    /// An institution whose DID is this server, beside this host.
    pub(crate) fn institution(&self, host: &TestApp) -> TestApp {
        let signers: Vec<Arc<dyn Signer>> = vec![Arc::new(SoftwareKeys::generate(&Randomness::seeded(99)).p256)];
        let profile = Map::from_iter([("name".to_owned(), json!("Other College"))]);
        let id = format!("did:web:localhost%3A{}", self.port);
        host.with_issuers(Issuers::new(Some(id), profile, signers))
    }

    pub(crate) async fn publish_keys(&self, institution: &TestApp) {
        let issuers = &institution.app.issuers;
        let issuer = &issuers.all().await.unwrap()[0];
        let document = issuer.did_document(&issuers.listed_keys(issuer).await.unwrap());
        self.publish("/.well-known/did.json", document);
    }

    async fn answer(&self, path: &str) -> Response {
        self.requests.lock().unwrap().push(path.to_owned());
        let published = {
            let documents = self.documents.lock().unwrap();
            let found = documents.iter().find(|(known, _)| known == path);
            found.map(|(_, published)| published.clone())
        };
        match published {
            None => StatusCode::NOT_FOUND.into_response(),
            Some(Published::Json(document)) => axum::Json(document).into_response(),
            Some(Published::Encoded(encoding, body)) => ([(header::CONTENT_ENCODING, encoding)], body).into_response(),
            Some(Published::RedirectTo(url)) => (StatusCode::FOUND, [(header::LOCATION, url)]).into_response(),
            Some(Published::Endless) => {
                let chunk = Bytes::from(vec![b' '; 64 * 1024]);
                let chunks = futures::stream::repeat(chunk).map(Ok::<_, std::io::Error>);
                Body::from_stream(chunks).into_response()
            }
            Some(Published::Nothing) => std::future::pending().await,
        }
    }
}
