//! `POST /credentials/issue`: registrars and what they may send.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use clr_core::{audit::Act, oauth::Scope, table::AuditPosition};
use learner_record::{has_proof, nested_credentials, validate};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
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

async fn post_text(app: &TestApp, token: &str, body: &str) -> Answer {
    let mut request = tests::request(http::Method::POST, PATH, Some(token), body.to_owned().into());
    let json = http::HeaderValue::from_static("application/json");
    request.headers_mut().insert("content-type", json);
    app.send(request).await
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let app = TestApp::start().await;
    let token = app.operator_token(&[Scope::Issue]).await;
    assert_refused(
        &post_text(&app, &token, "{\"credential\": ").await,
        &["not readable JSON"],
    );
}

#[tokio::test]
async fn a_member_that_stands_twice_is_refused() {
    let app = TestApp::start().await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let body = minimal()
        .to_string()
        .replacen("{\"", "{\"name\":\"Another name\",\"", 1);
    let answer = post_text(&app, &token, &body).await;
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

const WEB: &str = "did:web:college.example";

/// A service whose issuer has both keys.
async fn college() -> TestApp {
    TestApp::configured(|config| {
        config.issuer_id = Some(WEB.to_owned());
        config.open_issue = true;
    })
    .await
}

#[track_caller]
fn assert_suites(credential: &Value, expected: &[&str]) {
    let suites: Vec<_> = data_integrity::proofs_of(credential)
        .into_iter()
        .map(|proof| proof["cryptosuite"].as_str().unwrap())
        .collect();
    assert_eq!(suites, expected);
}

/// The record and all that it nests.
fn credentials(record: &Value) -> impl Iterator<Item = &Value> {
    let nested = nested_credentials(record).into_iter().map(|(_, nested)| nested);
    nested.chain([record])
}

#[tokio::test]
async fn an_issuer_with_both_keys_gives_every_credential_the_eddsa_proof_first() {
    let app = college().await;
    let record = &app.post_json(PATH, &minimal()).await.json()["verifiableCredential"];
    let keys = &app.app.issuers.all().await.unwrap()[0].keys;
    for credential in credentials(record) {
        assert_suites(credential, &["eddsa-rdfc-2022", "ecdsa-rdfc-2019"]);
        for (proof, key) in data_integrity::proofs_of(credential).into_iter().zip(keys) {
            assert_eq!(proof["verificationMethod"], key.verification_method);
            data_integrity::verify(credential, proof, &key.public_key, app.app.contexts).unwrap();
        }
    }
}

#[tokio::test]
async fn one_suite_alone_can_be_asked_for() {
    let app = college().await;
    let body = json!({"credential": minimal(), "options": {"cryptosuite": "ecdsa-rdfc-2019"}});
    let record = &app.post_json(PATH, &body).await.json()["verifiableCredential"];
    credentials(record).for_each(|credential| assert_suites(credential, &["ecdsa-rdfc-2019"]));
    let app = TestApp::start().await;
    let body = json!({"credential": minimal(), "options": {"cryptosuite": "eddsa-rdfc-2022"}});
    assert_refused(
        &issue(&app, &body).await,
        &["/options/cryptosuite: ", "eddsa-rdfc-2022", "[option]"],
    );
}

#[tokio::test]
async fn a_vc_jwt_holds_the_whole_record_around_signed_credentials() {
    let app = college().await;
    let body = json!({"credential": transcript(), "options": {"format": "vc-jwt"}});
    let answer = app.post_json(PATH, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let envelope = &answer.json()["verifiableCredential"];
    assert_eq!(envelope["type"], "EnvelopedVerifiableCredential");
    let compact = envelope["id"]
        .as_str()
        .unwrap()
        .strip_prefix("data:application/vc+jwt,")
        .unwrap();
    let jws = data_integrity::Jws::read(compact).unwrap();
    let p256 = &app.app.issuers.all().await.unwrap()[0].keys[1];
    assert_eq!(jws.key_id(), Some(p256.verification_method.as_str()));
    jws.verify(&data_integrity::JwsKey::Curve(p256.public_key.clone()))
        .unwrap();
    let payload = jws.payload();
    assert_eq!(payload["iss"], WEB);
    assert_eq!(payload["jti"], payload["id"]);
    assert!(payload.get("proof").is_none());
    let nested = nested_credentials(payload);
    assert_eq!(nested.len(), 8);
    for (_, nested) in nested {
        assert_suites(nested, &["eddsa-rdfc-2022", "ecdsa-rdfc-2019"]);
    }
}

#[tokio::test]
async fn own_endorsements_are_signed_along_wherever_they_stand() {
    let app = college().await;
    let endorsement = json!({"name": "Endorsement", "credentialSubject": {
        "id": "https://example.edu/courses/1", "type": ["EndorsementSubject"], "endorsementComment": "Well taught."
    }});
    let mut record = minimal();
    record["endorsement"] = json!([endorsement]);
    record["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]["achievement"]["endorsement"] =
        json!([endorsement]);
    let answer = app.post_json(PATH, &record).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let record = &answer.json()["verifiableCredential"];
    let nested = &record["credentialSubject"]["verifiableCredential"][0];
    let inner = &nested["credentialSubject"]["achievement"]["endorsement"][0];
    for credential in [&record["endorsement"][0], inner, nested, record] {
        assert_suites(credential, &["eddsa-rdfc-2022", "ecdsa-rdfc-2019"]);
        assert_eq!(credential["issuer"]["id"], WEB);
        let key = &app.app.issuers.all().await.unwrap()[0].keys[0];
        let proof = data_integrity::proofs_of(credential)[0];
        data_integrity::verify(credential, proof, &key.public_key, app.app.contexts).unwrap();
    }
}

#[tokio::test]
async fn an_endorsement_of_another_issuer_stays_as_a_jws_and_is_refused_unsigned() {
    let app = college().await;
    let mut record = minimal();
    record["endorsementJwt"] = json!(["eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UifQ.c2lnbmF0dXJl"]);
    let answer = app.post_json(PATH, &record).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(
        answer.json()["verifiableCredential"]["endorsementJwt"],
        record["endorsementJwt"]
    );
    record["endorsement"] = json!([{
        "issuer": {"id": "did:web:other.example", "type": ["Profile"], "name": "Other"},
        "name": "Endorsement", "credentialSubject": {"id": "urn:a", "type": ["EndorsementSubject"]}
    }]);
    assert_refused(
        &app.post_json(PATH, &record).await,
        &["/endorsement/0: ", "[foreign-unsigned]"],
    );
}

#[tokio::test]
async fn a_credential_without_id_gets_the_one_that_the_options_name() {
    let app = college().await;
    let options = json!({"credentialId": "urn:uuid:7f3b1c0e-2a51-4b9e-9a43-0d6a5b1f3c21"});
    let answer = app
        .post_json(PATH, &json!({"credential": minimal(), "options": options}))
        .await;
    assert_eq!(answer.json()["verifiableCredential"]["id"], options["credentialId"]);
    let mut record = minimal();
    record["id"] = json!("urn:uuid:other");
    let answer = app
        .post_json(PATH, &json!({"credential": record, "options": options}))
        .await;
    assert_refused(&answer, &["/options/credentialId: ", "urn:uuid:other"]);
}

#[tokio::test]
async fn what_is_issued_is_on_record_with_client_record_digest_and_keys() {
    let app = TestApp::start().await;
    let answer = issue(&app, &transcript()).await;
    let text = answer.text();
    let until = app.now() + jiff::SignedDuration::from_secs(1);
    let page = app
        .app
        .table
        .audit(AuditPosition::since(app.now()), until, 10)
        .await
        .unwrap();
    let [entry] = &page.entries[..] else { panic!("one act") };
    assert_eq!(entry.act, Act::Issue);
    assert_eq!(answer.json()["verifiableCredential"]["id"], entry.subject);
    assert!(entry.actor.len() >= 32, "{} is no client id", entry.actor);
    let key = &app.app.issuers.all().await.unwrap()[0].keys[0];
    assert_eq!(entry.keys, std::slice::from_ref(&key.verification_method));
    assert_eq!((entry.signed.len(), &entry.signed[8].id), (9, &entry.subject));
    let credential = text
        .strip_prefix("{\"verifiableCredential\":")
        .unwrap()
        .strip_suffix('}')
        .unwrap();
    let digest = STANDARD.encode(Sha256::digest(credential));
    assert_eq!(entry.digest, Some(format!("sha256-{digest}")));
}

#[tokio::test]
async fn nothing_is_answered_that_the_audit_cannot_take() {
    let app = TestApp::configured(|config| {
        config.open_issue = true;
        config.table_name = "no-such-table".to_owned();
    })
    .await;
    let answer = app.post_json(PATH, &minimal()).await;
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert!(!answer.text().contains("proof"));
}

#[tokio::test]
async fn issuing_costs_one_write_beside_the_check_of_the_caller() {
    let app = TestApp::configured(|config| config.status_lists = false).await;
    let token = app.operator_token(&[Scope::Issue]).await;
    let (answer, calls) = app.counted(app.post_json_as(&token, PATH, &transcript())).await;
    assert_eq!((answer.status.as_u16(), calls), (201, 2));
}
