//! OWASP API4: bodies that are long, deep, ambiguous or compressed. Each is refused in the dialect of its endpoint, soon, and
//! with an answer that is not much longer than what was sent.

use std::time::{Duration, Instant};

use axum::body::Body;
use clr_core::oauth::Scope;
use clr_server::paths;
use futures::StreamExt as _;
use http::{Method, Request, header};
use tests::{Answer, TestApp, form_request, request};

use crate::oauth_client::{TestClient, metadata};

/// In a debug build on a busy machine. What is quadratic in four megabytes takes hours.
const SOON: Duration = Duration::from_secs(30);
/// What Lambda takes.
const LONGEST_ANSWER: usize = 6_000_000;

/// An endpoint that takes JSON, with a token that it takes it from.
pub(crate) struct Endpoint {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) token: Option<String>,
}

impl Endpoint {
    pub(crate) async fn all(app: &TestApp) -> Vec<Self> {
        let registered = app.post_json("/oauth/register", &metadata()).await.json();
        let text = |name: &str| registered[name].as_str().unwrap().to_owned();
        let learner = app
            .learner_token("ada", &[Scope::CredentialUpsert, Scope::ProfileUpdate])
            .await;
        let operator = app.operator_token(&[Scope::Issue, Scope::Status]).await;
        let endpoint = |method, path: &str, token: Option<&String>| Self {
            method,
            path: path.to_owned(),
            token: token.cloned(),
        };
        vec![
            endpoint(Method::POST, paths::REGISTER, None),
            endpoint(
                Method::PUT,
                &format!("/oauth/register/{}", text("client_id")),
                Some(&text("registration_access_token")),
            ),
            endpoint(Method::POST, paths::VERIFY, None),
            endpoint(Method::POST, paths::VERIFY_PRESENTATION, None),
            endpoint(Method::POST, paths::CLR_CREDENTIALS, Some(&learner)),
            endpoint(Method::PUT, paths::CLR_PROFILE, Some(&learner)),
            endpoint(Method::POST, paths::ISSUE, Some(&operator)),
            endpoint(Method::POST, paths::CHANGE_STATUS, Some(&operator)),
        ]
    }

    async fn send(&self, app: &TestApp, body: impl Into<Body>) -> Answer {
        let mut request: Request<Body> = request(self.method.clone(), &self.path, self.token.as_deref(), body.into());
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        soon(&self.path, app.send(request)).await
    }

    /// Refused, for what was sent and in the right words.
    pub(crate) async fn refuses(&self, app: &TestApp, what: &str, body: impl Into<Body>) -> Answer {
        let answer = self.send(app, body).await;
        let (path, status) = (&self.path, answer.status.as_u16());
        assert!([400, 413, 422].contains(&status), "{what} at {path}: {}", answer.text());
        let body = answer.json();
        let dialect = if path.starts_with("/oauth/") {
            body["error"].is_string()
        } else {
            body["imsx_codeMajor"] == "failure" || body["verified"] == false
        };
        assert!(dialect, "{what} at {path}: {body}");
        answer
    }
}

pub(crate) async fn soon(what: &str, answer: impl Future<Output = Answer>) -> Answer {
    let begun = Instant::now();
    let answer = answer.await;
    assert!(begun.elapsed() < SOON, "{what} took {:?}", begun.elapsed());
    assert!(
        answer.body.len() < LONGEST_ANSWER,
        "{what}: an answer of {} bytes",
        answer.body.len()
    );
    answer
}

#[tokio::test]
async fn every_endpoint_that_takes_json_is_among_the_attacked() {
    let app = TestApp::start().await;
    let attacked = Endpoint::all(&app).await;
    let forms = [
        paths::AUTHORIZE,
        paths::GRANTS,
        paths::TOKEN,
        paths::PUSHED_REQUESTS,
        paths::REVOKE,
        paths::INTROSPECT,
    ];
    for route in paths::TABLE
        .iter()
        .filter(|route| ["POST", "PUT"].contains(&route.method))
    {
        let beginning = route.path.split('{').next().unwrap();
        let is_attacked = attacked
            .iter()
            .any(|endpoint| endpoint.method == route.method && endpoint.path.starts_with(beginning));
        assert!(is_attacked || forms.contains(&route.path), "{route:?}");
    }
}

#[tokio::test]
async fn what_is_nested_deeply_is_refused() {
    let app = TestApp::start().await;
    for endpoint in Endpoint::all(&app).await {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let deep = |levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
            for text in [
                deep(10_000),
                open.repeat(400_000),
                format!("{{\"credential\":{}}}", deep(5_000)),
            ] {
                endpoint.refuses(&app, "depth", text).await;
            }
        }
    }
}

#[tokio::test]
async fn what_is_longer_than_four_megabytes_is_refused_before_it_is_read() {
    let app = TestApp::start().await;
    for endpoint in Endpoint::all(&app).await {
        let long = format!("{{\"padding\":\"{}\"}}", "x".repeat(4_000_000));
        let answer = endpoint.refuses(&app, "length", long).await;
        assert!(answer.body.len() < 1_000, "{}", answer.text());
        // A stream that does not say how long it is.
        let chunk = bytes::Bytes::from(vec![b' '; 100_000]);
        let chunks = futures::stream::iter(vec![chunk; 100]).map(Ok::<_, std::io::Error>);
        endpoint.refuses(&app, "a stream", Body::from_stream(chunks)).await;
    }
}

