//! `components.schemas`: what goes over the wire, as far as a client needs it. The credentials' own schemas are 1EdTech's.

use serde_json::{Map, Value, json};

pub(crate) fn all() -> Value {
    json!({
        "ClrCredential": clr_credential(),
        "CompactJws": {
            "description": "RFC 7515, compact.",
            "type": "string",
            "pattern": "^[a-zA-Z0-9_-]+\\.[a-zA-Z0-9_-]*\\.[a-zA-Z0-9_-]+$",
        },
        "GetClrCredentialsResponse": {
            "type": "object",
            "properties": {
                "credential": array_of("ClrCredential"),
                "compactJwsString": array_of("CompactJws"),
            },
            "additionalProperties": false,
        },
        "UpsertCredentialResponse": {
            "anyOf": [
                { "$ref": "#/components/schemas/ClrCredential" },
                {
                    "type": "object",
                    "properties": { "clrCredentialId": { "type": "string" } },
                    "required": ["clrCredentialId"],
                    "additionalProperties": false,
                },
            ],
        },
        "Profile": profile(),
        "Image": image(),
        "IdentifierEntry": identifier_entry(),
        "Imsx_StatusInfo": status_info(),
        "ServiceDescriptionDocument": {
            "type": "object",
            "properties": {
                "openapi": { "type": "string" },
                "info": { "type": "object" },
                "servers": { "type": "array", "items": { "type": "object" } },
                "paths": { "type": "object" },
                "components": { "type": "object" },
            },
            "required": ["openapi", "info", "components"],
        },
    })
}

fn clr_credential() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "description": "A signed ClrCredential; the whole schema is \
            https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json",
        "type": "object",
        "properties": {
            "@context": { "type": "array", "items": { "anyOf": [uri(), { "type": "object" }] } },
            "id": uri(),
            "type": one_or_many(text.clone()),
            "name": text,
            "issuer": { "anyOf": [uri(), { "type": "object" }] },
            "validFrom": { "type": "string", "format": "date-time" },
            "credentialSubject": { "type": "object" },
            "proof": one_or_many(json!({ "type": "object" })),
        },
        "required": ["@context", "id", "type", "issuer", "credentialSubject", "proof"],
    })
}

fn profile() -> Value {
    let text = json!({ "type": "string" });
    let texts = [
        "name",
        "email",
        "phone",
        "description",
        "official",
        "familyName",
        "givenName",
        "additionalName",
        "patronymicName",
        "honorificPrefix",
        "honorificSuffix",
        "familyNamePrefix",
    ];
    let mut properties = Map::from_iter(texts.map(|name| (name.to_owned(), text.clone())));
    let others = [
        ("id", uri()),
        (
            "type",
            json!({ "anyOf": [
                { "type": "string", "enum": ["Profile"] },
                { "type": "array", "items": text, "minItems": 1 },
            ] }),
        ),
        ("url", uri()),
        ("image", reference("Image")),
        ("address", json!({ "type": "object" })),
        ("otherIdentifier", one_or_many(reference("IdentifierEntry"))),
        ("parentOrg", reference("Profile")),
        ("endorsement", one_or_many(json!({ "type": "object" }))),
        ("endorsementJwt", one_or_many(reference("CompactJws"))),
        ("dateOfBirth", json!({ "type": "string", "format": "date" })),
    ];
    properties.extend(others.map(|(name, schema)| (name.to_owned(), schema)));
    json!({
        "description": "Its type contains Profile. Further members are kept as they come. The whole schema is \
            https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_profile_schema.json",
        "type": "object",
        "properties": properties,
        "required": ["id", "type"],
        "example": { "id": "https://1edtech.org/issuers/cert", "type": ["Profile"], "name": "Example Learner" },
    })
}

fn image() -> Value {
    json!({
        "description": "A PNG or SVG picture, as a URL or a data URI.",
        "type": "object",
        "properties": {
            "id": uri(),
            "type": { "type": "string", "enum": ["Image"] },
            "caption": { "type": "string" },
        },
        "required": ["id", "type"],
        "additionalProperties": false,
    })
}

fn identifier_entry() -> Value {
    json!({
        "type": "object",
        "properties": {
            "type": { "type": "string", "enum": ["IdentifierEntry"] },
            "identifier": { "type": "string" },
            "identifierType": { "type": "string" },
        },
        "required": ["type", "identifier", "identifierType"],
        "additionalProperties": false,
    })
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

fn one_or_many(item: Value) -> Value {
    json!({ "anyOf": [item, { "type": "array", "items": item }] })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn uri() -> Value {
    json!({ "type": "string", "format": "uri" })
}
