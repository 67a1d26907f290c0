//! A foreign institution on a server of its own, over TLS: its keys and its status list are fetched.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, extract::State, http::Uri, response::IntoResponse as _};
use axum_server::tls_rustls::RustlsConfig;
use clr_core::{
    Randomness,
    fetch::Fetcher,
    issuers::Issuers,
    oauth::Scope,
    signer::{Signer, SoftwareKeys},
};
use http::StatusCode;
use learner_record::{Bitstring, LIST_ENTRIES, ListCredential, StatusPurpose};
use serde_json::{Map, Value, json};
use tests::TestApp;
use tokio::sync::RwLock;

use crate::records::{ISSUED, achievement, record, sign, sign_again};

type Documents = Arc<RwLock<Map<String, Value>>>;

/// A server on this machine with documents by their path.
struct Server {
    port: u16,
    certificate: reqwest::Certificate,
    documents: Documents,
    requests: Arc<AtomicUsize>,
}

impl Server {
    async fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let der = made.cert.der().to_vec();
        let tls = RustlsConfig::from_der(vec![der.clone()], made.signing_key.serialize_der())
            .await
            .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (documents, requests) = (Documents::default(), Arc::new(AtomicUsize::new(0)));
        let answer = async |State((documents, requests)): State<(Documents, Arc<AtomicUsize>)>, uri: Uri| {
            requests.fetch_add(1, Ordering::SeqCst);
            match documents.read().await.get(uri.path()) {
                Some(document) => axum::Json(document.clone()).into_response(),
                None => StatusCode::NOT_FOUND.into_response(),
            }
        };
        let router = Router::new()
            .fallback(answer)
            .with_state((documents.clone(), requests.clone()));
        let port = listener.local_addr().unwrap().port();
        let serving = axum_server::from_tcp_rustls(listener, tls).unwrap();
        tokio::spawn(async move { serving.serve(router.into_make_service()).await.unwrap() });
        Self {
            port,
            certificate: reqwest::Certificate::from_der(&der).unwrap(),
            documents,
            requests,
        }
    }

    async fn publish(&self, path: &str, document: Value) {
        self.documents.write().await.insert(path.to_owned(), document);
    }
}

/// A host that trusts the server's certificate, and an institution whose DID is that server.
async fn host_and_institution(server: &Server) -> (TestApp, TestApp) {
    let host = TestApp::start().await;
    let fetcher = Fetcher::offline([server.certificate.clone()]);
    let signers: Vec<Arc<dyn Signer>> = vec![Arc::new(SoftwareKeys::generate(&Randomness::seeded(99)).p256)];
    let profile = Map::from_iter([("name".to_owned(), json!("Other College"))]);
    let id = format!("did:web:localhost%3A{}", server.port);
    let institution = host.with_issuers(Issuers::new(Some(id), profile, signers));
    (host.with_fetcher(fetcher), institution)
}

async fn publish_keys(server: &Server, institution: &TestApp) {
    let issuers = &institution.app.issuers;
    let issuer = &issuers.all().await.unwrap()[0];
    let document = issuer.did_document(&issuers.listed_keys(issuer).await.unwrap());
    server.publish("/.well-known/did.json", document).await;
}

/// A record of the institution whose achievement has an entry in a list of the server.
async fn record_with_status(server: &Server, institution: &TestApp, index: usize) -> (Value, String) {
    let list = format!("https://localhost:{}/status/1", server.port);
    let mut course = achievement("Algebra", "Solves equations.");
    course["credentialStatus"] = StatusPurpose::Revocation.entry(&list, index);
    (
        sign(institution, record("urn:example:elsewhere", ISSUED, vec![course])).await,
        list,
    )
}

async fn publish_list(server: &Server, institution: &TestApp, url: &str, revoked: &[usize]) {
    let mut bits = Bitstring::cleared(LIST_ENTRIES);
    for index in revoked {
        bits.set(*index, true);
    }
    let issuer = &institution.app.issuers.all().await.unwrap()[0];
    let list = ListCredential {
        url,
        issuer: &issuer.id,
        purpose: StatusPurpose::Revocation,
        bits: &bits,
        valid_from: ISSUED.parse().unwrap(),
        valid_until: None,
    };
    server
        .publish("/status/1", sign_again(institution, list.unsigned()).await)
        .await;
}

#[tokio::test]
async fn a_foreign_record_is_judged_by_what_its_institution_publishes() {
    let server = Server::start().await;
    let (host, institution) = host_and_institution(&server).await;
    let (record, list) = record_with_status(&server, &institution, 42).await;
    let verdict = async |host: &TestApp| host.post_json("/credentials/verify", &record).await.json();
    let missing = verdict(&host).await;
    assert_eq!(
        missing["verdict"], "invalid",
        "its host says that there are no keys: {missing}"
    );

    publish_keys(&server, &institution).await;
    publish_list(&server, &institution, &list, &[41]).await;
    let good = verdict(&host).await;
    assert_eq!(good["verdict"], "valid", "{good}");
    let asked = server.requests.load(Ordering::SeqCst);
    verdict(&host).await;
    assert_eq!(
        server.requests.load(Ordering::SeqCst),
        asked,
        "what was fetched a moment ago is not asked for again"
    );

    let token = host.learner_token("ada", &[Scope::CredentialUpsert]).await;
    let answer = host.post_json_as(&token, "/ims/clr/v2p0/credentials", &record).await;
    assert_eq!(answer.status, 201, "{}", answer.text());

    // Another process, later.
    publish_list(&server, &institution, &list, &[42]).await;
    let later = host.with_fetcher(Fetcher::offline([server.certificate.clone()]));
    let revoked = verdict(&later).await;
    assert_eq!(revoked["verdict"], "invalid", "{revoked}");
    assert_eq!(revoked["checks"][0]["name"], "status");
}

#[tokio::test]
async fn a_server_whose_certificate_nobody_knows_is_out_of_reach() {
    let server = Server::start().await;
    let (host, institution) = host_and_institution(&server).await;
    publish_keys(&server, &institution).await;
    let record = sign(
        &institution,
        record("urn:example:1", ISSUED, vec![achievement("Algebra", "Solves.")]),
    )
    .await;
    let stranger = host.with_fetcher(Fetcher::offline([]));
    let answer = stranger.post_json("/credentials/verify", &record).await.json();
    assert_eq!(
        (&answer["verdict"], &answer["checks"][0]["retry"]),
        (&json!("could-not-check"), &json!(true))
    );
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
}
