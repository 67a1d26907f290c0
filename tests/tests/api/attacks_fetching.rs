//! OWASP API7: where a stranger's document makes this service connect to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use clr_core::{fetch::Fetcher, oauth::Scope};
use clr_server::paths;
use learner_record::StatusPurpose;
use serde_json::{Value, json};
use tests::{Answer, TestApp};
use tokio::net::TcpListener;

use crate::{
    elsewhere::{Published, Server},
    oauth_client::{Browser, READ, TestClient},
    oauth_keys::TestKey,
    records::{ISSUED, achievement, record, sign, signed},
};

/// A place in a document whose URL is fetched.
struct Field {
    name: &'static str,
    /// What is posted.
    body: Value,
    path: &'static str,
    /// What is asked for there.
    asked: String,
}

/// Every place in a document whose URL is fetched, pointing at this host and port (`localhost:8443`).
async fn fetched(app: &TestApp, host: &str) -> Vec<Field> {
    let good = signed(app, "urn:example:1", ISSUED).await;
    let url = |path: &str| format!("https://{host}{path}");
    let did = |path: &str| format!("did:web:{}:{path}", host.replace(':', "%3A"));
    let mut fields = Vec::new();
    let mut add = |name, asked: &str, path, body| {
        let asked = asked.to_owned();
        fields.push(Field {
            name,
            body,
            path,
            asked,
        });
    };
    let changed = |pointer: &str, member: &str, value: Value| {
        let mut record = good.clone();
        record.pointer_mut(pointer).unwrap()[member] = value;
        record
    };
    let with_policy = |record: Value| json!({"verifiableCredential": record, "options": {"policy": "1edtech"}});
    let course = "/credentialSubject/verifiableCredential/0";

    let method = json!(format!("{}#key", did("method")));
    add(
        "did:web",
        "/method/did.json",
        paths::VERIFY,
        changed("/proof/0", "verificationMethod", method.clone()),
    );
    let nested = changed(&format!("{course}/proof/0"), "verificationMethod", method);
    add(
        "did:web of a nested credential",
        "/method/did.json",
        paths::VERIFY,
        nested,
    );
    let key = json!(url("/key"));
    add(
        "https key",
        "/key",
        paths::VERIFY,
        changed("/proof/0", "verificationMethod", key.clone()),
    );
    let mut endorsed = good.clone();
    endorsed["endorsement"] = json!([good.pointer(course)]);
    endorsed["endorsement"][0]["proof"][0]["verificationMethod"] = json!(url("/endorser"));
    add("key of an endorser", "/endorser", paths::VERIFY, endorsed);
    let entry = StatusPurpose::Revocation.entry(&url("/list"), 1);
    add(
        "status list",
        "/list",
        paths::VERIFY,
        changed("", "credentialStatus", entry.clone()),
    );
    add(
        "status list of a nested credential",
        "/list",
        paths::VERIFY,
        changed(course, "credentialStatus", entry),
    );
    let revoked = json!({"id": url("/revoked"), "type": "1EdTechRevocationList"});
    add(
        "list of revoked ids",
        "/revoked",
        paths::VERIFY,
        changed("", "credentialStatus", revoked),
    );
    let schema = json!([{"id": url("/schema"), "type": "1EdTechJsonSchemaValidator2019"}]);
    add(
        "schema",
        "/schema",
        paths::VERIFY,
        changed("", "credentialSchema", schema),
    );
    let newer = json!({"id": url("/newer"), "type": "1EdTechCredentialRefresh"});
    add(
        "newer version",
        "/newer",
        paths::VERIFY,
        changed("", "refreshService", newer),
    );
    let mut page = good.clone();
    page.pointer_mut(course).unwrap()["issuer"] =
        json!({"id": "did:example:other", "type": ["Profile"], "name": "Other", "url": url("/page")});
    add("page of an issuer", "/page", paths::VERIFY, with_policy(page));

    let mut plain = good.clone();
    plain.as_object_mut().unwrap().remove("proof");
    plain["issuer"]["id"] = json!(url("/issuer"));
    let jws = |header: Value| json!({"verifiableCredential": TestKey::one().sign(header, &plain)});
    add("kid of a JWT", "/kid", paths::VERIFY, jws(json!({"kid": url("/kid")})));
    add(
        "key set of a JWT's issuer",
        "/.well-known/jwks.json",
        paths::VERIFY,
        jws(json!({"jwk": TestKey::one().jwk()})),
    );

    let mut presentation = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
        "holder": did("holder"), "proof": good["proof"], "verifiableCredential": [good],
    });
    presentation["proof"][0]["verificationMethod"] = json!(format!("{}#key", did("holder")));
    presentation["proof"][0]["proofPurpose"] = json!("authentication");
    let presented = json!({ "verifiablePresentation": presentation });
    add(
        "holder of a presentation",
        "/holder/did.json",
        paths::VERIFY_PRESENTATION,
        presented,
    );
    fields
}

