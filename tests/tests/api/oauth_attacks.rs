//! The attacks of [RFC 9700, section 4](https://www.rfc-editor.org/rfc/rfc9700#section-4), each with what stands against it.
//!
//! Where the defence is a rule that has tests of its own, the test here plays the whole attack and leaves the corners to them.

use axum::body::Body;
use clr_core::{TenantId, oauth::Scope};
use http::{HeaderValue, Method, header};
use serde_json::{Value, json};
use tests::{Answer, TestApp, json_request, request};
use tower::ServiceExt as _;

use crate::oauth_client::{Browser, READ, REDIRECT_URI, TestClient, UPSERT, metadata, query};

async fn list(app: &TestApp, token: &Value) -> Answer {
    app.get_as(token.as_str().unwrap(), "/ims/clr/v2p0/credentials").await
}

fn offline() -> String {
    format!("{READ} offline_access")
}

#[tokio::test]
async fn redirect_manipulation_leads_nowhere() {
    // 4.1: whatever differs from the registered text by a byte is another address.
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    for uri in [
        "https://app.example.evil.example/callback?from=clr",
        "https://app.example@evil.example/callback?from=clr",
        "https://app.example/callback?from=clr#evil",
        "https://app.example/callback?from=clr%23",
        "https://app.example/../callback?from=clr",
        "https://app.example:443/callback?from=clr",
        "https://app.example/callback/?from=clr",
        "http://app.example/callback?from=clr",
        "javascript:alert(1)//https://app.example/callback?from=clr",
    ] {
        let answer = app
            .get(&client.authorization(READ, &[("redirect_uri", Some(uri))]))
            .await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (400, ""), "{uri}");
    }
}

#[tokio::test]
async fn nothing_leaks_by_referrer_history_or_caches() {
    // 4.2 and 4.3: pages load nothing and refer to nothing; answers are sent by 303, never kept, and tokens are never in an address.
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    for part in ["src=", "url(", "@import", "<link", "<iframe"] {
        assert!(!browser.page.text().contains(part), "{part}");
    }
    browser.answer("allow", &[("scope", READ)]).await;
    assert_eq!(browser.page.status, 303, "the form is not sent on (4.12)");
    assert_eq!(browser.page.header("referrer-policy"), "no-referrer");
    assert_eq!(browser.page.header("cache-control"), "no-store");
    let tokens = client.tokens(&app, READ).await;
    let in_query = format!(
        "/ims/clr/v2p0/credentials?access_token={}",
        tokens["access_token"].as_str().unwrap()
    );
    assert_eq!(app.get(&in_query).await.status, 401);
}

#[tokio::test]
async fn mixed_up_servers_are_told_apart() {
    // 4.4: success and error both name this server.
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let error = app.get(&client.authorization("openid", &[])).await;
    let location = url::Url::parse(error.header("location")).unwrap();
    assert_eq!(query(&location)["iss"], tests::PUBLIC_URL);
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    browser.answer("allow", &[("scope", READ)]).await;
    assert_eq!(query(&browser.location())["iss"], tests::PUBLIC_URL);
}

#[tokio::test]
async fn an_injected_code_does_not_fit() {
    // 4.5: the thief's own session of the same client has another verifier.
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let stolen = client.code(&app, READ).await;
    let of_the_thief = TestClient {
        verifier: app.app.randomness.secret().reveal().to_owned(),
        ..client.clone()
    };
    let answer = of_the_thief.redeem(&app, &stolen).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["error"]),
        (400, &json!("invalid_grant"))
    );
}

#[tokio::test]
async fn a_request_without_state_is_not_put_to_anybody() {
    // 4.7.
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    for state in [None, Some("")] {
        let answer = app.get(&client.authorization(READ, &[("state", state)])).await;
        assert_eq!(answer.status, 302);
        assert!(answer.header("location").contains("error=invalid_request"));
    }
}

