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
    client.tokens(&app, READ).await;
    let code = client.code(&app, &format!("{READ} offline_access")).await;
    let (redeemed, calls) = app.counted(client.redeem(&app, &code)).await;
    assert_eq!((redeemed.status.as_u16(), calls), (200, 2));
    let (refreshed, calls) = app
        .counted(client.refresh(&app, &redeemed.json()["refresh_token"]))
        .await;
    assert_eq!((refreshed.status.as_u16(), calls), (200, 2));
}

#[tokio::test]
async fn the_first_redemption_of_a_client_costs_one_call_more_and_keeps_the_client() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let code = client.code(&app, READ).await;
    let (redeemed, calls) = app.counted(client.redeem(&app, &code)).await;
    assert_eq!((redeemed.status.as_u16(), calls), (200, 3));
}

#[tokio::test]
async fn the_check_of_an_api_call_costs_one_call() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let tokens = client.tokens(&app, READ).await;
    let path = "/ims/clr/v2p0/credentials";
    let list = app.get_as(tokens["access_token"].as_str().unwrap(), path);
    let (listed, calls) = app.counted(list).await;
    let (refused, of_the_check) = app
        .counted(app.get_as(
            "f81d4fae7dec11d0a76500a0c91e6bf6.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            path,
        ))
        .await;
    assert_eq!(
        (listed.status.as_u16(), refused.status.as_u16(), of_the_check),
        (200, 401, 1)
    );
    assert!(calls <= 3, "the check and a page of two: {calls}");
}

#[tokio::test]
async fn a_revocation_costs_two_calls_and_an_introspection_one() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let tokens = client.tokens(&app, &format!("{READ} offline_access")).await;
    for name in ["access_token", "refresh_token"] {
        let form = [("token", tokens[name].as_str().unwrap())];
        let (inspected, calls) = app.counted(client.post(&app, "/oauth/introspect", &form)).await;
        assert_eq!((inspected.status.as_u16(), calls), (200, 1), "{name}");
        let (revoked, calls) = app.counted(client.post(&app, "/oauth/revoke", &form)).await;
        assert_eq!((revoked.status.as_u16(), calls), (200, 2), "{name}");
    }
}

#[tokio::test]
async fn a_pushed_request_costs_two_calls_and_bringing_it_two() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let path = client.authorization(READ, &[]);
    let parameters: Vec<(String, String)> = serde_urlencoded::from_str(path.split_once('?').unwrap().1).unwrap();
    let (pushed, calls) = app
        .counted(client.post(&app, "/oauth/par", &as_pairs(&parameters)))
        .await;
    assert_eq!((pushed.status.as_u16(), calls), (201, 2));
    let query = [
        ("client_id", client.id.as_str()),
        ("request_uri", pushed.json()["request_uri"].as_str().unwrap()),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let path = format!("/oauth/authorize?{}", serde_urlencoded::to_string(query).unwrap());
    let (page, calls) = app.counted(app.get(&path)).await;
    assert_eq!((page.status.as_u16(), calls), (200, 2));
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