async fn post(app: &TestApp, field: &Field) -> Answer {
    let begun = Instant::now();
    let answer = app.post_json(field.path, &field.body).await;
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{}: {:?}",
        field.name,
        begun.elapsed()
    );
    answer
}

/// A port of this machine that no request may reach: counts connections.
struct Trap {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Trap {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let trap = Self {
            port: listener.local_addr().unwrap().port(),
            connections: connections.clone(),
        };
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                connections.fetch_add(1, Ordering::SeqCst);
            }
        });
        trap
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn these_are_the_places_whose_urls_are_fetched() {
    // What the next tests try in vain works where loopback is allowed, so none of them passes for want of a request.
    let server = Server::start().await;
    let app = TestApp::start().await.with_fetcher(server.fetcher());
    for field in fetched(&app, &format!("localhost:{}", server.port)).await {
        let fresh = app.with_fetcher(server.fetcher());
        let answer = post(&fresh, &field).await;
        let asked = server.requests();
        assert!(
            asked.contains(&field.asked),
            "{}: {asked:?}; {}",
            field.name,
            answer.text()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_connects_to_no_address_of_its_own_machine_for_any_of_them() {
    let trap = Trap::start().await;
    let app = TestApp::start().await;
    let port = trap.port;
    for host in [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "LOCALHOST",
        "user@localhost",
        "user:secret@127.0.0.1",
        "a.example@localhost",
    ] {
        for field in fetched(&app, &format!("{host}:{port}")).await {
            let deployed = app.with_fetcher(Fetcher::new());
            let answer = post(&deployed, &field).await;
            assert_ne!(answer.json()["verdict"], "valid", "{} at {host}", field.name);
        }
    }
    assert_eq!(trap.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_connects_to_no_private_network_and_no_metadata_service() {
    let app = TestApp::start().await;
    for host in [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[fc00::1]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "[::ffff:169.254.169.254]",
        "[::169.254.169.254]",
        "[ff02::1]",
        "2852039166",
        "0xa9fea9fe",
        "169.254.43518",
    ] {
        for field in fetched(&app, host).await {
            let deployed = app.with_fetcher(Fetcher::new());
            let begun = Instant::now();
            let text = post(&deployed, &field).await.text();
            // Whose key it would be is told first, where there is none.
            let refusals = ["not public", "neither a DID URL", "no host", "the key belongs to"];
            let is_refused = refusals.iter().any(|refusal| text.contains(refusal));
            assert!(is_refused, "{} at {host}: {text}", field.name);
            assert!(
                begun.elapsed() < Duration::from_secs(3),
                "{} at {host} waited",
                field.name
            );
        }
    }
}

#[tokio::test]
async fn other_schemes_and_ports_that_are_no_ports_are_refused() {
    let trap = Trap::start().await;
    let app = TestApp::start().await.with_fetcher(Fetcher::new());
    for url in [
        format!("http://localhost:{}/", trap.port),
        "file:///etc/passwd".to_owned(),
        format!("ftp://localhost:{}/", trap.port),
        format!("gopher://localhost:{}/_GET", trap.port),
        "data:application/json,{}".to_owned(),
        "javascript:alert(1)".to_owned(),
        "jar:https://a.example!/".to_owned(),
        "https://a.example:99999/".to_owned(),
        "https://".to_owned(),
        "//a.example/".to_owned(),
        format!("https://a.example/{}", "a".repeat(3_000)),
    ] {
        let mut record = signed(&app, "urn:example:1", ISSUED).await;
        record["credentialStatus"] = json!({"id": url, "type": "1EdTechRevocationList"});
        record["refreshService"] = json!({"id": url, "type": "1EdTechCredentialRefresh"});
        record["credentialSchema"] = json!([{"id": url, "type": "1EdTechJsonSchemaValidator2019"}]);
        let begun = Instant::now();
        let answer = app.post_json(paths::VERIFY, &record).await;
        assert_eq!(answer.status, 400, "{url}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{url}");
    }
    assert_eq!(trap.connections(), 0);
}

#[tokio::test]
async fn a_redirect_leads_to_nothing_that_the_url_itself_could_not_name() {
    let (server, trap) = (Server::start().await, Trap::start().await);
    let app = TestApp::start().await;
    for target in [
        format!("http://10.0.0.1:{}/", trap.port),
        "https://169.254.169.254/latest/meta-data/iam/security-credentials/".to_owned(),
        "https://[::ffff:169.254.169.254]/".to_owned(),
        "https://[fd00:ec2::254]/".to_owned(),
        "https://2852039166/".to_owned(),
        "//169.254.169.254/".to_owned(),
        format!("https://user@localhost:{}/", trap.port),
        "file:///etc/passwd".to_owned(),
        format!("gopher://localhost:{}/", trap.port),
    ] {
        server.put("/list", Published::RedirectTo(target.clone()));
        for field in fetched(&app, &format!("localhost:{}", server.port)).await {
            if field.asked != "/list" {
                continue;
            }
            let text = post(&app.with_fetcher(server.fetcher()), &field).await.text();
            assert!(text.contains("could not be seen"), "{target}: {text}");
            assert!(!text.contains("meta-data") && !text.contains("passwd"), "{text}");
        }
    }
    assert_eq!(trap.connections(), 0);
}

#[tokio::test]
async fn what_a_document_names_beside_them_is_never_fetched() {
    let server = Server::start().await;
    let app = TestApp::start().await.with_fetcher(server.fetcher());
    let url = |path: &str| json!(server.url(path));
    let image = |path: &str| json!({"id": url(path), "type": "Image"});
    let mut course = achievement("Algebra", "Solves equations.");
    course["awardedDate"] = json!(ISSUED);
    course["image"] = image("/image");
    course["evidence"] = json!([{"id": url("/evidence"), "type": ["Evidence"]}]);
    let about = &mut course["credentialSubject"]["achievement"];
    about["image"] = image("/achievement-image");
    about["criteria"]["id"] = url("/criteria");
    about["alignment"] = json!([{"type": ["Alignment"], "targetName": "A", "targetUrl": url("/alignment")}]);
    about["creator"] = json!({"id": url("/creator"), "type": ["Profile"], "url": url("/url"), "image": image("/logo")});
    about["related"] = json!([{"id": url("/related"), "type": ["Related"]}]);
    let mut transcript = record("urn:example:1", ISSUED, vec![course]);
    transcript["image"] = image("/record-image");
    let credential = sign(&app, transcript.clone()).await;
    app.post_json(paths::VERIFY, &credential).await;
    let other = |member: &str, value: Value| {
        let mut changed = credential.clone();
        changed[member] = value;
        changed
    };
    for changed in [
        other("@context", json!([url("/context")])),
        other("refreshService", json!({"id": url("/refresh"), "type": "OtherRefresh"})),
        other(
            "credentialSchema",
            json!([{"id": url("/other-schema"), "type": "JsonSchema"}]),
        ),
        other(
            "credentialStatus",
            json!({"id": url("/other-status"), "type": "StatusList2021Entry"}),
        ),
        other(
            "relatedResource",
            json!([{"id": url("/resource"), "digestSRI": "sha256-AAAA"}]),
        ),
    ] {
        for policy in ["strict", "1edtech", "proof-only"] {
            let body = json!({"verifiableCredential": changed, "options": {"policy": policy}});
            app.post_json(paths::VERIFY, &body).await;
        }
    }
    let learner = app
        .learner_token("ada", &[Scope::CredentialUpsert, Scope::ProfileUpdate])
        .await;
    app.post_json_as(&learner, paths::CLR_CREDENTIALS, &credential).await;
    let operator = app.operator_token(&[Scope::Issue]).await;
    app.post_json_as(&operator, paths::ISSUE, &transcript).await;
    let profile = json!({"id": url("/profile"), "type": ["Profile"], "url": url("/home"), "image": image("/face")});
    let mut put = tests::json_request(paths::CLR_PROFILE, Some(&learner), &profile);
    *put.method_mut() = http::Method::PUT;
    app.send(put).await;
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn nothing_of_a_clients_metadata_is_fetched() {
    let server = Server::start().await;
    let app = TestApp::configured(|config| config.public_url = Some("http://127.0.0.1:8787".parse().unwrap())).await;
    let app = app.with_fetcher(server.fetcher());
    let client = TestClient::register_as(&app, |metadata| {
        for member in ["client_uri", "logo_uri", "tos_uri", "policy_uri"] {
            metadata[member] = json!(server.url(&format!("/{member}")));
        }
        metadata["redirect_uris"] = json!([server.url("/callback")]);
        metadata["jwks_uri"] = Value::Null;
        metadata["sector_identifier_uri"] = json!(server.url("/sector"));
        metadata["initiate_login_uri"] = json!(server.url("/login"));
        metadata["request_uris"] = json!([server.url("/request")]);
    })
    .await;
    let callback = server.url("/callback");
    let path = client.authorization(READ, &[("redirect_uri", Some(&callback))]);
    let mut browser = Browser::open(&app, &path).await;
    browser.sign_in("ada").await;
    browser.answer("allow", &[("scope", READ)]).await;
    assert_eq!(browser.page.status, 303);
    let by_reference = client.authorization(READ, &[("request_uri", Some(&server.url("/request")))]);
    assert_eq!(app.get(&by_reference).await.status, 400);
    assert_eq!(server.requests(), Vec::<String>::new());
}
