//! What each function does, as a client sees it when AWS fails at some call: one scenario for each endpoint.
//!
//! A scenario prepares itself on a good wire, sends what it is about on the failing one, and looks at what came of it. To add one:
//! a function, and its row in [`SCENARIOS`].

use std::{collections::BTreeSet, pin::Pin};

use axum::body::Body;
use clr_core::{
    audit::Act,
    learners::LearnerId,
    oauth::{ClientId, GrantToken, Scope},
    table::{AuditPosition, credentials::PageRequest},
};
use http::{Method, Request, header};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Answer, INSTITUTION, PUBLIC_URL, TestApp, form_request, json_request, request};

use crate::{
    oauth_client::{Browser, READ, TestClient, metadata, query},
    oauth_keys::TestKey,
    records,
    stage::{Outcome, Stage},
};

pub(crate) type Scenario = fn(Stage) -> Pin<Box<dyn Future<Output = ()>>>;

macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        pub(crate) const SCENARIOS: &[(&str, Scenario)] = &[$((stringify!($name), |stage| Box::pin($name(stage)))),*];
    };
}

scenarios![
    register,
    read_registration,
    update_registration,
    delete_registration,
    begin_authorization,
    push_and_begin_authorization,
    sign_in,
    sign_in_of_an_application_that_is_remembered,
    consent,
    refuse_consent,
    look_at_grants,
    end_an_application,
    redeem_a_code,
    refresh,
    client_credentials,
    introspect,
    revoke,
    upsert_a_new_credential,
    upsert_a_newer_version,
    list,
    list_since,
    list_with_proof_of_possession,
    read_one_credential,
    read_profile,
    put_profile,
    change_profile,
    issue,
    issue_with_a_key,
    issue_what_is_refused_with_a_key,
    change_a_status,
    read_a_status_list,
    did_document,
    verify_a_record_of_ours,
    operate,
];

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";
const PROFILE: &str = "/ims/clr/v2p0/profile";
const ISSUE: &str = "/credentials/issue";

fn pairs(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// A form of this browser.
fn posted(browser: &Browser<'_>, path: &str, form: &[(String, String)]) -> Request<Body> {
    let mut request = form_request(path, &pairs(form));
    request
        .headers_mut()
        .insert(header::COOKIE, browser.cookie.parse().unwrap());
    request
}

fn get(path: &str, token: Option<&str>) -> Request<Body> {
    request(Method::GET, path, token, Body::empty())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

async fn register(stage: Stage) {
    let outcome = stage.send(|| json_request("/oauth/register", None, &metadata())).await;
    let registered = outcome.expect(201).json();
    let id = ClientId::parse(text(&registered["client_id"])).unwrap();
    let app = &stage.app.app;
    assert!(app.table.client(id, stage.app.now()).await.unwrap().is_some());
    // A client of which only a lost answer told has credentials that nobody knows, and ends unused.
    let clients = app.table.clients(app.patience()).await.unwrap().len();
    assert!(
        clients == 1 || (outcome.was_repeated() && clients == 2),
        "{clients} clients"
    );
}

/// A client's own registration: its path and its token.
async fn registered(app: &TestApp) -> (String, String) {
    let registered = app.post_json("/oauth/register", &metadata()).await.json();
    (
        format!("/oauth/register/{}", text(&registered["client_id"])),
        text(&registered["registration_access_token"]).to_owned(),
    )
}

async fn read_registration(stage: Stage) {
    let (path, token) = registered(&stage.app).await;
    stage.send(|| get(&path, Some(&token))).await.expect(200);
}

async fn update_registration(stage: Stage) {
    let (path, token) = registered(&stage.app).await;
    let mut changed = metadata();
    changed["client_id"] = json!(path.rsplit_once('/').unwrap().1);
    changed["client_name"] = json!("Another Wallet");
    let update = || {
        let mut request = json_request(&path, Some(&token), &changed);
        *request.method_mut() = Method::PUT;
        request
    };
    stage.send(update).await.expect(200);
    let now = stage.app.get_as(&token, &path).await.json();
    assert_eq!(now["client_name"], "Another Wallet");
}

async fn delete_registration(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let granted = client.tokens(&stage.app, READ).await;
    let id = ClientId::parse(&client.id).unwrap();
    let (path, token) = registered(&stage.app).await;
    let outcome = stage
        .send(|| request(Method::DELETE, &path, Some(&token), Body::empty()))
        .await;
    // Who asks again after it was done is told that there is no such client.
    assert!(matches!(outcome.last.status.as_u16(), 204 | 401), "{:?}", outcome.last);
    assert_eq!(stage.app.get_as(&token, &path).await.status, 401);
    // And with its grants, where it has some.
    let (now, app) = (stage.app.now(), &stage.app.app);
    stage
        .ask(|| app.table.revoke_client(id, now, app.patience()))
        .await
        .unwrap();
    assert_eq!(
        stage
            .app
            .get_as(text(&granted["access_token"]), CREDENTIALS)
            .await
            .status,
        401
    );
}

async fn begin_authorization(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let path = client.authorization(READ, &[]);
    stage.send(|| get(&path, None)).await.expect(200);
}

async fn push_and_begin_authorization(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let path = client.authorization(READ, &[]);
    let parameters = query(&format!("{PUBLIC_URL}{path}").parse().unwrap());
    let form: Vec<_> = parameters
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), text(value)))
        .collect();
    let pushed = stage
        .send(|| client.request("/oauth/par", &form))
        .await
        .expect(201)
        .json();
    let fields = [
        ("client_id", client.id.as_str()),
        ("request_uri", text(&pushed["request_uri"])),
    ];
    let path = format!("/oauth/authorize?{}", serde_urlencoded::to_string(fields).unwrap());
    let outcome = stage.send(|| get(&path, None)).await;
    // A reference is good once, and it may have been used though nobody was told; then the application pushes again.
    let spent = outcome.was_repeated() && outcome.last.status == 400;
    assert!(spent || outcome.last.status == 200, "{:?}", outcome.last);
}

