//! The operations of the CLR API as OpenAPI describes them: what is sent, what comes back, with every status that the code answers.
//!
//! A test of the API holds the paths against the path table; `tests/schemathesis` holds the answers of `clr serve` against the whole.

use clr_core::oauth::Scope;
use serde_json::{Map, Value, json};

use crate::responses::{Answers, header};

/// What credentials and Profiles are sent as.
const JSON: [&str; 4] = [
    "application/json",
    "application/vc",
    "application/vc+ld+json",
    "application/ld+json",
];

/// Keyed by paths under the server's URL.
pub(crate) fn paths() -> Value {
    json!({
        "/discovery": { "get": discovery() },
        "/credentials": { "get": credentials(), "post": upsert_credential() },
        "/credentials/{clrCredentialId}": { "get": credential() },
        "/profile": { "get": profile(), "put": put_profile() },
    })
}

fn discovery() -> Value {
    let headers = ["ETag", "Cache-Control"];
    let answers = Answers::new(&["405", "406", "429", "500", "503"])
        .success(
            "200",
            "This document.",
            &headers,
            &[("application/json", "ServiceDescriptionDocument")],
        )
        .success("304", "If-None-Match names this document.", &headers, &[]);
    json!({
        "operationId": "getServiceDescription",
        "tags": ["Discovery"],
        "summary": "What this service offers and how to get access to it.",
        "parameters": [header_parameter("If-None-Match", "The ETag of the document that the caller has.")],
        "responses": answers.all(),
        "security": [],
    })
}

fn credentials() -> Value {
    let answers = Answers::new(&["400", "401", "403", "405", "406", "429", "500", "503"]).success(
        "200",
        "A page of credentials.",
        &["X-Total-Count", "Link", "Cache-Control"],
        &[("application/json", "GetClrCredentialsResponse")],
    );
    json!({
        "operationId": "getCredentials",
        "tags": ["ClrCredentials"],
        "summary": "The credentials of the learner who granted the token, page by page.",
        "parameters": [
            parameter("limit", "The page's length; 50 by default, more than 100 are never given.",
                json!({ "type": "integer", "format": "int32", "minimum": 1, "maximum": i32::MAX })),
            parameter("offset", "The zero-based index of the first credential.",
                json!({ "type": "integer", "format": "int32", "minimum": 0, "maximum": i32::MAX })),
            parameter("since", "Only credentials issued (validFrom, issuanceDate) later than this.",
                json!({ "type": "string", "format": "date-time" })),
        ],
        "responses": answers.all(),
        "security": security(Scope::CredentialReadonly),
    })
}

fn upsert_credential() -> Value {
    let content = JSON.map(|media_type| (media_type, "ClrCredential"));
    // With `Prefer: return=minimal` the answer is always JSON.
    let answered = [
        ("application/json", "UpsertCredentialResponse"),
        ("application/vc", "ClrCredential"),
        ("application/vc+ld+json", "ClrCredential"),
        ("application/ld+json", "ClrCredential"),
        ("text/plain", "CompactJws"),
    ];
    let headers = ["Location", "Preference-Applied", "Cache-Control", "Credential-State"];
    let answers = Answers::new(&["400", "401", "403", "405", "406", "413", "415", "429", "500", "503"])
        .success(
            "201",
            "The credential is new to the learner. It is the answer, or its clrCredentialId is (Prefer: return=minimal).",
            &headers,
            &answered,
        )
        .success(
            "200",
            "The credential took an older one's place, or was there already. The answer is as for 201.",
            &headers,
            &answered,
        )
        .success("304", "A newer version of the credential is there; it stays.", &[], &[]);
    json!({
        "operationId": "upsertCredential",
        "tags": ["ClrCredentials"],
        "summary": "Delivers a signed credential to the learner who granted the token.",
        "description": "Credentials with embedded proofs are JSON, VC-JWTs are text/plain. What was sent is kept byte for byte. A credential \
            whose proof or form is not right is refused; one that expired or was revoked is kept.",
        "parameters": [header_parameter("Prefer", "RFC 7240: return=minimal asks for the clrCredentialId in place of the credential.")],
        "requestBody": body(&[&content[..], &[("text/plain", "CompactJws")]].concat()),
        "responses": answers.all(),
        "security": security(Scope::CredentialUpsert),
    })
}

