//! Calls of the CLR API, and the shape of its errors.

use clr_core::Secret;
use reqwest::{Method, RequestBuilder, header};
use serde_json::Value;

use super::{
    description::Description,
    finding::{Faults, Stop},
    http::{Answer, Http},
};

/// The API with an access token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Api<'a> {
    pub(crate) http: &'a Http,
    pub(crate) description: &'a Description,
    pub(crate) token: &'a Secret,
}

impl Api<'_> {
    /// `GET`, under the API's URL.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Stop> {
        self.get_url(&self.url(path)).await
    }

    /// `GET` of a whole URL; the caller has seen that it is the API's.
    pub(crate) async fn get_url(&self, url: &str) -> Result<Answer, Stop> {
        self.http
            .send(self.http.client().get(url).bearer_auth(self.token.reveal()))
            .await
    }

    /// A request with a body.
    pub(crate) async fn send(&self, method: Method, path: &str, media_type: &str, text: &str) -> Result<Answer, Stop> {
        let request = self.request(method, path).header(header::CONTENT_TYPE, media_type);
        self.http.send(request.body(text.to_owned())).await
    }

    /// `POST /credentials`.
    pub(crate) async fn submit(&self, media_type: &str, text: &str) -> Result<Answer, Stop> {
        self.send(Method::POST, "/credentials", media_type, text).await
    }

    /// To add to.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .client()
            .request(method, self.url(path))
            .bearer_auth(self.token.reveal())
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.description.api)
    }
}

/// The statuses of the standard, and what `imsx_codeMinorFieldValue` says with each.
const CODES: [(u16, &[&str]); 8] = [
    (400, &["invalid_query_parameter", "invalid_data", "unknown"]),
    (401, &["unauthorizedrequest"]),
    (403, &["forbidden"]),
    (404, &["not_found"]),
    (405, &["not_allowed"]),
    (406, &["not_acceptable"]),
    (422, &["invalid_data"]),
    (429, &["server_busy"]),
];

/// The faults of an error that should have this status: its body is an `Imsx_StatusInfo`, a closed object.
pub(crate) fn status_info(answer: &Answer, status: u16) -> Faults {
    let mut faults = answer.expect_json(status);
    let body = answer.json();
    closed(
        &mut faults,
        "the body",
        &body,
        &[
            ("imsx_codeMajor", true),
            ("imsx_severity", true),
            ("imsx_description", false),
            ("imsx_codeMinor", false),
        ],
    );
    let word = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let major = word("imsx_codeMajor");
    faults.unless(["failure", "unsupported"].contains(&major.as_str()), || {
        format!("imsx_codeMajor is {major:?}")
    });
    let wanted = if status == 404 { "status" } else { "error" };
    let severity = word("imsx_severity");
    faults.unless(severity == wanted, || {
        format!("imsx_severity is {severity:?}, not {wanted:?}")
    });
    let Some(minor) = body.get("imsx_codeMinor") else {
        return faults;
    };
    closed(&mut faults, "imsx_codeMinor", minor, &[("imsx_codeMinorField", true)]);
    let fields = match &minor["imsx_codeMinorField"] {
        Value::Array(fields) => fields.clone(),
        field => vec![field.clone()],
    };
    let codes = CODES
        .iter()
        .find(|(known, _)| *known == status)
        .map_or(&[][..], |(_, codes)| codes);
    for field in fields {
        closed(
            &mut faults,
            "imsx_codeMinorField",
            &field,
            &[("imsx_codeMinorFieldName", true), ("imsx_codeMinorFieldValue", true)],
        );
        let code = field["imsx_codeMinorFieldValue"].as_str().unwrap_or_default();
        faults.unless(codes.contains(&code), || {
            format!("imsx_codeMinorFieldValue is {code:?}, not {}", codes.join(" or "))
        });
    }
    faults
}

/// No other members than these; those that are required are there.
pub(crate) fn closed(faults: &mut Faults, name: &str, object: &Value, members: &[(&str, bool)]) {
    let Some(given) = object.as_object() else {
        return faults.add(format!("{name} is no object"));
    };
    for member in given.keys() {
        faults.unless(members.iter().any(|(known, _)| known == member), || {
            format!("{name} cannot have the member {member}")
        });
    }
    for (member, _) in members.iter().filter(|(_, required)| *required) {
        faults.unless(given.contains_key(*member), || format!("{name} lacks {member}"));
    }
}
