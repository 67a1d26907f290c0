//! A foreign institution on a server of its own, over TLS: its keys and its status list are fetched.

use clr_core::{fetch::Fetcher, oauth::Scope};
use learner_record::{Bitstring, LIST_ENTRIES, ListCredential, StatusPurpose};
use serde_json::{Value, json};
use tests::TestApp;

use crate::{
    elsewhere::Server,
    records::{ISSUED, achievement, record, sign, sign_again},
};

/// A host that trusts the server's certificate, and an institution whose DID is that server.
async fn host_and_institution(server: &Server) -> (TestApp, TestApp) {
    let host = TestApp::start().await;
    let institution = server.institution(&host);
    (host.with_fetcher(server.fetcher()), institution)
}

/// A record of the institution whose achievement has an entry in a list of the server.
async fn record_with_status(server: &Server, institution: &TestApp, index: usize) -> (Value, String) {
    let list = server.url("/status/1");
    let mut course = achievement("Algebra", "Solves equations.");
    course["credentialStatus"] = StatusPurpose::Revocation.entry(&list, index);
    (
        sign(institution, record("urn:example:elsewhere", ISSUED, vec![course])).await,
        list,
    )
}

async fn publish_list(server: &Server, institution: &TestApp, url: &str, revoked: &[usize]) {
    let mut bits = Bitstring::cleared(LIST_ENTRIES);
    for index in revoked {
        bits.set(*index, true);
    }
    let issuer = &institution.app.issuers.all().await.unwrap()[0];
    let list = ListCredential {
        url,
        issuer: &issuer.id,
        purpose: StatusPurpose::Revocation,
        bits: &bits,
        valid_from: ISSUED.parse().unwrap(),
        valid_until: None,
    };
    server.publish("/status/1", sign_again(institution, list.unsigned()).await);
}

#[tokio::test]
async fn a_foreign_record_is_judged_by_what_its_institution_publishes() {
    let server = Server::start().await;
    let (host, institution) = host_and_institution(&server).await;
    let (record, list) = record_with_status(&server, &institution, 42).await;
    let verdict = async |host: &TestApp| host.post_json("/credentials/verify", &record).await.json();
    let missing = verdict(&host).await;
    assert_eq!(
        missing["verdict"], "invalid",
        "its host says that there are no keys: {missing}"
    );

    server.publish_keys(&institution).await;
    publish_list(&server, &institution, &list, &[41]).await;
    let good = verdict(&host).await;
    assert_eq!(good["verdict"], "valid", "{good}");
    assert!(!server.requests().is_empty());
    verdict(&host).await;
    assert!(
        server.requests().is_empty(),
        "what was fetched a moment ago is not asked for again"
    );

    let token = host.learner_token("ada", &[Scope::CredentialUpsert]).await;
    let answer = host.post_json_as(&token, "/ims/clr/v2p0/credentials", &record).await;
    assert_eq!(answer.status, 201, "{}", answer.text());

    // Another process, later.
    publish_list(&server, &institution, &list, &[42]).await;
    let later = host.with_fetcher(server.fetcher());
    let revoked = verdict(&later).await;
    assert_eq!(revoked["verdict"], "invalid", "{revoked}");
    assert_eq!(revoked["checks"][0]["name"], "status");
}

#[tokio::test]
async fn a_server_whose_certificate_nobody_knows_is_out_of_reach() {
    let server = Server::start().await;
    let (host, institution) = host_and_institution(&server).await;
    server.publish_keys(&institution).await;
    let record = sign(
        &institution,
        record("urn:example:1", ISSUED, vec![achievement("Algebra", "Solves.")]),
    )
    .await;
    let stranger = host.with_fetcher(Fetcher::offline([]));
    let answer = stranger.post_json("/credentials/verify", &record).await.json();
    assert_eq!(
        (&answer["verdict"], &answer["checks"][0]["retry"]),
        (&json!("could-not-check"), &json!(true))
    );
    assert!(server.requests().is_empty());
}