async fn sign_in(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let browser = Browser::open(&stage.app, &client.authorization(READ, &[])).await;
    let form = browser.form("sign_in", &[("learner", "ada")]);
    let outcome = stage.send(|| posted(&browser, "/oauth/authorize", &form)).await;
    if began_anew(&outcome) {
        client.tokens(&stage.app, READ).await;
    } else {
        assert!(outcome.expect(200).text().contains("Ada Example"));
    }
}

/// The page was answered in an answer that was lost, and can't be answered again: nothing was shared, and the learner begins anew.
fn began_anew(outcome: &Outcome) -> bool {
    outcome.was_repeated() && outcome.last.status == 400
}

async fn sign_in_of_an_application_that_is_remembered(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let (id, app) = (ClientId::parse(&client.id).unwrap(), &stage.app.app);
    let stored = app.table.client(id, stage.app.now()).await.unwrap().unwrap();
    assert!(app.table.replace_client(&stored.approved()).await.unwrap());
    client.tokens(&stage.app, READ).await;
    let begin = || async {
        let browser = Browser::open(&stage.app, &client.authorization(READ, &[])).await;
        let form = browser.form("sign_in", &[("learner", "ada"), ("client", &client.id)]);
        (browser, form)
    };
    let (browser, form) = begin().await;
    let outcome = stage.send(|| posted(&browser, "/oauth/authorize", &form)).await;
    let granted = if began_anew(&outcome) {
        let (browser, form) = begin().await;
        stage.app.send(posted(&browser, "/oauth/authorize", &form)).await
    } else {
        outcome.last
    };
    assert_eq!(granted.status, 303, "{}", granted.text());
    redeemable(&stage, &client, &granted).await;
}

/// The browser went back with a code that is good.
async fn redeemable(stage: &Stage, client: &TestClient, granted: &Answer) {
    let code = query(&granted.header("location").parse().unwrap());
    assert_eq!(client.redeem(&stage.app, text(&code["code"])).await.status, 200);
}