#[tokio::test]
async fn pkce_cannot_be_left_out_on_either_side() {
    // 4.8: no request without a challenge; no redemption without, or with another, verifier.
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let stripped = [("code_challenge", None), ("code_challenge_method", None)];
    let answer = app.get(&client.authorization(READ, &stripped)).await;
    assert!(answer.header("location").contains("error=invalid_request"));
    let plain = [
        ("code_challenge", Some(client.verifier.as_str())),
        ("code_challenge_method", Some("plain")),
    ];
    let answer = app.get(&client.authorization(READ, &plain)).await;
    assert!(answer.header("location").contains("error=invalid_request"));
    let code = client.code(&app, READ).await;
    let without: Vec<_> = client
        .redemption(&code)
        .into_iter()
        .filter(|(name, _)| *name != "code_verifier")
        .collect();
    assert_eq!(client.token(&app, &without).await.json()["error"], "invalid_request");
}

#[tokio::test]
async fn host_and_forwarding_headers_change_nothing() {
    // 4.13: whoever talks to us directly cannot pass for the gateway.
    let app = TestApp::start().await;
    for path in ["/.well-known/oauth-authorization-server", "/ims/clr/v2p0/discovery"] {
        let plain = app.get(path).await;
        let mut forged = request(Method::GET, path, None, Body::empty());
        for name in [
            "host",
            "x-forwarded-host",
            "x-forwarded-proto",
            "forwarded",
            "x-original-url",
        ] {
            forged
                .headers_mut()
                .insert(name, HeaderValue::from_static("evil.example"));
        }
        assert_eq!(app.send(forged).await.body, plain.body, "{path}");
    }
}

#[tokio::test]
async fn a_stolen_refresh_token_is_found_out() {
    // 4.14: thief and client cannot both go on.
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let first = client.tokens(&app, &offline()).await;
    let of_the_thief = client.refresh(&app, &first["refresh_token"]).await.json();
    assert_eq!(list(&app, &of_the_thief["access_token"]).await.status, 200);
    app.clock
        .advance(std::time::Duration::from_secs(31).try_into().unwrap());
    assert_eq!(client.refresh(&app, &first["refresh_token"]).await.status, 400);
    assert_eq!(list(&app, &of_the_thief["access_token"]).await.status, 401);
    assert_eq!(client.refresh(&app, &of_the_thief["refresh_token"]).await.status, 400);
}

#[tokio::test]
async fn no_client_passes_for_a_learner_and_no_learner_for_the_institution() {
    // 4.15.
    let app = TestApp::start().await;
    let operator = app.operator_token(&[Scope::Issue]).await;
    assert_eq!(app.get_as(&operator, "/ims/clr/v2p0/credentials").await.status, 403);
    let client = TestClient::register(&app).await;
    let tokens = client.tokens(&app, READ).await;
    let token = tokens["access_token"].as_str().unwrap();
    let issued = app
        .post_json_as(token, "/credentials/issue", &json!({"credential": {}}))
        .await;
    assert_eq!(issued.status, 403);
}

#[tokio::test]
async fn a_token_of_one_learner_never_shows_anothers_records() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let adas = client.tokens(&app, READ).await;
    let mut ben = Browser::open(&app, &client.authorization(READ, &[])).await;
    ben.sign_in("ben").await;
    ben.answer("allow", &[("scope", READ)]).await;
    let bens = client
        .redeem(&app, query(&ben.location())["code"].as_str().unwrap())
        .await
        .json();
    let subject = async |tokens: &Value| {
        let form = [("token", tokens["access_token"].as_str().unwrap())];
        client.post(&app, "/oauth/introspect", &form).await.json()["sub"].clone()
    };
    assert_ne!(subject(&adas).await, subject(&bens).await);
    // The two halves of a token belong together.
    let (adas, bens) = (
        adas["access_token"].as_str().unwrap(),
        bens["access_token"].as_str().unwrap(),
    );
    let crossed = format!(
        "{}.{}",
        adas.split_once('.').unwrap().0,
        bens.split_once('.').unwrap().1
    );
    assert_eq!(list(&app, &json!(crossed)).await.status, 401);
}

