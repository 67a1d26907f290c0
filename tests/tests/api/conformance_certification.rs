//! The certification tests of the standard (digest section 6) over the real routers: registration, consent, tokens, then the API
//! with the first token, with a refreshed one, and after revocation.

use axum::body::Body;
use clr_core::oauth::Scope;
use http::{Method, header};
use serde_json::{Value, json};
use tests::{Answer, PUBLIC_URL, TestApp, request};

use crate::{
    oauth_client::{READ, TestClient, UPSERT},
    records::{ISSUED, achievement, record, sign, signed, signed_jws},
};

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";
const PROFILE: &str = "/ims/clr/v2p0/profile";
const RECIPIENT: &str = "conformance@imsglobal.org";
/// The profile of the certification's learner.
const OF_THE_CERTIFICATION: &str = "https://1edtech.org/issuers/cert";

/// The certification's system at a host: registered, allowed, with tokens.
struct TestSystem<'a> {
    app: &'a TestApp,
    client: TestClient,
    scope: String,
    tokens: Value,
}

impl<'a> TestSystem<'a> {
    async fn authorized(app: &'a TestApp, scopes: &[&str]) -> Self {
        let scope = format!("{} offline_access", scopes.join(" "));
        let client = TestClient::register_as(app, |metadata| metadata["scope"] = json!(scope)).await;
        let tokens = client.tokens(app, &scope).await;
        let mut granted: Vec<_> = tokens["scope"].as_str().unwrap().split(' ').collect();
        let mut asked: Vec<_> = scope.split(' ').collect();
        granted.sort_unstable();
        asked.sort_unstable();
        assert_eq!(granted, asked, "the right scopes come back");
        Self {
            app,
            client,
            scope,
            tokens,
        }
    }

    fn token(&self) -> &str {
        self.tokens["access_token"].as_str().unwrap()
    }

    async fn get(&self, path: &str) -> Answer {
        self.app.get_as(self.token(), path).await
    }

