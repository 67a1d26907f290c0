//! OWASP API3: members that a caller must not set, and members that a caller must not see.

use axum::body::Body;
use clr_core::oauth::{ClientId, Scope, Standing};
use http::Method;
use serde_json::{Value, json};
use tests::{PUBLIC_URL, TestApp, json_request, request};

use crate::{
    oauth_client::{Browser, READ, TestClient, metadata},
    records::{ISSUED, achievement, record, sign, signed},
};

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";

/// By the names that storage, the standard and other servers have for what only the operator or the server decides.
fn wishes() -> Value {
    json!({
        "standing": "Approved",
        "approved": true,
        "reviewed": true,
        "trusted": true,
        "kind": {"Operator": {"name": "registrar", "scopes": ["issue"]}},
        "operator": true,
        "tenant": "other",
        "learner": "ben",
        "version": 99,
        "registered": 0,
        "unused_until": null,
        "pk": "T#default#CLIENT#x",
        "sk": "CLIENT",
        "secret": "chosen",
        "client_secret": "chosen",
        "client_secret_expires_at": 9_999_999_999_i64,
        "registration_access_token": "chosen",
        "authentication": "client_secret_post",
        "refreshes": true,
        "__proto__": {"standing": "Approved"},
    })
}

fn with_wishes(mut metadata: Value) -> Value {
    metadata
        .as_object_mut()
        .unwrap()
        .extend(wishes().as_object().unwrap().clone());
    metadata
}

async fn standing(app: &TestApp, id: &Value) -> Standing {
    let id = ClientId::parse(id.as_str().unwrap()).unwrap();
    let client = app.app.table.stored_client(id).await.unwrap().unwrap();
    assert!(client.application().is_some() && client.operator().is_none());
    assert!(client.unused_until().is_some());
    client.standing()
}

#[tokio::test]
async fn a_registration_cannot_approve_itself_nor_choose_its_secrets() {
    let app = TestApp::start().await;
    let registered = app.post_json("/oauth/register", &with_wishes(metadata())).await;
    assert_eq!(registered.status, 201, "{}", registered.text());
    let registered = registered.json();
    assert_eq!(standing(&app, &registered["client_id"]).await, Standing::NotReviewed);
    assert_eq!(registered["client_secret_expires_at"], 0);
    for secret in ["client_secret", "registration_access_token"] {
        assert_ne!(registered[secret], "chosen", "{secret}");
    }
    let known = metadata().as_object().unwrap().len() + 9;
    assert!(
        registered.as_object().unwrap().len() <= known,
        "nothing is echoed that is not registered: {registered}"
    );
}

#[tokio::test]
async fn an_update_cannot_either() {
    let app = TestApp::start().await;
    let registered = app.post_json("/oauth/register", &metadata()).await.json();
    let path = format!("/oauth/register/{}", registered["client_id"].as_str().unwrap());
    let token = registered["registration_access_token"].as_str().unwrap();
    let put = async |body: &Value| {
        let mut request = json_request(&path, Some(token), body);
        *request.method_mut() = Method::PUT;
        app.send(request).await
    };
    let mut wanted = metadata();
    wanted["client_id"] = registered["client_id"].clone();
    for (name, value) in wishes().as_object().unwrap() {
        let mut body = wanted.clone();
        body[name] = value.clone();
        let answer = put(&body).await;
        let is_refused = ["client_secret", "client_secret_expires_at", "registration_access_token"].contains(&&**name);
        assert_eq!(
            answer.status,
            if is_refused { 400 } else { 200 },
            "{name}: {}",
            answer.text()
        );
        assert_eq!(
            standing(&app, &registered["client_id"]).await,
            Standing::NotReviewed,
            "{name}"
        );
    }
}

#[tokio::test]
async fn an_application_gets_no_scope_and_no_grant_of_the_operators() {
    let app = TestApp::start().await;
    let client = TestClient::register_as(&app, |metadata| {
        metadata["scope"] = json!(format!("{READ} issue status"));
    })
    .await;
    for scope in ["issue", "status", "issue status"] {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let answer = client.token(&app, &form).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]),
            (400, &json!("unauthorized_client"))
        );
        let asked = app.get(&client.authorization(scope, &[])).await;
        assert!(asked.header("location").contains("error=invalid_scope"), "{scope}");
    }
}

