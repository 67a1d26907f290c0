//! `POST /credentials/verify`: what a relying party learns.

use axum::body::Body;
use clr_core::oauth::Scope;
use serde_json::{Value, json};
use tests::{Answer, TestApp};

const PATH: &str = "/credentials/verify";

async fn signed(app: &TestApp) -> Value {
    let text = include_str!("../../../shared/learner-record/fixtures/minimal.json");
    let record: Value = serde_json::from_str(text).unwrap();
    let token = app.operator_token(&[Scope::Issue]).await;
    let answer = app.post_json_as(&token, "/credentials/issue", &record).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["verifiableCredential"].clone()
}

#[track_caller]
fn assert_verdict(answer: &Answer, status: u16, verdict: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["verdict"], verdict, "{}", answer.text());
    assert_eq!(body["verified"], status == 200);
    assert!(!body["checks"].as_array().unwrap().is_empty());
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_signed_record_is_valid_for_anyone_in_an_envelope_or_bare() {
    let app = TestApp::start().await;
    let record = signed(&app).await;
    assert_verdict(
        &app.post_json(PATH, &json!({"verifiableCredential": record})).await,
        200,
        "valid",
    );
    let answer = app.post_json(PATH, &record).await;
    assert_verdict(&answer, 200, "valid");
    assert_eq!(answer.json()["policy"], "strict");
}

