//! The published JSON Schemas that `credentialSchema` names (digest section 4).

use serde_json::{Value, json};

use crate::kind::CredentialKind;

pub(crate) const SCHEMA_TYPE: &str = "1EdTechJsonSchemaValidator2019";

/// The schema of a kind of credential.
pub(crate) fn schema_url(kind: CredentialKind) -> Option<&'static str> {
    match kind {
        CredentialKind::Clr => {
            Some("https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json")
        }
        CredentialKind::Achievement => {
            Some("https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json")
        }
        CredentialKind::Endorsement => {
            Some("https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_endorsementcredential_schema.json")
        }
        CredentialKind::Other => None,
    }
}

/// The entry of `credentialSchema` for a kind of credential.
pub(crate) fn schema_entry(kind: CredentialKind) -> Option<Value> {
    Some(json!({"id": schema_url(kind)?, "type": SCHEMA_TYPE}))
}

/// Whether an entry of `credentialSchema` names the schema of the kind, in one of its editions: `any…` takes VC 1.1 too,
/// `/json-ld/` takes single values for arrays.
#[must_use]
pub fn names_schema_of(entry: &Value, kind: CredentialKind) -> bool {
    let (Some(id), Some(url)) = (entry.get("id").and_then(Value::as_str), schema_url(kind)) else {
        return false;
    };
    let edition = id.replace("/schema/json-ld/", "/schema/json/").replace("_any", "_");
    edition == url && entry.get("type").is_some_and(|kind| kind == SCHEMA_TYPE)
}
