//! `components.schemas`: what goes over the wire. The classes of the data model are described from the tables that submitted documents are
//! held against.

use learner_record::open_api_schemas;
use serde_json::{Map, Value, json};

pub(crate) fn all() -> Map<String, Value> {
    let classes = open_api_schemas(&["ClrCredential", "AchievementCredential", "Profile"]);
    let mut schemas: Map<String, Value> = classes
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect();
    // A record that is no JWS, here as everywhere, has a proof inside.
    if let Some(Value::Array(required)) = schemas
        .get_mut("ClrCredential")
        .and_then(|schema| schema.get_mut("required"))
    {
        required.push(json!("proof"));
    }
    if let Some(profile) = schemas.get_mut("Profile") {
        profile["example"] =
            json!({ "id": "https://1edtech.org/issuers/cert", "type": ["Profile"], "name": "Example Learner" });
    }
    schemas.extend(ours().map(|(name, schema)| (name.to_owned(), schema)));
    schemas
}

fn ours() -> [(&'static str, Value); 5] {
    let compact_jws = json!({
        "description": "RFC 7515, compact.",
        "type": "string",
        "pattern": "^[a-zA-Z0-9_-]+\\.[a-zA-Z0-9_-]*\\.[a-zA-Z0-9_-]+$",
    });
    let page = json!({
        "type": "object",
        "properties": {
            "credential": array_of("ClrCredential"),
            "compactJwsString": array_of("CompactJws"),
        },
        "additionalProperties": false,
    });
    let upserted = json!({
        "anyOf": [
            reference("ClrCredential"),
            {
                "type": "object",
                "properties": { "clrCredentialId": { "type": "string" } },
                "required": ["clrCredentialId"],
                "additionalProperties": false,
            },
        ],
    });
    let service_description = json!({
        "type": "object",
        "properties": {
            "openapi": { "type": "string" },
            "info": { "type": "object" },
            "servers": { "type": "array", "items": { "type": "object" } },
            "paths": { "type": "object" },
            "components": { "type": "object" },
        },
        "required": ["openapi", "info", "components"],
    });
    [
        ("CompactJws", compact_jws),
        ("GetClrCredentialsResponse", page),
        ("UpsertCredentialResponse", upserted),
        ("Imsx_StatusInfo", status_info()),
        ("ServiceDescriptionDocument", service_description),
    ]
}

fn status_info() -> Value {
    json!({
        "type": "object",
        "properties": {
            "imsx_codeMajor": { "type": "string", "enum": ["success", "processing", "failure", "unsupported"] },
            "imsx_severity": { "type": "string", "enum": ["status", "warning", "error"] },
            "imsx_description": { "type": "string" },
            "imsx_codeMinor": {
                "type": "object",
                "properties": {
                    "imsx_codeMinorField": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "properties": {
                                "imsx_codeMinorFieldName": { "type": "string" },
                                "imsx_codeMinorFieldValue": {
                                    "type": "string",
                                    "enum": [
                                        "forbidden", "fullsuccess", "internal_server_error", "invalid_data",
                                        "invalid_query_parameter", "misdirected_request", "not_acceptable",
                                        "not_allowed", "not_found", "not_modified", "server_busy",
                                        "unauthorizedrequest", "unknown"
                                    ],
                                },
                            },
                            "required": ["imsx_codeMinorFieldName", "imsx_codeMinorFieldValue"],
                            "additionalProperties": false,
                        },
                    },
                },
                "required": ["imsx_codeMinorField"],
                "additionalProperties": false,
            },
        },
        "required": ["imsx_codeMajor", "imsx_severity"],
        "additionalProperties": false,
    })
}

fn array_of(schema: &str) -> Value {
    json!({ "type": "array", "items": reference(schema) })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}