    async fn send(&self, method: Method, path: &str, media_type: &str, body: &str) -> Answer {
        let mut request = request(method, path, Some(self.token()), Body::from(body.to_owned()));
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type.parse().unwrap());
        self.app.send(request).await
    }

    async fn refresh(&mut self) {
        let before = self.token().to_owned();
        let answer = self.client.refresh(self.app, &self.tokens["refresh_token"]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.tokens = answer.json();
        assert_ne!(self.token(), before);
        assert_eq!(self.tokens["scope"].as_str().unwrap().len(), self.scope.len());
    }

    async fn revoke(&self, name: &str) {
        let form = [
            ("token", self.tokens[name].as_str().unwrap()),
            ("token_type_hint", name),
        ];
        let answer = self.client.post(self.app, "/oauth/revoke", &form).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

async fn issue(app: &TestApp, credential: &Value) -> Value {
    let token = app.operator_token(&[Scope::Issue]).await;
    let answer = app.post_json_as(&token, "/credentials/issue", credential).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["verifiableCredential"].take()
}

async fn verdict(app: &TestApp, credential: &Value) -> Value {
    let body = json!({ "verifiableCredential": credential });
    app.post_json("/credentials/verify", &body).await.json()
}

/// What the certification asks an issuer for.
fn for_the_certification() -> Value {
    let recipient = json!([{
        "type": "IdentityObject", "identityHash": RECIPIENT, "identityType": "emailAddress", "hashed": false,
    }]);
    let mut record = record(
        "urn:example:certification",
        ISSUED,
        vec![achievement("Algebra", "Solves equations.")],
    );
    record["type"] = json!(["VerifiableCredential", "ClrCredential"]);
    for subject in [
        "/credentialSubject",
        "/credentialSubject/verifiableCredential/0/credentialSubject",
    ] {
        let subject = record.pointer_mut(subject).unwrap().as_object_mut().unwrap();
        subject.shift_remove("id");
        subject.insert("identifier".to_owned(), recipient.clone());
    }
    record
}

#[tokio::test]
async fn issuer_a_valid_record_for_the_certifications_recipient_is_issued_and_delivered() {
    let app = TestApp::start().await;
    let record = issue(&app, &for_the_certification()).await;
    assert_eq!(verdict(&app, &record).await["verdict"], "valid");
    let identity = &record["credentialSubject"]["identifier"][0];
    assert_eq!(identity["identityHash"], RECIPIENT);
    assert_eq!(learner_record::check_safe_mode(&record, app.app.contexts), []);

    // Registration, token and delivery, as the issuer's client does them at the test system.
    let system = TestSystem::authorized(&app, &[UPSERT]).await;
    let answer = system
        .send(Method::POST, CREDENTIALS, "application/json", &record.to_string())
        .await;
    assert_eq!((answer.status.as_u16(), answer.json()), (201, record));
}

#[tokio::test]
async fn issuer_and_host_the_profile_of_the_certification_is_put_and_returned() {
    let app = TestApp::start().await;
    let scopes = [Scope::ProfileReadonly.as_str(), Scope::ProfileUpdate.as_str()];
    let mut system = TestSystem::authorized(&app, &scopes).await;
    let profile = json!({"id": OF_THE_CERTIFICATION, "type": ["Profile"], "name": "Certification"}).to_string();
    let put = system.send(Method::PUT, PROFILE, "application/json", &profile).await;
    assert_eq!((put.status.as_u16(), put.text()), (200, profile.clone()));
    for _ in ["with the first token", "with a refreshed one"] {
        let read = system.get(PROFILE).await;
        assert_eq!((read.status.as_u16(), read.text()), (200, profile.clone()));
        assert_eq!(read.json()["id"], OF_THE_CERTIFICATION);
        system.refresh().await;
    }
    system.revoke("refresh_token").await;
    assert_eq!(system.get(PROFILE).await.status, 401);
}

#[tokio::test]
async fn displayer_a_good_an_expired_and_a_revoked_credential_are_told_apart() {
    let app = TestApp::start().await;
    let issued = async |id: &str, valid_until: Option<&str>| {
        let mut record = for_the_certification();
        record["id"] = json!(id);
        if let Some(end) = valid_until {
            record["validUntil"] = json!(end);
        }
        issue(&app, &record).await
    };
    let good = issued("urn:example:good", None).await;
    let expired = issued("urn:example:expired", Some("2026-01-12T00:00:00Z")).await;
    let revoked = issued("urn:example:revoked", None).await;
    let token = app.operator_token(&[Scope::Status]).await;
    let wish = json!({
        "credentialId": "urn:example:revoked",
        "credentialStatus": [{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "status": true}],
    });
    let answer = app.post_json_as(&token, "/credentials/status", &wish).await;
    assert!(answer.status.is_success(), "{}", answer.text());

    let failed = async |credential: &Value| {
        let verdict = verdict(&app, credential).await;
        let checks = verdict["checks"].as_array().unwrap().iter();
        let failed = checks.filter(|check| {
            check["outcome"] == "failed" && check["pointer"].as_str().unwrap().matches('/').count() < 3
        });
        let names: Vec<String> = failed.map(|check| check["name"].as_str().unwrap().to_owned()).collect();
        (verdict["verdict"].as_str().unwrap().to_owned(), names)
    };
    assert_eq!(failed(&good).await, ("valid".to_owned(), vec![]));
    assert_eq!(
        failed(&expired).await,
        ("invalid".to_owned(), vec!["validity".to_owned()])
    );
    assert_eq!(
        failed(&revoked).await,
        ("invalid".to_owned(), vec!["status".to_owned()])
    );
}

#[tokio::test]
async fn host_provider_read_works_with_a_refreshed_token_and_ends_with_revocation() {
    let app = TestApp::start().await;
    let registrar = app.learner_token("elsewhere", &[Scope::CredentialUpsert]).await;
    let mut system = TestSystem::authorized(&app, &[READ, UPSERT]).await;
    for number in 0..3 {
        let valid_from = format!("2026-01-0{}T00:00:00Z", number + 1);
        let credential = signed(&app, &format!("urn:example:{number}"), &valid_from).await;
        assert_eq!(
            app.post_json_as(system.token(), CREDENTIALS, &credential).await.status,
            201
        );
        assert_eq!(app.post_json_as(&registrar, CREDENTIALS, &credential).await.status, 201);
    }
    for _ in ["with the first token", "with a refreshed one"] {
        let list = system.get(CREDENTIALS).await;
        assert_eq!((list.status.as_u16(), list.header("x-total-count")), (200, "3"));
        for credential in list.json()["credential"].as_array().unwrap() {
            assert_eq!(
                verdict(&app, credential).await["verdict"],
                "valid",
                "only verifiable credentials"
            );
        }
        let page = system
            .get(&format!("{CREDENTIALS}?limit=1&offset=1&since=2026-01-01T00:00:00Z"))
            .await;
        assert_eq!(page.header("x-total-count"), "2");
        assert_eq!(page.json()["credential"][0]["id"], "urn:example:2");
        let prev = format!("<{PUBLIC_URL}{CREDENTIALS}?limit=1&offset=0&since=2026-01-01T00:00:00Z>; rel=\"prev\"");
        assert!(page.header("link").contains(&prev), "{}", page.header("link"));
        system.refresh().await;
    }
    system.revoke("access_token").await;
    assert_eq!(system.get(CREDENTIALS).await.status, 401);
    system.refresh().await;
    assert_eq!(system.get(CREDENTIALS).await.status, 200);
    system.revoke("refresh_token").await;
    assert_eq!(system.get(CREDENTIALS).await.status, 401);
    let refused = system.client.refresh(&app, &system.tokens["refresh_token"]).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["error"]),
        (400, &json!("invalid_grant"))
    );
}

