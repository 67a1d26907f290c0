//! Headers as weapons: what a caller smuggles into ours, and what ours keep a browser from (OWASP API8).

use axum::body::Body;
use clr_core::oauth::Scope;
use clr_server::paths;
use http::{HeaderValue, Method, Request, header};
use serde_json::{Value, json};
use tests::{Answer, PUBLIC_URL, TestApp, json_request, request};

use crate::{
    oauth_client::{Browser, READ, TestClient, metadata, query},
    records::{ISSUED, achievement, record, sign, signed},
};

const EVIL: &str = "evil.example";

/// Percent-encoded, as they would stand in a query.
const SMUGGLED: [&str; 12] = [
    "%0d%0aLocation:%20https://evil.example/",
    "%0aSet-Cookie:%20a=b",
    "%0d%0a%0d%0a%3Cscript%3Ealert(1)%3C/script%3E",
    "%250d%250aX-Evil:%201",
    "%E5%98%8A%E5%98%8DX-Evil:%201",
    "%00",
    "%C3%A9%E2%80%A8",
    "a%26iss=https://evil.example%26code=x",
    "%23fragment",
    "%3Fa=b",
    "%22%3E%3Cimg%20src=x%3E",
    "https://evil.example/%0d%0a",
];

fn headers(answer: &Answer) -> String {
    answer
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())))
        .collect()
}

/// No header was added, none holds what would end it, and the browser goes to the application's own redirect URI.
#[track_caller]
fn assert_own_redirect(answer: &Answer, what: &str) -> Value {
    let all = headers(answer);
    assert!(answer.headers.get("x-evil").is_none(), "{what}: {all}");
    assert!(
        answer.headers.values().all(|value| value.to_str().is_ok()),
        "{what}: {all}"
    );
    let locations: Vec<_> = answer.headers.get_all(header::LOCATION).iter().collect();
    assert_eq!(locations.len(), 1, "{what}: {all}");
    let location = url::Url::parse(answer.header("location")).unwrap();
    assert!(
        answer
            .header("location")
            .starts_with("https://app.example/callback?from=clr&"),
        "{what}: {location}"
    );
    assert_eq!(location.fragment(), None, "{what}: {location}");
    for name in ["iss", "state", "error", "code"] {
        assert!(
            location.query_pairs().filter(|(given, _)| given == name).count() <= 1,
            "{what}: {location}"
        );
    }
    let query = query(&location);
    assert_eq!(query["iss"], PUBLIC_URL, "{what}: {location}");
    query
}

fn decoded(text: &str) -> String {
    let whole = text.replace('=', "%3D");
    let (name, _) = url::form_urlencoded::parse(whole.as_bytes()).next().unwrap();
    name.into_owned()
}

#[tokio::test]
async fn a_state_comes_back_as_it_was_and_nothing_beside_it() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    for smuggled in SMUGGLED {
        let state = decoded(smuggled);
        let error = app
            .get(&client.authorization("openid", &[("state", Some(&state))]))
            .await;
        let answer = assert_own_redirect(&error, smuggled);
        assert_eq!(
            (&answer["state"], &answer["error"]),
            (&json!(state), &json!("invalid_scope"))
        );
        let mut browser = Browser::open(&app, &client.authorization(READ, &[("state", Some(&state))])).await;
        browser.sign_in("ada").await;
        assert!(
            !browser.page.text().contains("<script") && !browser.page.text().contains("<img"),
            "{smuggled}"
        );
        browser.answer("allow", &[("scope", READ)]).await;
        let answer = assert_own_redirect(&browser.page, smuggled);
        assert_eq!((&answer["state"], answer["code"].is_string()), (&json!(state), true));
    }
}

#[tokio::test]
async fn no_other_parameter_of_an_authorization_request_reaches_a_header_or_a_page_unescaped() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    for name in [
        "scope",
        "response_type",
        "response_mode",
        "code_challenge",
        "code_challenge_method",
        "dpop_jkt",
        "request",
        "request_uri",
        "redirect_uri",
        "client_id",
        "ui_locales",
        "login_hint",
        "nonce",
        "prompt",
        "display",
        "error",
        "iss",
    ] {
        for smuggled in SMUGGLED {
            let path = format!("{}&{name}={smuggled}", client.authorization(READ, &[(name, None)]));
            let answer = app.get(&path).await;
            match answer.status.as_u16() {
                302 | 303 => drop(assert_own_redirect(&answer, &path)),
                200 | 400 => {
                    assert_eq!(answer.header("location"), "", "{path}");
                    for tag in ["<script", "<img", EVIL] {
                        assert!(!answer.text().contains(tag), "{path}: {}", answer.text());
                    }
                }
                status => panic!("{status} at {path}"),
            }
        }
    }
}

