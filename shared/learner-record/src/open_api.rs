//! The tables of the data model as OpenAPI 3.0 schemas, for a service that says what it takes.
//!
//! A schema refuses nothing that validation takes. Validation refuses more: OpenAPI 3.0 cannot say that an array contains a value, nor
//! what several properties have to do with each other.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::model::{
    Class, Edition, Form, Property, Vocabulary,
    classes::{self, ENDORSEMENT_CREDENTIAL, VERIFIABLE_CREDENTIAL},
};

/// The classes of these names, and all that they lead to, as members of `components.schemas`. Names that no class has are left out.
#[must_use]
pub fn open_api_schemas(names: &[&str]) -> BTreeMap<&'static str, Value> {
    let mut schemas = BTreeMap::new();
    for name in names {
        if let Some(class) = classes::ALL.iter().find(|class| class.name == *name) {
            add(class, &mut schemas);
        }
    }
    schemas
}

fn add(class: &'static Class, schemas: &mut BTreeMap<&'static str, Value>) {
    if schemas.contains_key(class.name) {
        return;
    }
    // Before the classes that it leads to: some lead back.
    schemas.insert(class.name, schema_of(class));
    for property in class.properties(Edition::V2_0).chain(class.properties(Edition::V1_1)) {
        match property.form {
            Form::Object(class) | Form::UriOrObject(class) => add(class, schemas),
            Form::Credential => add(&VERIFIABLE_CREDENTIAL, schemas),
            Form::Endorsement => add(&ENDORSEMENT_CREDENTIAL, schemas),
            _ => {}
        }
    }
}

/// Both editions of verifiable credentials at once: required is what both require.
fn schema_of(class: &'static Class) -> Value {
    let mut properties = Map::new();
    for property in class.properties(Edition::V2_0).chain(class.properties(Edition::V1_1)) {
        properties
            .entry(property.name)
            .or_insert_with(|| property_schema(property));
    }
    let is_required = |name: &&String| {
        let in_edition = |edition| class.property(name, edition).is_some_and(Property::is_required);
        in_edition(Edition::V2_0) && in_edition(Edition::V1_1)
    };
    let required: Vec<_> = properties.keys().filter(is_required).cloned().collect();
    let mut schema = json!({
        "type": "object",
        "externalDocs": { "url": class.clause.to_string() },
        "properties": properties,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if !class.open {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

fn property_schema(property: &Property) -> Value {
    if let Form::TypeSet(groups) = property.form {
        let array = json!({ "type": "array", "items": { "type": "string" }, "minItems": groups.len() });
        return match groups {
            [names] => json!({ "anyOf": [{ "type": "string", "enum": names }, array] }),
            _ => array,
        };
    }
    let item = value_schema(&property.form);
    if !property.is_repeatable() {
        return item;
    }
    let mut array = json!({ "type": "array", "items": item });
    if property.is_required() {
        array["minItems"] = json!(1);
    }
    json!({ "anyOf": [item, array] })
}

fn value_schema(form: &Form) -> Value {
    match form {
        Form::Text
        | Form::EmailAddress
        | Form::CountryCode
        | Form::SubresourceIntegrity
        | Form::Multibase
        | Form::TypeSet(_) => json!({ "type": "string" }),
        Form::LanguageText | Form::Context => json!({ "anyOf": [{ "type": "string" }, { "type": "object" }] }),
        Form::Uri => json!({ "type": "string", "format": "uri" }),
        Form::DateTime => json!({ "type": "string", "format": "date-time" }),
        Form::Date => json!({ "type": "string", "format": "date" }),
        Form::Number => json!({ "type": "number" }),
        Form::Boolean => json!({ "type": "boolean" }),
        Form::LanguageCode => {
            json!({ "type": "string", "pattern": "^[a-z]{2,4}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$" })
        }
        Form::CompactJws => {
            json!({ "type": "string", "pattern": r"^[a-zA-Z0-9_-]+\.[a-zA-Z0-9_-]*\.[a-zA-Z0-9_-]+$" })
        }
        Form::Vocabulary(vocabulary) => vocabulary_schema(vocabulary),
        Form::TypeName(name) => json!({ "type": "string", "enum": [name] }),
        Form::Object(class) => reference(class),
        Form::UriOrObject(class) => json!({ "anyOf": [value_schema(&Form::Uri), reference(class)] }),
        Form::Credential => reference(&VERIFIABLE_CREDENTIAL),
        Form::Endorsement => reference(&ENDORSEMENT_CREDENTIAL),
    }
}

fn vocabulary_schema(vocabulary: &Vocabulary) -> Value {
    let terms = json!({ "type": "string", "enum": vocabulary.terms });
    if vocabulary.extensible {
        json!({ "anyOf": [terms, { "type": "string", "pattern": "ext:[a-zA-Z0-9|._]" }] })
    } else {
        terms
    }
}

fn reference(class: &Class) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", class.name) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_to_a_schema() {
        let schemas = open_api_schemas(&["ClrCredential", "Profile"]);
        let text = serde_json::to_string(&schemas).unwrap();
        let references: Vec<_> = text
            .split("#/components/schemas/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(references.len() > 40, "{}", references.len());
        for name in references {
            assert!(schemas.contains_key(name), "{name}");
        }
    }

    #[test]
    fn a_class_is_described_as_its_table_has_it() {
        let schemas = open_api_schemas(&["Image", "Nothing"]);
        let expected = json!({
            "Image": {
                "type": "object",
                "externalDocs": { "url": "https://www.imsglobal.org/spec/ob/v3p0/#org.1edtech.ob.v3p0.image.class" },
                "properties": {
                    "id": { "type": "string", "format": "uri" },
                    "type": { "type": "string", "enum": ["Image"] },
                    "caption": { "type": "string" },
                },
                "required": ["id", "type"],
                "additionalProperties": false,
            },
        });
        assert_eq!(json!(schemas), expected);
    }

    #[test]
    fn what_one_edition_alone_requires_is_not_required() {
        let schemas = open_api_schemas(&["VerifiableCredential"]);
        let credential = &schemas["VerifiableCredential"];
        assert!(
            credential["properties"]["issuanceDate"].is_object() && credential["properties"]["validFrom"].is_object()
        );
        assert_eq!(
            credential["required"],
            json!(["@context", "type", "issuer", "credentialSubject"])
        );
    }
}
