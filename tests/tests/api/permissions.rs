//! The roles and key policies of `template.yaml` allow what the functions ask of AWS, and nothing else. That nothing is missing is
//! tested by every request of every test (see `tests::permitted`); here each function is made to use all that it may.

use std::collections::BTreeSet;

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clr_core::oauth::{Client, OperatorClient, Scope};
use http::{Method, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests::{Answer, PUBLIC_URL, TestApp, permitted, request};

use crate::{
    oauth_client::{Browser, READ, TestClient, UPSERT, metadata},
    oauth_keys::TestKey,
    records::{achievement, record, sign},
};

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";
const PROFILE: &str = "/ims/clr/v2p0/profile";

#[tokio::test]
async fn every_permission_of_a_role_is_one_that_its_function_uses() {
    let app = TestApp::start().await;
    clients_register_and_go(&app).await;
    learners_consent_and_revoke(&app).await;
    tokens_are_asked_for_in_every_way(&app).await;
    records_are_kept_and_read(&app).await;
    for status_keys in [true, false] {
        records_are_issued_and_revoked(&app, status_keys).await;
    }
    anybody_verifies(&app).await;
    the_issuer_is_described(&app).await;

    let (asked, allowed) = (app.asked.all(), permitted());
    let unused: BTreeSet<_> = allowed.difference(&asked).collect();
    assert!(
        unused.is_empty(),
        "no function uses what template.yaml allows: {unused:#?}"
    );
}

async fn clients_register_and_go(app: &TestApp) {
    let client = TestClient::register(app).await;
    client.tokens(app, READ).await;
    let registered = app.post_json("/oauth/register", &metadata()).await.json();
    let path = registered["registration_client_uri"].as_str().unwrap();
    let path = path.strip_prefix(PUBLIC_URL).unwrap();
    let token = registered["registration_access_token"].as_str().unwrap();
    let owner = TestClient {
        id: registered["client_id"].as_str().unwrap().to_owned(),
        secret: registered["client_secret"].as_str().unwrap().to_owned(),
        ..client
    };
    owner.tokens(app, READ).await;
    assert_eq!(app.get_as(token, path).await.status, 200);
    let mut changed = metadata();
    changed["client_id"] = registered["client_id"].clone();
    let mut update = tests::json_request(path, Some(token), &changed);
    *update.method_mut() = Method::PUT;
    assert_eq!(app.send(update).await.status, 200);
    let delete = request(Method::DELETE, path, Some(token), Body::empty());
    assert_eq!(app.send(delete).await.status, 204);
}

async fn learners_consent_and_revoke(app: &TestApp) {
    let client = TestClient::register(app).await;
    // Asked for wrongly, denied, allowed, and brought by a pushed request.
    app.get(&client.authorization("openid", &[])).await;
    let mut browser = Browser::open(app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    browser.answer("deny", &[]).await;
    client.tokens(app, &format!("{READ} offline_access")).await;
    let pushed = client.authorization(READ, &[]);
    let pushed: Vec<(String, String)> = serde_urlencoded::from_str(pushed.split_once('?').unwrap().1).unwrap();
    let pushed: Vec<_> = pushed
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = client.post(app, "/oauth/par", &pushed).await.json();
    let query = [
        ("client_id", client.id.as_str()),
        ("request_uri", answer["request_uri"].as_str().unwrap()),
    ];
    let path = format!("/oauth/authorize?{}", serde_urlencoded::to_string(query).unwrap());
    client.code_of(app, &path, READ).await;
    // The learner looks, and ends it.
    let mut browser = Browser::open(app, "/oauth/grants").await;
    browser.sign_in_at("/oauth/grants", "ada").await;
    let form = browser.form("revoke", &[("client", &client.id)]);
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    losing_a_race(app, async {
        assert_eq!(browser.send_to("/oauth/grants", &form).await.status, 200)
    })
    .await;
}

async fn tokens_are_asked_for_in_every_way(app: &TestApp) {
    let client = TestClient::register(app).await;
    let tokens = client.tokens(app, &format!("{READ} offline_access")).await;
    assert_eq!(client.refresh(app, &tokens["refresh_token"]).await.status, 200);
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        let form = [("token", tokens["access_token"].as_str().unwrap())];
        losing_a_race(app, async {
            assert_eq!(client.post(app, path, &form).await.status, 200)
        })
        .await;
    }
    Caller::operator(app, Scope::Issue).await;
}

async fn records_are_kept_and_read(app: &TestApp) {
    let caller = Caller::learner(app).await;
    // Once over several items, then in one: the further ones go.
    let long = achievement("Algebra", &incompressible(700_000));
    let long = sign(app, record("urn:example:record", "2026-01-10T00:00:00Z", vec![long])).await;
    let short = achievement("Algebra", "Solves equations.");
    let short = sign(app, record("urn:example:record", "2026-01-11T00:00:00Z", vec![short])).await;
    let location = caller.send(app, Method::POST, CREDENTIALS, Some(&long), 201).await;
    caller.send(app, Method::POST, CREDENTIALS, Some(&short), 200).await;
    let location = location.header("location").strip_prefix(PUBLIC_URL).unwrap().to_owned();
    for path in [
        CREDENTIALS,
        &format!("{CREDENTIALS}?since=2026-01-01T00:00:00Z"),
        &location,
    ] {
        caller.send(app, Method::GET, path, None, 200).await;
    }
    caller.send(app, Method::GET, PROFILE, None, 200).await;
    let profile = json!({"id": "urn:example:ada", "type": ["Profile"], "name": "Ada"});
    caller.send(app, Method::PUT, PROFILE, Some(&profile), 200).await;
    // A record of our own issuer, whose keys the table knows, and whose status the table knows.
    let institution = app.as_institution(3);
    let issuer = Caller::operator(&institution, Scope::Issue).await;
    let issued = issuer
        .send(&institution, Method::POST, "/credentials/issue", Some(&minimal()), 201)
        .await;
    let issued = issued.json()["verifiableCredential"].take();
    caller
        .send(&institution, Method::POST, CREDENTIALS, Some(&issued), 201)
        .await;
    let app = app.with_keys_in_kms(true).await;
    caller.send(&app, Method::POST, CREDENTIALS, Some(&issued), 200).await;
}

/// In processes of their own, which know no key yet.
async fn records_are_issued_and_revoked(app: &TestApp, status_keys: bool) {
    let issuing = app.with_keys_in_kms(status_keys).await;
    let registrar = Caller::operator(&issuing, Scope::Issue).await;
    let mut wrong = minimal();
    wrong["awardedDate"] = json!("yesterday");
    let mut jwt = json!({"credential": minimal(), "options": {"format": "vc-jwt", "alg": "RS256"}});
    jwt["credential"]["id"] = json!("urn:example:jwt");
    registrar
        .send(&issuing, Method::POST, "/credentials/issue", Some(&wrong), 400)
        .await;
    registrar
        .send(&issuing, Method::POST, "/credentials/issue", Some(&jwt), 201)
        .await;
    let issued = registrar
        .send(&issuing, Method::POST, "/credentials/issue", Some(&minimal()), 201)
        .await;
    let again = registrar
        .send(&issuing, Method::POST, "/credentials/issue", Some(&minimal()), 201)
        .await;
    assert_eq!(issued.body, again.body, "the same request has the same idempotency key");

    let issued = issued.json()["verifiableCredential"].take();
    let mut corrected = minimal();
    for member in ["id", "credentialStatus"] {
        corrected[member] = issued[member].clone();
    }
    registrar
        .send(&issuing, Method::POST, "/credentials/issue", Some(&corrected), 201)
        .await;
    let changing = app.with_keys_in_kms(status_keys).await;
    let registrar = Caller::operator(&changing, Scope::Status).await;
    let status = json!([{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "status": true}]);
    let wish = json!({"credentialId": issued["id"], "credentialStatus": status});
    registrar
        .send(&changing, Method::POST, "/credentials/status", Some(&wish), 200)
        .await;
    let list = issued["credentialStatus"]["statusListCredential"].as_str().unwrap();
    let list = app
        .with_keys_in_kms(status_keys)
        .await
        .get(list.strip_prefix(PUBLIC_URL).unwrap())
        .await;
    assert_eq!(list.status, 200, "{}", list.text());
}

async fn anybody_verifies(app: &TestApp) {
    let institution = app.as_institution(3);
    let issuer = Caller::operator(&institution, Scope::Issue).await;
    let issued = issuer
        .send(&institution, Method::POST, "/credentials/issue", Some(&minimal()), 201)
        .await;
    assert_eq!(
        institution
            .post_json("/credentials/verify", &issued.json())
            .await
            .status,
        200
    );
    let app = app.with_keys_in_kms(true).await;
    issuer
        .send(&app, Method::POST, "/credentials/verify", Some(&issued.json()), 200)
        .await;
}

async fn the_issuer_is_described(app: &TestApp) {
    for path in ["/.well-known/did.json", "/.well-known/jwks.json"] {
        assert_eq!(app.with_keys_in_kms(true).await.get(path).await.status, 200);
    }
}

/// While somebody else is faster at the first conditional write of each request.
async fn losing_a_race<T>(app: &TestApp, request: impl Future<Output = T>) -> T {
    app.asked.lose_races(true);
    let answer = request.await;
    app.asked.lose_races(false);
    answer
}

/// Who calls with tokens that are bound to a key (RFC 9449), so that each request is written down as used.
struct Caller {
    key: TestKey,
    token: String,
}

impl Caller {
    async fn learner(app: &TestApp) -> Self {
        let scopes = [
            READ,
            UPSERT,
            Scope::ProfileReadonly.as_str(),
            Scope::ProfileUpdate.as_str(),
        ]
        .join(" ");
        let client = TestClient::register_as(app, |metadata| metadata["scope"] = json!(scopes)).await;
        let code = client.code(app, &scopes).await;
        Self::with(app, &client, &client.redemption(&code)).await
    }

    async fn operator(app: &TestApp, scope: Scope) -> Self {
        let client = OperatorClient::new("registrar", [scope].into_iter().collect()).unwrap();
        let (client, secret) = Client::of_operator(client, app.now(), &app.app.randomness);
        app.app.table.insert_client(&client).await.unwrap();
        let client = TestClient {
            id: client.id().to_string(),
            secret: secret.reveal().to_owned(),
            verifier: String::new(),
        };
        let form = [("grant_type", "client_credentials"), ("scope", scope.as_str())];
        Self::with(app, &client, &form).await
    }

    async fn with(app: &TestApp, client: &TestClient, form: &[(&str, &str)]) -> Self {
        let key = TestKey::one();
        let mut request = client.request("/oauth/token", form);
        let proof = key.proof(app, "POST", "/oauth/token", &json!({}));
        request.headers_mut().insert("dpop", proof.parse().unwrap());
        let answer = app.send(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        Self { key, token }
    }

    async fn send(&self, app: &TestApp, method: Method, path: &str, body: Option<&Value>, status: u16) -> Answer {
        let ath = json!({"ath": URL_SAFE_NO_PAD.encode(Sha256::digest(&self.token))});
        let at = path.split('?').next().unwrap();
        let proof = self.key.proof(app, method.as_str(), at, &ath);
        let mut request = match body {
            Some(body) => tests::json_request(path, None, body),
            None => request(Method::GET, path, None, Body::empty()),
        };
        *request.method_mut() = method;
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, format!("DPoP {}", self.token).parse().unwrap());
        headers.insert("dpop", proof.parse().unwrap());
        let body = body.map(Value::to_string).unwrap_or_default();
        let idempotency_key = URL_SAFE_NO_PAD.encode(Sha256::digest(body));
        headers.insert("idempotency-key", idempotency_key.parse().unwrap());
        let answer = app.send(request).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        answer
    }
}

fn minimal() -> Value {
    serde_json::from_str(include_str!("../../../shared/learner-record/fixtures/minimal.json")).unwrap()
}

/// So many letters that compression makes little of.
pub(crate) fn incompressible(length: usize) -> String {
    let mut text = String::with_capacity(length + 43);
    while text.len() < length {
        text += &URL_SAFE_NO_PAD.encode(Sha256::digest(text.len().to_string()));
    }
    text
}
