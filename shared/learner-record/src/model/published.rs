//! The tables held against the published JSON Schemas: every class, property, cardinality, form and term.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Class, Edition, Form, Property, Vocabulary, classes};
use crate::vectors;

/// The class that stands at the root of each schema.
const SCHEMAS: [(&str, &str); 6] = [
    ("schemas/clr/clr_v2p0_clrcredential_schema.json", "ClrCredential"),
    (
        "schemas/clr/clr_v2p0_achievementcredential_schema.json",
        "AchievementCredential",
    ),
    (
        "schemas/clr/clr_v2p0_endorsementcredential_schema.json",
        "EndorsementCredential",
    ),
    ("schemas/clr/clr_v2p0_profile_schema.json", "Profile"),
    (
        "schemas/ob/ob_v3p0_achievementcredential_schema.json",
        "AchievementCredential",
    ),
    (
        "schemas/ob/ob_v3p0_endorsementcredential_schema.json",
        "EndorsementCredential",
    ),
];

/// Properties of W3C's data model that 1EdTech's schemas leave to "any other property".
const ONLY_OURS: [&str; 1] = ["relatedResource"];

#[test]
fn the_tables_say_what_the_published_schemas_say() {
    let Some(vectors) = vectors::root() else { return };
    let mut compared = Vec::new();
    for (file, root) in SCHEMAS {
        let schema = vectors::json(&vectors.join(file));
        let definitions = schema["$defs"].as_object().unwrap();
        for (name, definition) in definitions
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .chain([(root, &schema)])
        {
            // A reference to either of two forms, and the context: no classes.
            if matches!(name, "ProfileRef" | "Context") {
                continue;
            }
            let class = class(name);
            assert_eq!(
                class.open,
                definition["additionalProperties"] != false,
                "{file}: whether {name} is open"
            );
            assert_eq!(ours(class), published(definition), "{file}: {name}");
            compared.push(class.name);
        }
    }
    let missed: Vec<_> = classes::ALL
        .iter()
        .map(|class| class.name)
        .filter(|name| !compared.contains(name) && !matches!(*name, "Issuer" | "RelatedResource"))
        .collect();
    assert!(missed.is_empty(), "no schema has {missed:?}");
}

fn class(name: &str) -> &'static Class {
    // The first of a name: W3C's VerifiableCredential comes after 1EdTech's.
    classes::ALL
        .iter()
        .find(|class| class.name == name)
        .unwrap_or_else(|| panic!("no table for {name}"))
}

/// Each property with its cardinality and form, as one line.
type Rows = BTreeMap<String, String>;

fn ours(class: &'static Class) -> Rows {
    class
        .properties(Edition::V2_0)
        .filter(|property| !ONLY_OURS.contains(&property.name))
        .map(|property| (property.name.to_owned(), our_row(property)))
        .collect()
}

fn our_row(property: &Property) -> String {
    let form = match &property.form {
        Form::Text => "text".to_owned(),
        Form::Uri => "uri".to_owned(),
        Form::DateTime => "date-time".to_owned(),
        Form::Date => "date".to_owned(),
        Form::Number => "number".to_owned(),
        Form::Boolean => "boolean".to_owned(),
        Form::EmailAddress => "EmailAddress".to_owned(),
        Form::LanguageCode => "LanguageCode".to_owned(),
        Form::CountryCode => "CountryCode".to_owned(),
        Form::CompactJws => "CompactJws".to_owned(),
        // W3C's own, which no schema of 1EdTech has.
        Form::LanguageText | Form::SubresourceIntegrity | Form::Multibase => "w3c".to_owned(),
        Form::Vocabulary(Vocabulary { terms, extensible, .. }) => vocabulary_form(terms, *extensible),
        Form::Context => "context".to_owned(),
        Form::TypeName(name) => format!("only {name}"),
        Form::TypeSet(groups) => type_form(groups.iter().map(|group| group.to_vec()).collect()),
        Form::Object(class) => format!("object {}", class.name),
        Form::UriOrObject(class) => format!("uri or object {}", class.name),
        Form::Credential => "object VerifiableCredential".to_owned(),
        Form::Endorsement => "object EndorsementCredential".to_owned(),
    };
    format!(
        "{} {} {form}",
        if property.is_required() { "needed" } else { "free" },
        if property.is_repeatable() { "many" } else { "one" }
    )
}

fn vocabulary_form(terms: &[&str], extensible: bool) -> String {
    format!("one of {}{}", terms.join(" "), if extensible { " ext:" } else { "" })
}

fn type_form(groups: Vec<Vec<&str>>) -> String {
    format!(
        "contains {}",
        groups
            .iter()
            .map(|group| group.join("|"))
            .collect::<Vec<_>>()
            .join(" & ")
    )
}

fn published(definition: &Value) -> Rows {
    let required: Vec<&str> = definition["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    definition["properties"]
        .as_object()
        .unwrap_or(&Map::new())
        .iter()
        .map(|(name, schema)| {
            let needed = if required.contains(&name.as_str()) {
                "needed"
            } else {
                "free"
            };
            // Repeatable properties are written as one value or an array of the same.
            let array = schema["oneOf"].as_array().and_then(|forms| {
                forms
                    .iter()
                    .find(|form| form["type"] == "array" || form.get("allOf").is_some())
            });
            let row = match array {
                None => format!("{needed} one {}", published_form(schema)),
                Some(_) if name == "@context" => format!("{needed} many context"),
                Some(array) if name == "type" => format!("{needed} many {}", published_types(array)),
                Some(array) => format!("{needed} many {}", published_form(&array["items"])),
            };
            (name.clone(), row)
        })
        .collect()
}

fn published_types(array: &Value) -> String {
    let parts = array["allOf"]
        .as_array()
        .map_or_else(|| vec![array], |parts| parts.iter().collect());
    let group = |part: &'_ Value| -> Vec<String> {
        part["contains"]["enum"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    let groups: Vec<Vec<String>> = parts.into_iter().map(group).collect();
    type_form(
        groups
            .iter()
            .map(|group| group.iter().map(String::as_str).collect())
            .collect(),
    )
}

fn published_form(schema: &Value) -> String {
    if let Some(class) = schema["$ref"]
        .as_str()
        .and_then(|reference| reference.rsplit('/').next())
    {
        return match class {
            "ProfileRef" => "uri or object Profile".to_owned(),
            class => format!("object {class}"),
        };
    }
    if schema["type"] == "string" && schema.get("enum").is_some() {
        return vocabulary_form(&terms(schema), false);
    }
    if let Some(first) = schema["oneOf"].get(0)
        && first.get("enum").is_some()
    {
        let terms = terms(first);
        return match terms.as_slice() {
            [only] => format!("only {only}"),
            _ => vocabulary_form(
                &terms,
                schema["oneOf"][1]["pattern"].as_str().unwrap().starts_with("(ext:)"),
            ),
        };
    }
    let origin = schema["$comment"]
        .as_str()
        .unwrap_or_default()
        .trim_start_matches("Origin: ");
    match origin.split(' ').next().unwrap_or_default() {
        "String" | "Markdown" | "PhoneNumber" | "Identifier" | "IdentityHash" | "IRI" => "text".to_owned(),
        "URI" | "URL" => "uri".to_owned(),
        "DateTime" | "DateTimeZ" => "date-time".to_owned(),
        "Date" => "date".to_owned(),
        "Float" => "number".to_owned(),
        "Boolean" => "boolean".to_owned(),
        other => other.to_owned(),
    }
}

fn terms(schema: &Value) -> Vec<&str> {
    schema["enum"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect()
}
