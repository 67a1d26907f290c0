//! Proof of possession (RFC 9449), and clients that prove themselves with a key (RFC 7523).

use axum::body::Body;
use http::{HeaderValue, Method, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests::{Answer, TestApp, form_request, request};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clr_core::oauth::{CLIENT_ASSERTION_TYPE, PublicJwk};

use crate::{
    oauth_client::{READ, TestClient},
    oauth_keys::TestKey,
};

const LIST: &str = "/ims/clr/v2p0/credentials";
const TOKEN: &str = "/oauth/token";

/// The client's token request with this proof.
async fn token(app: &TestApp, client: &TestClient, form: &[(&str, &str)], proof: &str) -> Answer {
    let mut request = client.request(TOKEN, form);
    request.headers_mut().insert("dpop", proof.parse().unwrap());
    app.send(request).await
}

/// Tokens bound to this key.
async fn bound(app: &TestApp, client: &TestClient, key: &TestKey) -> Value {
    let code = client.code(app, &format!("{READ} offline_access")).await;
    let proof = key.proof(app, "POST", TOKEN, &json!({}));
    let answer = token(app, client, &client.redemption(&code), &proof).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn list(app: &TestApp, authorization: &str, proof: Option<&str>) -> Answer {
    let mut request = request(Method::GET, LIST, None, Body::empty());
    let headers = request.headers_mut();
    headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
    if let Some(proof) = proof {
        headers.insert("dpop", proof.parse().unwrap());
    }
    app.send(request).await
}

fn ath(token: &str) -> Value {
    json!({ "ath": URL_SAFE_NO_PAD.encode(Sha256::digest(token)) })
}

#[track_caller]
fn check_refused(answer: &Answer, error: &str) {
    assert_eq!(answer.status, 401, "{}", answer.text());
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.starts_with(&format!(r#"DPoP error="{error}", algs="ES256"#)),
        "{challenge}"
    );
}

#[tokio::test]
async fn a_bound_token_is_used_by_the_holder_of_its_key() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    for key in [TestKey::one(), TestKey::ed25519()] {
        let tokens = bound(&app, &client, &key).await;
        assert_eq!(tokens["token_type"], "DPoP");
        let access_token = tokens["access_token"].as_str().unwrap();
        let proof = key.proof(&app, "GET", LIST, &ath(access_token));
        let answer = list(&app, &format!("DPoP {access_token}"), Some(&proof)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let inspected = client
            .post(&app, "/oauth/introspect", &[("token", access_token)])
            .await
            .json();
        let thumbprint = PublicJwk::read(&key.jwk()).unwrap().thumbprint();
        assert_eq!(inspected["cnf"]["jkt"], thumbprint.as_str());
        assert_eq!(inspected["token_type"], "DPoP");
    }
}

#[tokio::test]
async fn a_stolen_bound_token_is_of_no_use() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let (key, thief) = (TestKey::one(), TestKey::two());
    let tokens = bound(&app, &client, &key).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    check_refused(
        &list(&app, &format!("Bearer {access_token}"), None).await,
        "invalid_token",
    );
    let dpop = format!("DPoP {access_token}");
    check_refused(&list(&app, &dpop, None).await, "invalid_token");
    let proof = thief.proof(&app, "GET", LIST, &ath(access_token));
    check_refused(&list(&app, &dpop, Some(&proof)).await, "invalid_token");
    let unbound = client.tokens(&app, READ).await;
    let unbound = unbound["access_token"].as_str().unwrap();
    let proof = key.proof(&app, "GET", LIST, &ath(unbound));
    check_refused(
        &list(&app, &format!("DPoP {unbound}"), Some(&proof)).await,
        "invalid_token",
    );
}

#[tokio::test]
async fn a_proof_is_for_one_request_of_now_and_for_one_token() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let key = TestKey::one();
    let tokens = bound(&app, &client, &key).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let dpop = format!("DPoP {access_token}");
    let now = app.now().as_second();
    for (changes, lacking) in [
        (json!({"htm": "POST"}), "htm"),
        (json!({"htu": "https://evil.example/ims/clr/v2p0/credentials"}), "htu"),
        (json!({"htu": format!("{}{LIST}/other", tests::PUBLIC_URL)}), "htu"),
        (json!({"htu": null}), "htu"),
        (json!({"iat": now - 121}), "120 seconds"),
        (json!({"iat": now + 31}), "120 seconds"),
        (json!({"iat": "now"}), "iat"),
        (json!({"jti": null}), "jti"),
        (json!({"jti": ""}), "jti"),
        (json!({"jti": "x".repeat(300)}), "jti"),
        (json!({"ath": null}), "ath"),
        (ath("another token"), "ath"),
    ] {
        let mut claims = ath(access_token);
        claims
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        let answer = list(&app, &dpop, Some(&key.proof(&app, "GET", LIST, &claims))).await;
        check_refused(&answer, "invalid_dpop_proof");
        assert!(
            answer.description().contains(lacking),
            "{lacking} in {}",
            answer.description()
        );
    }
    let with_query = json!({"htu": format!("{}{LIST}?limit=1#x", tests::PUBLIC_URL), "ath": ath(access_token)["ath"]});
    let answer = list(&app, &dpop, Some(&key.proof(&app, "GET", LIST, &with_query))).await;
    assert_eq!(answer.status, 200, "query and fragment do not count: {}", answer.text());
}

#[tokio::test]
async fn a_proof_does_not_come_twice_and_never_in_pairs() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let key = TestKey::one();
    let tokens = bound(&app, &client, &key).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let dpop = format!("DPoP {access_token}");
    let proof = key.proof(&app, "GET", LIST, &ath(access_token));
    assert_eq!(list(&app, &dpop, Some(&proof)).await.status, 200);
    check_refused(&list(&app, &dpop, Some(&proof)).await, "invalid_dpop_proof");
    let mut request = request(Method::GET, LIST, None, Body::empty());
    request
        .headers_mut()
        .insert(header::AUTHORIZATION, dpop.parse().unwrap());
    for _ in 0..2 {
        let proof = key.proof(&app, "GET", LIST, &ath(access_token));
        request
            .headers_mut()
            .append("dpop", proof.parse::<HeaderValue>().unwrap());
    }
    check_refused(&app.send(request).await, "invalid_dpop_proof");
}