async fn consent(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let mut browser = Browser::open(&stage.app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    let form = browser.form("allow", &[("scope", READ)]);
    let outcome = stage.send(|| posted(&browser, "/oauth/authorize", &form)).await;
    if began_anew(&outcome) {
        client.tokens(&stage.app, READ).await;
    } else {
        redeemable(&stage, &client, outcome.expect(303)).await;
    }
}

async fn refuse_consent(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let mut browser = Browser::open(&stage.app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    let form = browser.form("deny", &[]);
    let outcome = stage.send(|| posted(&browser, "/oauth/authorize", &form)).await;
    if !began_anew(&outcome) {
        let told = query(&outcome.expect(303).header("location").parse().unwrap());
        assert_eq!(told["error"], "access_denied");
    }
}

async fn look_at_grants(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    client.tokens(&stage.app, READ).await;
    let browser = Browser::open(&stage.app, "/oauth/grants").await;
    let form = browser.form("sign_in", &[("learner", "ada")]);
    let outcome = stage.send(|| posted(&browser, "/oauth/grants", &form)).await;
    let shown = if began_anew(&outcome) {
        let mut browser = Browser::open(&stage.app, "/oauth/grants").await;
        browser.sign_in_at("/oauth/grants", "ada").await;
        browser.page
    } else {
        outcome.expect(200).clone()
    };
    assert!(shown.text().contains("Example Wallet"));
}

async fn end_an_application(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let tokens = client.tokens(&stage.app, READ).await;
    let mut browser = Browser::open(&stage.app, "/oauth/grants").await;
    browser.sign_in_at("/oauth/grants", "ada").await;
    let form = browser.form("revoke", &[("client", &client.id)]);
    let outcome = stage.send(|| posted(&browser, "/oauth/grants", &form)).await;
    assert!(outcome.last.status.as_u16() < 400, "{:?}", outcome.last);
    assert_eq!(
        stage
            .app
            .get_as(text(&tokens["access_token"]), CREDENTIALS)
            .await
            .status,
        401
    );
}

async fn redeem_a_code(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let code = client.code(&stage.app, READ).await;
    let form = client.redemption(&code);
    let outcome = stage.send(|| client.request("/oauth/token", &form)).await;
    if outcome.last.status == 200 {
        return works(&stage, &outcome.last).await;
    }
    // It was spent in the answer that was lost.
    assert!(outcome.was_repeated());
    assert_eq!(outcome.expect(400).json()["error"], "invalid_grant");
    let code = client.code(&stage.app, READ).await;
    works(&stage, &client.redeem(&stage.app, &code).await).await;
}

/// The access token is good.
async fn works(stage: &Stage, tokens: &Answer) {
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let tokens = tokens.json();
    let listed = stage.app.get_as(text(&tokens["access_token"]), CREDENTIALS).await;
    assert_eq!(listed.status, 200, "{}", listed.text());
}

async fn refresh(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let tokens = client.tokens(&stage.app, &format!("{READ} offline_access")).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&tokens["refresh_token"])),
    ];
    let outcome = stage.send(|| client.request("/oauth/token", &form)).await;
    // Also when the answer with the new one was lost: the old one is good for a while.
    works(&stage, outcome.expect(200)).await;
}

async fn client_credentials(stage: Stage) {
    let (now, randomness) = (stage.app.now(), &stage.app.app.randomness);
    let operator = clr_core::oauth::OperatorClient::new("registrar", [Scope::Issue].into_iter().collect()).unwrap();
    let (client, secret) = clr_core::oauth::Client::of_operator(operator, now, randomness);
    stage.app.app.table.insert_client(&client).await.unwrap();
    let client = TestClient {
        id: client.id().to_string(),
        secret: secret.reveal().to_owned(),
        verifier: String::new(),
    };
    let form = [("grant_type", "client_credentials")];
    stage.send(|| client.request("/oauth/token", &form)).await.expect(200);
}

async fn introspect(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let tokens = client.tokens(&stage.app, READ).await;
    let form = [("token", text(&tokens["access_token"]))];
    let outcome = stage.send(|| client.request("/oauth/introspect", &form)).await;
    assert_eq!(outcome.expect(200).json()["active"], true);
}

async fn revoke(stage: Stage) {
    let client = TestClient::register(&stage.app).await;
    let tokens = client.tokens(&stage.app, READ).await;
    let form = [("token", text(&tokens["access_token"]))];
    stage.send(|| client.request("/oauth/revoke", &form)).await.expect(200);
    assert_eq!(
        stage
            .app
            .get_as(text(&tokens["access_token"]), CREDENTIALS)
            .await
            .status,
        401
    );
}

async fn learner_token(app: &TestApp) -> String {
    app.learner_token("ada", &[Scope::CredentialReadonly, Scope::CredentialUpsert])
        .await
}

/// The texts of the learner's credentials.
async fn kept(app: &TestApp, token: &str) -> Vec<Value> {
    let listed = app.get_as(token, CREDENTIALS).await;
    let credentials = listed.json()["credential"].as_array().unwrap().clone();
    assert_eq!(listed.header("x-total-count"), credentials.len().to_string());
    credentials
}

