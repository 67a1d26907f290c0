//! Each check sees what it is there for. The deployment is the real service over https on this machine; KMS, and DynamoDB's
//! word on backups, are stand-ins that answer what they are told.

use std::{collections::BTreeMap, net::TcpListener, sync::Arc};

use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use axum::{Router, http::HeaderMap, response::IntoResponse as _};
use axum_server::tls_rustls::RustlsConfig;
use clr_core::{
    Randomness, SystemClock, Table,
    fetch::Fetcher,
    issuers::Issuers,
    signer::{Signer, SoftwareKeys},
};
use clr_server::{App, Config, DemoLearners, RequestLog, SignIn};
use dynoxide::Database;
use learner_record::StatusPurpose;
use serde_json::{Map, Value, json};

use super::{
    aws::Clients,
    deployment::{Deployment, Place, configuration},
    discovery, examine, issuer, keys,
    report::{Check, Outcome},
    sign_in, status_list, table,
};
use crate::{embedded_table, service};

/// Answers of an AWS service by operation, and by operation and key.
type Answers = BTreeMap<&'static str, (u16, Value)>;

/// What is done to a document, and what is told of it.
type Change = (fn(&mut Value), &'static str);

/// A whole deployment on this machine.
struct Institution {
    deployment: Deployment,
    app: App,
    certificate: reqwest::Certificate,
}

impl Institution {
    async fn start() -> Self {
        Self::serving(|_| true, good_answers()).await
    }

    /// With these functions alone, and with these answers of AWS.
    async fn serving(function: fn(&str) -> bool, answers: Answers) -> Self {
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
    fn with(self, app: App) -> Deployment {
        Deployment {
            app: Some(app),
            ..self.deployment
        }
    }

    fn issuer(&self) -> String {
        self.app.config.issuer_id.clone().unwrap()
    }
}

fn listener() -> TcpListener {
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
async fn serve_everywhere(status: u16, document: impl FnOnce(&str) -> Value) -> String {
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

/// What an AWS where all is well says.
fn good_answers() -> Answers {
    let key = |spec: &str| {
        (
            200,
            json!({"KeyId": "key", "KeySpec": spec, "KeyUsage": "SIGN_VERIFY", "PublicKey": ""}),
        )
    };
    Answers::from([
        ("GetPublicKey p256", key("ECC_NIST_P256")),
        ("GetPublicKey ed25519", key("ECC_NIST_EDWARDS25519")),
        ("GetPublicKey status", key("ECC_NIST_P256")),
        ("GetPublicKey rsa", key("RSA_2048")),
        (
            "DescribeKey",
            (200, json!({"KeyMetadata": {"KeyId": "key", "KeyState": "Enabled"}})),
        ),
        ("DescribeTable", (200, json!({"Table": described_table()}))),
        (
            "DescribeTimeToLive",
            (
                200,
                json!({"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}}),
            ),
        ),
        ("DescribeContinuousBackups", backups("ENABLED")),
    ])
}

fn described_table() -> Value {
    let key =
        |range: &str| json!([{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}]);
    json!({
        "TableName": "clr",
        "TableStatus": "ACTIVE",
        "AttributeDefinitions": Value::from_iter(["sk", "issued", "pk"].map(|name| json!({"AttributeName": name, "AttributeType": "S"}))),
        "KeySchema": key("sk"),
        "LocalSecondaryIndexes": [
            {"IndexName": "by-issued", "KeySchema": key("issued"), "Projection": {"ProjectionType": "KEYS_ONLY"}},
        ],
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        "DeletionProtectionEnabled": true,
    })
}

fn backups(status: &str) -> (u16, Value) {
    let recovery = json!({"PointInTimeRecoveryStatus": status});
    let description = json!({"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery});
    (200, json!({"ContinuousBackupsDescription": description}))
}

/// Clients of an AWS that gives these answers.
async fn aws(answers: Answers) -> Clients {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let answer = move |headers: HeaderMap, body: String| async move {
        let target = headers["x-amz-target"].to_str().unwrap();
        let operation = target.split('.').next_back().unwrap().to_owned();
        let body: Value = serde_json::from_str(&body).unwrap();
        let of_key = format!("{operation} {}", body["KeyId"].as_str().unwrap_or_default());
        let (status, answer) = answers
            .get(of_key.as_str())
            .or_else(|| answers.get(operation.as_str()))
            .unwrap_or_else(|| panic!("no answer for {of_key}"));
        let status = axum::http::StatusCode::from_u16(*status).unwrap();
        (status, answer.to_string()).into_response()
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    clients(&endpoint)
}

fn clients(endpoint: &str) -> Clients {
    let credentials = || Credentials::new("test", "test", None, None, "test");
    let region = Region::from_static("eu-central-1");
    let dynamodb = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .retry_config(RetryConfig::disabled())
        .region(region.clone())
        .credentials_provider(credentials())
        .endpoint_url(endpoint);
    let kms = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .retry_config(RetryConfig::disabled())
        .region(region)
        .credentials_provider(credentials())
        .endpoint_url(endpoint)
        .build();
    Clients::new(dynamodb, aws_sdk_kms::Client::from_conf(kms))
}

/// Its outcome, and that its reason says this.
#[track_caller]
fn assert_says(check: &Check, outcome: Outcome, told: &str) {
    assert_eq!(check.outcome, outcome, "{check:?}");
    assert!(check.reason.contains(told), "{check:?} does not say {told:?}");
    assert_eq!(check.remedy.is_some(), outcome != Outcome::Ok, "{check:?}");
}

fn find<'a>(checks: &'a [Check], name: &str) -> &'a Check {
    let found = checks.iter().find(|check| check.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {checks:?}"))
}

#[tokio::test]
async fn a_deployment_where_all_is_well_passes_every_check() {
    let institution = Institution::start().await;
    let lists = format!("{}/status", institution.deployment.url.as_ref().unwrap());
    let lists = institution.app.status_lists(&lists);
    lists.assign(StatusPurpose::Revocation, &["urn:one"]).await.unwrap();
    let checks = examine(&institution.deployment).await;
    let not_ok: Vec<_> = checks.iter().filter(|check| check.outcome != Outcome::Ok).collect();
    assert!(not_ok.is_empty(), "{not_ok:#?}");
    let names: Vec<_> = checks.iter().map(|check| check.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "key SIGNING_KEY_ID",
            "key EDDSA_SIGNING_KEY_ID",
            "key RSA_SIGNING_KEY_ID",
            "key STATUS_SIGNING_KEY_ID or EDDSA_STATUS_SIGNING_KEY_ID",
            "table clr",
            "table: expiry",
            "table: deletion protection",
            "table: point-in-time recovery",
            "clock of AWS",
            "issuer document",
            "JWK Set",
            "issuer Profile",
            "status lists",
            "sign-in provider",
            "clock of the deployment",
            "discovery",
            "endpoints",
        ]
    );
    assert!(find(&checks, "status lists").reason.contains("is fetched and valid"));
}

#[test]
fn a_public_url_that_clients_refuse_or_that_is_another_is_wrong() {
    let url = |text: &str| text.parse::<url::Url>().unwrap();
    let config = |public_url: Option<&str>| Config {
        public_url: public_url.map(url),
        ..service::config(service::default_tenant().unwrap())
    };
    let plain = config(Some("http://records.example.edu"));
    assert_says(&configuration(&plain, None), Outcome::Wrong, "is not https");
    let good = config(Some("https://records.example.edu"));
    let other = url("https://old.example.edu");
    assert_says(
        &configuration(&good, Some(&other)),
        Outcome::Wrong,
        "not the URL that was given",
    );
    let same = url("https://records.example.edu/");
    assert_says(&configuration(&good, Some(&same)), Outcome::Ok, "complete");
    assert_says(&configuration(&config(None), None), Outcome::Ok, "cannot be revoked");
}

#[tokio::test]
async fn a_key_of_the_wrong_kind_or_in_no_state_to_sign_is_wrong_and_one_out_of_reach_is_not_judged() {
    let error = |code: &str| (400, json!({"__type": code, "message": "in the words of KMS"}));
    let key = |spec: &str, usage: &str| (200, json!({"KeyId": "key", "KeySpec": spec, "KeyUsage": usage}));
    let state = |state: &str| (200, json!({"KeyMetadata": {"KeyId": "key", "KeyState": state}}));
    let config = Config {
        signing_keys: vec!["p256".to_owned()],
        ..service::config(service::default_tenant().unwrap())
    };
    for (operation, answer, outcome, told) in [
        (
            "GetPublicKey p256",
            key("ECC_NIST_P384", "SIGN_VERIFY"),
            Outcome::Wrong,
            "of spec ECC_NIST_P384",
        ),
        (
            "GetPublicKey p256",
            key("ECC_NIST_P256", "KEY_AGREEMENT"),
            Outcome::Wrong,
            "is for KEY_AGREEMENT",
        ),
        (
            "GetPublicKey p256",
            error("NotFoundException"),
            Outcome::Wrong,
            "NotFoundException",
        ),
        (
            "GetPublicKey p256",
            error("DisabledException"),
            Outcome::Wrong,
            "DisabledException",
        ),
        (
            "DescribeKey",
            state("PendingDeletion"),
            Outcome::Wrong,
            "deletion is pending",
        ),
        (
            "DescribeKey",
            state("Disabled"),
            Outcome::Wrong,
            "its state is Disabled",
        ),
        (
            "DescribeKey",
            error("AccessDeniedException"),
            Outcome::CouldNotCheck,
            "may not call kms:DescribeKey",
        ),
        (
            "GetPublicKey p256",
            error("ThrottlingException"),
            Outcome::CouldNotCheck,
            "ThrottlingException",
        ),
    ] {
        let mut answers = good_answers();
        answers.insert(operation, answer);
        let clients = aws(answers).await;
        let checks = keys::checks(&config, &clients.kms).await;
        assert_says(&checks[0], outcome, told);
    }
    let nobody = format!("http://{}", listener().local_addr().unwrap());
    let checks = keys::checks(&config, &clients(&nobody).kms).await;
    assert_says(&checks[0], Outcome::CouldNotCheck, "kms:GetPublicKey");
}

#[tokio::test]
async fn an_ed25519_key_for_records_and_each_kind_for_status_lists_is_asked_for() {
    let config = Config {
        signing_keys: vec!["ed25519".to_owned(), "p256".to_owned()],
        status_signing_keys: vec!["p256".to_owned(), "p256".to_owned()],
        rsa_signing_key: Some("p256".to_owned()),
        ..service::config(service::default_tenant().unwrap())
    };
    let checks = keys::checks(&config, &aws(good_answers()).await.kms).await;
    let outcomes: Vec<_> = checks
        .iter()
        .map(|check| (check.name.as_str(), check.outcome))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("key SIGNING_KEY_ID", Outcome::Wrong),
            ("key EDDSA_SIGNING_KEY_ID", Outcome::Wrong),
            ("key RSA_SIGNING_KEY_ID", Outcome::Wrong),
            ("key STATUS_SIGNING_KEY_ID", Outcome::Ok),
            ("key EDDSA_STATUS_SIGNING_KEY_ID", Outcome::Wrong),
        ]
    );
}

#[tokio::test]
async fn a_table_of_another_shape_is_wrong_in_each_part() {
    let described = |change: fn(&mut Value)| {
        let mut table = described_table();
        change(&mut table);
        (200, json!({"Table": table}))
    };
    for (answer, told) in [
        (
            described(|table| table["KeySchema"][1]["AttributeName"] = json!("range")),
            "keys: pk HASH, range RANGE",
        ),
        (
            described(|table| table["LocalSecondaryIndexes"] = json!([])),
            "indexes: none",
        ),
        (
            described(|table| table["LocalSecondaryIndexes"][0]["Projection"]["ProjectionType"] = json!("ALL")),
            "indexes: by-issued (pk HASH, issued RANGE) ALL",
        ),
        (
            described(|table| table["AttributeDefinitions"][1]["AttributeType"] = json!("N")),
            "attributes: issued N",
        ),
        (
            described(|table| table["BillingModeSummary"] = json!(null)),
            "billing: PROVISIONED",
        ),
        (
            (400, json!({"__type": "ResourceNotFoundException"})),
            "ResourceNotFoundException",
        ),
    ] {
        let clients = aws(Answers::from([("DescribeTable", answer)])).await;
        assert_says(&table::shape(&clients.dynamodb, "clr").await, Outcome::Wrong, told);
    }
    // The engine of a laptop says of our table what AWS says.
    let client = embedded_table::start(Database::memory().unwrap()).await.unwrap();
    assert_says(&table::shape(&client, "clr").await, Outcome::Ok, "are ours");
    assert_says(&table::expiry(&client, "clr").await, Outcome::Ok, "expires");
}

#[tokio::test]
async fn a_table_that_can_be_lost_or_keeps_what_expired_is_wrong() {
    let expiry = |status: &str, attribute: &str| {
        let description = json!({"TimeToLiveStatus": status, "AttributeName": attribute});
        aws(Answers::from([(
            "DescribeTimeToLive",
            (200, json!({"TimeToLiveDescription": description})),
        )]))
    };
    for (status, attribute, told) in [("DISABLED", "expires", "is off"), ("ENABLED", "ttl", "by ttl")] {
        let clients = expiry(status, attribute).await;
        assert_says(&table::expiry(&clients.dynamodb, "clr").await, Outcome::Wrong, told);
    }
    let mut answers = good_answers();
    answers.insert(
        "DescribeTable",
        (200, json!({"Table": {"DeletionProtectionEnabled": false}})),
    );
    answers.insert("DescribeContinuousBackups", backups("DISABLED"));
    let checks = table::durability(&aws(answers).await.dynamodb, "clr").await;
    assert_says(&checks[0], Outcome::Wrong, "one call deletes every record");
    assert_says(&checks[1], Outcome::Wrong, "cannot be had back");
}

#[tokio::test]
async fn what_an_issuer_publishes_must_tell_of_exactly_its_keys() {
    let institution = Institution::start().await;
    let id = institution.issuer();
    let issuer = &institution.app.issuers.all().await.unwrap()[0];
    let mut keys = institution.app.issuers.listed_keys(issuer).await.unwrap();
    let good = issuer.did_document(&keys);
    assert_eq!(issuer::document_faults(&good, &id, &keys, true), Vec::<String>::new());
    let stranger = "did:web:elsewhere.example#z1";
    let changes: [Change; 6] = [
        (|document| document["id"] = json!("did:web:other.example"), "its id is"),
        (
            |document| document["verificationMethod"][0]["id"] = json!("#1"),
            "is not in verificationMethod",
        ),
        (
            |document| {
                document["verificationMethod"][0]["publicKeyMultibase"] =
                    document["verificationMethod"][1]["publicKeyMultibase"].clone();
            },
            "is that of another key",
        ),
        (
            |document| document["verificationMethod"][0]["controller"] = json!("did:web:other.example"),
            "the controller of",
        ),
        (
            |document| document["assertionMethod"][0] = json!("#1"),
            "is not in assertionMethod",
        ),
        (
            |document| {
                document["assertionMethod"]
                    .as_array_mut()
                    .unwrap()
                    .push(json!("did:web:elsewhere.example#z1"))
            },
            "no key of this deployment",
        ),
    ];
    for (change, told) in changes {
        let mut document = good.clone();
        change(&mut document);
        let faults = issuer::document_faults(&document, &id, &keys, true);
        assert!(faults.iter().any(|fault| fault.contains(told)), "{told}: {faults:?}");
        let has_stranger = document["assertionMethod"]
            .as_array()
            .unwrap()
            .contains(&json!(stranger));
        let elsewhere = issuer::document_faults(&document, &id, &keys, false);
        assert_eq!(
            elsewhere.is_empty(),
            has_stranger,
            "a document on another host may tell of others: {elsewhere:?}"
        );
    }
    keys[0].revoked = Some("2026-01-15T09:30:00Z".to_owned());
    let faults = issuer::document_faults(&good, &id, &keys, true);
    assert!(faults[0].contains("is still in assertionMethod"), "{faults:?}");
}

#[tokio::test]
async fn a_jwk_set_without_a_key_or_with_another_in_its_place_is_wrong() {
    let institution = Institution::start().await;
    let issuer = &institution.app.issuers.all().await.unwrap()[0];
    let jwks = issuer.jwks(&institution.app.issuers.listed_keys(issuer).await.unwrap());
    assert_eq!(issuer::jwks_faults(&jwks, &jwks), Vec::<String>::new());
    assert!(issuer::jwks_faults(&json!({"keys": [jwks["keys"][0]]}), &jwks)[0].contains("is missing"));
    let mut exchanged = jwks.clone();
    exchanged["keys"][0]["x"] = json!("AAAA");
    assert!(issuer::jwks_faults(&exchanged, &jwks)[0].contains("is another key there"));
}

#[tokio::test]
async fn documents_of_other_keys_and_another_name_are_seen_over_the_network() {
    let institution = Institution::start().await;
    let keys = SoftwareKeys::generate(&Randomness::seeded(9));
    let profile = Map::from_iter([("name".to_owned(), json!("Other University"))]);
    let other = App {
        issuers: Arc::new(Issuers::new(
            Some(institution.issuer()),
            profile,
            vec![Arc::new(keys.p256)],
        )),
        ..institution.app.clone()
    };
    let deployment = institution.with(other.clone());
    let checks = issuer::checks(&deployment, &other).await;
    assert_says(
        find(&checks, "issuer document"),
        Outcome::Wrong,
        "is not in verificationMethod",
    );
    assert_says(find(&checks, "JWK Set"), Outcome::Wrong, "is missing");
    assert_says(find(&checks, "issuer Profile"), Outcome::Wrong, "Example University");
}

#[tokio::test]
async fn an_issuer_whose_document_is_not_published_is_wrong_and_one_out_of_reach_is_not_judged() {
    let nobody = listener().local_addr().unwrap().port();
    for (id, outcome, told) in [
        (
            "did:web:localhost%3APORT:nowhere".to_owned(),
            Outcome::Wrong,
            "no such document",
        ),
        (
            format!("did:web:localhost%3A{nobody}"),
            Outcome::CouldNotCheck,
            "could not be reached",
        ),
        ("did:web:192.168.1.1".to_owned(), Outcome::Wrong, "not public"),
        ("urn:example:issuer".to_owned(), Outcome::Wrong, "neither a did:web"),
    ] {
        let institution = Institution::start().await;
        let port = institution.app.config.public_url.as_ref().unwrap().port().unwrap();
        let id = id.replace("PORT", &port.to_string());
        let keys = SoftwareKeys::generate(&Randomness::seeded(1));
        let other = App {
            issuers: Arc::new(Issuers::new(Some(id), Map::new(), vec![Arc::new(keys.p256)])),
            ..institution.app.clone()
        };
        let deployment = institution.with(other.clone());
        let checks = issuer::checks(&deployment, &other).await;
        assert_says(find(&checks, "issuer document"), outcome, told);
    }
}

#[tokio::test]
async fn a_compromised_key_that_is_configured_is_wrong() {
    let institution = Institution::start().await;
    let issuer = &institution.app.issuers.all().await.unwrap()[0];
    institution.app.issuers.signing_keys(issuer).await.unwrap();
    let multikey = issuer.keys[0].public_key.to_multikey();
    let now = "2026-01-15T09:30:00Z".parse().unwrap();
    institution
        .app
        .table
        .revoke_issuer_key(&issuer.id, &multikey, now)
        .await
        .unwrap();
    // Another process, which has not read the history yet.
    let keys = SoftwareKeys::generate(&Randomness::seeded(1));
    let signers: Vec<Arc<dyn Signer>> = vec![Arc::new(keys.p256), Arc::new(keys.ed25519)];
    let issuers = Issuers::new(Some(institution.issuer()), Map::new(), signers);
    let app = App {
        issuers: Arc::new(issuers.with_history(institution.app.table.clone(), Arc::new(SystemClock))),
        ..institution.app.clone()
    };
    let checks = issuer::checks(&institution.deployment, &app).await;
    assert_says(
        find(&checks, "issuer document"),
        Outcome::Wrong,
        "revoked as compromised",
    );
}

#[tokio::test]
async fn keys_that_are_not_known_here_leave_the_issuer_unjudged() {
    let institution = Institution::start().await;
    let app = App {
        issuers: Arc::new(Issuers::new(Some(institution.issuer()), Map::new(), Vec::new())),
        ..institution.app.clone()
    };
    let checks = issuer::checks(&institution.deployment, &app).await;
    assert_says(&checks[0], Outcome::CouldNotCheck, "keys are not known here");
}

#[tokio::test]
async fn documents_that_disagree_are_wrong_in_each_part() {
    let institution = Institution::start().await;
    let site = institution.deployment.site.as_ref().unwrap();
    let (description, _) = site.document(&site.url("/ims/clr/v2p0/discovery")).await.unwrap();
    let metadata = site
        .document(&site.url("/.well-known/oauth-authorization-server"))
        .await
        .unwrap()
        .0;
    assert_eq!(
        discovery::faults(&site.base, &description, &metadata),
        Vec::<String>::new()
    );
    let scheme = "/components/securitySchemes/OAuth2ACG";
    let flow = format!("{scheme}/flows/authorizationCode");
    for (pointer, told) in [
        ("/servers/0/url".to_owned(), "the server's URL"),
        (format!("{flow}/authorizationUrl"), "authorizationUrl"),
        (format!("{flow}/tokenUrl"), "tokenUrl"),
        (format!("{flow}/refreshUrl"), "refreshUrl"),
        (format!("{flow}/scopes"), "the list of scopes"),
        (format!("{scheme}/x-imssf-registrationUrl"), "x-imssf-registrationUrl"),
    ] {
        let mut altered = description.clone();
        *altered.pointer_mut(&pointer).unwrap() = json!("https://elsewhere.example");
        let faults = discovery::faults(&site.base, &altered, &metadata);
        assert!(faults.iter().any(|fault| fault.starts_with(told)), "{told}: {faults:?}");
    }
    for member in ["issuer", "revocation_endpoint"] {
        let mut altered = metadata.clone();
        altered[member] = json!("https://elsewhere.example/oauth");
        let faults = discovery::faults(&site.base, &description, &altered);
        assert_eq!(faults.len(), 1, "{member}: {faults:?}");
    }
}

#[tokio::test]
async fn a_site_that_is_not_ours_or_not_there_is_told_apart() {
    let site = |base: String| super::site::Site::new(base, true, None).unwrap();
    let checks = discovery::checks(&site(serve_everywhere(200, |_| json!({"any": "document"})).await)).await;
    assert_says(find(&checks, "discovery"), Outcome::Wrong, "the server's URL is null");
    let nobody = format!("http://{}", listener().local_addr().unwrap());
    let checks = discovery::checks(&site(nobody)).await;
    assert_says(find(&checks, "discovery"), Outcome::CouldNotCheck, "");
}

#[tokio::test]
async fn an_endpoint_without_its_function_is_named() {
    let without_token = Institution::serving(|name| name != "token", good_answers()).await;
    let check = super::endpoints::check(without_token.deployment.site.as_ref().unwrap()).await;
    assert_says(&check, Outcome::Wrong, "POST /oauth/token (token): 405");
    assert!(!check.reason.contains("/oauth/register"), "{check:?}");
    for (status, document, outcome, told) in [
        (
            404,
            json!({"message": "Not Found"}),
            Outcome::Wrong,
            "API Gateway itself answers 404",
        ),
        (500, json!({"error": "server_error"}), Outcome::Wrong, "500"),
        (503, json!({}), Outcome::CouldNotCheck, "503"),
    ] {
        let site = super::site::Site::new(serve_everywhere(status, |_| document).await, true, None).unwrap();
        assert_says(&super::endpoints::check(&site).await, outcome, told);
    }
}

#[tokio::test]
async fn a_provider_that_learners_cannot_sign_in_at_is_wrong() {
    let good = json!({
        "issuer": "https://idp.example",
        "authorization_endpoint": "https://idp.example/authorize",
        "token_endpoint": "https://idp.example/token",
        "jwks_uri": "https://idp.example/jwks",
        "response_types_supported": ["code"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    assert_eq!(sign_in::faults("https://idp.example", &good), Vec::<String>::new());
    for (member, value, told) in [
        ("issuer", json!("https://other.example"), "calls itself"),
        ("issuer", json!("https://idp.example/"), "calls itself"),
        ("token_endpoint", Value::Null, "has no token_endpoint"),
        ("jwks_uri", Value::Null, "has no jwks_uri"),
        ("response_types_supported", json!(["id_token"]), "response type code"),
        (
            "id_token_signing_alg_values_supported",
            json!(["HS256"]),
            "signs ID tokens with none",
        ),
    ] {
        let mut altered = good.clone();
        altered[member] = value;
        let faults = sign_in::faults("https://idp.example", &altered);
        assert!(faults.len() == 1 && faults[0].contains(told), "{told}: {faults:?}");
    }
    let nobody = format!("http://{}", listener().local_addr().unwrap());
    let provider = |keys: Value| {
        move |url: &str| {
            let mut metadata = good.clone();
            metadata["issuer"] = json!(url);
            metadata["jwks_uri"] = json!(format!("{url}/jwks"));
            metadata["keys"] = keys;
            metadata
        }
    };
    let without_keys = serve_everywhere(200, provider.clone()(json!([]))).await;
    let with_keys = serve_everywhere(200, provider(json!([{"kty": "RSA"}]))).await;
    let mut deployment = Institution::start().await.deployment;
    for (issuer, outcome, told) in [
        (nobody, Outcome::CouldNotCheck, ""),
        (without_keys, Outcome::Wrong, "has no keys"),
        (with_keys, Outcome::Ok, "can be read"),
    ] {
        deployment.identity_provider = Some(clr_server::IdentityProvider {
            issuer,
            client_id: "clr".to_owned(),
            client_secret: clr_core::Secret::presented("a test secret"),
        });
        assert_says(&sign_in::check(&deployment).await, outcome, told);
    }
}

#[tokio::test]
async fn a_status_list_that_nobody_can_fetch_or_believe_is_wrong() {
    let institution = Institution::start().await;
    let base = institution.deployment.url.clone().unwrap();
    let fetcher = || Fetcher::reaching_loopback([institution.certificate.clone()]);
    let app = &institution.app;
    assert_says(&status_list::check(app, &fetcher()).await, Outcome::Ok, "none yet");
    let lists = format!("{base}/status");
    app.status_lists(&lists)
        .assign(StatusPurpose::Revocation, &["urn:one"])
        .await
        .unwrap();
    assert_says(
        &status_list::check(app, &fetcher()).await,
        Outcome::Ok,
        "fetched and valid",
    );

    let configured = |change: fn(&mut Config)| {
        let mut config = (*app.config).clone();
        change(&mut config);
        App {
            config: Arc::new(config),
            ..app.clone()
        }
    };
    let off = configured(|config| config.status_lists = false);
    assert_says(
        &status_list::check(&off, &fetcher()).await,
        Outcome::Ok,
        "cannot be revoked",
    );
    let moved = configured(|config| {
        let port = config.public_url.as_ref().unwrap().port().unwrap();
        config.public_url = Some(format!("https://localhost:{port}/elsewhere").parse().unwrap());
    });
    assert_says(
        &status_list::check(&moved, &fetcher()).await,
        Outcome::Wrong,
        "no such document",
    );
    let nowhere = configured(|config| config.public_url = Some("https://nowhere.localhost:1".parse().unwrap()));
    assert_says(
        &status_list::check(&nowhere, &fetcher()).await,
        Outcome::CouldNotCheck,
        "nowhere.localhost",
    );
    // What is served there was signed with keys that are not the issuer's.
    let keys = SoftwareKeys::generate(&Randomness::seeded(9));
    let stranger = App {
        issuers: Arc::new(Issuers::new(
            Some(institution.issuer()),
            Map::new(),
            vec![Arc::new(keys.p256)],
        )),
        ..app.clone()
    };
    assert_says(
        &status_list::check(&stranger, &fetcher()).await,
        Outcome::Wrong,
        "is invalid",
    );
}