#[tokio::test]
async fn no_query_of_the_list_reaches_its_links() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    for name in ["limit", "offset", "since", "other", "%0d%0aX-Evil:1"] {
        for smuggled in SMUGGLED {
            for value in [
                smuggled.to_owned(),
                format!("1{smuggled}"),
                format!("2026-01-01T00:00:00Z{smuggled}"),
            ] {
                let answer = app
                    .get_as(&token, &format!("{}?{name}={value}", paths::CLR_CREDENTIALS))
                    .await;
                assert!(answer.headers.get("x-evil").is_none());
                assert!(answer.headers.get(header::LOCATION).is_none());
                let links = answer.header("link");
                assert!(
                    !links.contains(EVIL) && !links.contains('%') && !links.contains("<script"),
                    "{name}={value}: {links}"
                );
                for link in links.split(", ").filter(|link| !link.is_empty()) {
                    assert!(
                        link.starts_with(&format!("<{PUBLIC_URL}{}?limit=", paths::CLR_CREDENTIALS)),
                        "{link}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_registered_can_be_put_into_a_header() {
    let app = TestApp::start().await;
    for (name, value) in [
        (
            "redirect_uris",
            json!(["https://app.example/a\r\nLocation: https://evil.example/"]),
        ),
        ("redirect_uris", json!(["https://app.example/a\u{2028}b"])),
        ("redirect_uris", json!(["https://app.example/a b"])),
        ("redirect_uris", json!(["https://app.example\\@evil.example/"])),
        ("client_uri", json!("https://app.example/\r\nX-Evil: 1")),
        ("policy_uri", json!("https://app.example/\0")),
        ("tos_uri", json!("https://app.example/é")),
        ("client_name", json!("a\r\nX-Evil: 1")),
        ("software_id", json!("a\u{202e}b")),
    ] {
        let mut changed = metadata();
        changed[name] = value.clone();
        let answer = app.post_json(paths::REGISTER, &changed).await;
        assert_eq!(answer.status, 400, "{name} {value}: {}", answer.text());
        assert!(answer.headers.get("x-evil").is_none());
    }
    // A name with markup in it is text on the page.
    let client = TestClient::register_as(&app, |metadata| {
        metadata["client_name"] = json!("<b onclick=\"x\">A</b>&amp;")
    })
    .await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    browser.sign_in("ada").await;
    assert!(
        browser.page.text().contains("&lt;b onclick="),
        "{}",
        browser.page.text()
    );
}

#[tokio::test]
async fn an_id_of_a_delivered_credential_is_no_part_of_its_location() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialUpsert]).await;
    for id in [
        "https://evil.example/a",
        "urn:example:%0d%0aX-Evil:1",
        "urn:example:..%2f..%2fadmin",
    ] {
        let credential = sign(&app, record(id, ISSUED, vec![achievement("Algebra", "Solves.")])).await;
        let answer = app.post_json_as(&token, paths::CLR_CREDENTIALS, &credential).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let location = answer
            .header("location")
            .strip_prefix(&format!("{PUBLIC_URL}{}/", paths::CLR_CREDENTIALS));
        let id = location.unwrap();
        assert!(
            id.len() == 43 && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)),
            "{id}"
        );
    }
}

fn forge(mut request: Request<Body>) -> Request<Body> {
    for name in [
        "host",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-for",
        "x-original-url",
        "x-rewrite-url",
        "x-original-host",
        "x-host",
        "x-real-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "via",
    ] {
        request.headers_mut().insert(name, HeaderValue::from_static(EVIL));
    }
    let forwarded = HeaderValue::from_static("for=10.0.0.1;host=evil.example;proto=http");
    request.headers_mut().insert("forwarded", forwarded);
    request
}

#[track_caller]
fn assert_untouched(answer: &Answer) {
    assert!(answer.status.as_u16() < 500, "{}", answer.text());
    assert!(
        !headers(answer).contains(EVIL) && !answer.text().contains(EVIL),
        "{}{}",
        headers(answer),
        answer.text()
    );
}