#[tokio::test]
async fn a_consent_form_gives_no_more_than_was_asked_and_in_nobody_elses_name() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    let more = [
        ("scope", READ),
        ("scope", "issue"),
        ("learner", "ben"),
        ("client", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
        ("redirect_uri", "https://evil.example/"),
        ("approved", "true"),
    ];
    browser.answer("allow", &more).await;
    // Taken without what was added, or not at all: never with it.
    if browser.page.status == 303 {
        let location = browser.location();
        assert_eq!(location.host_str(), Some("app.example"));
        let scope = crate::oauth_client::query(&location)["scope"].clone();
        assert!(scope.is_null() || scope == READ, "{scope}");
    } else {
        assert_eq!(browser.page.status, 400, "{}", browser.page.text());
    }
}

#[tokio::test]
async fn a_delivered_record_chooses_neither_its_place_nor_its_state() {
    let app = TestApp::start().await;
    let token = app
        .learner_token("ada", &[Scope::CredentialUpsert, Scope::CredentialReadonly])
        .await;
    let mut wishful = record(
        "urn:example:1",
        "2025-01-01T00:00:00Z",
        vec![achievement("Algebra", "Solves.")],
    );
    wishful["validUntil"] = json!("2025-12-31T00:00:00Z");
    let expired = sign(&app, wishful.clone()).await;
    let mut request = json_request(CREDENTIALS, Some(&token), &expired);
    for (name, value) in [
        ("credential-state", "valid"),
        ("location", "https://evil.example/"),
        ("x-total-count", "0"),
        ("x-learner", "ben"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let answer = app.send(request).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert!(answer.header("credential-state").starts_with("expired;"));
    assert!(answer.header("location").starts_with(PUBLIC_URL));
    // Members of our own storage are no terms of the record: it is refused, not stored with them.
    for member in [
        "clrCredentialId",
        "ordinal",
        "state",
        "judged",
        "learner",
        "tenant",
        "pk",
    ] {
        let mut forged = signed(&app, "urn:example:2", ISSUED).await;
        forged[member] = json!("0");
        let answer = app.post_json_as(&token, CREDENTIALS, &forged).await;
        assert_eq!(answer.status, 400, "{member}: {}", answer.text());
        assert!(answer.description().contains(member), "{}", answer.description());
    }
    assert_eq!(app.get_as(&token, CREDENTIALS).await.header("x-total-count"), "1");
}

#[tokio::test]
async fn an_issue_request_cannot_sign_as_somebody_else_nor_set_what_signing_sets() {
    let app = TestApp::start().await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let draft = || record("urn:example:1", ISSUED, vec![achievement("Algebra", "Solves.")]);
    let issue = async |credential: Value, options: Value| {
        let body = json!({ "credential": credential, "options": options });
        app.post_json_as(&token, "/credentials/issue", &body).await
    };
    let mut foreign = draft();
    foreign["issuer"] = json!({"id": "did:web:other.example", "type": ["Profile"]});
    assert_eq!(issue(foreign, json!({})).await.status, 400);
    for option in [
        "issuer",
        "key",
        "verificationMethod",
        "created",
        "proof",
        "tenant",
        "status",
        "audit",
        "policy",
    ] {
        let answer = issue(draft(), json!({ option: "chosen" })).await;
        assert_eq!(answer.status, 400, "{option}");
        assert!(
            answer.description().contains(&format!("/options/{option}")),
            "{}",
            answer.description()
        );
    }
}

#[tokio::test]
async fn secrets_are_shown_once_and_errors_show_nothing_of_ours() {
    let app = TestApp::start().await;
    let registered = app.post_json("/oauth/register", &metadata()).await.json();
    let path = format!("/oauth/register/{}", registered["client_id"].as_str().unwrap());
    let token = registered["registration_access_token"].as_str().unwrap();
    let read = app.send(request(Method::GET, &path, Some(token), Body::empty())).await;
    assert_eq!(read.json().get("client_secret"), None);
    let secret = registered["client_secret"].as_str().unwrap();
    let learner = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    for answer in [
        app.get_as(&learner, &format!("{CREDENTIALS}?limit=x")).await,
        app.get_as(&learner, "/ims/clr/v2p0/nothing").await,
        app.post_json_as(&learner, CREDENTIALS, &json!({})).await,
        app.post_json("/credentials/verify", &json!({"@context": [1]})).await,
        app.post_form(
            "/oauth/token",
            &[("grant_type", "refresh_token"), ("client_secret", secret)],
        )
        .await,
        app.post_form("/oauth/token", &[("client_id", secret), ("client_secret", secret)])
            .await,
    ] {
        let text = answer.text();
        let learner_id = app.learner_id("ada");
        for ours in [
            "T#default",
            "LEARNER",
            "dynamo",
            "127.0.0.1",
            "src/",
            ".rs",
            "panick",
            secret,
            learner_id.as_str(),
        ] {
            assert!(!text.contains(ours), "{ours} in {text}");
        }
    }
}
