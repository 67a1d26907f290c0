//! What is told of each request: an id to the caller, a line to the log, and nothing that is nobody's business.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use axum::body::Body;
use clr_core::oauth::Scope;
use clr_server::{
    RequestLog, Routes,
    request_log::{DIMENSION, METRICS, NAMESPACE},
};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tests::{Answer, TestApp, json_request, request};
use tower::ServiceExt as _;
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
};

use crate::{
    oauth_client::{Browser, READ, TestClient, UPSERT, query},
    records,
};

/// What was written.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The service, and what it writes into its log.
pub(crate) async fn logged() -> (TestApp, Written) {
    let written = Written::default();
    let app = TestApp::start()
        .await
        .with_request_log(RequestLog::json("clr-test", "clr-token", written.clone()));
    (app, written)
}

#[tokio::test]
async fn each_request_has_one_line_with_what_it_took() {
    let (app, written) = logged().await;
    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    let listed = app.get_as(&token, "/ims/clr/v2p0/credentials?limit=5").await;
    let one = app.get_as(&token, "/ims/clr/v2p0/credentials/c2VjcmV0").await;
    let nowhere = app.get("/wp-admin/ada@students.example.edu").await;
    let lines = written.lines();
    let of = |line: &Value| (line["method"].clone(), line["route"].clone(), line["status"].clone());
    assert_eq!(
        of(&lines[0]),
        (json!("GET"), json!("/ims/clr/v2p0/credentials"), json!(200))
    );
    assert_eq!(
        of(&lines[1]),
        (
            json!("GET"),
            json!("/ims/clr/v2p0/credentials/{clr_credential_id}"),
            json!(404)
        )
    );
    assert_eq!(of(&lines[2]), (json!("GET"), json!("unrouted"), json!(404)));
    for (line, answer) in lines.iter().zip([&listed, &one, &nowhere]) {
        assert_eq!(line["requestId"], answer.header("x-request-id"));
        assert_eq!(
            (&line["tenant"], &line["function"]),
            (&json!("default"), &json!("clr-token"))
        );
        assert_eq!(line["tableCalls"], answer.usage.table_calls);
        assert_eq!(line["readUnits"], answer.usage.read_units);
        assert_eq!((&line["kmsCalls"], &line["writeUnits"]), (&json!(0), &json!(0.0)));
        assert!(line["latency"].as_f64().unwrap() >= 0.0);
        assert_eq!(line.get("_aws"), None, "CloudWatch charges for each metric");
        // In AWS the name has the stack's, and a suffix, in it. `clr cost` counts with so much.
        assert!(line.to_string().len() + "clr-production-UpsertCredentialFunction-A1B2C3D4E5F6".len() < 350);
    }
    let cold: Vec<_> = lines.iter().map(|line| line["cold"].as_bool().unwrap()).collect();
    assert_eq!(
        cold,
        [true, false, false],
        "the first request of a process alone is a cold one"
    );
    assert_eq!(lines.len(), 3);
}

/// The service with a key in a KMS that is not there.
fn without_kms(app: &TestApp) -> TestApp {
    let nowhere = aws_sdk_kms::Config::builder()
        .behavior_version(aws_sdk_kms::config::BehaviorVersion::latest())
        .region(aws_sdk_kms::config::Region::new("eu-central-1"))
        .endpoint_url("http://127.0.0.1:1")
        .retry_config(aws_sdk_kms::config::retry::RetryConfig::disabled());
    let client = aws_sdk_kms::Client::from_conf(nowhere.build());
    let signer: Arc<dyn clr_core::signer::Signer> = Arc::new(clr_core::signer::KmsSigner::new(client, "alias/clr"));
    app.with_issuers(clr_core::issuers::Issuers::new(
        Some("did:web:records.example.edu".to_owned()),
        serde_json::Map::new(),
        vec![signer],
    ))
}

/// The rules of the Embedded Metric Format Specification, as far as they bear on us.
#[tokio::test]
async fn lines_of_failures_are_embedded_metrics_by_the_specification() {
    async fn panics() -> StatusCode {
        panic!("a defect, for this test")
    }
    let (app, written) = logged().await;
    let routes = Routes::new().get("/defect", panics);
    send_to(&app, routes, request(Method::GET, "/defect", None, Body::empty())).await;
    let keyless = without_kms(&app).get("/.well-known/did.json").await;
    assert_eq!(
        (keyless.status.as_u16(), keyless.usage.key_errors),
        (500, 1),
        "{}",
        keyless.text()
    );
    let mut told = std::collections::BTreeSet::new();
    for line in written.lines() {
        let root = line.as_object().expect("the root is an object");
        let metadata = root["_aws"].as_object().unwrap();
        assert_eq!(metadata.keys().collect::<Vec<_>>(), ["Timestamp", "CloudWatchMetrics"]);
        let time = metadata["Timestamp"].as_i64().expect("milliseconds, an integer");
        assert_eq!(time, app.now().as_millisecond());
        let directives = metadata["CloudWatchMetrics"].as_array().unwrap();
        assert_eq!(directives.len(), 1);
        assert_eq!(directives[0]["Namespace"], NAMESPACE);
        assert!((1..=1024).contains(&NAMESPACE.len()));
        assert_eq!(directives[0]["Dimensions"], json!([[DIMENSION]]));
        assert_eq!(root[DIMENSION], "clr-test", "a dimension is a text at the root");
        for metric in directives[0]["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap();
            assert!(root[name].as_u64().unwrap() > 0, "{name} is a number at the root");
            assert_eq!(metric["Unit"], "Count");
            told.insert(name.to_owned());
        }
    }
    assert_eq!(told.into_iter().collect::<Vec<_>>(), METRICS, "each was told");
}

