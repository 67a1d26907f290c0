//! `POST /credentials/issue`: registrars and what they may send.

use clr_core::oauth::Scope;
use learner_record::{has_proof, nested_credentials, validate};
use serde_json::{Value, json};
use tests::{Answer, TestApp};

const PATH: &str = "/credentials/issue";

fn transcript() -> Value {
    let text = include_str!("../../../shared/learner-record/fixtures/transcript.json");
    let mut record: Value = serde_json::from_str(text).unwrap();
    // The registrar of these tests leaves the issuer to the service.
    learner_record::replace_issuer(&mut record, &json!({"name": "Example University"}));
    record
}

fn minimal() -> Value {
    serde_json::from_str(include_str!("../../../shared/learner-record/fixtures/minimal.json")).unwrap()
}

async fn issue(app: &TestApp, body: &Value) -> Answer {
    let token = app.operator_token(&[Scope::Issue]).await;
    app.post_json_as(&token, PATH, body).await
}

#[track_caller]
fn assert_refused(answer: &Answer, parts: &[&str]) {
    assert_eq!(answer.status, 400, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["imsx_codeMajor"], "failure");
    assert_eq!(
        body["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"],
        "invalid_data"
    );
    for part in parts {
        assert!(
            answer.description().contains(part),
            "{part:?} is not in {:?}",
            answer.description()
        );
    }
}

#[tokio::test]
async fn a_record_comes_back_signed_as_verifiable_credential() {
    let app = TestApp::start().await;
    let answer = issue(&app, &json!({"credential": transcript(), "options": {}})).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!(
        body.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["verifiableCredential"]
    );
    let record = &body["verifiableCredential"];
    assert_eq!(validate(record).errors, []);
    assert_eq!(record["name"], "Transcript of Ada Okonkwo");
    let own = &app.app.issuers.all().await.unwrap()[0];
    let nested = nested_credentials(record);
    assert_eq!(nested.len(), 8);
    for credential in nested.into_iter().map(|(_, nested)| nested).chain([record]) {
        assert!(has_proof(credential));
        assert_eq!(credential["issuer"]["id"], own.id);
        let proof = &credential["proof"];
        assert_eq!(proof["cryptosuite"], "ecdsa-rdfc-2019");
        data_integrity::verify(credential, proof, &own.keys[0].public_key, app.app.contexts).unwrap();
    }
}

