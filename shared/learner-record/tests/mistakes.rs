//! What a registrar reads after each of the twenty likeliest mistakes: a golden file, because good messages are made by reading them.
//!
//! `UPDATE_GOLDEN=1 cargo test -p learner-record --test mistakes` writes it anew; read the difference.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fmt::Write as _, path::Path};

use canonical_rdf::Contexts;
use learner_record::check_before_signing;
use serde_json::{Value, json};

type Mistake = (&'static str, fn(&mut Value));

const MISTAKES: &[Mistake] = &[
    ("the name is missing", |record| {
        remove(record, "/name");
    }),
    ("a date where an instant belongs", |record| {
        record["awardedDate"] = json!("2026-05-22")
    }),
    ("a number where a text belongs", |record| {
        result(record)["value"] = json!(3.72)
    }),
    ("an identifier type of one's own", |record| {
        record["credentialSubject"]["identifier"][2]["identityType"] = json!("studentNumber");
    }),
    ("a slip in an achievement type", |record| {
        achievement(record)["achievementType"] = json!("Corse")
    }),
    ("an achievement without criteria", |record| {
        remove(achievement(record), "/criteria");
    }),
    ("a result that refers to another course", |record| {
        result(record)["resultDescription"] = json!("https://rosewick.example/courses/comp-999#grade");
    }),
    ("a grade that the scale does not have", |record| {
        result(record)["value"] = json!("A+")
    }),
    ("a subject without any identity", |record| {
        remove(record, "/credentialSubject/id");
        remove(record, "/credentialSubject/identifier");
    }),
    ("contexts in another order", |record| {
        record["@context"].as_array_mut().unwrap().swap(1, 2)
    }),
    ("an old context", |record| {
        record["@context"][1] = json!("https://purl.imsglobal.org/spec/clr/v2p0/context.json")
    }),
    ("a slip in the name of a property", |record| {
        let field = remove(achievement(record), "/fieldOfStudy");
        achievement(record)["fieldOfStudies"] = field;
    }),
    ("an association between credentials", |record| {
        record["credentialSubject"]["association"][0]["sourceId"] =
            record["credentialSubject"]["verifiableCredential"][0]["id"].clone();
    }),
    ("a language map", |record| {
        achievement(record)["name"] = json!({"en": "Calculus I", "es": "Cálculo I"})
    }),
    ("an id that is no URI", |record| {
        achievement(record)["id"] = json!("MATH 110")
    }),
    ("a wrong type", |record| {
        record["credentialSubject"]["type"] = json!(["Person"])
    }),
    ("no credentials in the record", |record| {
        record["credentialSubject"]["verifiableCredential"] = json!([])
    }),
    ("contexts of VC 1.1", |record| {
        record["@context"][0] = json!("https://www.w3.org/2018/credentials/v1")
    }),
    ("the address of a picture in place of the picture", |record| {
        record["image"] = json!("https://rosewick.example/seal.png");
    }),
    ("null for what is not known", |record| {
        achievement(record)["specialization"] = Value::Null;
    }),
];

#[test]
fn messages_read_as_the_golden_file_says() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let transcript: Value =
        serde_json::from_slice(&std::fs::read(manifest.join("fixtures/transcript.json")).unwrap()).unwrap();
    assert_eq!(MISTAKES.len(), 20);
    let mut told = String::new();
    for (mistake, make) in MISTAKES {
        let mut record = transcript.clone();
        make(&mut record);
        writeln!(told, "# {mistake}").unwrap();
        let validation = check_before_signing(&record, Contexts::standard());
        for error in &validation.errors {
            writeln!(told, "error   {error}").unwrap();
        }
        for warning in &validation.warnings {
            writeln!(told, "warning {warning}").unwrap();
        }
        told.push('\n');
    }
    let golden = manifest.join("tests/mistakes.golden.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &told).unwrap();
    }
    assert_eq!(told, std::fs::read_to_string(&golden).unwrap_or_default());
}

fn achievement(record: &mut Value) -> &mut Value {
    &mut record["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]["achievement"]
}

fn result(record: &mut Value) -> &mut Value {
    &mut record["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]["result"][0]
}

fn remove(value: &mut Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    value
        .pointer_mut(parent)
        .unwrap()
        .as_object_mut()
        .unwrap()
        .shift_remove(name)
        .unwrap()
}
