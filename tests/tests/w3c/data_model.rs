//! `w3c/vc-data-model-2.0-test-suite`.

use crate::suites::Suites;

#[tokio::test]
async fn what_is_issued_verifies() {
    let suites = Suites::start().await;
    let issued = suites.issued(&suites.credential()).await;
    suites.verifies(&issued).await;
}
