//! OWASP API4: records of very many parts. Each part costs a verdict some work, and none is worth more than a few.

use std::time::Instant;

use clr_core::oauth::Scope;
use clr_server::paths;
use http::Method;
use serde_json::{Value, json};
use tests::TestApp;

use crate::{
    attacks_bodies::{Endpoint, soon},
    records::{ISSUED, achievement, record, signed},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_very_many_parts_gets_a_short_verdict_soon() {
    let app = TestApp::start().await;
    let verify = Endpoint {
        method: Method::POST,
        path: paths::VERIFY.to_owned(),
        token: None,
    };
    for (what, body) in crowded(3_000_000) {
        let begun = Instant::now();
        let answer = verify.refuses(&app, what, body.clone()).await;
        println!("{what}: {:?}, {} bytes", begun.elapsed(), answer.body.len());
        assert_ne!(answer.json()["verdict"], "valid", "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn such_a_record_is_neither_kept_nor_issued() {
    let app = TestApp::start().await;
    for endpoint in Endpoint::all(&app).await {
        if ![paths::CLR_CREDENTIALS, paths::ISSUE, paths::CHANGE_STATUS].contains(&&*endpoint.path) {
            continue;
        }
        for (what, body) in crowded(300_000) {
            endpoint.refuses(&app, what, body).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presentation_of_very_many_credentials_gets_a_short_verdict_soon() {
    let app = TestApp::start().await;
    let verify = Endpoint {
        method: Method::POST,
        path: paths::VERIFY_PRESENTATION.to_owned(),
        token: None,
    };
    for item in ["0", "\"\"", "{}", "\"a.b.c\""] {
        let many = vec![item; 3_000_000 / (item.len() + 1)].join(",");
        let presentation = format!(
            "{{\"verifiablePresentation\":{{\"@context\":[\"https://www.w3.org/2018/credentials/v1\"],\
             \"type\":[\"VerifiablePresentation\"],\"verifiableCredential\":[{many}]}}}}"
        );
        verify.refuses(&app, item, presentation).await;
    }
}

#[tokio::test]
async fn anonymous_verifications_read_a_bounded_number_of_items() {
    // Each entry of a list of ours is a look into the table, before anything is known to be signed.
    let app = TestApp::start().await;
    let mut wide = signed(&app, "urn:example:1", ISSUED).await;
    let entry = |index: usize| {
        json!({
            "type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": index.to_string(),
            "statusListCredential": format!("{}/status/{:032x}", tests::PUBLIC_URL, index),
        })
    };
    wide["credentialStatus"] = (0..5_000).map(entry).collect();
    let (answer, calls) = app.counted(app.post_json(paths::VERIFY, &wide)).await;
    assert!(
        answer.text().contains("more than the 8 that are looked at"),
        "{}",
        answer.text()
    );
    assert!(calls <= 3, "{calls}");
}

#[tokio::test]
async fn more_recipients_than_a_person_has_identifiers_are_refused() {
    let app = TestApp::start().await;
    let one = json!({"identityType": "emailAddress", "identifier": "a@example.com"});
    let body = json!({"verifiableCredential": {}, "options": {"recipient": vec![one; 21]}});
    let answer = app.post_json(paths::VERIFY, &body).await;
    assert!(
        answer.description().starts_with("/options/recipient"),
        "{}",
        answer.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_more_credentials_than_are_looked_at_are_not_kept() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialUpsert]).await;
    let mut record = signed(&app, "urn:example:1", ISSUED).await;
    let nested = record["credentialSubject"]["verifiableCredential"][0].clone();
    record["credentialSubject"]["verifiableCredential"] = json!(vec![nested; 700]);
    let answer = soon(
        "700 credentials",
        app.post_json_as(&token, paths::CLR_CREDENTIALS, &record),
    )
    .await;
    assert_eq!(answer.status, 400, "{}", answer.text());
}

#[tokio::test]
async fn a_poison_graph_is_given_up_soon() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialUpsert]).await;
    // Every node points at all others, none has a name: whoever numbers them has to try the permutations.
    let nodes = 24;
    let all: Vec<Value> = (0..nodes).map(|number| json!(format!("_:b{number}"))).collect();
    let clique = |number: usize| json!({"id": format!("_:b{number}"), "type": "VerifiableCredential", "evidence": all});
    let mut poison = record("urn:example:1", ISSUED, vec![achievement("Algebra", "Solves.")]);
    poison["evidence"] = (0..nodes).map(clique).collect();
    let poison = {
        let mut signed = signed(&app, "urn:example:1", ISSUED).await;
        signed["evidence"] = poison["evidence"].clone();
        signed
    };
    let verified = soon("a clique", app.post_json(paths::VERIFY, &poison)).await;
    assert_eq!(verified.status, 400, "{}", verified.text());
    let options = json!({"verifiableCredential": poison, "options": {"policy": "proof-only"}});
    let alone = soon("a clique", app.post_json(paths::VERIFY, &options)).await;
    assert_eq!(alone.status, 400, "{}", alone.text());
    let delivered = soon("a clique", app.post_json_as(&token, paths::CLR_CREDENTIALS, &poison)).await;
    assert_eq!(delivered.status, 400, "{}", delivered.text());
}

/// Arrays of as many items as have this many bytes, wherever a verdict looks at each.
fn crowded(bytes: usize) -> Vec<(&'static str, String)> {
    let many = |item: &str| vec![item; bytes / (item.len() + 1)].join(",");
    let record =
        |rest: String| format!("{{\"@context\":[],\"type\":[\"VerifiableCredential\",\"ClrCredential\"],{rest}}}");
    let nested = |item: &str| {
        record(format!(
            "\"credentialSubject\":{{\"verifiableCredential\":[{}]}}",
            many(item)
        ))
    };
    let entry = r#"{"type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"1","statusListCredential":"https://records.example.edu/status/f81d4fae-7dec-11d0-a765-00a0c91e6bf6"}"#;
    vec![
        ("nested numbers", nested("0")),
        ("nested texts", nested("\"\"")),
        ("nested objects", nested("{}")),
        ("nested credentials", nested(r#"{"type":["VerifiableCredential"]}"#)),
        ("endorsements", record(format!("\"endorsement\":[{}]", many("0")))),
        (
            "endorsements as JWT",
            record(format!("\"endorsementJwt\":[{}]", many("\"\""))),
        ),
        ("statuses", record(format!("\"credentialStatus\":[{}]", many(entry)))),
        (
            "statuses of no kind",
            record(format!("\"credentialStatus\":[{}]", many("0"))),
        ),
        ("schemas", record(format!("\"credentialSchema\":[{}]", many("0")))),
        ("proofs", record(format!("\"proof\":[{}]", many("{}")))),
        ("evidence", record(format!("\"evidence\":[{}]", many("0")))),
        ("types", format!("{{\"type\":[{}]}}", many("\"x\""))),
        ("contexts", format!("{{\"@context\":[{}]}}", many("0"))),
    ]
}