#[tokio::test]
async fn a_proof_is_a_jwt_of_its_type_signed_by_the_public_key_that_it_carries() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let (key, other) = (TestKey::one(), TestKey::two());
    let claims = json!({"jti": "1", "htm": "POST", "htu": format!("{}{TOKEN}", tests::PUBLIC_URL), "iat": app.now().as_second()});
    let mut private = key.jwk();
    private["d"] = json!("AAAA");
    let good = key.sign(json!({"typ": "dpop+jwt", "jwk": key.jwk()}), &claims);
    let (head, signature) = good.rsplit_once('.').unwrap();
    let none = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"dpop+jwt"}"#),
        head.split_once('.').unwrap().1
    );
    let with_private = {
        let header = json!({"alg": "ES256", "typ": "dpop+jwt", "jwk": private});
        format!(
            "{}.{}.{signature}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            head.split_once('.').unwrap().1
        )
    };
    for proof in [
        "x".to_owned(),
        head.to_owned(),
        format!("{head}.AAAA"),
        none,
        with_private,
        key.sign(json!({"typ": "JWT", "jwk": key.jwk()}), &claims),
        key.sign(json!({"typ": "dpop+jwt"}), &claims),
        key.sign(json!({"typ": "dpop+jwt", "jwk": other.jwk()}), &claims),
    ] {
        let code = client.code(&app, READ).await;
        let answer = token(&app, &client, &client.redemption(&code), &proof).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]),
            (400, &json!("invalid_dpop_proof")),
            "{proof}"
        );
        assert_eq!(client.redeem(&app, &code).await.status, 200, "the code was not burned");
    }
    let code = client.code(&app, READ).await;
    assert_eq!(token(&app, &client, &client.redemption(&code), &good).await.status, 200);
}

#[tokio::test]
async fn a_client_that_registered_for_it_gets_bound_tokens_only() {
    let app = TestApp::start().await;
    let client = TestClient::register_as(&app, |metadata| metadata["dpop_bound_access_tokens"] = json!(true)).await;
    let code = client.code(&app, READ).await;
    let answer = client.redeem(&app, &code).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["error"]),
        (400, &json!("invalid_dpop_proof"))
    );
    let proof = TestKey::one().proof(&app, "POST", TOKEN, &json!({}));
    let answer = token(&app, &client, &client.redemption(&code), &proof).await;
    assert_eq!(answer.json()["token_type"], "DPoP", "{}", answer.text());
}

#[tokio::test]
async fn a_code_asked_for_with_a_key_is_redeemed_with_it() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let (key, thief) = (TestKey::one(), TestKey::two());
    let thumbprint = PublicJwk::read(&key.jwk()).unwrap().thumbprint();
    let path = client.authorization(READ, &[("dpop_jkt", Some(thumbprint.as_str()))]);
    let code = client.code_of(&app, &path, READ).await;
    assert_eq!(client.redeem(&app, &code).await.json()["error"], "invalid_dpop_proof");
    let proof = thief.proof(&app, "POST", TOKEN, &json!({}));
    let answer = token(&app, &client, &client.redemption(&code), &proof).await;
    assert_eq!(answer.json()["error"], "invalid_dpop_proof");
    let proof = key.proof(&app, "POST", TOKEN, &json!({}));
    assert_eq!(
        token(&app, &client, &client.redemption(&code), &proof).await.status,
        200
    );
}

