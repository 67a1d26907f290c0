//! The Profile of a learner for whom none was put: what the identity provider vouched for at the last sign-in, and no more.

use clr_core::learners::{Identifier, IdentifierKind, Learner};
use serde_json::{Map, Value, json};

/// `id` is what the Profile is called where the learner has no DID of their own. Name and e-mail address are there when they are known;
/// the number in the institution's information system is nothing that an application needs.
pub(crate) fn profile(id: String, learner: Option<&Learner>) -> Value {
    let known = |kind: IdentifierKind| {
        let identifiers = learner.map_or(&[][..], Learner::identifiers);
        let found = identifiers.iter().find(|identifier| identifier.kind == kind);
        found.map(Identifier::value)
    };
    let mut profile = Map::from_iter([
        (
            "id".to_owned(),
            json!(known(IdentifierKind::Did).map_or(id, str::to_owned)),
        ),
        ("type".to_owned(), json!(["Profile"])),
    ]);
    let name = learner.and_then(|learner| learner.name.as_deref());
    for (member, value) in [("name", name), ("email", known(IdentifierKind::EmailAddress))] {
        if let Some(value) = value {
            profile.insert(member.to_owned(), json!(value));
        }
    }
    Value::Object(profile)
}

#[cfg(test)]
mod tests {
    use clr_core::{
        TenantId,
        learners::{Account, Voucher},
    };

    use super::*;

    fn learner(identifiers: &[(IdentifierKind, &str)]) -> Learner {
        let account = Account {
            issuer: "https://idp.example".to_owned(),
            subject: "1".to_owned(),
        };
        let mut learner = Learner::new(&TenantId::new("t").unwrap(), account);
        learner.name = Some("Ada Lovelace".to_owned());
        let identifier = |(kind, value): &(_, &str)| Identifier::new(*kind, value, Voucher::IdentityProvider);
        learner.replace_identifiers(Voucher::IdentityProvider, identifiers.iter().map(identifier));
        learner
    }

    fn check(learner: Option<&Learner>, expected: &Value) {
        let profile = profile("https://records.example/profile#1".to_owned(), learner);
        assert_eq!(profile, *expected);
        assert_eq!(learner_record::validate_profile(&profile).errors, []);
    }

    #[test]
    fn it_says_what_is_vouched_for_and_not_the_number_at_the_institution() {
        let identifiers = [
            (IdentifierKind::EmailAddress, "ada@example.edu"),
            (IdentifierKind::SisSourcedId, "0042"),
        ];
        let expected = json!({
            "id": "https://records.example/profile#1",
            "type": ["Profile"],
            "name": "Ada Lovelace",
            "email": "ada@example.edu",
        });
        check(Some(&learner(&identifiers)), &expected);
    }

    #[test]
    fn a_did_that_is_vouched_for_is_the_id() {
        let expected = json!({ "id": "did:example:ada", "type": ["Profile"], "name": "Ada Lovelace" });
        check(Some(&learner(&[(IdentifierKind::Did, "did:example:ada")])), &expected);
    }

    #[test]
    fn where_nothing_is_known_it_is_an_id() {
        check(
            None,
            &json!({ "id": "https://records.example/profile#1", "type": ["Profile"] }),
        );
    }
}
