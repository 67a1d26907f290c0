//! What a request costs: round trips to DynamoDB.

use tests::TestApp;

use crate::oauth_client::{Browser, READ, TestClient};

#[tokio::test]
async fn each_step_of_an_authorization_costs_two_calls() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    for (answer, scopes) in [("allow", &[("scope", READ)][..]), ("deny", &[])] {
        let path = client.authorization(READ, &[]);
        let (page, calls) = app.counted(app.get(&path)).await;
        assert_eq!(
            (page.status.as_u16(), calls),
            (200, 2),
            "client, then pending authorization"
        );
        let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
        let browser = Browser {
            app: &app,
            cookie,
            page,
        };
        let sign_in = browser.form("sign_in", &[("learner", "ada")]);
        let (page, calls) = app.counted(browser.send(&as_pairs(&sign_in))).await;
        assert_eq!((page.status.as_u16(), calls), (200, 2), "both read, both written");
        let browser = Browser { page, ..browser };
        let (page, calls) = app
            .counted(browser.send(&as_pairs(&browser.form(answer, scopes))))
            .await;
        assert_eq!(
            (page.status.as_u16(), calls),
            (303, 2),
            "read, then the request becomes the grant"
        );
    }
}

#[tokio::test]
async fn a_token_request_costs_two_calls() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let code = client.code(&app, &format!("{READ} offline_access")).await;
    let (redeemed, calls) = app.counted(client.redeem(&app, &code)).await;
    assert_eq!((redeemed.status.as_u16(), calls), (200, 2));
    let (refreshed, calls) = app
        .counted(client.refresh(&app, &redeemed.json()["refresh_token"]))
        .await;
    assert_eq!((refreshed.status.as_u16(), calls), (200, 2));
}

#[tokio::test]
async fn a_registration_costs_two_calls_one_of_them_for_counting() {
    let app = TestApp::start().await;
    let metadata = crate::oauth_client::metadata();
    let (registered, calls) = app.counted(app.post_json("/oauth/register", &metadata)).await;
    assert_eq!((registered.status.as_u16(), calls), (201, 2));
}

fn as_pairs(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}
