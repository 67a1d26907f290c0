//! getProfile and putProfile (digest sections 1.1, 1.6 and 6).

use std::sync::Arc;

use axum::body::Body;
use clr_core::{learners::Learner, oauth::Scope};
use http::{HeaderName, Method, Request, header};
use serde_json::json;
use tests::{Answer, PUBLIC_URL, TestApp, request};

use crate::oauth_client::{Browser, TestClient};

const PROFILE: &str = "/ims/clr/v2p0/profile";
const BOTH: [Scope; 2] = [Scope::ProfileReadonly, Scope::ProfileUpdate];

/// Spaces, an order of members and a number that no serializer would write again like this.
const OF_THE_CERTIFICATION: &str = "{ \"type\" : [\"Profile\"],\n  \"id\": \"https://1edtech.org/issuers/cert\", \
                                    \"name\": \"Zo\\u00eb\", \"x\": 1.0 }";

fn put(token: Option<&str>, body: &str, headers: &[(HeaderName, &str)]) -> Request<Body> {
    let mut request = request(Method::PUT, PROFILE, token, Body::from(body.to_owned()));
    request
        .headers_mut()
        .insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    for (name, value) in headers {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

async fn put_as(app: &TestApp, token: &str, body: &str) -> Answer {
    app.send(put(Some(token), body, &[])).await
}

fn named(name: &str) -> String {
    json!({ "id": "urn:example:ada", "type": ["Profile"], "name": name }).to_string()
}

#[tokio::test]
async fn what_was_put_is_returned_byte_for_byte() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    let answer = put_as(&app, &token, OF_THE_CERTIFICATION).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.text(), OF_THE_CERTIFICATION);
    let read = app.get_as(&token, PROFILE).await;
    assert_eq!(
        (read.status.as_u16(), read.text().as_str()),
        (200, OF_THE_CERTIFICATION)
    );
    assert_eq!(read.json()["id"], "https://1edtech.org/issuers/cert");
    assert_eq!(read.header("content-type"), "application/json");
    assert_eq!(read.header("cache-control"), "no-store");
    assert_eq!(read.header("etag"), answer.header("etag"));
}

#[tokio::test]
async fn before_that_it_says_what_the_sign_in_vouched_for() {
    let app = TestApp::start().await;
    let client = TestClient::register_as(&app, |metadata| {
        metadata["scope"] = json!(BOTH.map(Scope::as_str).join(" "))
    })
    .await;
    let tokens = client.tokens(&app, Scope::ProfileReadonly.as_str()).await;
    let token = tokens["access_token"].as_str().unwrap();
    let profile = app.get_as(token, PROFILE).await.json();
    let id = profile["id"].as_str().unwrap();
    assert!(id.starts_with(&format!("{PUBLIC_URL}{PROFILE}#")), "{id}");
    assert_eq!(profile["type"], json!(["Profile"]));
    assert_eq!(profile["name"], "Ada Example");
    assert_eq!(profile["email"], "ada@students.example.edu");
    let members: Vec<_> = profile.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["id", "type", "name", "email"]);
    assert_eq!(app.get_as(token, PROFILE).await.json(), profile);
}