#[tokio::test]
async fn an_altered_record_is_invalid_and_the_reason_names_the_place() {
    let app = TestApp::start().await;
    let mut record = signed(&app).await;
    record["name"] = json!("Another name");
    let answer = app.post_json(PATH, &json!({"verifiableCredential": record})).await;
    assert_verdict(&answer, 400, "invalid");
    let body = answer.json();
    let failed = body["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["outcome"] == "failed")
        .unwrap();
    assert_eq!(
        (&failed["name"], &failed["pointer"]),
        (&json!("proof"), &json!("/proof"))
    );
    assert!(failed["reason"].as_str().unwrap().contains("altered"));
}

#[tokio::test]
async fn a_record_whose_key_is_out_of_reach_could_not_be_checked_until_the_policy_believes_it() {
    let app = TestApp::configured(|config| {
        config.issuer_id = Some("did:web:college.example".to_owned());
        config.status_lists = false;
    })
    .await;
    let record = signed(&app).await;
    assert_verdict(&app.post_json(PATH, &record).await, 200, "valid");

    let elsewhere = TestApp::start().await;
    assert_verdict(&elsewhere.post_json(PATH, &record).await, 400, "could-not-check");
    let body = json!({"verifiableCredential": record, "options": {"policy": "1edtech"}});
    assert_verdict(&elsewhere.post_json(PATH, &body).await, 200, "valid");
}

#[tokio::test]
async fn what_cannot_be_judged_at_all_is_an_error_of_the_api() {
    let app = TestApp::start().await;
    let post = |body: String| {
        let mut request = tests::request(http::Method::POST, PATH, None, Body::from(body));
        request
            .headers_mut()
            .insert("content-type", "application/json".parse().unwrap());
        app.send(request)
    };
    for body in ["", "{", "[1,", "\u{feff}{}"] {
        let answer = post(body.to_owned()).await;
        assert_eq!(answer.status, 400, "{body:?}");
        assert_eq!(answer.json()["imsx_codeMajor"], "failure", "{body:?}");
        assert!(
            answer.description().contains("JSON"),
            "{body:?}: {}",
            answer.description()
        );
    }
    let answer = app
        .post_json(PATH, &json!({"verifiableCredential": {}, "options": {"policy": "lax"}}))
        .await;
    assert_eq!(answer.status, 400);
    assert!(answer.description().contains("/options/policy") && answer.description().contains("proof-only"));
    let answer = post(format!("\"{}\"", "x".repeat(4_000_001))).await;
    assert_eq!(answer.status, 413);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(post(deep).await.status, 400);
}

#[tokio::test]
async fn the_answer_tells_problems_as_the_vc_api_does() {
    let app = TestApp::start().await;
    let record = signed(&app).await;
    let good = app
        .post_json(PATH, &json!({"verifiableCredential": record}))
        .await
        .json();
    assert_eq!((&good["errors"], &good["problemDetails"]), (&json!([]), &json!([])));
    let mut altered = record.clone();
    altered["name"] = json!("Another name");
    let body = json!({"verifiableCredential": altered, "options": {"returnCredential": true}});
    let bad = app.post_json(PATH, &body).await.json();
    assert_eq!(bad["verifiableCredential"], altered);
    assert!(bad["errors"][0].as_str().unwrap().starts_with("/proof: "));
    let kind = bad["problemDetails"][0]["type"].as_str().unwrap();
    assert!(kind.ends_with("#CRYPTOGRAPHIC_SECURITY_ERROR"), "{kind}");
    assert_eq!(bad["checks"][0]["outcome"], "failed", "what is wrong stands first");
}

#[tokio::test]
async fn a_recipient_is_compared_with_the_subject() {
    let app = TestApp::start().await;
    let record = crate::records::signed(&app, "urn:example:1", crate::records::ISSUED).await;
    let subject = json!("did:example:learner");
    for (id, status, verdict) in [(subject, 200, "valid"), (json!("did:example:other"), 400, "invalid")] {
        let body = json!({"verifiableCredential": record, "options": {"recipient": {"id": id}}});
        assert_verdict(&app.post_json(PATH, &body).await, status, verdict);
    }
}

#[tokio::test]
async fn a_compact_jws_is_read_as_plain_text() {
    let app = TestApp::start().await;
    let jws = crate::records::signed_jws(&app, "urn:example:1", crate::records::ISSUED).await;
    assert_verdict(&app.send(text_request(&jws)).await, 200, "valid");
    let body = json!({"verifiableCredential": jws});
    assert_verdict(&app.post_json(PATH, &body).await, 200, "valid");
    let (signed, _) = jws.rsplit_once('.').unwrap();
    assert_verdict(&app.send(text_request(&format!("{signed}.AAAA"))).await, 400, "invalid");
    assert_verdict(&app.send(text_request("no jws")).await, 400, "invalid");
}

fn text_request(text: &str) -> http::Request<Body> {
    let mut request = tests::request(http::Method::POST, PATH, None, Body::from(text.to_owned()));
    request
        .headers_mut()
        .insert("content-type", "text/plain".parse().unwrap());
    request
}

#[tokio::test]
async fn a_presentation_of_a_record_is_judged_with_it() {
    const PATH: &str = "/presentations/verify";
    let app = TestApp::start().await;
    let record = signed(&app).await;
    let presentation = |record: &Value| {
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": [record],
        })
    };
    let unsigned = presentation(&record);
    assert_verdict(
        &app.post_json(PATH, &json!({"presentation": unsigned})).await,
        200,
        "valid",
    );
    let answer = app.post_json(PATH, &json!({"verifiablePresentation": unsigned})).await;
    assert_verdict(&answer, 400, "invalid");
    let mut altered = record;
    altered["name"] = json!("Another name");
    let answer = app
        .post_json(PATH, &json!({"presentation": presentation(&altered)}))
        .await;
    assert_verdict(&answer, 400, "invalid");
    let answer = app.post_json(PATH, &json!({"verifiableCredential": altered})).await;
    assert!(
        answer.description().contains("/verifiablePresentation"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn attempts_beyond_the_maximum_are_told_when_to_come_back() {
    let app = TestApp::configured(|config| config.attempts_per_minute = 2).await;
    let (credential, presentation) = (json!({"verifiableCredential": {}}), json!({"presentation": {}}));
    assert_eq!(app.post_json(PATH, &credential).await.status, 400);
    assert_eq!(app.post_json("/presentations/verify", &presentation).await.status, 400);
    for (path, body) in [(PATH, &credential), ("/presentations/verify", &presentation)] {
        let answer = app.post_json(path, body).await;
        assert_eq!(answer.status, 429, "{}", answer.text());
        assert!((1..=60).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    }
    app.clock.advance(jiff::SignedDuration::from_mins(1));
    assert_eq!(app.post_json(PATH, &credential).await.status, 400);
}

#[tokio::test]
async fn the_status_of_own_credentials_is_known_without_asking_anybody() {
    let host = TestApp::start().await;
    let app = host.as_institution(1);
    let token = app.operator_token(&[Scope::Issue, Scope::Status]).await;
    let lists = format!("{}/status", tests::PUBLIC_URL);
    let id = "urn:example:with-status";
    let entry = app
        .app
        .status_lists(&lists)
        .assign(learner_record::StatusPurpose::Revocation, &[id])
        .await
        .unwrap();
    let text = include_str!("../../../shared/learner-record/fixtures/minimal.json");
    let mut record: Value = serde_json::from_str(text).unwrap();
    record["id"] = json!(id);
    record["credentialStatus"] = entry[0].clone();
    let answer = app.post_json_as(&token, "/credentials/issue", &record).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let record = answer.json()["verifiableCredential"].clone();
    assert_verdict(&app.post_json(PATH, &record).await, 200, "valid");

    let change = json!({
        "credentialId": id,
        "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"},
        "status": true,
    });
    let answer = app.post_json_as(&token, "/credentials/status", &change).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = app.post_json(PATH, &record).await;
    assert_verdict(&answer, 400, "invalid");
    assert_eq!(answer.json()["checks"][0]["pointer"], "/credentialStatus");
    // A true record of its time is kept all the same.
    let token = app.learner_token("ada", &[Scope::CredentialUpsert]).await;
    let answer = app.post_json_as(&token, "/ims/clr/v2p0/credentials", &record).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}
