//! Dynamic client registration, as 1EdTech asks for it.

use clr_core::Secret;
use reqwest::Url;
use serde_json::{Value, json};

use super::{
    description::Description,
    finding::{Faults, Stop, Tested},
    http::{Answer, Http},
};

/// This program, registered at the host.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Secret,
}

const REQUIRED: [&str; 9] = [
    "client_name",
    "client_uri",
    "logo_uri",
    "tos_uri",
    "policy_uri",
    "software_id",
    "software_version",
    "redirect_uris",
    "scope",
];

/// All members; each URL has the redirect URI's host.
pub(crate) fn metadata(description: &Description, redirect_uri: &Url) -> Value {
    let page = |path: &str| redirect_uri.join(path).map(String::from).unwrap_or_default();
    json!({
        "client_name": "clr certify",
        "client_uri": page("/"),
        "logo_uri": page("/logo.png"),
        "tos_uri": page("/terms"),
        "policy_uri": page("/privacy"),
        "software_id": "b3a4c0de-7c41-4b0e-9a7e-5f1c64a8e2d1",
        "software_version": env!("CARGO_PKG_VERSION"),
        "redirect_uris": [redirect_uri.as_str()],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "contacts": ["operator@clr-certify.example"],
        "scope": description.wanted_scopes().join(" "),
    })
}

/// `registration.response`.
pub(crate) async fn response(http: &Http, description: &Description, metadata: &Value) -> Tested<Client> {
    let answer = register(http, description, metadata).await?;
    let body = answer.json();
    if answer.status.as_u16() == 400
        && metadata["redirect_uris"][0]
            .as_str()
            .is_some_and(|uri| uri.starts_with("http:"))
    {
        let told = body["error_description"].as_str().unwrap_or_default();
        return Err(Stop::skipped(format!(
            "the host refuses redirects to this machine ({told}), as it may: name an https address with --redirect-uri"
        )));
    }
    let mut faults = answer.expect_json(201);
    for name in ["client_id", "client_secret"] {
        faults.unless(body[name].is_string(), || format!("{name} is missing"));
    }
    for name in ["client_id_issued_at", "client_secret_expires_at"] {
        faults.unless(body[name].is_u64(), || {
            format!("{name} is missing or no number of seconds")
        });
    }
    for (name, sent) in metadata.as_object().into_iter().flatten() {
        match body.get(name) {
            None => faults.add(format!("{name} was submitted and does not come back")),
            Some(value) if value != sent => http.notebook.remark(format!("the host altered {name}: {value}")),
            Some(_) => {}
        }
    }
    let member = |name: &str| body[name].as_str().map(str::to_owned);
    let client = member("client_id").zip(member("client_secret")).map(|(id, secret)| {
        http.notebook.keep_secret("client_secret", &secret);
        Client {
            id,
            secret: Secret::presented(secret),
        }
    });
    faults.or(client)
}

/// `registration.required-members`: each left out once.
pub(crate) async fn required_members(http: &Http, description: &Description, metadata: &Value) -> Tested<()> {
    let mut faults = Faults::default();
    for name in REQUIRED {
        let mut incomplete = metadata.clone();
        incomplete.as_object_mut().map(|members| members.shift_remove(name));
        let answer = register(http, description, &incomplete).await?;
        if name == "scope" && answer.status.as_u16() == 201 {
            http.notebook
                .remark("the host gives scopes to who names none, as it may");
            continue;
        }
        let errors = ["invalid_client_metadata", "invalid_redirect_uri"];
        faults.of(
            &format!("without {name}"),
            refused(&answer, if name == "redirect_uris" { &errors } else { &errors[..1] }),
        );
    }
    faults.with(())
}

/// `registration.urls`.
pub(crate) async fn urls(http: &Http, description: &Description, metadata: &Value) -> Tested<()> {
    let mut faults = Faults::default();
    let mut plain = metadata.clone();
    plain["redirect_uris"] = json!(["http://clr-certify.example/callback"]);
    let answer = register(http, description, &plain).await?;
    faults.of(
        "http",
        refused(&answer, &["invalid_redirect_uri", "invalid_client_metadata"]),
    );
    let mut two_hosts = metadata.clone();
    two_hosts["client_uri"] = json!("https://one.clr-certify.example/");
    two_hosts["tos_uri"] = json!("https://two.clr-certify.example/terms");
    let answer = register(http, description, &two_hosts).await?;
    faults.of(
        "two host names",
        refused(&answer, &["invalid_client_metadata", "invalid_redirect_uri"]),
    );
    faults.with(())
}

async fn register(http: &Http, description: &Description, metadata: &Value) -> Result<Answer, Stop> {
    let answer = http
        .send(http.client().post(description.registration.clone()).json(metadata))
        .await?;
    match answer.status.as_u16() {
        429 => Err(Stop::skipped("the host lets nobody register so often: try again later")),
        401 | 403 => Err(Stop::failed(format!("{}: registration is not open", answer.status))),
        _ => Ok(answer),
    }
}

fn refused(answer: &Answer, errors: &[&str]) -> Faults {
    let mut faults = answer.expect_json(400);
    let error = answer.json()["error"].as_str().unwrap_or_default().to_owned();
    faults.unless(errors.contains(&error.as_str()), || {
        format!("the error is {error:?}, not {}", errors[0])
    });
    faults
}
