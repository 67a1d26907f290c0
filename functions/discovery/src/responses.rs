//! The responses of an operation as OpenAPI describes them.

use serde_json::{Map, Value, json};

/// Responses by status.
pub(crate) struct Answers(Map<String, Value>);

impl Answers {
    /// These failures, and in the standard's words every other one: each with an `Imsx_StatusInfo`.
    pub(crate) fn new(failures: &[&str]) -> Self {
        let statuses = failures.iter().chain(&["default"]);
        Self(statuses.map(|status| ((*status).to_owned(), failure(status))).collect())
    }

    /// The same, with an answer that is no failure.
    pub(crate) fn success(
        mut self,
        status: &str,
        description: &str,
        headers: &[&str],
        answered: &[(&str, &str)],
    ) -> Self {
        let mut answer = json!({ "description": description, "headers": references(headers) });
        if !answered.is_empty() {
            answer["content"] = content(answered);
        }
        self.0.insert(status.to_owned(), answer);
        self
    }

    pub(crate) fn all(mut self) -> Map<String, Value> {
        self.0.sort_keys();
        self.0
    }
}

/// Media types and the names of their schemas.
pub(crate) fn content(content: &[(&str, &str)]) -> Value {
    let schema = |name: &str| json!({ "schema": { "$ref": format!("#/components/schemas/{name}") } });
    content
        .iter()
        .map(|(media_type, name)| ((*media_type).to_owned(), schema(name)))
        .collect::<Map<_, _>>()
        .into()
}

/// A header whose value is of this type.
pub(crate) fn header(description: &str, kind: &str) -> Value {
    json!({ "description": description, "schema": { "type": kind } })
}

fn failure(status: &str) -> Value {
    let headers: &[&str] = match status {
        "401" | "403" => &["WWW-Authenticate", "Cache-Control"],
        "405" => &["Allow", "Cache-Control"],
        "429" | "503" => &["Retry-After", "Cache-Control"],
        _ => &["Cache-Control"],
    };
    json!({
        "description": meaning(status),
        "headers": references(headers),
        "content": content(&[("application/json", "Imsx_StatusInfo")]),
    })
}

fn references(names: &[&str]) -> Map<String, Value> {
    let reference = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    let names = names.iter().chain(&["X-Request-Id"]);
    names.map(|name| ((*name).to_owned(), reference(name))).collect()
}

fn meaning(status: &str) -> &'static str {
    match status {
        "400" => "The request is malformed, or what it sends is not accepted; the description says where and why.",
        "401" => "There is no access token, or it is not valid.",
        "403" => "The access token does not allow this.",
        "404" => "The learner has no such credential.",
        "405" => "The path does not answer this method.",
        "406" => "The caller accepts nothing of what there is.",
        "412" => "If-Match names another Profile than the one that is here.",
        "413" => "The body is too long.",
        "415" => "The content type is not accepted.",
        "429" => "Too many requests.",
        "500" => "The service failed.",
        "503" => "The service is busy, or a key could not be reached.",
        _ => "Any other failure.",
    }
}