#[tokio::test]
async fn the_consent_page_says_what_a_profile_scope_allows() {
    let app = TestApp::start().await;
    let client = TestClient::register_as(&app, |metadata| {
        metadata["scope"] = json!(BOTH.map(Scope::as_str).join(" "))
    })
    .await;
    let scopes = BOTH.map(Scope::as_str).join(" ");
    let mut browser = Browser::open(&app, &client.authorization(&scopes, &[])).await;
    browser.sign_in("ada").await;
    let page = browser.page.text();
    for words in ["see your profile", "replace what is entered in your profile"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[tokio::test]
async fn a_profile_belongs_to_its_learner() {
    let app = TestApp::start().await;
    let (ada, bob) = (
        app.learner_token("ada", &BOTH).await,
        app.learner_token("bob", &BOTH).await,
    );
    put_as(&app, &ada, OF_THE_CERTIFICATION).await;
    let of_bob = app.get_as(&bob, PROFILE).await.json();
    assert_eq!(of_bob["id"], format!("{PUBLIC_URL}{PROFILE}#{}", app.learner_id("bob")));
    // Another application of the same learner sees the same.
    let other = app.learner_token("ada", &[Scope::ProfileReadonly]).await;
    assert_eq!(app.get_as(&other, PROFILE).await.text(), OF_THE_CERTIFICATION);
}

#[tokio::test]
async fn reading_and_replacing_take_a_scope_each() {
    let app = TestApp::start().await;
    let (reader, writer) = (
        app.learner_token("ada", &[Scope::ProfileReadonly]).await,
        app.learner_token("ada", &[Scope::ProfileUpdate]).await,
    );
    let refused = [
        (put_as(&app, &reader, OF_THE_CERTIFICATION).await, "profile.update"),
        (app.get_as(&writer, PROFILE).await, "profile.readonly"),
    ];
    for (answer, scope) in refused {
        assert_eq!(answer.status, 403);
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.contains("insufficient_scope") && challenge.contains(scope),
            "{challenge}"
        );
    }
    let of_credentials = app
        .learner_token("ada", &[Scope::CredentialReadonly, Scope::CredentialUpsert])
        .await;
    assert_eq!(app.get_as(&of_credentials, PROFILE).await.status, 403);
    let operator = app.operator_token(&[Scope::Issue]).await;
    assert_eq!(app.get_as(&operator, PROFILE).await.status, 403);
    for answer in [
        app.get(PROFILE).await,
        app.send(put(None, OF_THE_CERTIFICATION, &[])).await,
    ] {
        assert_eq!(
            (answer.status.as_u16(), answer.header("www-authenticate")),
            (401, "Bearer")
        );
    }
}

#[tokio::test]
async fn the_same_profile_again_is_not_modified_and_another_one_replaces_it() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    let first = put_as(&app, &token, &named("Ada")).await;
    let again = put_as(&app, &token, &named("Ada")).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(put_as(&app, &token, &named("Ada L.")).await.status, 200);
    assert_eq!(app.get_as(&token, PROFILE).await.json()["name"], "Ada L.");
}

#[tokio::test]
async fn if_match_keeps_a_change_from_being_lost() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    let put_if = async |tag: &str, name: &str| {
        app.send(put(Some(&token), &named(name), &[(header::IF_MATCH, tag)]))
            .await
            .status
            .as_u16()
    };
    let vouched = app.get_as(&token, PROFILE).await.header("etag").to_owned();
    assert_eq!(put_if(&vouched, "one").await, 200, "nothing was put yet");
    assert_eq!(put_if(&vouched, "two").await, 412);
    let one = app.get_as(&token, PROFILE).await.header("etag").to_owned();
    assert_eq!(put_if(&format!("\"other\", {one}"), "three").await, 200);
    assert_eq!(put_if(&one, "four").await, 412);
    assert_eq!(put_if(&format!("W/{one}"), "four").await, 412);
    assert_eq!(put_if("*", "three").await, 304);
    assert_eq!(app.get_as(&token, PROFILE).await.json()["name"], "three");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_change_the_same_profile_one_succeeds() {
    let app = Arc::new(TestApp::start().await);
    let token = app.learner_token("ada", &BOTH).await;
    put_as(&app, &token, &named("first")).await;
    let tag = app.get_as(&token, PROFILE).await.header("etag").to_owned();
    let attempts = (0..16).map(|number| {
        let (app, token, tag) = (app.clone(), token.clone(), tag.clone());
        tokio::spawn(async move {
            let request = put(Some(&token), &named(&number.to_string()), &[(header::IF_MATCH, &tag)]);
            app.send(request).await.status.as_u16()
        })
    });
    let mut statuses = Vec::new();
    for attempt in attempts.collect::<Vec<_>>() {
        statuses.push(attempt.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (200, &[412; 15][..]));
}

#[tokio::test]
async fn what_is_no_profile_is_refused_with_the_place() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    for (body, pointer) in [
        (json!({}), "/id: "),
        (json!({ "id": "urn:x:1" }), "/type: "),
        (json!({ "id": "urn:x:1", "type": ["Person"] }), "/type: "),
        (json!({ "id": "no uri", "type": ["Profile"] }), "/id: "),
        (json!({ "id": "urn:x:1", "type": ["Profile"], "name": 1 }), "/name: "),
        (
            json!({ "id": "urn:x:1", "type": ["Profile"], "dateOfBirth": "yesterday" }),
            "/dateOfBirth: ",
        ),
        (
            json!({ "id": "urn:x:1", "type": ["Profile"], "image": { "id": "https://x.example/", "type": "Image", "a": 1 } }),
            "/image/a: ",
        ),
        (json!([]), "document: "),
        (json!("Profile"), "document: "),
    ] {
        let answer = put_as(&app, &token, &body.to_string()).await;
        assert_eq!(answer.status, 400, "{body}");
        let code = &answer.json()["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"];
        assert_eq!(code, "invalid_data");
        assert!(
            answer.description().contains(pointer),
            "{body}: {}",
            answer.description()
        );
    }
    for body in ["", "{", "{\"id\":\"urn:x:1\",\"id\":\"urn:x:2\"}", "\u{0}"] {
        assert_eq!(put_as(&app, &token, body).await.status, 400, "{body:?}");
    }
    let is_vouched_for = app.get_as(&token, PROFILE).await.json();
    assert!(is_vouched_for["id"].as_str().unwrap().starts_with(PUBLIC_URL));
}