#[tokio::test]
async fn a_refreshed_token_is_bound_to_the_key_of_its_own_request() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let (key, next) = (TestKey::one(), TestKey::two());
    let tokens = bound(&app, &client, &key).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    let proof = next.proof(&app, "POST", TOKEN, &json!({}));
    let refreshed = token(&app, &client, &form, &proof).await.json();
    let access_token = refreshed["access_token"].as_str().unwrap();
    let dpop = format!("DPoP {access_token}");
    let old = key.proof(&app, "GET", LIST, &ath(access_token));
    check_refused(&list(&app, &dpop, Some(&old)).await, "invalid_token");
    let new = next.proof(&app, "GET", LIST, &ath(access_token));
    assert_eq!(list(&app, &dpop, Some(&new)).await.status, 200);
}

async fn register_key(app: &TestApp, key: &TestKey) -> TestClient {
    let client = TestClient::register_as(app, |metadata| {
        metadata["token_endpoint_auth_method"] = json!("private_key_jwt");
        metadata["jwks"] = json!({ "keys": [key.jwk()] });
    })
    .await;
    assert_eq!(client.secret, "", "it has no secret");
    client
}

async fn redeem(app: &TestApp, client: &TestClient, code: &str, assertion: &str) -> Answer {
    let proof = [
        ("client_assertion_type", CLIENT_ASSERTION_TYPE),
        ("client_assertion", assertion),
    ];
    let form = [&client.redemption(code)[..], &proof].concat();
    app.send(form_request(TOKEN, &form)).await
}

#[tokio::test]
async fn a_client_proves_itself_with_its_key_once_per_assertion() {
    let app = TestApp::start().await;
    for key in [TestKey::one(), TestKey::ed25519()] {
        let client = register_key(&app, &key).await;
        let code = client.code(&app, READ).await;
        let assertion = key.assertion(&app, &client.id, &json!({}));
        let answer = redeem(&app, &client, &code, &assertion).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let code = client.code(&app, READ).await;
        let replayed = redeem(&app, &client, &code, &assertion).await;
        assert_eq!(
            (replayed.status.as_u16(), &replayed.json()["error"]),
            (401, &json!("invalid_client"))
        );
        let to_endpoint = json!({"aud": [format!("{}{TOKEN}", tests::PUBLIC_URL)]});
        let assertion = key.assertion(&app, &client.id, &to_endpoint);
        assert_eq!(redeem(&app, &client, &code, &assertion).await.status, 200);
    }
}

#[tokio::test]
async fn an_assertion_of_another_key_client_audience_or_time_is_refused() {
    let app = TestApp::start().await;
    let (key, thief) = (TestKey::one(), TestKey::two());
    let client = register_key(&app, &key).await;
    let other = register_key(&app, &thief).await;
    let code = client.code(&app, READ).await;
    let now = app.now().as_second();
    let mut refused: Vec<String> = [
        json!({"aud": "https://other.example"}),
        json!({"aud": [tests::PUBLIC_URL, "https://other.example"]}),
        json!({"aud": null}),
        json!({"exp": now}),
        json!({"exp": now + 601}),
        json!({"exp": null}),
        json!({"jti": null}),
        json!({"iss": other.id}),
        json!({"nbf": now + 31}),
    ]
    .iter()
    .map(|changes| key.assertion(&app, &client.id, changes))
    .collect();
    refused.push(thief.assertion(&app, &client.id, &json!({})));
    refused.push("x.y.z".to_owned());
    for assertion in &refused {
        let answer = redeem(&app, &client, &code, assertion).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]),
            (401, &json!("invalid_client")),
            "{assertion}"
        );
    }
    let untyped = [&client.redemption(&code)[..], &[("client_assertion", &*refused[0])]].concat();
    assert_eq!(
        app.send(form_request(TOKEN, &untyped)).await.json()["error"],
        "invalid_request"
    );
    let good = key.assertion(&app, &client.id, &json!({}));
    assert_eq!(
        redeem(&app, &client, &code, &good).await.status,
        200,
        "none of that burned the code"
    );
}

#[tokio::test]
async fn only_sound_public_keys_are_registered() {
    let app = TestApp::start().await;
    let mut metadata = crate::oauth_client::metadata();
    metadata["token_endpoint_auth_method"] = json!("private_key_jwt");
    let mut private = TestKey::one().jwk();
    private["d"] = json!("AAAA");
    for (jwks, text) in [
        (Value::Null, "jwks or jwks_uri is missing"),
        (json!({"keys": []}), "1 to 5 keys"),
        (json!({"keys": [{"kty": "oct", "k": "AAAA"}]}), "symmetric"),
        (json!({"keys": [private]}), "private"),
        (json!({"keys": vec![TestKey::one().jwk(); 6]}), "1 to 5 keys"),
    ] {
        metadata["jwks"] = jwks;
        let answer = app.post_json("/oauth/register", &metadata).await;
        assert_eq!(answer.json()["error"], "invalid_client_metadata");
        assert!(answer.text().contains(text), "{text} in {}", answer.text());
    }
}
