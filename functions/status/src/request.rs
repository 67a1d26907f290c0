//! What a request to change states says. All of its faults are told at once, each by its JSON pointer.

use clr_core::status::StateChange;
use clr_server::ApiError;
use learner_record::StatusPurpose;
use serde_json::Value;

/// So many changes may come in one request.
const MOST: usize = 1_000;

pub(crate) fn read(body: &Value) -> Result<Vec<StateChange>, ApiError> {
    let mut reading = Reading::default();
    match body {
        Value::Array(items) if items.is_empty() => reading.fault("", "is an empty array: nothing is to be changed"),
        Value::Array(items) if items.len() > MOST => {
            reading.fault(
                "",
                format!("has {} changes: {MOST} at most come in one request", items.len()),
            );
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                reading.change(&format!("/{index}"), item);
            }
        }
        single => reading.change("", single),
    }
    if reading.faults.is_empty() {
        Ok(reading.changes)
    } else {
        Err(ApiError::InvalidData(reading.faults.join("\n")))
    }
}

#[derive(Default)]
struct Reading {
    changes: Vec<StateChange>,
    faults: Vec<String>,
}

impl Reading {
    fn change(&mut self, pointer: &str, item: &Value) {
        if !item.is_object() {
            return self.fault(pointer, "must be an object with credentialId and credentialStatus");
        }
        let credential_id = match &item["credentialId"] {
            Value::String(id) if !id.is_empty() => id,
            _ => {
                return self.fault(
                    &format!("{pointer}/credentialId"),
                    "must be the id of a credential, a string",
                );
            }
        };
        let given = item.get("status");
        match item.get("credentialStatus") {
            Some(Value::Array(entries)) if !entries.is_empty() => {
                for (index, entry) in entries.iter().enumerate() {
                    let pointer = format!("{pointer}/credentialStatus/{index}");
                    self.entry(credential_id, &pointer, entry, given);
                }
            }
            Some(entry @ Value::Object(_)) => {
                self.entry(credential_id, &format!("{pointer}/credentialStatus"), entry, given);
            }
            _ => self.fault(
                &format!("{pointer}/credentialStatus"),
                "must be an object, or several, of the type BitstringStatusListEntry",
            ),
        }
    }

    /// `outer`: the `status` beside `credentialStatus`, where newer drafts of the VC-API have it.
    fn entry(&mut self, credential_id: &str, pointer: &str, entry: &Value, outer: Option<&Value>) {
        let before = self.faults.len();
        if entry.get("type").and_then(Value::as_str) != Some("BitstringStatusListEntry") {
            self.fault(
                &format!("{pointer}/type"),
                "must be BitstringStatusListEntry, the one type that is issued here",
            );
        }
        let purpose = entry.get("statusPurpose").map(|found| {
            let purpose = found.as_str().and_then(StatusPurpose::named);
            if purpose.is_none() {
                self.fault(&format!("{pointer}/statusPurpose"), "must be revocation or suspension");
            }
            purpose
        });
        let status = entry.get("status").or(outer).map_or(Some(true), state);
        if status.is_none() {
            self.fault(
                &format!("{pointer}/status"),
                "must be true or false (or \"1\" or \"0\")",
            );
        }
        let list = entry.get("statusListCredential").map(|found| {
            if !found.is_string() {
                self.fault(&format!("{pointer}/statusListCredential"), "must be the URL of a list");
            }
            found.as_str().unwrap_or_default().to_owned()
        });
        let index = entry.get("statusListIndex").map(|found| {
            let index = found.as_str().and_then(|text| text.parse().ok());
            if index.is_none() {
                self.fault(
                    &format!("{pointer}/statusListIndex"),
                    "must be a whole number in a string",
                );
            }
            index.unwrap_or_default()
        });
        if self.faults.len() == before {
            self.changes.push(StateChange {
                credential_id: credential_id.to_owned(),
                purpose: purpose.flatten(),
                list,
                index,
                set: status.unwrap_or_default(),
            });
        }
    }

    fn fault(&mut self, pointer: &str, rule: impl std::fmt::Display) {
        let place = if pointer.is_empty() { "the body" } else { pointer };
        self.faults.push(format!("{place}: {rule}"));
    }
}

/// The VC-API writes states as strings, its suites as booleans.
fn state(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(state) => Some(*state),
        Value::String(text) => match text.as_str() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        },
        Value::Number(number) => match number.as_u64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn revocation(status: Value) -> Value {
        json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "status": status})
    }

    fn faults(body: &Value) -> String {
        match read(body) {
            Err(ApiError::InvalidData(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_object_and_several_are_read_alike() {
        let one = json!({"credentialId": "urn:a", "credentialStatus": revocation(json!(true))});
        let expected = StateChange {
            credential_id: "urn:a".to_owned(),
            purpose: Some(StatusPurpose::Revocation),
            list: None,
            index: None,
            set: true,
        };
        assert_eq!(read(&one).unwrap(), std::slice::from_ref(&expected));
        assert_eq!(read(&json!([one, one])).unwrap(), [expected.clone(), expected.clone()]);
        let array = json!({"credentialId": "urn:a", "credentialStatus": [revocation(json!("1"))]});
        assert_eq!(read(&array).unwrap(), [expected]);
    }

    #[test]
    fn a_state_is_written_in_many_ways_and_set_where_it_is_left_out() {
        let set = |status: Value| {
            let body = json!({"credentialId": "urn:a", "credentialStatus": revocation(status)});
            read(&body).unwrap()[0].set
        };
        assert!(set(json!("true")) && set(json!(1)) && set(json!(true)));
        assert!(!set(json!("0")) && !set(json!(0)) && !set(json!(false)));
        let entry = json!({"type": "BitstringStatusListEntry"});
        assert!(read(&json!({"credentialId": "urn:a", "credentialStatus": entry})).unwrap()[0].set);
        let outer = json!({"credentialId": "urn:a", "credentialStatus": entry, "status": false});
        assert!(!read(&outer).unwrap()[0].set);
    }

    #[test]
    fn all_faults_are_told_by_their_places() {
        let body = json!([
            {"credentialStatus": {}},
            {"credentialId": "urn:a", "credentialStatus": [
                {"type": "StatusList2021Entry", "statusPurpose": "message", "status": "revoked", "statusListIndex": 7}
            ]},
            {"credentialId": "urn:a"},
            7
        ]);
        let text = faults(&body);
        for pointer in [
            "/0/credentialId: ",
            "/1/credentialStatus/0/type: ",
            "/1/credentialStatus/0/statusPurpose: ",
            "/1/credentialStatus/0/status: ",
            "/1/credentialStatus/0/statusListIndex: ",
            "/2/credentialStatus: ",
            "/3: ",
        ] {
            assert!(
                text.lines().any(|line| line.starts_with(pointer)),
                "{pointer} is not in\n{text}"
            );
        }
        assert_eq!(text.lines().count(), 7, "{text}");
    }

    #[test]
    fn a_request_is_bounded() {
        let one = json!({"credentialId": "urn:a", "credentialStatus": revocation(json!(true))});
        assert_eq!(read(&Value::Array(vec![one.clone(); MOST])).unwrap().len(), MOST);
        assert!(faults(&Value::Array(vec![one; MOST + 1])).contains("1000 at most"));
        assert!(faults(&json!([])).contains("empty"));
    }
}
