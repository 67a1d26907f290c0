//! The API's status codes over all operations (digest section 1.6), the error body (1.7) and the list (1.3, 1.4).

use axum::{Router, body::Body};
use clr_core::{metering::Usage, oauth::Scope};
use clr_server::Routes;
use http::{HeaderName, Method, header};
use serde_json::{Value, json};
use tests::{Answer, PUBLIC_URL, TestApp, request};
use tower::ServiceExt as _;

use crate::records::{ISSUED, signed, signed_jws};

const DISCOVERY: &str = "/ims/clr/v2p0/discovery";
const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";
const PROFILE: &str = "/ims/clr/v2p0/profile";

/// The operations that need a token, and the scope of each.
const SECURED: [(Method, &str, Scope); 4] = [
    (Method::GET, CREDENTIALS, Scope::CredentialReadonly),
    (Method::POST, CREDENTIALS, Scope::CredentialUpsert),
    (Method::GET, PROFILE, Scope::ProfileReadonly),
    (Method::PUT, PROFILE, Scope::ProfileUpdate),
];

/// A service, and a token that may do everything.
async fn app() -> (TestApp, String) {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &SECURED.map(|(.., scope)| scope)).await;
    (app, token)
}

async fn call(app: &TestApp, method: &Method, path: &str, token: Option<&str>, body: &str) -> Answer {
    call_with(app, method, path, token, body, &[]).await
}

async fn call_with(
    app: &TestApp,
    method: &Method,
    path: &str,
    token: Option<&str>,
    body: &str,
    headers: &[(HeaderName, &str)],
) -> Answer {
    let mut request = request(method.clone(), path, token, Body::from(body.to_owned()));
    let given = request.headers_mut();
    given.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    for (name, value) in headers {
        given.insert(name, value.parse().unwrap());
    }
    app.send(request).await
}

/// An `Imsx_StatusInfo`, a closed object, with what the vocabulary has for this status.
#[track_caller]
fn check(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    let body = answer.json();
    assert_eq!(body["imsx_codeMajor"], "failure");
    assert_eq!(body["imsx_severity"], if status == 404 { "status" } else { "error" });
    assert!(!answer.description().is_empty());
    let field = &body["imsx_codeMinor"]["imsx_codeMinorField"][0];
    assert_eq!(field["imsx_codeMinorFieldValue"], code, "{body}");
    for (object, members) in [
        (
            &body,
            &["imsx_codeMajor", "imsx_severity", "imsx_description", "imsx_codeMinor"][..],
        ),
        (&body["imsx_codeMinor"], &["imsx_codeMinorField"]),
        (field, &["imsx_codeMinorFieldName", "imsx_codeMinorFieldValue"]),
    ] {
        let given: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(given.iter().all(|member| members.contains(member)), "{given:?}");
    }
}

