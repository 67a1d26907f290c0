//! What a request took of AWS, as its log line and the tests tell it.

use clr_core::{metering::Meter, oauth::Scope};
use tests::TestApp;

use crate::oauth_client::{READ, TestClient};

const LIST: &str = "/ims/clr/v2p0/credentials";

#[tokio::test]
async fn a_read_and_a_write_are_counted_in_the_units_that_the_engine_tells() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let code = client.code(&app, READ).await;
    let redeemed = client.redeem(&app, &code).await.usage;
    // The client and its grant; the grant, the client and its entry in the list of clients, the latter two in one transaction.
    assert_eq!((redeemed.table_calls, redeemed.kms_calls), (3, 0));
    assert_eq!((redeemed.read_units, redeemed.write_units), (2.0, 5.0));
}

#[tokio::test]
async fn calls_that_are_made_at_the_same_time_are_all_counted() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    let listed = app.get_as(&token, LIST).await.usage;
    // The check of the token; the counter and the credentials, joined.
    assert_eq!(listed.table_calls, 3);
    assert!(listed.read_units >= 2.0, "{listed}");
}

#[tokio::test]
async fn requests_at_the_same_time_are_counted_each_for_itself() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    let unknown = format!("f81d4fae7dec11d0a76500a0c91e6bf6.{}", "a".repeat(43));
    let (listed, refused, elsewhere) = tokio::join!(
        app.get_as(&token, LIST),
        app.get_as(&unknown, LIST),
        app.get("/nowhere"),
    );
    assert_eq!(listed.usage.table_calls, 3);
    assert_eq!(refused.usage.table_calls, 1);
    assert_eq!(elsewhere.usage.table_calls, 0);
}

#[tokio::test]
async fn a_meter_counts_what_is_done_under_it_and_nothing_else() {
    let app = TestApp::start().await;
    let learner = app.learner_id("ada");
    let meter = Meter::default();
    meter.measure(app.app.table.learner(&learner)).await.unwrap();
    app.app.table.learner(&learner).await.unwrap();
    let usage = meter.usage();
    assert_eq!((usage.table_calls, usage.read_units, usage.write_units), (1, 1.0, 0.0));
}