#[tokio::test]
async fn a_bare_record_is_taken_too_and_its_subject_needs_no_id() {
    let app = TestApp::start().await;
    let answer = issue(&app, &minimal()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let record = &answer.json()["verifiableCredential"];
    assert!(record["credentialSubject"].get("id").is_none());
    assert_eq!(
        record["credentialSubject"]["identifier"][0]["identityType"],
        "emailAddress"
    );
    assert!(record["id"].as_str().unwrap().starts_with("urn:uuid:"));
    assert_eq!(record["validFrom"], tests::START);
}

#[tokio::test]
async fn a_foreign_issuer_is_refused_with_the_issuers_that_are_own() {
    let app = TestApp::start().await;
    let own = app.app.issuers.all().await.unwrap()[0].id.clone();
    let mut record = minimal();
    record["issuer"] = json!({"id": "did:web:other.example", "type": ["Profile"], "name": "Other"});
    assert_refused(&issue(&app, &record).await, &["did:web:other.example", &own]);
}

#[tokio::test]
async fn an_unsigned_credential_of_another_issuer_is_refused() {
    let app = TestApp::start().await;
    let mut record = transcript();
    record["credentialSubject"]["verifiableCredential"][2]["issuer"] =
        json!({"id": "did:web:other.example", "type": ["Profile"], "name": "Other"});
    let place = "/credentialSubject/verifiableCredential/2: ";
    assert_refused(
        &issue(&app, &record).await,
        &[place, "did:web:other.example", "[foreign-unsigned]"],
    );
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let app = TestApp::start().await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let request = tests::request(http::Method::POST, PATH, Some(&token), "{\"credential\": ".into());
    assert_refused(&app.send(request).await, &["not JSON"]);
}

#[tokio::test]
async fn a_member_that_stands_twice_is_refused() {
    let app = TestApp::start().await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let body = minimal()
        .to_string()
        .replacen("{\"", "{\"name\":\"Another name\",\"", 1);
    let answer = app
        .send(tests::request(http::Method::POST, PATH, Some(&token), body.into()))
        .await;
    assert_refused(&answer, &["\"name\" stands twice"]);
}

#[tokio::test]
async fn an_address_that_is_to_be_hashed_comes_back_hashed_with_a_salt_of_its_own() {
    let app = TestApp::start().await;
    let mut record = minimal();
    record["credentialSubject"]["identifier"][0]["hashed"] = json!(true);
    record["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]["identifier"][0]["hashed"] =
        json!(true);
    let answer = issue(&app, &record).await.json();
    let signed = &answer["verifiableCredential"];
    let address = "ada.okonkwo@students.rosewick.example";
    assert!(!signed.to_string().contains(address), "{signed}");
    let known = [learner_record::KnownIdentifier {
        identity_type: "emailAddress",
        value: address,
    }];
    let nested = &signed["credentialSubject"]["verifiableCredential"][0];
    for credential in [signed, nested] {
        let subject = &credential["credentialSubject"];
        assert!(
            learner_record::matching_identity(subject, "", &known).is_some(),
            "{subject}"
        );
    }
    let salt = |credential: &serde_json::Value| credential["credentialSubject"]["identifier"][0]["salt"].clone();
    assert_ne!(salt(signed), salt(nested));
}

#[tokio::test]
async fn json_that_is_no_credential_is_refused() {
    let app = TestApp::start().await;
    for body in [json!([]), json!("text"), json!({"credential": null})] {
        assert_refused(
            &issue(&app, &body).await,
            &["VerifiableCredential is an object", "[value-type]"],
        );
    }
    let answer = issue(&app, &json!({"type": ["VerifiableCredential", "Other"]})).await;
    assert_refused(&answer, &["/credentialSubject: ", "\"Other\" [undefined-term]"]);
    let answer = issue(&app, &json!({"hello": "world"})).await;
    assert_refused(&answer, &["/name: ", "/credentialSubject: ", "/hello: "]);
}

#[tokio::test]
async fn an_unknown_context_is_refused_by_its_name() {
    let app = TestApp::start().await;
    let mut record = minimal();
    record["@context"] = json!(["https://contexts.example/own/v1"]);
    assert_refused(
        &issue(&app, &record).await,
        &["/@context/4: ", "https://contexts.example/own/v1"],
    );
}

#[tokio::test]
async fn all_findings_are_told_at_once_each_with_place_and_rule() {
    let app = TestApp::start().await;
    let mut record = transcript();
    record["awardedDate"] = json!("2026-05-22");
    record["credentialSubject"]["verifiableCredential"][1]["credentialSubject"]["result"][0]["value"] = json!(4);
    let value = "/credentialSubject/verifiableCredential/1/credentialSubject/result/0/value: ";
    assert_refused(
        &issue(&app, &record).await,
        &["2 to mend", "/awardedDate: ", "[date-time]", value, "[value-type]"],
    );
}

#[tokio::test]
async fn issuing_needs_the_scope_issue_of_an_operators_client() {
    let app = TestApp::start().await;
    let no_token = app.post_json(PATH, &minimal()).await;
    assert_eq!(no_token.status, 401);
    assert!(no_token.header("www-authenticate").starts_with("Bearer"));
    let learner = app
        .learner_token("ada", &[Scope::CredentialReadonly, Scope::CredentialUpsert])
        .await;
    assert_eq!(app.post_json_as(&learner, PATH, &minimal()).await.status, 403);
}

#[tokio::test]
async fn open_issue_lets_anyone_issue() {
    let app = TestApp::configured(|config| config.open_issue = true).await;
    assert_eq!(app.post_json(PATH, &minimal()).await.status, 201);
}