#[tokio::test]
async fn a_token_of_another_tenant_opens_nothing() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let tokens = client.tokens(&app, &offline()).await;
    let code = client.code(&app, READ).await;
    let mut other = app.app.clone();
    other.table = app.app.table.seen_by(TenantId::new("other").unwrap());
    let other = clr_server::router(local::routes(), other);
    let send = async |request: http::Request<Body>| other.clone().oneshot(request).await.unwrap().status().as_u16();
    let path = "/ims/clr/v2p0/credentials";
    assert_eq!(
        send(request(
            Method::GET,
            path,
            tokens["access_token"].as_str(),
            Body::empty()
        ))
        .await,
        401
    );
    assert_eq!(
        send(client.request("/oauth/token", &client.redemption(&code))).await,
        401
    );
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(send(client.request("/oauth/token", &refresh)).await, 401);
    assert_eq!(
        send(request(
            Method::GET,
            &client.authorization(READ, &[]),
            None,
            Body::empty()
        ))
        .await,
        400
    );
    assert_eq!(
        list(&app, &tokens["access_token"]).await.status,
        200,
        "at home it is good"
    );
}

#[tokio::test]
async fn scopes_never_grow() {
    let app = TestApp::start().await;
    let client = TestClient::register_as(&app, |metadata| metadata["scope"] = json!(offline())).await;
    let asked = app.get(&client.authorization(UPSERT, &[])).await;
    assert!(
        asked.header("location").contains("error=invalid_scope"),
        "not registered"
    );
    let tokens = client.tokens(&app, &offline()).await;
    for scope in [UPSERT.to_owned(), format!("{READ} {UPSERT}"), "issue".to_owned()] {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
            ("scope", &scope),
        ];
        assert_eq!(
            client.token(&app, &form).await.json()["error"],
            "invalid_scope",
            "{scope}"
        );
    }
    let delivered = app
        .post_json_as(
            tokens["access_token"].as_str().unwrap(),
            "/ims/clr/v2p0/credentials",
            &json!({}),
        )
        .await;
    assert_eq!(delivered.status, 403);
}

#[tokio::test]
async fn nobody_finds_out_which_clients_and_grants_there_are() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let nobody = TestClient {
        id: "f81d4fae-7dec-11d0-a765-00a0c91e6bf6".to_owned(),
        ..client.clone()
    };
    let wrong = TestClient {
        secret: nobody.secret.replace(|_| true, "x"),
        ..client.clone()
    };
    for (path, form) in [
        (
            "/oauth/token",
            &[("grant_type", "refresh_token"), ("refresh_token", "x")][..],
        ),
        ("/oauth/revoke", &[("token", "x")]),
        ("/oauth/introspect", &[("token", "x")]),
        ("/oauth/par", &[("scope", READ)]),
    ] {
        let (one, other) = (nobody.post(&app, path, form).await, wrong.post(&app, path, form).await);
        assert_eq!((one.status.as_u16(), &one.body), (401, &other.body), "{path}");
        assert_eq!(
            one.headers.keys().collect::<Vec<_>>(),
            other.headers.keys().collect::<Vec<_>>()
        );
    }
    // Both take the same trips: nothing is looked up only for those that exist.
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let (_, of_nobody) = app.counted(nobody.post(&app, "/oauth/token", &form)).await;
    let (_, of_wrong) = app.counted(wrong.post(&app, "/oauth/token", &form)).await;
    assert_eq!(of_nobody, of_wrong);
    let (unknown, dead) = (
        format!("f81d4fae7dec11d0a76500a0c91e6bf6.{}", "a".repeat(43)),
        client.code(&app, READ).await,
    );
    client.redeem(&app, &dead).await;
    let (unknown, dead) = (client.redeem(&app, &unknown).await, client.redeem(&app, &dead).await);
    assert_eq!(unknown.body, dead.body, "an unknown code and a used one");
}

