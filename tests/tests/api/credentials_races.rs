//! Many at once on one learner's credentials, over the real routers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use axum::body::Body;
use clr_core::oauth::Scope;
use clr_server::paths;
use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};
use tests::{Answer, TestApp, json_request, request};
use tokio::task::JoinSet;

use crate::{
    oauth_client::{Browser, READ, TestClient, UPSERT},
    records::{ISSUED, signed},
};

const AT_ONCE: usize = 32;

fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    statuses
}

async fn app() -> (Arc<TestApp>, String) {
    let app = TestApp::start().await;
    let token = app
        .learner_token("ada", &[Scope::CredentialUpsert, Scope::CredentialReadonly])
        .await;
    (Arc::new(app), token)
}

/// All posted at once, each by a task of its own.
async fn post_all(app: &Arc<TestApp>, token: &str, credentials: Vec<Value>) -> Vec<Answer> {
    let mut tasks = JoinSet::new();
    for credential in credentials {
        let (app, token) = (app.clone(), token.to_owned());
        tasks.spawn(async move { app.post_json_as(&token, paths::CLR_CREDENTIALS, &credential).await });
    }
    tasks.join_all().await
}

async fn listed(app: &TestApp, token: &str) -> (String, Vec<Value>) {
    let page = app
        .get_as(token, &format!("{}?limit=100", paths::CLR_CREDENTIALS))
        .await;
    let credentials = page.json()["credential"].as_array().cloned().unwrap_or_default();
    (page.header("x-total-count").to_owned(), credentials)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_credential_from_32_tasks_is_one_item_and_32_polite_answers() {
    let (app, token) = app().await;
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    let answers = post_all(&app, &token, vec![credential.clone(); AT_ONCE]).await;
    assert_eq!(statuses(&answers), [vec![200; AT_ONCE - 1], vec![201]].concat());
    for answer in answers {
        assert_eq!(answer.json(), credential);
    }
    assert_eq!(listed(&app, &token).await, ("1".to_owned(), vec![credential]));
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_credentials_at_once_have_32_places_without_gap() {
    let (app, token) = app().await;
    let credentials = join_all((0..AT_ONCE).map(|number| {
        let app = app.clone();
        async move { signed(&app, &format!("urn:example:{number}"), ISSUED).await }
    }));
    let mut credentials = credentials.await;
    let answers = post_all(&app, &token, credentials.clone()).await;
    assert_eq!(statuses(&answers), [201; AT_ONCE]);
    // Each place is read alone: a gap would be an empty page.
    let mut kept = Vec::new();
    for offset in 0..AT_ONCE {
        let page = app
            .get_as(&token, &format!("{}?limit=1&offset={offset}", paths::CLR_CREDENTIALS))
            .await;
        assert_eq!(page.header("x-total-count"), AT_ONCE.to_string());
        kept.push(page.json()["credential"][0].clone());
    }
    let by_id = |credential: &Value| credential["id"].to_string();
    kept.sort_by_key(by_id);
    credentials.sort_by_key(by_id);
    assert_eq!(kept, credentials);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_at_once_end_with_the_newest() {
    let (app, token) = app().await;
    let versions = join_all((1..=16).map(|day| {
        let app = app.clone();
        async move { signed(&app, "urn:example:1", &format!("2025-12-{day:02}T00:00:00Z")).await }
    }));
    let versions = versions.await;
    let answers = post_all(&app, &token, versions.clone()).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| [200, 201, 304].contains(&answer.status.as_u16()))
    );
    assert_eq!(listed(&app, &token).await, ("1".to_owned(), vec![versions[15].clone()]));
}

/// Who takes the token back, and how.
#[derive(Clone, Copy, Debug)]
enum Revocation {
    AccessToken,
    RefreshToken,
    Registration,
    LearnersPage,
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_that_begins_after_a_revocation_was_answered_succeeds() {
    let app = Arc::new(TestApp::start().await);
    let scope = format!("{READ} {UPSERT} {} offline_access", Scope::ProfileReadonly.as_str());
    let credential = Arc::new(signed(&app, "urn:example:1", ISSUED).await);
    let mut before = 0;
    for round in 0..5 {
        for revocation in [
            Revocation::AccessToken,
            Revocation::RefreshToken,
            Revocation::Registration,
            Revocation::LearnersPage,
        ] {
            let mut metadata = crate::oauth_client::metadata();
            metadata["scope"] = json!(scope);
            let registered = app.post_json(paths::REGISTER, &metadata).await.json();
            let client = TestClient {
                id: registered["client_id"].as_str().unwrap().to_owned(),
                secret: registered["client_secret"].as_str().unwrap().to_owned(),
                verifier: app.app.randomness.secret().reveal().to_owned(),
            };
            let tokens = client.tokens(&app, &scope).await;
            let token = tokens["access_token"].as_str().unwrap().to_owned();
            let ends = Arc::new(AtomicBool::new(false));
            let mut callers = JoinSet::new();
            for caller in 0..6 {
                let (app, token, ends, credential) = (app.clone(), token.clone(), ends.clone(), credential.clone());
                callers.spawn(async move {
                    let mut calls = Vec::new();
                    // The last call begins when the end is known to all.
                    let mut is_last = false;
                    while !is_last {
                        is_last = ends.load(Ordering::SeqCst);
                        let begun = Instant::now();
                        let answer = match caller % 3 {
                            0 => app.get_as(&token, paths::CLR_CREDENTIALS).await,
                            1 => app.get_as(&token, paths::CLR_PROFILE).await,
                            _ => app.post_json_as(&token, paths::CLR_CREDENTIALS, &credential).await,
                        };
                        calls.push((begun, answer.status.as_u16()));
                    }
                    calls
                });
            }
            tokio::time::sleep(std::time::Duration::from_millis(10 + 7 * round)).await;
            revoke(&app, revocation, &client, &registered, &tokens).await;
            let answered = Instant::now();
            ends.store(true, Ordering::SeqCst);
            for (begun, status) in callers.join_all().await.into_iter().flatten() {
                if begun > answered {
                    assert_eq!(status, 401, "{revocation:?}, round {round}");
                } else {
                    assert!(
                        [200, 201, 401].contains(&status),
                        "{revocation:?}, round {round}: {status}"
                    );
                    before += usize::from(status != 401);
                }
            }
        }
    }
    assert!(
        before > 50,
        "the calls before must not fail for another reason: {before}"
    );
}

async fn revoke(app: &TestApp, revocation: Revocation, client: &TestClient, registered: &Value, tokens: &Value) {
    let text = |name: &str| tokens[name].as_str().unwrap();
    let status = match revocation {
        Revocation::AccessToken => {
            client
                .post(app, paths::REVOKE, &[("token", text("access_token"))])
                .await
                .status
        }
        Revocation::RefreshToken => {
            client
                .post(app, paths::REVOKE, &[("token", text("refresh_token"))])
                .await
                .status
        }
        Revocation::Registration => {
            let path = format!("/oauth/register/{}", client.id);
            let token = registered["registration_access_token"].as_str();
            app.send(request(Method::DELETE, &path, token, Body::empty()))
                .await
                .status
        }
        Revocation::LearnersPage => {
            let mut browser = Browser::open(app, paths::GRANTS).await;
            browser.sign_in_at(paths::GRANTS, "ada").await;
            let form = browser.form("revoke", &[("client", &client.id)]);
            let form: Vec<_> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
            browser.send_to(paths::GRANTS, &form).await.status
        }
    };
    assert!(status.is_success(), "{revocation:?}: {status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_profiles_put_at_once_on_the_same_one_a_single_one_wins() {
    let app = Arc::new(TestApp::start().await);
    let token = app
        .learner_token("ada", &[Scope::ProfileReadonly, Scope::ProfileUpdate])
        .await;
    let profile = |name: &str| json!({"id": "urn:example:ada", "type": ["Profile"], "name": name});
    let put = |body: Value, tag: Option<String>| {
        let (app, mut sent) = (app.clone(), json_request(paths::CLR_PROFILE, Some(&token), &body));
        *sent.method_mut() = Method::PUT;
        if let Some(tag) = tag {
            sent.headers_mut().insert("if-match", tag.parse().unwrap());
        }
        async move { app.send(sent).await }
    };
    let tag = put(profile("before"), None).await.header("etag").to_owned();
    let mut tasks = JoinSet::new();
    for number in 0..AT_ONCE {
        tasks.spawn(put(profile(&number.to_string()), Some(tag.clone())));
    }
    let answers = tasks.join_all().await;
    assert_eq!(statuses(&answers), [vec![200], vec![412; AT_ONCE - 1]].concat());
    let won = answers.iter().find(|answer| answer.status == 200).unwrap();
    assert_eq!(app.get_as(&token, paths::CLR_PROFILE).await.body, won.body);
}
