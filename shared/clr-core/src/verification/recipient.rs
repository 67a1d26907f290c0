//! Is the record about the person who is asked for? (digest section 5.5)

use learner_record::{KnownIdentifier, items, matching_identity};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An identifier of the person whom a record should be about.
///
/// JSON: `{"identityType": "emailAddress", "identifier": "a@example.com"}` or `{"id": "did:example:learner"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Recipient {
    /// The subject's `id`.
    Id {
        /// A URI.
        id: String,
    },
    /// What an IdentityObject of the subject says, hashed or plain.
    #[serde(rename_all = "camelCase")]
    Identifier {
        /// As `emailAddress`.
        identity_type: String,
        /// In plain text.
        identifier: String,
    },
}

impl Recipient {
    /// Whether a subject of this credential has the identifier.
    pub(super) fn is_named_in(&self, credential: &Value) -> bool {
        let subjects = items(String::new(), credential.get("credentialSubject"));
        subjects.into_iter().any(|(_, subject)| match self {
            Self::Id { id } => subject.get("id").is_some_and(|named| named == id),
            Self::Identifier {
                identity_type,
                identifier,
            } => {
                let known = [KnownIdentifier {
                    identity_type,
                    value: identifier,
                }];
                matching_identity(subject, "", &known).is_some()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_named(recipient: Value, identifier: Value) -> bool {
        let recipient: Recipient = serde_json::from_value(recipient).unwrap();
        let credential = json!({"credentialSubject": {"id": "did:example:learner", "identifier": identifier}});
        recipient.is_named_in(&credential)
    }

    fn email(address: &str) -> Value {
        json!({"identityType": "emailAddress", "identifier": address})
    }

    #[test]
    fn a_hashed_identifier_is_found_by_its_plain_text() {
        let hashed = json!([{
            "type": "IdentityObject",
            "hashed": true,
            "identityHash": "sha256$B5809D8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399",
            "identityType": "emailAddress",
            "salt": "Kosher",
        }]);
        assert!(is_named(email("a@example.com"), hashed.clone()));
        assert!(!is_named(email("b@example.com"), hashed.clone()));
        let other = json!({"identityType": "name", "identifier": "a@example.com"});
        assert!(!is_named(other, hashed));
    }

    #[test]
    fn a_plain_identifier_and_an_id_are_compared_as_they_are() {
        let plain = json!({"type": "IdentityObject", "hashed": false, "identityHash": "a@example.com", "identityType": "emailAddress"});
        assert!(is_named(email("a@example.com"), plain.clone()));
        assert!(!is_named(email("A@example.com"), plain));
        assert!(is_named(json!({"id": "did:example:learner"}), json!([])));
        assert!(!is_named(json!({"id": "did:example:other"}), json!([])));
    }

    #[test]
    fn what_names_nobody_is_no_recipient() {
        for value in [
            json!({}),
            json!("a"),
            json!({"identityType": "name"}),
            json!({"id": "a", "identifier": "b"}),
        ] {
            assert!(serde_json::from_value::<Recipient>(value.clone()).is_err(), "{value}");
        }
    }
}