#[tokio::test]
async fn each_operation_is_answered_200_with_its_document() {
    let (app, token) = app().await;
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    app.post_json_as(&token, CREDENTIALS, &credential).await;
    let profile = json!({"id": "urn:example:ada", "type": ["Profile"]}).to_string();
    let list = json!({ "credential": [credential] });
    for (method, path, body, given) in [
        (Method::GET, CREDENTIALS, String::new(), Some(list)),
        (Method::POST, CREDENTIALS, credential.to_string(), Some(credential)),
        (
            Method::PUT,
            PROFILE,
            profile.clone(),
            serde_json::from_str(&profile).unwrap(),
        ),
        (
            Method::GET,
            PROFILE,
            String::new(),
            serde_json::from_str(&profile).unwrap(),
        ),
        (Method::GET, DISCOVERY, String::new(), None),
    ] {
        let answer = call(&app, &method, path, Some(&token), &body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "application/json"),
            "{method} {path}"
        );
        assert!(
            given.is_none_or(|given| given == answer.json()),
            "{method} {path}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn only_a_credential_that_is_inserted_is_answered_201() {
    let (app, token) = app().await;
    let statuses = async |id: &str, valid_from: &str| {
        let credential = signed(&app, id, valid_from).await;
        app.post_json_as(&token, CREDENTIALS, &credential).await.status.as_u16()
    };
    assert_eq!(statuses("urn:example:1", "2026-01-01T00:00:00Z").await, 201);
    assert_eq!(statuses("urn:example:1", "2026-01-02T00:00:00Z").await, 200, "replaced");
    assert_eq!(statuses("urn:example:2", "2026-01-01T00:00:00Z").await, 201);
}

#[tokio::test]
async fn nothing_is_put_off_so_202_is_neither_given_nor_described() {
    let (app, token) = app().await;
    let profile = json!({"id": "urn:example:ada", "type": ["Profile"], "name": "Ada"}).to_string();
    let put = call(&app, &Method::PUT, PROFILE, Some(&token), &profile).await;
    assert_eq!(put.status, 200, "{}", put.text());
    assert_eq!(
        app.get_as(&token, PROFILE).await.text(),
        profile,
        "it is done when it is answered"
    );
    let described = &app.get(DISCOVERY).await.json()["paths"]["/profile"]["put"]["responses"];
    assert!(
        described["200"].is_object() && described["202"].is_null(),
        "{described}"
    );
}

#[tokio::test]
async fn what_is_not_modified_is_answered_304_without_a_body() {
    let (app, token) = app().await;
    let etag = app.get(DISCOVERY).await.header("etag").to_owned();
    let seen = [(header::IF_NONE_MATCH, etag.as_str())];
    let mut answers = vec![call_with(&app, &Method::GET, DISCOVERY, None, "", &seen).await];
    let older = signed(&app, "urn:example:1", "2026-01-01T00:00:00Z").await;
    let newer = signed(&app, "urn:example:1", "2026-01-02T00:00:00Z").await;
    app.post_json_as(&token, CREDENTIALS, &newer).await;
    answers.push(app.post_json_as(&token, CREDENTIALS, &older).await);
    let profile = json!({"id": "urn:example:ada", "type": ["Profile"]}).to_string();
    call(&app, &Method::PUT, PROFILE, Some(&token), &profile).await;
    answers.push(call(&app, &Method::PUT, PROFILE, Some(&token), &profile).await);
    for answer in answers {
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (304, ""));
    }
}

#[tokio::test]
async fn a_malformed_or_invalid_request_is_answered_400() {
    let (app, token) = app().await;
    for (method, path, body, code) in [
        (
            Method::GET,
            format!("{CREDENTIALS}?limit=0"),
            "",
            "invalid_query_parameter",
        ),
        (
            Method::GET,
            format!("{CREDENTIALS}?offset=-1"),
            "",
            "invalid_query_parameter",
        ),
        (
            Method::GET,
            format!("{CREDENTIALS}?since=x"),
            "",
            "invalid_query_parameter",
        ),
        (Method::POST, CREDENTIALS.to_owned(), "{", "invalid_data"),
        (Method::POST, CREDENTIALS.to_owned(), "{}", "invalid_data"),
        (Method::PUT, PROFILE.to_owned(), "{", "invalid_data"),
        (Method::PUT, PROFILE.to_owned(), "{}", "invalid_data"),
    ] {
        check(&call(&app, &method, &path, Some(&token), body).await, 400, code);
    }
}

#[tokio::test]
async fn without_a_good_token_every_operation_but_discovery_is_answered_401_with_a_challenge() {
    let (app, token) = app().await;
    let spoiled = format!("{}x", &token[..token.len() - 1]);
    for (method, path, _) in SECURED {
        let answer = call(&app, &method, path, None, "{}").await;
        check(&answer, 401, "unauthorizedrequest");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{method} {path}");
        let answer = call(&app, &method, path, Some(&spoiled), "{}").await;
        check(&answer, 401, "unauthorizedrequest");
        assert_eq!(
            answer.header("www-authenticate"),
            r#"Bearer error="invalid_token""#,
            "{method} {path}"
        );
    }
    assert_eq!(app.get(DISCOVERY).await.status, 200);
}