fn credential() -> Value {
    let answers = Answers::new(&["401", "403", "404", "405", "406", "429", "500", "503"]).success(
        "200",
        "The credential as it was submitted.",
        &["Cache-Control", "Credential-State"],
        &[("application/json", "ClrCredential"), ("text/plain", "CompactJws")],
    );
    json!({
        "operationId": "getCredential",
        "tags": ["ClrCredentials"],
        "summary": "One credential of the learner who granted the token. An addition to the standard.",
        "parameters": [{
            "name": "clrCredentialId",
            "in": "path",
            "description": "The last segment of the Location that upsertCredential told.",
            "required": true,
            "schema": { "type": "string", "minLength": 1 },
        }],
        "responses": answers.all(),
        "security": security(Scope::CredentialReadonly),
    })
}

fn profile() -> Value {
    let answers = Answers::new(&["401", "403", "405", "406", "429", "500", "503"]).success(
        "200",
        "The Profile that was put last, as it was submitted; before that, what the learner's sign-in vouches for.",
        &["ETag", "Cache-Control"],
        &[("application/json", "Profile")],
    );
    json!({
        "operationId": "getProfile",
        "tags": ["Profile"],
        "summary": "The Profile of the learner who granted the token.",
        "responses": answers.all(),
        "security": security(Scope::ProfileReadonly),
    })
}

fn put_profile() -> Value {
    let answers = Answers::new(&[
        "400", "401", "403", "405", "406", "412", "413", "415", "429", "500", "503",
    ])
    .success(
        "200",
        "The Profile was put; it is the answer.",
        &["ETag", "Cache-Control"],
        &[("application/json", "Profile")],
    )
    .success("304", "This very Profile is there already.", &["ETag"], &[]);
    json!({
        "operationId": "putProfile",
        "tags": ["Profile"],
        "summary": "Puts a whole Profile in place of the learner's.",
        "parameters": [header_parameter("If-Match", "The ETag of the Profile that this one takes the place of; 412 if another one did.")],
        "requestBody": body(&JSON.map(|media_type| (media_type, "Profile"))),
        "responses": answers.all(),
        "security": security(Scope::ProfileUpdate),
    })
}

fn parameter(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": description, "required": false, "schema": schema })
}

fn header_parameter(name: &str, description: &str) -> Value {
    json!({
        "name": name,
        "in": "header",
        "description": description,
        "required": false,
        "schema": { "type": "string" },
    })
}

fn body(content: &[(&str, &str)]) -> Value {
    json!({ "required": true, "content": crate::responses::content(content) })
}

fn security(scope: Scope) -> Value {
    json!([{ "OAuth2ACG": [scope.as_str()] }])
}

/// `components.headers`.
pub(crate) fn headers() -> Map<String, Value> {
    [
        (
            "X-Total-Count",
            "How many credentials there are on all pages.",
            "integer",
        ),
        (
            "Link",
            "RFC 8288: first and last; next and prev where there are such pages.",
            "string",
        ),
        ("Location", "The credential's own URL.", "string"),
        ("Preference-Applied", "RFC 7240.", "string"),
        (
            "Credential-State",
            "What was known of the credential's life when it was judged, as a structured field (RFC 9651): valid, not-yet-valid, \
             expired, suspended, revoked or unknown; nested: the worst state of a credential in it that is not in force; judged: \
             when. Whether it still is so, a verifier tells.",
            "string",
        ),
        ("ETag", "For If-None-Match and If-Match.", "string"),
        (
            "X-Request-Id",
            "By which the operator finds the request in the log.",
            "string",
        ),
        (
            "Cache-Control",
            "RFC 9111: no-store, or for how long the answer may be kept.",
            "string",
        ),
        ("Retry-After", "Seconds to wait.", "integer"),
        ("Allow", "The methods that the path answers.", "string"),
        ("WWW-Authenticate", "RFC 6750, RFC 9449.", "string"),
    ]
    .map(|(name, description, kind)| (name.to_owned(), header(description, kind)))
    .into_iter()
    .collect()
}