#[tokio::test]
async fn imitating_a_clients_metadata_takes_nothing_of_it_over() {
    let app = TestApp::start().await;
    let original = TestClient::register(&app).await;
    let imitation = TestClient::register(&app).await;
    assert_ne!(original.id, imitation.id);
    let code = original.code(&app, READ).await;
    let stolen = TestClient {
        verifier: original.verifier.clone(),
        ..imitation.clone()
    };
    assert_eq!(stolen.redeem(&app, &code).await.json()["error"], "invalid_grant");
    // Nor does naming the original's credentials in a registration.
    let mut forged = metadata();
    forged["client_id"] = json!(original.id);
    forged["client_secret"] = json!("of my choice");
    forged["registration_access_token"] = json!("of my choice");
    let registered = app.post_json("/oauth/register", &forged).await.json();
    assert_ne!(registered["client_id"], original.id);
    assert_ne!(registered["client_secret"], "of my choice");
    assert_ne!(registered["registration_access_token"], "of my choice");
    assert_eq!(original.redeem(&app, &code).await.status, 200);
}

#[tokio::test]
async fn an_assertion_of_one_client_is_not_another_ones() {
    use crate::oauth_keys::TestKey;

    let app = TestApp::start().await;
    let key = TestKey::one();
    let with_key = |metadata: &mut Value| {
        metadata["token_endpoint_auth_method"] = json!("private_key_jwt");
        metadata["jwks"] = json!({ "keys": [key.jwk()] });
    };
    // Both registered the same public key: it can be copied, the private one cannot, and the subject tells whose it is.
    let (owner, copy) = (
        TestClient::register_as(&app, with_key).await,
        TestClient::register_as(&app, with_key).await,
    );
    let code = owner.code(&app, READ).await;
    let assertion = key.assertion(&app, &copy.id, &json!({}));
    let form = [
        &owner.redemption(&code)[..],
        &[
            ("client_assertion_type", clr_core::oauth::CLIENT_ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ],
    ]
    .concat();
    let answer = app.send(tests::form_request("/oauth/token", &form)).await;
    assert_eq!(answer.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn oversized_and_deeply_nested_bodies_are_refused_politely() {
    let app = TestApp::start().await;
    let mut nested = metadata();
    nested["padding"] = serde_json::from_str(&format!("{}1{}", "[".repeat(100), "]".repeat(100))).unwrap();
    assert_eq!(
        app.post_json("/oauth/register", &nested).await.status,
        201,
        "within what serde takes"
    );
    let deep = format!("{{\"client_name\": {}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let mut sent = json_request("/oauth/register", None, &Value::Null);
    *sent.body_mut() = Body::from(deep);
    assert_eq!(app.send(sent).await.json()["error"], "invalid_client_metadata");
    let fields: Vec<(String, String)> = (0..2_000)
        .map(|number| (format!("p{number}"), "x".to_owned()))
        .collect();
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(app.post_form("/oauth/token", &fields).await.status, 401);
    let long = format!("/oauth/authorize?state={}", "a".repeat(10_000));
    assert_eq!(app.get(&long).await.status, 400);
}

#[tokio::test]
async fn only_the_authorization_endpoint_is_for_browsers_with_cookies() {
    // A foreign page may call the others, with what it holds itself: no cookie opens anything there.
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    let mut call = request(Method::GET, "/ims/clr/v2p0/credentials", None, Body::empty());
    call.headers_mut()
        .insert(header::COOKIE, browser.cookie.parse().unwrap());
    assert_eq!(app.send(call).await.status, 401);
    assert_eq!(browser.page.header("access-control-allow-origin"), "");
    assert!(browser.page.header("set-cookie").contains("SameSite=Lax"));
    assert!(REDIRECT_URI.starts_with("https://"));
}