#[tokio::test]
async fn a_token_of_the_other_scopes_is_answered_403_that_names_the_one_it_lacks() {
    let app = TestApp::start().await;
    for (method, path, scope) in SECURED {
        let others: Vec<Scope> = SECURED
            .into_iter()
            .map(|(.., other)| other)
            .filter(|other| *other != scope)
            .collect();
        let token = app.learner_token("ada", &others).await;
        let answer = call(&app, &method, path, Some(&token), "{}").await;
        check(&answer, 403, "forbidden");
        assert!(
            answer.description().contains(scope.as_str()),
            "{}",
            answer.description()
        );
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.contains("insufficient_scope") && challenge.contains(scope.as_str()),
            "{challenge}"
        );
    }
}

#[tokio::test]
async fn where_nothing_is_or_is_not_disclosed_404_is_the_answer() {
    let (app, token) = app().await;
    let of_another = app.learner_token("bob", &[Scope::CredentialUpsert]).await;
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    let kept = app.post_json_as(&of_another, CREDENTIALS, &credential).await;
    let path = kept.header("location").strip_prefix(PUBLIC_URL).unwrap().to_owned();
    check(&app.get_as(&token, &path).await, 404, "not_found");
    for path in [
        "/ims/clr/v2p0",
        "/ims/clr/v2p0/nothing",
        "/ims/clr/v1p0/credentials",
        "/",
    ] {
        check(&app.get_as(&token, path).await, 404, "not_found");
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_answered_405_with_those_it_has() {
    let (app, token) = app().await;
    for (path, methods, allow) in [
        (
            DISCOVERY,
            &[Method::POST, Method::PUT, Method::DELETE][..],
            "GET, HEAD, OPTIONS",
        ),
        (
            CREDENTIALS,
            &[Method::PUT, Method::DELETE, Method::PATCH],
            "GET, HEAD, POST, OPTIONS",
        ),
        (
            PROFILE,
            &[Method::POST, Method::DELETE, Method::PATCH],
            "GET, HEAD, PUT, OPTIONS",
        ),
    ] {
        for method in methods {
            let answer = call(&app, method, path, Some(&token), "{}").await;
            check(&answer, 405, "not_allowed");
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_failure_of_ours_is_answered_500_and_tells_nothing_of_it() {
    async fn fails() -> &'static str {
        panic!("the name of the table is secret")
    }
    let (app, _) = app().await;
    let router: Router = clr_server::router(Routes::new().get("/fails", fails), app.app.clone());
    let response = router
        .oneshot(request(Method::GET, "/fails", None, Body::empty()))
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let answer = Answer {
        status: parts.status,
        headers: parts.headers,
        body: axum::body::to_bytes(body, 10_000).await.unwrap(),
        usage: Usage::default(),
    };
    check(&answer, 500, "internal_server_error");
    assert!(!answer.text().contains("secret"));

    // The table is gone: every secured operation needs it for its token.
    let nowhere = TestApp::configured(|config| config.table_name = "no-such-table".to_owned()).await;
    let (_, token) = self::app().await;
    for (method, path, _) in SECURED {
        let answer = call(&nowhere, &method, path, Some(&token), "{}").await;
        check(&answer, 500, "internal_server_error");
        assert!(!answer.text().contains("no-such-table"), "{}", answer.text());
    }
}

#[tokio::test]
async fn any_other_failure_has_the_same_body() {
    let (app, token) = app().await;
    for (method, path, _) in SECURED {
        let images_only = [(header::ACCEPT, "image/png")];
        let answer = call_with(&app, &method, path, Some(&token), "{}", &images_only).await;
        check(&answer, 406, "not_acceptable");
    }
    let long = format!("\"{}\"", "a".repeat(4_000_001));
    for (method, path) in [(Method::POST, CREDENTIALS), (Method::PUT, PROFILE)] {
        check(
            &call(&app, &method, path, Some(&token), &long).await,
            413,
            "invalid_data",
        );
        let xml = [(header::CONTENT_TYPE, "application/xml")];
        let answer = call_with(&app, &method, path, Some(&token), "<a/>", &xml).await;
        check(&answer, 415, "invalid_data");
    }
}

#[tokio::test]
async fn credentials_of_both_forms_are_counted_and_paged_as_one_list_with_no_other_members() {
    let (app, token) = app().await;
    let (mut embedded, mut compact) = (0, 0);
    for number in 0..5 {
        let id = format!("urn:example:{number}");
        let answer = if number % 2 == 0 {
            let credential = signed(&app, &id, ISSUED).await;
            app.post_json_as(&token, CREDENTIALS, &credential).await
        } else {
            let jws = signed_jws(&app, &id, ISSUED).await;
            let text = [(header::CONTENT_TYPE, "text/plain")];
            call_with(&app, &Method::POST, CREDENTIALS, Some(&token), &jws, &text).await
        };
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    for offset in [0, 2, 4] {
        let answer = app
            .get_as(&token, &format!("{CREDENTIALS}?limit=2&offset={offset}"))
            .await;
        assert_eq!(answer.header("x-total-count"), "5");
        let page = answer.json();
        let members: Vec<_> = page.as_object().unwrap().keys().map(String::as_str).collect();
        let known = members
            .iter()
            .all(|member| ["credential", "compactJwsString"].contains(member));
        assert!(known, "{members:?}");
        let count = |name: &str| page[name].as_array().map_or(0, Vec::len);
        assert_eq!(count("credential") + count("compactJwsString"), 2.min(5 - offset));
        assert!(
            page.as_object().unwrap().values().all(|array| *array != json!([])),
            "empty arrays are left out"
        );
        embedded += count("credential");
        compact += count("compactJwsString");
    }
    assert_eq!((embedded, compact), (3, 2));
}

#[tokio::test]
async fn link_targets_are_absolute_urls_of_the_same_endpoint_with_limit_and_offset() {
    let (app, token) = app().await;
    for number in 0..3 {
        let credential = signed(&app, &format!("urn:example:{number}"), ISSUED).await;
        app.post_json_as(&token, CREDENTIALS, &credential).await;
    }
    let answer = app.get_as(&token, &format!("{CREDENTIALS}?limit=1&offset=1")).await;
    let link = |relation: &str, offset: usize| {
        format!("<{PUBLIC_URL}{CREDENTIALS}?limit=1&offset={offset}>; rel=\"{relation}\"")
    };
    let expected = [link("first", 0), link("last", 2), link("next", 2), link("prev", 0)];
    assert_eq!(answer.header("link"), expected.join(", "));
}

#[tokio::test]
async fn the_service_description_names_each_operation_with_its_scope_and_nothing_that_is_not_there() {
    let (app, _) = app().await;
    let description = app.get(DISCOVERY).await.json();
    let scopes = &description["components"]["securitySchemes"]["OAuth2ACG"]["flows"]["authorizationCode"]["scopes"];
    for (method, path, scope) in SECURED {
        let path = path.strip_prefix("/ims/clr/v2p0").unwrap();
        let operation = &description["paths"][path][method.as_str().to_lowercase()];
        let asked: Vec<&Value> = operation["security"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|entry| entry["OAuth2ACG"].as_array().unwrap())
            .collect();
        assert_eq!(asked, [scope.as_str()], "{method} {path}");
        assert!(scopes[scope.as_str()].is_string(), "{scope}");
        for status in ["200", "400", "401", "403", "405", "500", "default"] {
            let is_listed = operation["responses"][status].is_object();
            // Nothing in a request for the Profile can be malformed.
            let cannot_be = status == "400" && (method == Method::GET && path == "/profile");
            assert!(is_listed || cannot_be, "{method} {path} {status}");
        }
    }
    let open = &description["paths"]["/discovery"]["get"]["security"];
    assert!(open.is_null() || *open == json!([]), "{open}");
}
