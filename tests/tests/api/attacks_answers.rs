//! OWASP API10: what a host answers whose document is fetched.

use std::time::{Duration, Instant};

use clr_core::oauth::Scope;
use clr_server::paths;
use learner_record::{Bitstring, LIST_ENTRIES, ListCredential, StatusPurpose};
use serde_json::{Value, json};
use tests::TestApp;

use crate::{
    elsewhere::{Published, Server, gzip},
    records::{ISSUED, achievement, record, sign, sign_again},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_others_answer_is_bounded_and_held_to_its_rules() {
    let server = Server::start().await;
    let host = TestApp::start().await;
    let institution = server.institution(&host);
    server.publish_keys(&institution).await;
    let credential = with_status(&server, &institution).await;
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let crowd = vec!["{}"; 1_000_000].join(",");
    for (what, published) in [
        ("an endless body", Published::Endless),
        ("a gzip bomb", Published::Encoded("gzip", gzip(&vec![b' '; 20_000_000]))),
        (
            "an encoding that nobody asked for",
            Published::Encoded("br", b"{}".to_vec()),
        ),
        ("a redirect to itself", Published::RedirectTo(server.url("/list"))),
        ("no JSON", Published::Encoded("identity", b"<html>".to_vec())),
        ("no UTF-8", Published::Encoded("identity", b"{\"a\":\"\xff\"}".to_vec())),
        (
            "twice the same member",
            Published::Encoded("identity", b"{\"id\":\"a\",\"id\":\"b\"}".to_vec()),
        ),
        ("deep JSON", Published::Encoded("identity", deep.into_bytes())),
        (
            "a crowd",
            Published::Encoded("identity", format!("{{\"proof\":[{crowd}]}}").into_bytes()),
        ),
        ("nothing in it", Published::Json(json!({}))),
    ] {
        server.put("/list", published);
        let begun = Instant::now();
        let answer = host
            .with_fetcher(server.fetcher())
            .post_json(paths::VERIFY, &credential)
            .await;
        println!("{what}: {:?}", begun.elapsed());
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{what}: {:?}",
            begun.elapsed()
        );
        assert_eq!(answer.json()["verdict"], "could-not-check", "{what}: {}", answer.text());
        assert!(answer.body.len() < 100_000, "{what}: {} bytes", answer.body.len());
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let server = Server::start().await;
    let host = TestApp::start().await;
    let institution = server.institution(&host);
    server.publish_keys(&institution).await;
    let credential = with_status(&server, &institution).await;
    server.put("/list", Published::Nothing);
    let begun = Instant::now();
    let host = host.with_fetcher(server.fetcher());
    let answer = host.post_json(paths::VERIFY, &credential).await;
    assert!(begun.elapsed() < clr_core::fetch::TIME_PER_FETCH + Duration::from_secs(5));
    assert_eq!(answer.json()["verdict"], "could-not-check", "{}", answer.text());
    let token = host.learner_token("ada", &[Scope::CredentialUpsert]).await;
    let delivered = host.post_json_as(&token, paths::CLR_CREDENTIALS, &credential).await;
    assert_eq!(
        (delivered.status.as_u16(), delivered.header("retry-after").is_empty()),
        (503, false)
    );
}

#[tokio::test]
async fn a_status_list_that_inflates_beyond_measure_is_not_inflated() {
    let server = Server::start().await;
    let host = TestApp::start().await;
    let institution = server.institution(&host);
    server.publish_keys(&institution).await;
    let credential = with_status(&server, &institution).await;
    let bits = Bitstring::cleared(LIST_ENTRIES);
    let issuer = &institution.app.issuers.all().await.unwrap()[0];
    let url = server.url("/list");
    let list = ListCredential {
        url: &url,
        issuer: &issuer.id,
        purpose: StatusPurpose::Revocation,
        bits: &bits,
        valid_from: ISSUED.parse().unwrap(),
        valid_until: None,
    };
    let mut bomb = list.unsigned();
    let encoded = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        gzip(&vec![0; 20_000_000]),
    );
    bomb["credentialSubject"]["encodedList"] = json!(format!("u{encoded}"));
    server.publish("/list", sign_again(&institution, bomb).await);
    let answer = host
        .with_fetcher(server.fetcher())
        .post_json(paths::VERIFY, &credential)
        .await;
    assert_eq!(answer.json()["verdict"], "could-not-check", "{}", answer.text());
    assert!(answer.text().contains("malformed"), "{}", answer.text());
    // The same list, not inflated beyond measure, is believed.
    server.publish("/list", sign_again(&institution, list.unsigned()).await);
    let answer = host
        .with_fetcher(server.fetcher())
        .post_json(paths::VERIFY, &credential)
        .await;
    assert_eq!(answer.json()["verdict"], "valid", "{}", answer.text());
}

/// A record of the institution with an entry in its list.
async fn with_status(server: &Server, institution: &TestApp) -> Value {
    let mut course = achievement("Algebra", "Solves equations.");
    course["credentialStatus"] = StatusPurpose::Revocation.entry(&server.url("/list"), 42);
    sign(institution, record("urn:example:1", ISSUED, vec![course])).await
}
