//! Putting one issuer in place of another, so that a record from elsewhere can be issued here.

use serde_json::Value;

use super::Repairs;
use crate::{
    Finding,
    nested::{issuer_id, nested_credentials_mut},
    pointer::child,
    validate::{brief, quoted},
};

/// Puts the issuer Profile in place of the record's own: outer, nested, and creators with the former issuer's id. A proof of
/// the former issuer no longer fits and goes. Credentials of others stay as they are.
pub fn replace_issuer(record: &mut Value, issuer: &Value) -> Vec<Finding> {
    let mut repairs = Repairs::default();
    let former = issuer_id(record).map(str::to_owned);
    if former.is_some() && former.as_deref() == issuer.get("id").and_then(Value::as_str) {
        return repairs.0;
    }
    replace_in_credential(record, "", former.as_deref(), issuer, &mut repairs);
    for (pointer, nested) in nested_credentials_mut(record) {
        if nested.get("issuer").is_none() || issuer_id(nested) == former.as_deref() {
            replace_in_credential(nested, &pointer, former.as_deref(), issuer, &mut repairs);
        }
    }
    repairs.0
}

fn replace_in_credential(
    credential: &mut Value,
    pointer: &str,
    former: Option<&str>,
    issuer: &Value,
    repairs: &mut Repairs,
) {
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    if members.shift_remove("proof").is_some() {
        repairs.add(
            child(pointer, "proof"),
            "issuer-replaced",
            "removed: the former issuer's proof does not fit the new issuer",
        );
    }
    if let Some(written) = members.insert("issuer".to_owned(), issuer.clone()) {
        let message = format!(
            "{} was replaced by {}",
            brief(written.get("id").unwrap_or(&written)),
            brief(&issuer["id"])
        );
        repairs.add(child(pointer, "issuer"), "issuer-replaced", message);
    }
    if let Some(former) = former {
        replace_creators(credential, pointer, former, issuer, repairs);
    }
}

/// Creators inside a credential; nothing that is signed or a credential of its own is entered.
fn replace_creators(value: &mut Value, pointer: &str, former: &str, issuer: &Value, repairs: &mut Repairs) {
    match value {
        Value::Object(members) if !members.contains_key("proof") => {
            for (name, member) in members {
                let pointer = child(pointer, name);
                if name == "creator" && member.get("id").is_some_and(|id| id == former) {
                    *member = issuer.clone();
                    repairs.add(
                        pointer,
                        "issuer-replaced",
                        format!("{} was replaced by {}", quoted(former), brief(&issuer["id"])),
                    );
                } else if name != "verifiableCredential" {
                    replace_creators(member, &pointer, former, issuer, repairs);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                replace_creators(item, &format!("{pointer}/{index}"), former, issuer, repairs);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{nested_credentials, vectors::fixture};

    #[test]
    fn the_new_issuer_stands_wherever_the_former_stood() {
        let mut record = fixture("transcript.json");
        let former = record["issuer"]["id"].clone();
        let other = json!({"id": "did:web:other.example", "type": ["Profile"]});
        record["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]["achievement"]["creator"]["id"] =
            former.clone();
        record["credentialSubject"]["verifiableCredential"][1]["issuer"] = other.clone();
        record["credentialSubject"]["verifiableCredential"][2]["proof"] = json!({"type": "DataIntegrityProof"});
        record["credentialSubject"]["achievement"] = json!([{"creator": {"id": former.clone()}}]);
        let issuer = json!({"id": "did:key:z1", "type": ["Profile"], "name": "Laptop"});
        let repairs = replace_issuer(&mut record, &issuer);

        assert_eq!(record["issuer"], issuer);
        assert_eq!(record["credentialSubject"]["achievement"][0]["creator"], issuer);
        let nested: Vec<_> = nested_credentials(&record)
            .into_iter()
            .map(|(_, credential)| credential)
            .collect();
        assert_eq!(nested[0]["credentialSubject"]["achievement"]["creator"], issuer);
        assert_eq!(nested[1]["issuer"], other);
        assert_eq!(nested[2].get("proof"), None);
        assert!(
            nested
                .iter()
                .enumerate()
                .all(|(index, credential)| index == 1 || credential["issuer"] == issuer)
        );
        assert!(
            !record.to_string().contains(former.as_str().unwrap()),
            "the former issuer is still named"
        );
        assert_eq!(repairs.len(), 1 + 7 + 1 + 2, "{repairs:?}");
        assert_eq!(
            record.as_object().unwrap().keys().nth(5).map(String::as_str),
            Some("issuer"),
            "the issuer kept its place"
        );
    }

    #[test]
    fn the_same_issuer_is_not_replaced() {
        let mut record = fixture("transcript.json");
        let issuer = json!({"id": record["issuer"]["id"]});
        assert_eq!(replace_issuer(&mut record, &issuer), []);
        assert_eq!(record, fixture("transcript.json"));
    }
}