#[tokio::test]
async fn host_provider_write_is_preserved_with_a_refreshed_token_too_and_ends_with_revocation() {
    let app = TestApp::start().await;
    let mut system = TestSystem::authorized(&app, &[READ, UPSERT]).await;
    let mut there = (Vec::new(), Vec::new());
    for (round, _) in ["with the first token", "with a refreshed one"].iter().enumerate() {
        let embedded = signed(&app, &format!("urn:example:{round}"), ISSUED).await;
        let compact = signed_jws(&app, &format!("urn:example:{round}:jws"), ISSUED).await;
        // Written in a way in which no serializer would write it again.
        let text = format!("{embedded:#}\n");
        let answer = system.send(Method::POST, CREDENTIALS, "application/json", &text).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (201, text.clone()));
        let answer = system.send(Method::POST, CREDENTIALS, "text/plain", &compact).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (201, compact.clone()));
        there.0.push(embedded);
        there.1.push(compact);
        let list = system.get(CREDENTIALS).await;
        assert_eq!(list.json(), json!({"credential": there.0, "compactJwsString": there.1}));
        assert!(list.text().contains(text.trim()), "byte for byte");
        system.refresh().await;
    }
    let again = system
        .send(Method::POST, CREDENTIALS, "application/json", &there.0[0].to_string())
        .await;
    assert_eq!(again.status, 200, "the same credential, written otherwise");
    system.revoke("refresh_token").await;
    let refused = system
        .send(Method::POST, CREDENTIALS, "application/json", &there.0[0].to_string())
        .await;
    assert_eq!(refused.status, 401);
}

#[tokio::test]
async fn host_a_record_is_imported_from_a_picture_and_exported_without_loss() {
    let app = TestApp::start().await;
    let record = sign(&app, for_the_certification()).await;
    let picture = b"<svg xmlns='http://www.w3.org/2000/svg'><circle r='1'/></svg>";
    let system = TestSystem::authorized(&app, &[READ, UPSERT]).await;
    let text = record.to_string();
    let baked = learner_record::baking::bake(picture, &text).unwrap();
    let imported = learner_record::baking::unbake(&baked).unwrap();
    let answer = system
        .send(Method::POST, CREDENTIALS, "application/json", &imported)
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let exported = system.get(CREDENTIALS).await.json()["credential"][0].take();
    assert_eq!(exported.to_string(), text);
}
