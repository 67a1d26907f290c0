use super::*;
use crate::vectors::fixture;

/// Repairs the transcript after a change to its first nested credential, and tells the repairs and that credential.
fn repaired(change: impl Fn(&mut Value)) -> (Vec<String>, Value) {
    let mut record = fixture("transcript.json");
    change(&mut record["credentialSubject"]["verifiableCredential"][0]);
    let repairs = repair(&mut record, Contexts::standard());
    let shown = repairs
        .iter()
        .map(|finding| format!("{} {}", finding.pointer, finding.rule))
        .collect();
    (shown, record["credentialSubject"]["verifiableCredential"][0].clone())
}

const NESTED: &str = "/credentialSubject/verifiableCredential/0";

#[track_caller]
fn check(change: impl Fn(&mut Value), repair: &str, place: &str, becomes: Value) {
    let (repairs, credential) = repaired(change);
    assert_eq!(repairs, [format!("{NESTED}{repair}")]);
    assert_eq!(credential.pointer(place).cloned().unwrap_or_default(), becomes);
}

#[test]
fn a_record_without_faults_is_not_changed() {
    let mut record = fixture("transcript.json");
    assert_eq!(repair(&mut record, Contexts::standard()), []);
    assert_eq!(record.to_string(), fixture("transcript.json").to_string());
}

#[test]
fn missing_criteria_come_from_the_description() {
    let place = "/credentialSubject/achievement/criteria";
    let description = "Limits, derivatives and integrals of functions of one variable.";
    for change in [
        |credential: &mut Value| {
            drop(
                credential["credentialSubject"]["achievement"]
                    .as_object_mut()
                    .unwrap()
                    .remove("criteria"),
            )
        },
        |credential: &mut Value| credential["credentialSubject"]["achievement"]["criteria"] = json!({}),
    ] {
        check(
            change,
            &format!("{place} missing-property"),
            place,
            json!({ "narrative": description }),
        );
    }
}

#[test]
fn a_missing_description_comes_from_the_name() {
    let place = "/credentialSubject/achievement/description";
    let change = |credential: &mut Value| {
        drop(
            credential["credentialSubject"]["achievement"]
                .as_object_mut()
                .unwrap()
                .remove("description"),
        )
    };
    check(change, &format!("{place} missing-property"), place, json!("Calculus I"));
}

#[test]
fn a_date_becomes_its_first_instant() {
    check(
        |credential| credential["awardedDate"] = json!("2022-12-16"),
        "/awardedDate date-time",
        "/awardedDate",
        json!("2022-12-16T00:00:00Z"),
    );
}

#[test]
fn a_time_without_offset_is_taken_as_utc() {
    check(
        |credential| credential["validFrom"] = json!("2022-12-16T12:30:00.5"),
        "/validFrom date-time",
        "/validFrom",
        json!("2022-12-16T12:30:00.5Z"),
    );
}

#[test]
fn numbers_become_texts_where_the_model_has_texts_and_nowhere_else() {
    let place = "/credentialSubject/result/0/value";
    for (number, text) in [(json!(3.87), "3.87"), (json!(34), "34"), (json!(4.0), "4.0")] {
        let change = |credential: &mut Value| {
            credential["credentialSubject"]["achievement"]["resultDescription"][0]["allowedValue"] = json!([text]);
            credential["credentialSubject"]["result"][0]["value"] = number.clone();
        };
        check(change, &format!("{place} number-as-text"), place, json!(text));
    }
}

#[test]
fn an_unknown_term_of_an_open_vocabulary_becomes_an_extension() {
    let place = "/credentialSubject/achievement/achievementType";
    for (term, extended) in [("Seminar", "ext:Seminar"), ("Summer School", "ext:Summer_School")] {
        check(
            |credential| credential["credentialSubject"]["achievement"]["achievementType"] = json!(term),
            &format!("{place} vocabulary"),
            place,
            json!(extended),
        );
    }
}

#[test]
fn an_unknown_term_of_a_closed_vocabulary_stays() {
    let (repairs, credential) =
        repaired(|credential| credential["credentialSubject"]["result"][0]["status"] = json!("Done"));
    assert_eq!(repairs, Vec::<String>::new());
    assert_eq!(credential["credentialSubject"]["result"][0]["status"], "Done");
}

#[test]
fn an_array_of_one_is_unwrapped_where_the_model_has_one() {
    let image = json!({"id": "https://a.example/i.png", "type": ["Image"]});
    check(
        |credential| credential["image"] = image.clone(),
        "/image/type single-value",
        "/image/type",
        json!("Image"),
    );
}

#[test]
fn references_that_lead_nowhere_are_dropped() {
    for (member, place) in [
        ("resultDescription", "/credentialSubject/result/0/resultDescription"),
        ("achievedLevel", "/credentialSubject/result/0/achievedLevel"),
    ] {
        check(
            |credential| credential["credentialSubject"]["result"][0][member] = json!("urn:nowhere"),
            &format!("{place} dangling-reference"),
            place,
            Value::Null,
        );
    }
    let place = "/credentialSubject/achievement/resultDescription/0/requiredLevel";
    check(
        |credential| {
            credential["credentialSubject"]["achievement"]["resultDescription"][0]["requiredLevel"] =
                json!("urn:nowhere")
        },
        &format!("{place} dangling-reference"),
        place,
        Value::Null,
    );
}