#[tokio::test]
async fn a_profile_is_bounded_and_the_longest_one_comes_back() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    // Nothing that can be compressed.
    let noise: String = (0..7_000)
        .map(|_| app.app.randomness.secret().reveal().to_owned())
        .collect();
    let of_length = |length: usize| {
        let frame = named("");
        named(&noise[..length - frame.len()])
    };
    let longest = of_length(300_000);
    assert_eq!(put_as(&app, &token, &longest).await.status, 200);
    assert_eq!(app.get_as(&token, PROFILE).await.text(), longest);
    assert_eq!(put_as(&app, &token, &of_length(300_001)).await.status, 413);
    assert_eq!(app.get_as(&token, PROFILE).await.text(), longest);
}

#[tokio::test]
async fn another_content_type_is_refused() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    for content_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
        let request = put(
            Some(&token),
            OF_THE_CERTIFICATION,
            &[(header::CONTENT_TYPE, content_type)],
        );
        assert_eq!(app.send(request).await.status, 415, "{content_type}");
    }
}

#[tokio::test]
async fn a_call_costs_its_check_and_one_call_more() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    let read = || request(Method::GET, PROFILE, Some(&token), Body::empty());
    let cost = async |request, status: u16| {
        let (answer, calls) = app.counted(app.send(request)).await;
        assert_eq!(answer.status, status);
        calls
    };
    assert_eq!(cost(read(), 200).await, 2);
    assert_eq!(cost(put(Some(&token), &named("Ada"), &[]), 200).await, 2);
    assert_eq!(cost(put(Some(&token), &named("Ada"), &[]), 304).await, 2);
    assert_eq!(cost(read(), 200).await, 2);
    let on_condition = put(Some(&token), &named("Ada L."), &[(header::IF_MATCH, "*")]);
    assert_eq!(cost(on_condition, 200).await, 3);
}

#[tokio::test]
async fn what_an_application_puts_changes_nothing_of_who_the_learner_is() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    let forged = json!({ "id": "did:example:bob", "type": ["Profile"], "email": "bob@example.edu" });
    put_as(&app, &token, &forged.to_string()).await;
    let learner = app.app.table.learner(&app.learner_id("ada")).await.unwrap();
    let identifiers = learner.as_ref().map_or(&[][..], Learner::identifiers);
    assert!(identifiers.is_empty(), "{identifiers:?}");
}

#[tokio::test]
async fn another_tenants_learner_of_the_same_account_has_another_profile() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &BOTH).await;
    put_as(&app, &token, OF_THE_CERTIFICATION).await;
    let elsewhere = app.app.table.seen_by(clr_core::TenantId::new("other").unwrap());
    let (profile, _) = elsewhere
        .profile_and_learner(&app.learner_id("ada"), app.app.patience())
        .await
        .unwrap();
    assert_eq!(profile, None);
}