#[tokio::test]
async fn one_long_text_or_name_or_number_is_refused_or_harmless() {
    let app = TestApp::start().await;
    let long = "x".repeat(3_900_000);
    let digits = "9".repeat(3_900_000);
    for endpoint in Endpoint::all(&app).await {
        for body in [
            format!("\"{long}\""),
            format!("{{\"{long}\":1}}"),
            format!("{{\"@context\":\"{long}\"}}"),
            format!("{{\"id\":\"{long}\",\"type\":[\"ClrCredential\"]}}"),
            format!("{{\"client_name\":\"{long}\"}}"),
            format!("{{\"verifiableCredential\":\"{long}\"}}"),
            format!("{{\"padding\":{digits}}}"),
            "{\"padding\":1e999999}".to_owned(),
            format!("{{\"padding\":-0.{digits}e-999999999}}"),
        ] {
            endpoint.refuses(&app, &body[..40.min(body.len())], body.clone()).await;
        }
    }
}

#[tokio::test]
async fn what_is_not_one_way_to_read_is_refused() {
    let app = TestApp::start().await;
    for endpoint in Endpoint::all(&app).await {
        for body in [
            &b""[..],
            b"null",
            b"7",
            b"[",
            b"{\"a\":1}{\"b\":2}",
            b"{\"credential\":{},\"credential\":{}}",
            b"{\"id\":\"urn:a\",\"id\":\"urn:b\"}",
            b"{\"client_name\":\"a\",\"client_name\":\"b\"}",
            b"{\"a\":\"\\ud800\"}",
            b"{\"a\":\"\xff\xfe\"}",
            b"\xef\xbb\xbf{}",
            b"{\"a\":NaN}",
            b"{'a':1}",
            b"{\"a\":\"\0\"}",
            b"\x1f\x8b\x08\x00",
        ] {
            endpoint
                .refuses(&app, &String::from_utf8_lossy(body), body.to_vec())
                .await;
        }
    }
}

#[tokio::test]
async fn a_compressed_body_is_not_inflated() {
    let app = TestApp::start().await;
    let bomb = crate::elsewhere::gzip(&vec![b' '; 10_000_000]);
    for endpoint in Endpoint::all(&app).await {
        let mut request: Request<Body> = request(
            endpoint.method.clone(),
            &endpoint.path,
            endpoint.token.as_deref(),
            Body::from(bomb.clone()),
        );
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        headers.insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
        let answer = soon(&endpoint.path, app.send(request)).await;
        assert!(
            [400, 415].contains(&answer.status.as_u16()),
            "{}: {}",
            endpoint.path,
            answer.text()
        );
    }
}

#[tokio::test]
async fn forms_are_bounded_and_unambiguous() {
    let app = TestApp::start().await;
    let client = TestClient::register(&app).await;
    let long = "x".repeat(40_000);
    let escaped = "%41".repeat(10_000);
    let many: Vec<(String, String)> = (0..3_000).map(|number| (format!("p{number}"), String::new())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (&**name, &**value)).collect();
    for path in [paths::TOKEN, paths::PUSHED_REQUESTS, paths::REVOKE, paths::INTROSPECT] {
        for form in [
            &[("token", long.as_str()), ("grant_type", "refresh_token")][..],
            &[
                ("token", "a"),
                ("token", "b"),
                ("grant_type", "a"),
                ("grant_type", "b"),
                ("scope", "a"),
                ("scope", "b"),
            ],
            &many,
        ] {
            let answer = soon(path, client.post(&app, path, form)).await;
            assert!(
                [400, 401].contains(&answer.status.as_u16()),
                "{path}: {}",
                answer.text()
            );
            assert!(answer.json()["error"].is_string(), "{path}");
        }
        let mut raw = client.request(path, &[]);
        *raw.body_mut() = Body::from(format!("token={escaped}&%zz=%&=&&&"));
        let answer = soon(path, app.send(raw)).await;
        assert!(
            answer.status.is_client_error() || answer.status == 200,
            "{path}: {}",
            answer.text()
        );
    }
    for path in [paths::AUTHORIZE, paths::GRANTS] {
        for form in [&[("authorization", long.as_str())][..], &many] {
            let answer = soon(path, app.send(form_request(path, form))).await;
            assert_eq!(answer.status, 400, "{path}");
            assert!(answer.header("content-type").starts_with("text/html"));
        }
    }
}

#[tokio::test]
async fn long_queries_and_headers_are_refused_or_ignored() {
    let app = TestApp::start().await;
    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    let long = "9".repeat(30_000);
    for query in [
        format!("limit={long}"),
        format!("offset={long}"),
        format!("since={long}"),
    ] {
        let answer = app.get_as(&token, &format!("{}?{query}", paths::CLR_CREDENTIALS)).await;
        assert_eq!(answer.status, 400);
        assert!(
            answer.body.len() < 1_000,
            "a long parameter is not sent back: {} bytes",
            answer.body.len()
        );
    }
    let many = "a=1&".repeat(10_000);
    let answer = app.get_as(&token, &format!("{}?{many}", paths::CLR_CREDENTIALS)).await;
    assert_eq!(answer.status, 200);
    for (name, value) in [
        ("accept", "a/b,".repeat(5_000)),
        ("accept-language", "xx;q=0.1,".repeat(5_000)),
        ("prefer", "a=b,".repeat(5_000)),
        ("if-none-match", "\"a\",".repeat(5_000)),
        ("cookie", "a=b;".repeat(5_000)),
        ("dpop", "a".repeat(60_000)),
    ] {
        for path in [paths::CLR_CREDENTIALS, paths::CLR_DISCOVERY, paths::GRANTS] {
            let mut request = request(Method::GET, path, Some(&token), Body::empty());
            request.headers_mut().insert(name, value.parse().unwrap());
            let answer = soon(name, app.send(request)).await;
            assert!(answer.status.as_u16() < 500, "{name} at {path}: {}", answer.text());
        }
    }
}