#[test]
fn a_level_of_another_description_of_the_achievement_is_kept() {
    let mut record = fixture("transcript.json");
    let result = &mut record["credentialSubject"]["verifiableCredential"][5]["credentialSubject"]["result"];
    result[1]["achievedLevel"] = result[0]["achievedLevel"].clone();
    assert_eq!(repair(&mut record, Contexts::standard()), []);
}

#[test]
fn services_of_another_system_are_removed() {
    for member in ["credentialStatus", "refreshService"] {
        check(
            |credential| credential[member] = json!({"id": "https://a.example/1", "type": "1EdTechRevocationList"}),
            &format!("/{member} foreign-service"),
            &format!("/{member}"),
            Value::Null,
        );
    }
}

#[test]
fn terms_that_no_context_defines_are_dropped_however_deep() {
    for place in [
        "/studentNumber",
        "/credentialSubject/gradeLevel",
        "/credentialSubject/achievement/creator/faculty",
    ] {
        let (parent, name) = place.rsplit_once('/').unwrap();
        check(
            |credential| {
                drop(
                    credential
                        .pointer_mut(parent)
                        .unwrap()
                        .as_object_mut()
                        .unwrap()
                        .insert(name.to_owned(), json!("1")),
                )
            },
            &format!("{place} undefined-term"),
            place,
            Value::Null,
        );
    }
}

#[test]
fn a_type_that_no_context_defines_is_dropped_and_with_its_last_type_the_object() {
    check(
        |credential| credential["type"] = json!(["VerifiableCredential", "AchievementCredential", "Transcript"]),
        "/type/2 undefined-term",
        "/type",
        json!(["VerifiableCredential", "AchievementCredential"]),
    );
    check(
        |credential| credential["termsOfUse"] = json!([{"id": "https://a.example/p", "type": "IssuerPolicy"}]),
        "/termsOfUse/0 undefined-term",
        "/termsOfUse",
        Value::Null,
    );
}

#[test]
fn every_occurrence_of_an_undefined_term_is_dropped() {
    let mut record = fixture("transcript.json");
    for (_, nested) in nested_credentials_mut(&mut record) {
        nested["grade"] = json!("A");
        nested["credentialSubject"]["grade"] = json!("A");
    }
    record["grade"] = json!("A");
    let repairs = repair(&mut record, Contexts::standard());
    assert_eq!(repairs.len(), 17, "{repairs:?}");
    assert_eq!(record, fixture("transcript.json"));
}

#[test]
fn signed_and_foreign_nested_credentials_are_not_mended() {
    let mut record = fixture("transcript.json");
    let nested = record["credentialSubject"]["verifiableCredential"]
        .as_array_mut()
        .unwrap();
    for credential in nested.iter_mut() {
        credential["awardedDate"] = json!("2022-12-16");
    }
    nested[0]["proof"] = json!({"type": "DataIntegrityProof"});
    nested[1]["issuer"] = json!({"id": "did:web:other.example", "type": ["Profile"]});
    let before = nested[..2].to_vec();
    let repairs = repair(&mut record, Contexts::standard());
    assert_eq!(
        record["credentialSubject"]["verifiableCredential"].as_array().unwrap()[..2],
        before
    );
    assert_eq!(repairs.len(), 6);
}

#[test]
fn a_record_that_leaves_contexts_and_types_out_keeps_every_claim() {
    let mut record = fixture("minimal.json");
    assert_eq!(repair(&mut record, Contexts::standard()), []);
    let written = fixture("minimal.json");
    let kept = |place: &str| assert_eq!(record.pointer(place), written.pointer(place), "{place}");
    kept("/name");
    kept("/credentialSubject/identifier/0/identityHash");
    let achievement = "/credentialSubject/verifiableCredential/0/credentialSubject/achievement";
    for member in ["id", "name", "description", "achievementType", "criteria"] {
        kept(&format!("{achievement}/{member}"));
    }
    assert_eq!(record["type"], json!(["VerifiableCredential", "ClrCredential"]));
    assert_eq!(record.pointer(achievement).unwrap()["type"], json!(["Achievement"]));
}

#[test]
fn what_no_context_defines_is_dropped_from_a_record_without_contexts_too() {
    let mut record = fixture("minimal.json");
    record["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]["grade"] = json!("A");
    let repairs = repair(&mut record, Contexts::standard());
    let shown: Vec<_> = repairs
        .iter()
        .map(|finding| (finding.pointer.as_str(), finding.rule))
        .collect();
    assert_eq!(
        shown,
        [(&*format!("{NESTED}/credentialSubject/grade"), "undefined-term")]
    );
}
