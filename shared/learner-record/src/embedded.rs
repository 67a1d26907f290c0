//! The credentials inside a credential: those that a record nests, and endorsements wherever the data model has them.

use serde_json::Value;

use crate::{
    CredentialKind,
    nested::has_proof,
    pointer::{child, items},
};

/// A credential inside another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// JSON pointer in the document.
    pub pointer: String,
    /// How many credentials are around it.
    pub depth: usize,
    /// What it is by its place when its own `type` says nothing.
    pub usual: CredentialKind,
}

/// The credentials without proof inside a CLR or Open Badges credential, each before those inside it. One with a proof is
/// a whole that its issuer signed: neither it nor what is inside it is listed. In a credential of another `type`, members of
/// these names mean something else.
#[must_use]
pub fn unsigned_inside(credential: &Value) -> Vec<Embedded> {
    let mut found = Vec::new();
    if credential.get("type").is_none() || CredentialKind::of(credential) != CredentialKind::Other {
        collect(credential, "", 0, &mut found);
    }
    found
}

fn collect(value: &Value, pointer: &str, depth: usize, found: &mut Vec<Embedded>) {
    match value {
        Value::Array(array) => {
            for (index, item) in array.iter().enumerate() {
                collect(item, &format!("{pointer}/{index}"), depth, found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let pointer = child(pointer, name);
                let Some(usual) = usual_kind(name) else {
                    collect(member, &pointer, depth, found);
                    continue;
                };
                for (pointer, inner) in items(pointer, Some(member)) {
                    if inner.is_object() && !has_proof(inner) {
                        let depth = depth + 1;
                        found.push(Embedded {
                            pointer: pointer.clone(),
                            depth,
                            usual,
                        });
                        collect(inner, &pointer, depth, found);
                    }
                }
            }
        }
        _ => {}
    }
}

/// What stands under a member that holds credentials.
fn usual_kind(member: &str) -> Option<CredentialKind> {
    match member {
        "verifiableCredential" => Some(CredentialKind::Achievement),
        "endorsement" => Some(CredentialKind::Endorsement),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_credentials_and_endorsements_at_any_depth_are_found_outer_before_inner() {
        let record = json!({
            "endorsement": {"name": "of the record"},
            "credentialSubject": {"verifiableCredential": [
                {"credentialSubject": {"achievement": {"endorsement": [{"name": "of the achievement"}]}}},
                {"proof": {}, "endorsement": [{"name": "inside what is signed"}]},
                "a JWS"
            ]}
        });
        let found: Vec<_> = unsigned_inside(&record)
            .into_iter()
            .map(|embedded| (embedded.pointer, embedded.depth, embedded.usual))
            .collect();
        let nested = "/credentialSubject/verifiableCredential/0";
        let expected = [
            ("/endorsement".to_owned(), 1, CredentialKind::Endorsement),
            (nested.to_owned(), 1, CredentialKind::Achievement),
            (
                format!("{nested}/credentialSubject/achievement/endorsement/0"),
                2,
                CredentialKind::Endorsement,
            ),
        ];
        assert_eq!(found, expected);
    }
}
