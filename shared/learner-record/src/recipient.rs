//! Who a record is about, when it says so by identifiers: hashing them, and finding out whether one is somebody's.
//!
//! A hash keeps an address from being read at a glance. It hides it from nobody who guesses: who has the record has the salt,
//! and can try every address that may come into question. A hashed identifier is personal data like the address itself.
//!
//! <https://www.imsglobal.org/spec/ob/v3p0/#verify-identifier>

use md5::Md5;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    pointer::{child, items},
    validate::formats,
};

/// Something that a person is known by: the value in plain text, and what kind of identifier it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownIdentifier<'a> {
    /// A term of IdentifierTypeEnum or an extension, for example `emailAddress`.
    pub identity_type: &'a str,
    /// For example `ada@uni.example`.
    pub value: &'a str,
}

/// The first IdentityObject of a subject that is one of the known identifiers: its JSON pointer, and which one. Hashes are read
/// in SHA-256 and in MD5, in letters of either case.
#[must_use]
pub fn matching_identity<'k, 'a>(
    subject: &Value,
    pointer: &str,
    known: &'k [KnownIdentifier<'a>],
) -> Option<(String, &'k KnownIdentifier<'a>)> {
    items(child(pointer, "identifier"), subject.get("identifier"))
        .into_iter()
        .find_map(|(pointer, identity)| {
            let known = known.iter().find(|known| is_identity_of(identity, known))?;
            Some((pointer, known))
        })
}

fn is_identity_of(identity: &Value, known: &KnownIdentifier<'_>) -> bool {
    let text = |member: &str| identity.get(member).and_then(Value::as_str);
    let Some(hash) = text("identityHash").filter(|_| text("identityType") == Some(known.identity_type)) else {
        return false;
    };
    if identity.get("hashed") != Some(&Value::Bool(true)) {
        return hash == known.value;
    }
    let salt = text("salt").unwrap_or_default();
    let expected = match hash.split_once('$') {
        Some(("sha256", _)) => sha256(known.value, salt),
        Some(("md5", _)) => md5(known.value, salt),
        _ => return false,
    };
    hash.eq_ignore_ascii_case(&expected)
}

/// Hashes an IdentityObject in place with SHA-256 and this salt, if it holds a plain e-mail address that its author wants hashed:
/// `hashed` is true, or missing. One that says `"hashed": false` stays in plain text, and what is hashed already stays as it is.
///
/// The salt is best random and used once: then two records of one person do not show that they belong together.
pub(crate) fn hash_email_address(identity: &mut Map<String, Value>, new_salt: &mut dyn FnMut() -> String) {
    let is_wanted = matches!(identity.get("hashed"), None | Some(Value::Bool(true)));
    let is_email = identity.get("identityType").is_some_and(|kind| kind == "emailAddress");
    let Some(address) = identity
        .get("identityHash")
        .and_then(Value::as_str)
        .filter(|address| is_wanted && is_email && formats::is_email_address(address))
    else {
        return;
    };
    let salt = new_salt();
    let hash = sha256(address, &salt);
    identity.insert("identityHash".to_owned(), hash.into());
    identity.insert("hashed".to_owned(), true.into());
    identity.insert("salt".to_owned(), salt.into());
}

/// `sha256$` and the digest of the identifier followed by the salt, with nothing between them.
fn sha256(identifier: &str, salt: &str) -> String {
    format!("sha256${}", hex(&Sha256::digest([identifier, salt].concat())))
}

/// The same in MD5, which is for reading old records only.
fn md5(identifier: &str, salt: &str) -> String {
    format!("md5${}", hex(&Md5::digest([identifier, salt].concat())))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The value that the standard publishes.
    const PUBLISHED: &str = "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399";

    const KNOWN: [KnownIdentifier<'_>; 2] = [
        KnownIdentifier {
            identity_type: "sisSourcedId",
            value: "R-1",
        },
        KnownIdentifier {
            identity_type: "emailAddress",
            value: "a@example.com",
        },
    ];

    fn identity(hash: &str, hashed: bool, salt: &str) -> Value {
        json!({"type": "IdentityObject", "identityHash": hash, "identityType": "emailAddress", "hashed": hashed, "salt": salt})
    }

    #[track_caller]
    fn check(identifier: Value, expected: Option<(&str, &str)>) {
        let subject = json!({ "identifier": identifier });
        let found = matching_identity(&subject, "/credentialSubject", &KNOWN);
        let found = found.as_ref().map(|(pointer, known)| (pointer.as_str(), known.value));
        assert_eq!(found, expected);
    }

    #[test]
    fn the_published_hash_is_the_one_of_its_address_and_salt() {
        assert_eq!(sha256("a@example.com", "Kosher"), PUBLISHED);
    }

    #[test]
    fn a_known_address_is_found_in_plain_text_and_in_either_hash_and_case() {
        let place = Some(("/credentialSubject/identifier", "a@example.com"));
        check(identity("a@example.com", false, ""), place);
        check(identity(PUBLISHED, true, "Kosher"), place);
        check(
            identity(&PUBLISHED.to_uppercase().replace("SHA", "sha"), true, "Kosher"),
            place,
        );
        // printf 'a@example.comKosher' | md5sum
        check(identity("md5$ddd142639a792e74751ee7e129237efa", true, "Kosher"), place);
    }

    #[test]
    fn the_first_match_wins() {
        let other = identity("b@example.com", false, "");
        let number = json!({"identityHash": "R-1", "identityType": "sisSourcedId", "hashed": false});
        check(
            json!([other, number, identity("a@example.com", false, "")]),
            Some(("/credentialSubject/identifier/1", "R-1")),
        );
    }

    #[test]
    fn another_salt_type_or_address_is_no_match() {
        check(identity(PUBLISHED, true, "kosher"), None);
        check(identity(PUBLISHED, false, "Kosher"), None);
        check(identity("A@example.com", false, ""), None);
        check(identity("sha1$00", true, ""), None);
        check(identity("a@example.com", true, ""), None);
        check(
            json!({"identityHash": "a@example.com", "identityType": "userName", "hashed": false}),
            None,
        );
        check(json!([]), None);
        check(Value::Null, None);
    }

    fn hashed(mut identity: Value) -> Value {
        hash_email_address(identity.as_object_mut().unwrap(), &mut || "Kosher".to_owned());
        identity
    }

    #[test]
    fn an_address_is_hashed_when_its_author_wants_it_or_says_nothing() {
        let expected = identity(PUBLISHED, true, "Kosher");
        assert_eq!(hashed(identity("a@example.com", true, "old")), expected);
        let silent = json!({"type": "IdentityObject", "identityHash": "a@example.com", "identityType": "emailAddress"});
        assert_eq!(hashed(silent), expected);
    }

    #[test]
    fn what_is_plain_on_purpose_hashed_already_or_no_address_stays() {
        for identity in [
            identity("a@example.com", false, ""),
            identity(PUBLISHED, true, "Kosher"),
            identity("a.example.com", true, ""),
            json!({"identityHash": "a@example.com", "identityType": "userName", "hashed": true}),
        ] {
            assert_eq!(hashed(identity.clone()), identity);
        }
    }
}
