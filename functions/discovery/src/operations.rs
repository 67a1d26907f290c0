//! The operations of the CLR API as OpenAPI describes them: what is sent, what comes back.

use clr_core::oauth::Scope;
use serde_json::{Map, Value, json};

/// Keyed by paths under the server's URL. A test holds them against the path table.
pub(crate) fn paths() -> Value {
    json!({
        "/discovery": { "get": discovery() },
        "/credentials": { "get": list(), "post": upsert() },
        "/credentials/{clrCredentialId}": { "get": one() },
    })
}

/// `components.headers`.
pub(crate) fn headers() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "X-Total-Count": { "description": "How many credentials there are on all pages.", "schema": { "type": "integer" } },
        "Link": {
            "description": "RFC 8288: first and last; next and prev where there are such pages.",
            "schema": text,
        },
        "Location": { "description": "The credential's own URL.", "schema": text },
        "ETag": { "description": "For If-None-Match.", "schema": text },
        "Retry-After": { "description": "Seconds to wait.", "schema": text },
        "WWW-Authenticate": { "description": "RFC 6750.", "schema": text },
    })
}

fn discovery() -> Value {
    let mut responses = errors(&[]);
    let content = json!({ "schema": { "$ref": "#/components/schemas/ServiceDescriptionDocument" } });
    responses.insert(
        "200".to_owned(),
        success("This document.", "application/json", content, &["ETag"]),
    );
    responses.insert(
        "304".to_owned(),
        json!({ "description": "If-None-Match names this document." }),
    );
    json!({
        "operationId": "getServiceDescription",
        "tags": ["Discovery"],
        "summary": "What this service offers and how to get access to it.",
        "responses": responses,
    })
}

fn list() -> Value {
    let mut responses = errors(&["400", "401", "403", "405", "500", "503"]);
    let content = json!({ "schema": { "$ref": "#/components/schemas/GetClrCredentialsResponse" } });
    let headers = ["X-Total-Count", "Link"];
    responses.insert(
        "200".to_owned(),
        success("A page of credentials.", "application/json", content, &headers),
    );
    json!({
        "operationId": "getCredentials",
        "tags": ["ClrCredentials"],
        "summary": "The credentials of the learner who granted the token, page by page.",
        "parameters": [
            parameter("limit", "The page's length; 50 by default, more than 100 are never given.",
                json!({ "type": "integer", "format": "int32", "minimum": 1 })),
            parameter("offset", "The zero-based index of the first credential.",
                json!({ "type": "integer", "format": "int32", "minimum": 0 })),
            parameter("since", "Only credentials issued (validFrom, issuanceDate) later than this.",
                json!({ "type": "string", "format": "date-time" })),
        ],
        "responses": responses,
        "security": security(Scope::CredentialReadonly),
    })
}

fn upsert() -> Value {
    let mut responses = errors(&["400", "401", "403", "405", "413", "415", "500", "503"]);
    let schema = json!({ "schema": { "$ref": "#/components/schemas/UpsertCredentialResponse" } });
    for (status, description) in [
        (
            "201",
            "The credential is new to the learner. It is the answer, or its clrCredentialId is (Prefer: return=minimal).",
        ),
        (
            "200",
            "The credential took an older one's place, or was there already. The answer is as for 201.",
        ),
    ] {
        responses.insert(
            status.to_owned(),
            success(description, "application/json", schema.clone(), &["Location"]),
        );
    }
    responses.insert(
        "304".to_owned(),
        json!({ "description": "A newer version of the credential is there; it stays." }),
    );
    let credential = json!({ "schema": { "$ref": "#/components/schemas/ClrCredential" } });
    json!({
        "operationId": "upsertCredential",
        "tags": ["ClrCredentials"],
        "summary": "Delivers a signed credential to the learner who granted the token.",
        "parameters": [{
            "name": "Prefer",
            "in": "header",
            "description": "RFC 7240: return=minimal asks for the clrCredentialId in place of the credential.",
            "required": false,
            "schema": { "type": "string" },
        }],
        "requestBody": {
            "required": true,
            "content": {
                "application/json": credential,
                "application/vc": credential,
                "application/vc+ld+json": credential,
                "application/ld+json": credential,
            },
        },
        "responses": responses,
        "security": security(Scope::CredentialUpsert),
    })
}

fn one() -> Value {
    let mut responses = errors(&["401", "403", "404", "405", "500", "503"]);
    let content = json!({ "schema": { "$ref": "#/components/schemas/ClrCredential" } });
    responses.insert(
        "200".to_owned(),
        success("The credential as it was submitted.", "application/json", content, &[]),
    );
    json!({
        "operationId": "getCredential",
        "tags": ["ClrCredentials"],
        "summary": "One credential of the learner who granted the token. An addition to the standard.",
        "parameters": [{
            "name": "clrCredentialId",
            "in": "path",
            "required": true,
            "schema": { "type": "string", "minLength": 1 },
        }],
        "responses": responses,
        "security": security(Scope::CredentialReadonly),
    })
}

fn parameter(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": description, "required": false, "schema": schema })
}

fn security(scope: Scope) -> Value {
    json!([{ "OAuth2ACG": [scope.as_str()] }])
}

fn success(description: &str, media_type: &str, content: Value, headers: &[&str]) -> Value {
    let headers = headers.iter().map(|name| ((*name).to_owned(), header(name)));
    json!({
        "description": description,
        "headers": Map::from_iter(headers),
        "content": { media_type: content },
    })
}

/// These statuses and every other failure, each with an `Imsx_StatusInfo`.
fn errors(statuses: &[&str]) -> Map<String, Value> {
    let entry = |status: &str| {
        let headers = match status {
            "401" | "403" => Map::from_iter([("WWW-Authenticate".to_owned(), header("WWW-Authenticate"))]),
            "503" => Map::from_iter([("Retry-After".to_owned(), header("Retry-After"))]),
            _ => Map::new(),
        };
        json!({
            "description": meaning(status),
            "headers": headers,
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Imsx_StatusInfo" } } },
        })
    };
    statuses
        .iter()
        .chain(&["default"])
        .map(|status| ((*status).to_owned(), entry(status)))
        .collect()
}

fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

fn meaning(status: &str) -> &'static str {
    match status {
        "400" => "The request is malformed, or the credential is not accepted; the description says why.",
        "401" => "There is no access token, or it is not valid.",
        "403" => "The access token does not allow this.",
        "404" => "The learner has no such credential.",
        "405" => "The path does not answer this method.",
        "413" => "The credential is too long.",
        "415" => "The content type is not accepted.",
        "500" => "The service failed.",
        "503" => "The service is busy, or a key could not be reached.",
        _ => "Any other failure.",
    }
}