/// Goes the whole way with everything in it that a log must not have, and returns that.
async fn whole_way(app: &TestApp) -> Vec<String> {
    let mut secrets: Vec<String> = [
        "Ada Example",
        "ada@students.example.edu",
        "S-1001",
        "Solves equations",
        "Algebra",
    ]
    .map(str::to_owned)
    .into();
    let metadata = crate::oauth_client::metadata();
    let registered = app.post_json("/oauth/register", &metadata).await.json();
    let member = |answer: &Value, name: &str| answer[name].as_str().unwrap().to_owned();
    let client = TestClient {
        id: member(&registered, "client_id"),
        secret: member(&registered, "client_secret"),
        verifier: app.app.randomness.secret().reveal().to_owned(),
    };
    let management = member(&registered, "registration_access_token");
    app.get_as(&management, &format!("/oauth/register/{}", client.id)).await;
    let mut browser = Browser::open(
        app,
        &client.authorization(&format!("{READ} {UPSERT} offline_access"), &[]),
    )
    .await;
    secrets.push(browser.cookie.split_once('=').unwrap().1.to_owned());
    secrets.push(browser.hidden("form_token"));
    browser.sign_in("ada").await;
    browser
        .answer(
            "allow",
            &[("scope", READ), ("scope", UPSERT), ("scope", "offline_access")],
        )
        .await;
    let code = member(&query(&browser.location()), "code");
    let tokens = client.redeem(app, &code).await.json();
    let renewed = client.refresh(app, &tokens["refresh_token"]).await.json();
    let token = member(&renewed, "access_token");
    let record = records::signed(app, "urn:uuid:7f1b2c3d-of-ada", records::ISSUED).await;
    secrets.push("7f1b2c3d-of-ada".to_owned());
    secrets.push(member(&record["proof"][0], "proofValue"));
    let kept = app.post_json_as(&token, "/ims/clr/v2p0/credentials", &record).await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    let place = kept
        .header("location")
        .strip_prefix(tests::PUBLIC_URL)
        .unwrap()
        .to_owned();
    secrets.push(place.rsplit_once('/').unwrap().1.to_owned());
    app.get_as(&token, &place).await;
    app.get_as(&token, "/ims/clr/v2p0/credentials").await;
    let mut broken = record.clone();
    broken["name"] = json!("Zoe Secretname");
    secrets.push("Secretname".to_owned());
    assert_eq!(
        app.post_json_as(&token, "/ims/clr/v2p0/credentials", &broken)
            .await
            .status,
        400
    );
    app.post_json_as(&token, "/credentials/verify", &json!({"verifiableCredential": broken}))
        .await;
    let issuing = app.operator_token(&[Scope::Issue]).await;
    let record = records::record(
        "urn:uuid:8f1b2c3d-of-ada",
        records::ISSUED,
        vec![records::achievement("Latin", "Reads Vergil.")],
    );
    let issued = app.post_json_as(&issuing, "/credentials/issue", &record).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    secrets.extend(["8f1b2c3d-of-ada".to_owned(), "Vergil".to_owned(), issuing.clone()]);
    client.post(app, "/oauth/introspect", &[("token", &token)]).await;
    client.post(app, "/oauth/revoke", &[("token", &token)]).await;
    client.redeem(app, &code).await;
    secrets.extend([client.secret, client.verifier, management, code, token]);
    secrets.extend(["access_token", "refresh_token"].map(|name| member(&tokens, name)));
    secrets.push(member(&renewed, "refresh_token"));
    // A token's grant is no secret; what comes after the point is. An address is one as a whole.
    let secret_part = |secret: &String| match secret.rsplit_once('.') {
        Some((_, end)) if end.len() == 43 => end.to_owned(),
        _ => secret.clone(),
    };
    secrets.iter().map(secret_part).collect()
}

