//! Forgeries of a signed record, each of which a verifier must refuse.

use learner_record::nested_credentials_mut;
use serde_json::Value;

/// A forged record and what was done to it.
#[derive(Debug)]
pub(crate) struct Forgery {
    pub(crate) what: &'static str,
    pub(crate) record: Value,
}

/// One claim of the record altered, one claim of a nested credential altered, two nested results swapped; those of
/// which the record has the parts.
pub(crate) fn forgeries(record: &Value) -> Vec<Forgery> {
    let forged = |what, change: fn(&mut Value) -> bool| {
        let mut record = record.clone();
        change(&mut record).then_some(Forgery { what, record })
    };
    [
        forged("a claim of the record was altered", alter_outer),
        forged("a claim of a nested credential was altered", alter_nested),
        forged("two nested results were swapped", swap_results),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn alter_outer(record: &mut Value) -> bool {
    ["/name", "/issuer/name", "/credentialSubject/name"]
        .iter()
        .any(|pointer| alter(record, pointer))
}

fn alter_nested(record: &mut Value) -> bool {
    let pointer = "/credentialSubject/achievement/name";
    nested_credentials_mut(record)
        .into_iter()
        .any(|(_, nested)| alter(nested, pointer))
}

fn alter(document: &mut Value, pointer: &str) -> bool {
    match document.pointer_mut(pointer) {
        Some(Value::String(text)) => {
            text.push_str(" with honors");
            true
        }
        _ => false,
    }
}

fn swap_results(record: &mut Value) -> bool {
    let mut nested = nested_credentials_mut(record);
    let mut results = nested
        .iter_mut()
        .filter_map(|(_, nested)| nested.pointer_mut("/credentialSubject/result"));
    let Some(first) = results.next() else { return false };
    match results.find(|other| **other != *first) {
        Some(other) => {
            std::mem::swap(first, other);
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nested(name: &str, result: &str) -> Value {
        json!({"type": ["VerifiableCredential", "AchievementCredential"], "credentialSubject": {
            "achievement": {"name": name}, "result": [{"value": result}] } })
    }

    #[test]
    fn a_record_with_two_different_results_gives_three_forgeries_that_differ_from_it() {
        let record = json!({"name": "Transcript", "credentialSubject": {"verifiableCredential":
            [nested("Algebra", "A"), nested("Biology", "A"), nested("Chemistry", "C")]}});
        let forgeries = forgeries(&record);
        assert_eq!(forgeries.len(), 3);
        assert!(forgeries.iter().all(|forgery| forgery.record != record));
        let swapped = &forgeries[2].record;
        let value = |position: usize| {
            swapped.pointer(&format!(
                "/credentialSubject/verifiableCredential/{position}/credentialSubject/result/0/value"
            ))
        };
        assert_eq!(
            (value(0), value(1), value(2)),
            (Some(&json!("C")), Some(&json!("A")), Some(&json!("A")))
        );
    }

    #[test]
    fn equal_results_are_not_swapped() {
        let record = json!({"name": "Transcript", "credentialSubject": {"verifiableCredential":
            [nested("Algebra", "A"), nested("Biology", "A")]}});
        assert_eq!(forgeries(&record).len(), 2);
    }
}