async fn upsert_a_new_credential(stage: Stage) {
    let token = learner_token(&stage.app).await;
    let record = records::signed(&stage.app, "urn:a", records::ISSUED).await;
    let outcome = stage.send(|| json_request(CREDENTIALS, Some(&token), &record)).await;
    // 200: it was kept when the answer was lost.
    assert!(outcome.last.status == 201 || (outcome.was_repeated() && outcome.last.status == 200));
    assert_eq!(kept(&stage.app, &token).await, [record]);
}

async fn upsert_a_newer_version(stage: Stage) {
    let token = learner_token(&stage.app).await;
    let record = records::signed(&stage.app, "urn:a", records::ISSUED).await;
    assert_eq!(stage.app.post_json_as(&token, CREDENTIALS, &record).await.status, 201);
    let newer = records::signed(&stage.app, "urn:a", "2026-01-12T00:00:00Z").await;
    stage
        .send(|| json_request(CREDENTIALS, Some(&token), &newer))
        .await
        .expect(200);
    assert_eq!(kept(&stage.app, &token).await, [newer]);
}

async fn with_credential(app: &TestApp) -> (String, Answer) {
    let token = learner_token(app).await;
    let record = records::signed(app, "urn:a", records::ISSUED).await;
    let kept = app.post_json_as(&token, CREDENTIALS, &record).await;
    assert_eq!(kept.status, 201);
    (token, kept)
}

async fn list(stage: Stage) {
    let (token, _) = with_credential(&stage.app).await;
    let outcome = stage.send(|| get(CREDENTIALS, Some(&token))).await;
    assert_eq!(outcome.expect(200).header("x-total-count"), "1");
}

async fn list_since(stage: Stage) {
    let (token, _) = with_credential(&stage.app).await;
    let path = format!("{CREDENTIALS}?since=2025-01-01T00:00:00Z");
    let outcome = stage.send(|| get(&path, Some(&token))).await;
    assert_eq!(outcome.expect(200).header("x-total-count"), "1");
}

async fn list_with_proof_of_possession(stage: Stage) {
    let (app, key) = (&stage.app, TestKey::one());
    let client = TestClient::register(app).await;
    let code = client.code(app, READ).await;
    let form = client.redemption(&code);
    let mut redemption = client.request("/oauth/token", &form);
    let proof = key.proof(app, "POST", "/oauth/token", &json!({}));
    redemption.headers_mut().insert("dpop", proof.parse().unwrap());
    let tokens = app.send(redemption).await.json();
    let token = text(&tokens["access_token"]);
    // A client makes a new proof for each request.
    let listing = || {
        let mut listing = get(CREDENTIALS, None);
        let proof = key.proof(app, "GET", CREDENTIALS, &ath(token));
        listing.headers_mut().insert("dpop", proof.parse().unwrap());
        listing
            .headers_mut()
            .insert(header::AUTHORIZATION, format!("DPoP {token}").parse().unwrap());
        listing
    };
    stage.send(listing).await.expect(200);
}

fn ath(token: &str) -> Value {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use sha2::{Digest as _, Sha256};

    json!({ "ath": URL_SAFE_NO_PAD.encode(Sha256::digest(token)) })
}

async fn read_one_credential(stage: Stage) {
    let (token, kept) = with_credential(&stage.app).await;
    let path = kept.header("location").strip_prefix(PUBLIC_URL).unwrap().to_owned();
    stage.send(|| get(&path, Some(&token))).await.expect(200);
}

async fn profile_token(app: &TestApp) -> String {
    app.learner_token("ada", &[Scope::ProfileReadonly, Scope::ProfileUpdate])
        .await
}

fn profile(name: &str) -> Value {
    json!({"id": "urn:example:ada", "type": ["Profile"], "name": name})
}

fn put(token: &str, name: &str, seen: Option<&str>) -> Request<Body> {
    let mut request = json_request(PROFILE, Some(token), &profile(name));
    *request.method_mut() = Method::PUT;
    if let Some(seen) = seen {
        request.headers_mut().insert(header::IF_MATCH, seen.parse().unwrap());
    }
    request
}

async fn read_profile(stage: Stage) {
    let token = profile_token(&stage.app).await;
    stage.send(|| get(PROFILE, Some(&token))).await.expect(200);
}

async fn put_profile(stage: Stage) {
    let token = profile_token(&stage.app).await;
    let outcome = stage.send(|| put(&token, "Ada", None)).await;
    // 304: it was put when every answer was lost, and the client sends it again.
    let is_there = outcome.was_repeated() && outcome.last.status == 304;
    assert!(outcome.last.status == 200 || is_there, "{:?}", outcome.last);
    assert_eq!(stage.app.get_as(&token, PROFILE).await.json()["name"], "Ada");
}