#[tokio::test]
async fn the_log_has_no_token_no_secret_and_nothing_of_a_learner() {
    let (app, written) = logged().await;
    let events = written.clone();
    let ours = [
        "clr_core",
        "clr_server",
        "authorize",
        "token",
        "registration",
        "issue",
        "status",
        "verify",
    ];
    let levels = Targets::new().with_default(LevelFilter::INFO);
    let levels = levels.with_targets(ours.map(|name| (name, LevelFilter::TRACE)));
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(move || events.clone());
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(levels));
    let guard = tracing::subscriber::set_default(subscriber);
    let secrets = whole_way(&app).await;
    drop(guard);
    let log = written.text();
    assert!(log.contains("a client registered"), "events are caught: {log}");
    assert!(log.contains("\"route\":\"/oauth/token\""), "and requests");
    assert!(secrets.len() > 15);
    for secret in secrets {
        assert!(secret.len() > 4, "{secret}");
        assert!(!log.contains(&secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_ours() {
    let (app, _) = logged().await;
    let long = "x".repeat(4_000_001);
    let too_long = json_request("/credentials/verify", None, &json!(long));
    let mut answers = vec![
        app.get("/ims/clr/v2p0/discovery").await,
        app.get("/nowhere").await,
        app.get("/oauth/token").await,
        app.get("/ims/clr/v2p0/credentials").await,
        app.post_form("/oauth/token", &[]).await,
        app.send(request(Method::OPTIONS, "/oauth/token", None, Body::empty()))
            .await,
        app.send(too_long).await,
    ];
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [200, 404, 405, 401, 401, 204, 413]);
    let mut ids: Vec<String> = answers
        .drain(..)
        .map(|answer| answer.header("x-request-id").to_owned())
        .collect();
    assert!(ids.iter().all(|id| id.len() == 36), "{ids:?}");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 7, "each its own");
}

#[tokio::test]
async fn an_id_that_the_caller_sends_is_not_taken() {
    let (app, written) = logged().await;
    let mut request = request(Method::GET, "/ims/clr/v2p0/discovery", None, Body::empty());
    request.headers_mut().insert("x-request-id", "forged".parse().unwrap());
    let answer = app.send(request).await;
    assert_ne!(answer.header("x-request-id"), "forged");
    assert!(!written.text().contains("forged"));
}

#[tokio::test]
async fn the_id_of_api_gateway_is_taken() {
    let (app, written) = logged().await;
    let mut context = lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext::default();
    context.request_id = Some("JKJaXmPLvHcESHA=".to_owned());
    let mut request = request(Method::GET, "/ims/clr/v2p0/discovery", None, Body::empty());
    request
        .extensions_mut()
        .insert(lambda_http::request::RequestContext::ApiGatewayV2(context));
    assert_eq!(app.send(request).await.header("x-request-id"), "JKJaXmPLvHcESHA=");
    assert_eq!(written.lines()[0]["requestId"], "JKJaXmPLvHcESHA=");
}

/// Sends to a router of these routes.
async fn send_to(app: &TestApp, routes: Routes, request: Request<Body>) -> Answer {
    let response = clr_server::router(routes, app.app.clone())
        .oneshot(request)
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
        usage: parts.extensions.get().copied().unwrap(),
    }
}

#[tokio::test]
async fn a_panic_is_answered_in_the_dialect_of_the_path_and_has_an_id() {
    async fn panics() -> StatusCode {
        panic!("a defect, for this test")
    }
    let (app, written) = logged().await;
    let routes = || {
        Routes::new()
            .get("/ims/clr/v2p0/defect", panics)
            .get("/oauth/defect", panics)
    };
    let log = Written::default();
    let events = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || events.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    for path in ["/ims/clr/v2p0/defect", "/oauth/defect"] {
        let answer = send_to(&app, routes(), request(Method::GET, path, None, Body::empty())).await;
        assert_eq!(answer.status, 500);
        assert_eq!(answer.header("x-request-id").len(), 36);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let body = answer.json();
        if path.starts_with("/oauth") {
            assert_eq!(body["error"], "server_error");
        } else {
            assert_eq!(body["imsx_codeMajor"], "failure");
        }
        assert!(!answer.text().contains("defect, for"));
    }
    drop(guard);
    let log = log.text();
    assert_eq!(log.matches("a handler panicked").count(), 2, "{log}");
    assert!(!log.contains("defect, for"), "{log}");
    assert!(
        written
            .lines()
            .iter()
            .all(|line| line["Failures"] == 1 && line["status"] == 500)
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_is_answered_before_lambda_ends_it() {
    async fn sleeps() -> StatusCode {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        StatusCode::OK
    }
    let app = TestApp::start().await;
    let routes = || {
        Routes::new()
            .get("/ims/clr/v2p0/slow", sleeps)
            .get("/oauth/slow", sleeps)
    };
    for path in ["/ims/clr/v2p0/slow", "/oauth/slow"] {
        let mut context = lambda_http::Context::default();
        context.deadline = u64::try_from(app.now().as_millisecond()).unwrap() + 3_000;
        let mut request = request(Method::GET, path, None, Body::empty());
        request.extensions_mut().insert(context);
        let started = tokio::time::Instant::now();
        let answer = send_to(&app, routes(), request).await;
        let took = started.elapsed().as_millis();
        assert!((2_000..3_000).contains(&took), "{took} ms");
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "1"));
        let body = answer.json();
        assert!(
            body["error"] == "temporarily_unavailable" || body["imsx_codeMajor"] == "failure",
            "{body}"
        );
    }
}
