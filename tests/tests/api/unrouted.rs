//! Paths that nobody serves.

use tests::TestApp;

#[tokio::test]
async fn an_unknown_path_is_answered_in_the_dialect_of_the_clr_api() {
    let app = TestApp::start().await;
    let answer = app.get("/ims/clr/v2p0/nothing").await;
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.json()["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"],
        "not_found"
    );
}