async fn change_profile(stage: Stage) {
    let token = profile_token(&stage.app).await;
    let first = stage.app.send(put(&token, "Ada", None)).await;
    let tag = first.header("etag").to_owned();
    let outcome = stage.send(|| put(&token, "Ada L.", Some(&tag))).await;
    // 412: it was changed when the answer was lost, and the client reads that it was.
    let is_changed = outcome.was_repeated() && outcome.last.status == 412;
    assert!(outcome.last.status == 200 || is_changed, "{:?}", outcome.last);
    assert_eq!(stage.app.get_as(&token, PROFILE).await.json()["name"], "Ada L.");
}

/// An institution whose keys are in KMS, behind the same wire.
async fn institution(stage: &Stage) -> TestApp {
    stage.app.with_keys_in_kms(true).await
}

fn minimal() -> Value {
    serde_json::from_str(include_str!("../../../shared/learner-record/fixtures/minimal.json")).unwrap()
}

/// The records that are on record as issued.
async fn on_record(app: &TestApp) -> Vec<String> {
    let since = AuditPosition::since(app.now() - SignedDuration::from_hours(48));
    let until = app.now() + SignedDuration::from_secs(1);
    let entries = app.app.table.audit(since, until, 1_000).await.unwrap().entries;
    let issued = entries.into_iter().filter(|entry| entry.act == Act::Issue);
    issued.map(|entry| entry.subject).collect()
}

async fn issue(stage: Stage) {
    let app = institution(&stage).await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let outcome = stage
        .send_to(&app, || json_request(ISSUE, Some(&token), &minimal()))
        .await;
    let issued = outcome.expect(201).json();
    let on_record = on_record(&app).await;
    assert!(on_record.contains(&text(&issued["verifiableCredential"]["id"]).to_owned()));
    // Without a key, the client that asks again asks for another record.
    assert!(
        on_record.len() == 1 || (outcome.was_repeated() && on_record.len() == 2),
        "{on_record:?}"
    );
}

async fn issue_with_a_key(stage: Stage) {
    let app = institution(&stage).await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let request = || {
        let mut request = json_request(ISSUE, Some(&token), &minimal());
        request
            .headers_mut()
            .insert("idempotency-key", "8e03978e".parse().unwrap());
        request
    };
    let mut outcome = stage.send_to(&app, request).await;
    if outcome.last.status == 409 {
        // Whoever is thought to be at it has answered long ago: after half a minute another may take over.
        assert!(outcome.was_repeated());
        app.clock.advance(SignedDuration::from_secs(31));
        outcome.last = app.send(request()).await;
    }
    let issued = outcome.expect(201).json();
    assert_eq!(on_record(&app).await, [text(&issued["verifiableCredential"]["id"])]);
}

/// A record that is refused leaves its key free for one that is mended.
async fn issue_what_is_refused_with_a_key(stage: Stage) {
    let app = institution(&stage).await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let request = |record: &Value| {
        let mut request = json_request(ISSUE, Some(&token), record);
        request
            .headers_mut()
            .insert("idempotency-key", "8e03978e".parse().unwrap());
        request
    };
    let mut broken = minimal();
    broken.as_object_mut().unwrap().remove("credentialSubject");
    let outcome = stage.send_to(&app, || request(&broken)).await;
    assert!((400..500).contains(&outcome.last.status.as_u16()), "{:?}", outcome.last);
    // Where giving it up failed, it is free after half a minute.
    app.clock.advance(SignedDuration::from_secs(31));
    assert_eq!(app.send(request(&minimal())).await.status, 201);
    assert_eq!(on_record(&app).await.len(), 1);
}

