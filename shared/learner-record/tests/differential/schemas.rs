//! The published schemas, compiled.

use std::path::Path;

use jsonschema::{Draft, Validator};
use learner_record::{CredentialKind, nested_credentials, open_api_schemas};
use serde_json::{Value, json};

/// The schemas of the kinds of credentials, and that of Profiles. They refer to nothing outside themselves.
pub(crate) struct Schemas {
    clr: Validator,
    achievement: Validator,
    endorsement: Validator,
    profile: Validator,
}

impl Schemas {
    pub(crate) fn published(vectors: &Path) -> Self {
        let compiled = |file: &str| {
            let schema: Value =
                serde_json::from_slice(&std::fs::read(vectors.join("schemas").join(file)).unwrap()).unwrap();
            jsonschema::options()
                .with_draft(Draft::Draft201909)
                // Annotations by default in this draft; the standard means them.
                .should_validate_formats(true)
                .build(&schema)
                .unwrap_or_else(|error| panic!("{file}: {error}"))
        };
        Self {
            clr: compiled("clr/clr_v2p0_clrcredential_schema.json"),
            achievement: compiled("ob/ob_v3p0_achievementcredential_schema.json"),
            endorsement: compiled("ob/ob_v3p0_endorsementcredential_schema.json"),
            profile: compiled("clr/clr_v2p0_profile_schema.json"),
        }
    }

    /// Whether the schema of a credential's kind accepts it, and those of the nested ones' kinds accept these. The schema of a
    /// record takes nested credentials of every kind for granted, so these are asked for one by one.
    pub(crate) fn accept(&self, document: &Value) -> bool {
        self.of(document).is_none_or(|schema| schema.is_valid(document))
            && (CredentialKind::of(document) != CredentialKind::Clr
                || nested_credentials(document)
                    .into_iter()
                    .all(|(_, nested)| self.accept(nested)))
    }

    /// Why not.
    pub(crate) fn faults(&self, document: &Value) -> Vec<String> {
        let own = self
            .of(document)
            .into_iter()
            .flat_map(|schema| faults(schema, document));
        let nested = nested_credentials(document);
        own.chain(nested.into_iter().flat_map(|(_, nested)| self.faults(nested)))
            .collect()
    }

    pub(crate) fn profile(&self, profile: &Value) -> bool {
        self.profile.is_valid(profile)
    }

    pub(crate) fn profile_faults(&self, profile: &Value) -> Vec<String> {
        faults(&self.profile, profile)
    }

    fn of(&self, document: &Value) -> Option<&Validator> {
        match CredentialKind::of(document) {
            CredentialKind::Clr => Some(&self.clr),
            CredentialKind::Achievement => Some(&self.achievement),
            CredentialKind::Endorsement => Some(&self.endorsement),
            CredentialKind::Other => None,
        }
    }
}

/// The schema of a class as we publish it.
pub(crate) fn own_schema(name: &str) -> Validator {
    let schemas = open_api_schemas(&[name]);
    let schema = json!({ "$ref": format!("#/components/schemas/{name}"), "components": { "schemas": schemas } });
    let options = jsonschema::options().with_draft(Draft::Draft201909);
    options.build(&schema).unwrap()
}

/// What a schema says against a document.
pub(crate) fn faults(schema: &Validator, document: &Value) -> Vec<String> {
    schema
        .iter_errors(document)
        .map(|error| {
            let text: String = error.to_string().chars().take(200).collect();
            format!("{}: {text}", error.instance_path())
        })
        .collect()
}
