//! Requests that must fail, and how.

use clr_core::Secret;
use reqwest::{Method, header};

use super::{
    api::{Api, status_info},
    finding::{Faults, Tested},
};

/// `status.no-token`.
pub(crate) async fn no_token(api: Api<'_>) -> Tested<()> {
    let mut faults = Faults::default();
    for (method, path) in operations(api) {
        let request = api
            .http
            .client()
            .request(method.clone(), api.url(path))
            .header(header::CONTENT_TYPE, "application/json");
        let answer = api
            .http
            .send(if method == Method::GET {
                request
            } else {
                request.body("{}")
            })
            .await?;
        let mut of_answer = status_info(&answer, 401);
        let challenge = answer.header(header::WWW_AUTHENTICATE);
        of_answer.unless(challenge.starts_with("Bearer"), || {
            "WWW-Authenticate does not ask for Bearer".to_owned()
        });
        faults.of(&format!("{method} {path}"), of_answer);
    }
    faults.with(())
}

/// `status.bad-token`.
pub(crate) async fn bad_token(api: Api<'_>) -> Tested<()> {
    let token = Secret::presented("a-token-that-nobody-gave");
    let answer = Api { token: &token, ..api }.get("/credentials").await?;
    let mut faults = status_info(&answer, 401);
    let challenge = answer.header(header::WWW_AUTHENTICATE);
    faults.unless(challenge.starts_with("Bearer"), || {
        "WWW-Authenticate does not ask for Bearer".to_owned()
    });
    faults.unless(challenge.contains("invalid_token"), || {
        "WWW-Authenticate does not say invalid_token".to_owned()
    });
    faults.with(())
}

/// `status.bad-parameter`.
pub(crate) async fn bad_parameter(api: Api<'_>) -> Tested<()> {
    let mut faults = Faults::default();
    for query in ["limit=0", "limit=x", "offset=-1", "since=yesterday"] {
        let answer = api.get(&format!("/credentials?{query}")).await?;
        faults.of(query, status_info(&answer, 400));
    }
    faults.with(())
}

/// `status.bad-body`.
pub(crate) async fn bad_body(api: Api<'_>) -> Tested<()> {
    let mut faults = Faults::default();
    for (name, text) in [("broken JSON", "{\"type\": ["), ("an empty object", "{}")] {
        let answer = api.submit("application/json", text).await?;
        let status = if answer.status.as_u16() == 422 { 422 } else { 400 };
        faults.of(name, status_info(&answer, status));
    }
    faults.with(())
}

/// `status.wrong-method`.
pub(crate) async fn wrong_method(api: Api<'_>) -> Tested<()> {
    let answer = api.http.send(api.request(Method::DELETE, "/credentials")).await?;
    let mut faults = status_info(&answer, 405);
    // RFC 9110, section 15.5.6.
    faults.unless(answer.headers.contains_key(header::ALLOW), || {
        "Allow is missing".to_owned()
    });
    faults.with(())
}

/// `status.unknown-path`.
pub(crate) async fn unknown_path(api: Api<'_>) -> Tested<()> {
    status_info(&api.get("/clr-certify-looks-here-for-nothing").await?, 404).with(())
}

/// `status.scope`: with a token that may read only.
pub(crate) async fn scope(api: Api<'_>) -> Tested<()> {
    let answer = api.submit("application/json", "{}").await?;
    let mut faults = status_info(&answer, 403);
    let challenge = answer.header(header::WWW_AUTHENTICATE);
    faults.unless(challenge.contains("insufficient_scope"), || {
        "WWW-Authenticate does not say insufficient_scope".to_owned()
    });
    faults.with(())
}

fn operations(api: Api<'_>) -> Vec<(Method, &'static str)> {
    let all = [
        (Method::GET, "/credentials"),
        (Method::POST, "/credentials"),
        (Method::GET, "/profile"),
        (Method::PUT, "/profile"),
    ];
    let offered = |(method, path): &(Method, &str)| api.description.has(&method.as_str().to_ascii_lowercase(), path);
    all.into_iter().filter(offered).collect()
}