async fn issued(app: &TestApp) -> Value {
    let token = app.operator_token(&[Scope::Issue]).await;
    let answer = app.post_json_as(&token, ISSUE, &minimal()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["verifiableCredential"].take()
}

fn revocation(credential: &Value) -> Value {
    json!({
        "credentialId": credential["id"],
        "credentialStatus": [{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "status": true}],
    })
}

fn list_path(credential: &Value) -> String {
    let status = &credential["credentialStatus"];
    let status = status.as_array().map_or(status, |entries| &entries[0]);
    text(&status["statusListCredential"])
        .strip_prefix(PUBLIC_URL)
        .unwrap()
        .to_owned()
}

async fn change_a_status(stage: Stage) {
    let app = institution(&stage).await;
    let credential = issued(&app).await;
    let token = app.operator_token(&[Scope::Status]).await;
    let outcome = stage
        .send_to(&app, || {
            json_request("/credentials/status", Some(&token), &revocation(&credential))
        })
        .await;
    outcome.expect(200);
    let status = &credential["credentialStatus"];
    let status = status.as_array().map_or(status, |entries| &entries[0]);
    let list = list_path(&credential);
    let list = list.rsplit_once('/').unwrap().1.parse().unwrap();
    let index: usize = text(&status["statusListIndex"]).parse().unwrap();
    let bits = app.app.table.status_bits(list, app.app.patience()).await.unwrap();
    assert_eq!((bits.count_set(), bits.get(index)), (1, Some(true)));
}

async fn read_a_status_list(stage: Stage) {
    let path = list_path(&issued(&institution(&stage).await).await);
    // A process that knows nothing of its keys yet.
    let app = institution(&stage).await;
    stage.wire.watch();
    let first = app.send(get(&path, None)).await;
    stage.wire.heal();
    assert!(matches!(first.status.as_u16(), 200 | 503), "{}", first.text());
    // Whoever was to sign the list and is not heard of any more loses the right to it after ten seconds.
    app.clock.advance(SignedDuration::from_secs(11));
    let again = app.send(get(&path, None)).await;
    assert_eq!(again.status, 200, "{}", again.text());
}

async fn did_document(stage: Stage) {
    let app = institution(&stage).await;
    let outcome = stage.send_to(&app, || get("/.well-known/did.json", None)).await;
    let document = outcome.expect(200).json();
    assert_eq!(document["id"], INSTITUTION);
    let ids: BTreeSet<_> = document["verificationMethod"]
        .as_array()
        .unwrap()
        .iter()
        .map(|method| text(&method["id"]))
        .collect();
    assert_eq!(ids.len(), document["verificationMethod"].as_array().unwrap().len());
}

async fn verify_a_record_of_ours(stage: Stage) {
    // Signatures that can be verified: the keys are in this process.
    let app = stage.app.as_institution(3);
    let credential = issued(&app).await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let body = json!({"verifiableCredential": credential});
    let outcome = stage
        .send_to(&app, || json_request("/credentials/verify", Some(&token), &body))
        .await;
    assert!(
        matches!(outcome.last.status.as_u16(), 200 | 400),
        "{}",
        outcome.last.text()
    );
}

/// What the operator's commands ask of the table.
async fn operate(stage: Stage) {
    let (token, _) = with_credential(&stage.app).await;
    let app = institution(&stage).await;
    let credential = issued(&app).await;
    let (table, now, nobodys) = (&app.app.table, app.now(), BTreeSet::from(["none"]));
    let grant = GrantToken::parse(&token).unwrap().grant;
    let client = stage.ask(|| table.grant(grant)).await.unwrap().client();
    assert!(stage.ask(|| table.clients(app.app.patience())).await.len() >= 2);
    assert!(stage.ask(|| table.stored_client(client)).await.is_some());
    assert!(!stage.ask(|| table.status_lists()).await.is_empty());
    assert_eq!(
        stage.ask(|| table.status_places(text(&credential["id"]))).await.len(),
        1
    );
    let since = || AuditPosition::since(now - SignedDuration::from_hours(48));
    assert_eq!(
        stage
            .ask(|| table.audit(since(), now + SignedDuration::from_secs(1), 10))
            .await
            .entries
            .len(),
        1
    );
    let keys = stage.ask(|| table.issuer_keys(INSTITUTION)).await;
    assert!(
        stage
            .ask(|| table.revoke_issuer_key(INSTITUTION, &keys[0].multikey, now))
            .await
    );
    assert!(stage.ask(|| table.learners_with(&nobodys)).await.is_empty());
    stage.ask(|| table.remove_client(client)).await;
    let learner: LearnerId = app.learner_id("ada");
    assert!(stage.ask(|| table.learner(&learner)).await.is_none());
    assert!(stage.ask(|| table.learners_known_as("ada")).await.is_empty());
    stage.ask(|| table.erase_learner(&learner, app.app.patience())).await;
    assert!(stage.ask(|| table.grant(grant)).await.is_none());
    let one = PageRequest {
        limit: 1,
        offset: 0,
        since: None,
    };
    let kept = stage
        .ask(|| table.list_credentials(&learner, one, app.app.patience()))
        .await;
    assert_eq!(kept.total, 0);
}