#[tokio::test]
async fn forged_host_and_forwarding_headers_reach_no_link_no_document_and_no_redirect() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    for route in paths::TABLE.iter().filter(|route| route.method == "GET") {
        let path = route.path.replace('{', "a").replace('}', "b");
        let plain = app.get(&path).await;
        let forged = app.send(forge(request(Method::GET, &path, None, Body::empty()))).await;
        assert_untouched(&forged);
        assert_eq!(
            (plain.status, plain.header("location")),
            (forged.status, forged.header("location")),
            "{path}"
        );
    }
    let registered = app.send(forge(json_request(paths::REGISTER, None, &metadata()))).await;
    assert_untouched(&registered);
    let uri = registered.json()["registration_client_uri"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(uri.starts_with(&format!("{PUBLIC_URL}/oauth/register/")), "{uri}");
    let refused = client.authorization("openid", &[]);
    let refused = app
        .send(forge(request(Method::GET, &refused, None, Body::empty())))
        .await;
    assert_untouched(&refused);
    assert_own_redirect(&refused, "forged");
    let page = client.authorization(READ, &[]);
    assert_untouched(&app.send(forge(request(Method::GET, &page, None, Body::empty()))).await);

    let token = app
        .learner_token("ada", &[Scope::CredentialUpsert, Scope::CredentialReadonly])
        .await;
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    let delivered = app
        .send(forge(json_request(paths::CLR_CREDENTIALS, Some(&token), &credential)))
        .await;
    assert_eq!(delivered.status, 201);
    assert_untouched(&delivered);
    let listed = app
        .send(forge(request(
            Method::GET,
            paths::CLR_CREDENTIALS,
            Some(&token),
            Body::empty(),
        )))
        .await;
    assert_untouched(&listed);
    assert!(listed.header("link").starts_with(&format!("<{PUBLIC_URL}/")));
    let operator = app.operator_token(&[Scope::Issue]).await;
    let draft = record("urn:example:2", ISSUED, vec![achievement("Algebra", "Solves.")]);
    let issued = app
        .send(forge(json_request(paths::ISSUE, Some(&operator), &draft)))
        .await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    assert_untouched(&issued);
    let verified = app.send(forge(json_request(paths::VERIFY, None, &credential))).await;
    assert_untouched(&verified);
}

#[tokio::test]
async fn a_method_is_not_overridden_by_a_header_or_a_parameter() {
    let app = TestApp::start().await;
    let registered = app.post_json(paths::REGISTER, &metadata()).await.json();
    let path = format!("/oauth/register/{}", registered["client_id"].as_str().unwrap());
    let token = registered["registration_access_token"].as_str();
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        for method in [Method::GET, Method::POST] {
            let mut sent = request(method, &format!("{path}?_method=DELETE"), token, Body::empty());
            sent.headers_mut().insert(name, HeaderValue::from_static("DELETE"));
            app.send(sent).await;
        }
    }
    let still = app.send(request(Method::GET, &path, token, Body::empty())).await;
    assert_eq!(still.status, 200);
}

#[tokio::test]
async fn every_page_has_the_headers_that_protect_it() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let mut browser = Browser::open(&app, &client.authorization(READ, &[])).await;
    let mut pages = vec![browser.page.clone()];
    browser.sign_in("ada").await;
    pages.push(browser.page.clone());
    let mut grants = Browser::open(&app, paths::GRANTS).await;
    pages.push(grants.page.clone());
    grants.sign_in_at(paths::GRANTS, "ada").await;
    pages.push(grants.page.clone());
    pages.push(app.get("/oauth/authorize?client_id=x").await);
    pages.push(app.get(paths::SIGNED_IN).await);
    pages.push(app.post_form(paths::AUTHORIZE, &[]).await);
    for page in pages {
        let all = headers(&page);
        assert!(page.header("content-type").starts_with("text/html"), "{all}");
        let policy = page.header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(rule), "{rule} in {policy}");
        }
        for unsafe_rule in ["unsafe-inline", "unsafe-eval", "*", "script-src"] {
            assert!(!policy.contains(unsafe_rule), "{unsafe_rule} in {policy}");
        }
        assert_eq!(page.header("x-frame-options"), "DENY", "{all}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{all}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{all}");
        for cookie in page.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            for rule in ["HttpOnly", "Secure", "SameSite=Lax", "__Host-", "Path=/"] {
                assert!(cookie.contains(rule), "{rule} in {cookie}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
        }
    }
}

#[tokio::test]
async fn no_answer_is_taken_for_another_type_and_none_trusts_a_foreign_origin_with_cookies() {
    let app = TestApp::start().await;
    for route in paths::TABLE {
        for origin in ["https://evil.example", "null", PUBLIC_URL] {
            let path = route.path.replace('{', "a").replace('}', "b");
            for method in [route.method, "OPTIONS"] {
                let mut sent = request(method.parse().unwrap(), &path, None, Body::empty());
                let headers = sent.headers_mut();
                headers.insert(header::ORIGIN, origin.parse().unwrap());
                headers.insert("access-control-request-method", "POST".parse().unwrap());
                let answer = app.send(sent).await;
                assert_eq!(answer.header("x-content-type-options"), "nosniff", "{route:?}");
                assert_eq!(answer.header("access-control-allow-credentials"), "", "{route:?}");
                assert!(
                    ["", "*"].contains(&answer.header("access-control-allow-origin")),
                    "{route:?}"
                );
                for telltale in ["server", "x-powered-by", "x-aspnet-version"] {
                    assert_eq!(answer.header(telltale), "", "{route:?}");
                }
            }
        }
    }
}
