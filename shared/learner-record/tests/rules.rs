//! Each rule of the data model, broken once in a record that is otherwise right.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use learner_record::validate;
use serde_json::{Value, json};

const NESTED: &str = "/credentialSubject/verifiableCredential/0";

fn transcript() -> Value {
    serde_json::from_str(include_str!("../fixtures/transcript.json")).unwrap()
}

/// The record after `change` of the value at `place`, which `null` stands for where there is none.
fn changed(place: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut record = transcript();
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = record.pointer_mut(parent).unwrap();
    let value = match name.parse::<usize>() {
        Ok(index) if parent.is_array() => &mut parent[index],
        _ => &mut parent[name],
    };
    change(value);
    record
}

#[track_caller]
fn check(record: &Value, errors: &[(&str, &str)], warnings: &[(&str, &str)]) {
    let validation = validate(record);
    let shown = |findings: &[learner_record::Finding]| -> Vec<(String, &'static str)> {
        findings
            .iter()
            .map(|finding| (finding.pointer.clone(), finding.rule))
            .collect()
    };
    let expected = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter()
            .map(|(pointer, rule)| ((*pointer).to_owned(), (*rule).to_owned()))
            .collect()
    };
    let owned = |list: Vec<(String, &'static str)>| -> Vec<(String, String)> {
        list.into_iter()
            .map(|(pointer, rule)| (pointer, rule.to_owned()))
            .collect()
    };
    assert_eq!(owned(shown(&validation.errors)), expected(errors), "errors");
    assert_eq!(owned(shown(&validation.warnings)), expected(warnings), "warnings");
}

#[track_caller]
fn error(place: &str, value: Value, rule: &str) {
    check(&changed(place, |found| *found = value), &[(place, rule)], &[]);
}

#[track_caller]
fn warning(place: &str, value: Value, rule: &str) {
    check(&changed(place, |found| *found = value), &[], &[(place, rule)]);
}

fn nested(place: &str) -> String {
    format!("{NESTED}{place}")
}

#[test]
fn single_values_are_taken_where_the_model_has_many() {
    for place in [
        "/credentialSubject/identifier",
        "/credentialSubject/association",
        "/credentialSchema",
    ] {
        check(&changed(place, |found| *found = found[0].take()), &[], &[]);
    }
    for place in [
        "/credentialSubject/result",
        "/credentialSubject/achievement/resultDescription",
        "/credentialSubject/type",
    ] {
        check(&changed(&nested(place), |found| *found = found[0].take()), &[], &[]);
    }
    let alone = changed("/credentialSubject/verifiableCredential", |found| {
        *found = found[7].take()
    });
    assert_eq!(validate(&alone).errors, []);
}

#[test]
fn arrays_are_refused_where_the_model_has_one() {
    for place in ["/name", "/validFrom", "/credentialSubject"] {
        check(
            &changed(place, |found| *found = json!([found.take()])),
            &[(place, "single-value")],
            &[],
        );
    }
}

#[test]
fn empty_arrays_are_an_error_where_one_is_needed_and_a_warning_elsewhere() {
    warning("/endorsementJwt", json!([]), "empty-array");
    let record = changed("/credentialSubject/verifiableCredential", |found| *found = json!([]));
    assert_eq!(validate(&record).errors[0].rule, "not-empty");
}

#[test]
fn null_is_no_value() {
    for place in ["/description", "/partial", "/image", "/awardedDate"] {
        error(place, Value::Null, "value-type");
    }
}

#[test]
fn forms_of_values_are_checked() {
    error("/partial", json!("false"), "value-type");
    error(&nested("/credentialSubject/creditsEarned"), json!("4"), "value-type");
    error(
        &nested("/credentialSubject/achievement/inLanguage"),
        json!("English"),
        "language-code",
    );
    error(
        &nested("/credentialSubject/activityStartDate"),
        json!("2022-09-05"),
        "date-time",
    );
    error("/issuer/dateOfBirth", json!("2022-09-05T00:00:00Z"), "date");
    error("/issuer/url", json!("rosewick.example"), "uri");
    error("/image", json!("https://rosewick.example/seal.png"), "value-type");
    warning("/issuer/address/addressCountryCode", json!("GBR"), "country-code");
    warning("/issuer/email", json!("registrar"), "email-address");
    check(
        &changed("/endorsementJwt", |found| *found = json!(["a.b"])),
        &[("/endorsementJwt/0", "compact-jws")],
        &[],
    );
}

#[test]
fn terms_are_of_their_vocabulary_or_extensions_of_it() {
    let place = nested("/credentialSubject/achievement/achievementType");
    error(&place, json!("Seminar"), "vocabulary");
    check(&changed(&place, |found| *found = json!("ext:Seminar")), &[], &[]);
    error(
        "/credentialSubject/association/0/associationType",
        json!("ext:likes"),
        "vocabulary",
    );
    error(
        &nested("/credentialSubject/result/0/status"),
        json!("ext:Done"),
        "vocabulary",
    );
}

#[test]
fn types_name_the_class_even_as_a_plain_string() {
    for (place, value) in [
        ("/credentialSubject/type", json!("ClrSubject")),
        ("/credentialSubject/type", json!(["Person", "ClrSubject"])),
    ] {
        check(&changed(place, |found| *found = value), &[], &[]);
    }
    error("/credentialSubject/type", json!("Person"), "class-type");
    error("/credentialSubject/type", json!([]), "class-type");
    error("/credentialSubject/identifier/0/type", json!("Identity"), "class-type");
    error(
        "/credentialSubject/identifier/0/type",
        json!(["IdentityObject"]),
        "single-value",
    );
    error(
        &nested("/credentialSubject/achievement/resultDescription/0/type"),
        json!("Result"),
        "class-type",
    );
}

#[test]
fn classes_that_are_closed_hold_nothing_else() {
    for place in [
        "/credentialSubject/identifier/0/note",
        "/credentialSubject/association/0/note",
        "/issuer/image/note",
    ] {
        error(place, json!("x"), "unknown-property");
    }
    check(&changed("/note", |found| *found = json!("x")), &[], &[]);
}

#[test]
fn a_credential_is_valid_for_some_time() {
    error("/validUntil", json!("2026-05-22T11:59:59Z"), "validity-period");
    check(
        &changed("/validUntil", |found| *found = json!("2026-05-22T12:00:00Z")),
        &[],
        &[],
    );
}

#[test]
fn credentials_of_two_data_models_do_not_stand_in_one_record() {
    let record = changed(&nested("/@context/0"), |found| {
        *found = json!("https://www.w3.org/2018/credentials/v1")
    });
    let errors = validate(&record).errors;
    assert!(
        errors
            .iter()
            .any(|error| error.rule == "mixed-vc-versions" && error.pointer == nested("/@context"))
    );
}

#[test]
fn results_lead_to_what_their_achievement_describes() {
    let capstone = "/credentialSubject/verifiableCredential/5/credentialSubject";
    error(
        &format!("{capstone}/result/0/achievedLevel"),
        json!("urn:nowhere"),
        "achieved-level-link",
    );
    error(
        &format!("{capstone}/result/0/resultDescription"),
        json!("urn:nowhere"),
        "result-description-link",
    );
    error(
        &format!("{capstone}/achievement/resultDescription/0/requiredLevel"),
        json!("urn:nowhere"),
        "required-level-link",
    );
    let without_status = changed(&format!("{capstone}/result/1"), |found| {
        drop(found.as_object_mut().unwrap().remove("status"))
    });
    check(
        &without_status,
        &[(&format!("{capstone}/result/1"), "result-status")],
        &[],
    );
    let without_link = changed(&nested("/credentialSubject/result/0"), |found| {
        drop(found.as_object_mut().unwrap().remove("resultDescription"))
    });
    check(
        &without_link,
        &[],
        &[(&nested("/credentialSubject/result/0"), "result-without-description")],
    );
}

#[test]
fn results_fit_the_scale_of_their_description() {
    warning(
        &nested("/credentialSubject/result/0/value"),
        json!("A+"),
        "result-value",
    );
    let average = "/credentialSubject/verifiableCredential/7/credentialSubject/result/0/value";
    for value in ["4.1", "-0.1"] {
        warning(average, json!(value), "result-value");
    }
    for value in ["0.0", "4.00", "pending"] {
        check(&changed(average, |found| *found = json!(value)), &[], &[]);
    }
}

#[test]
fn hashed_identities_look_hashed() {
    let place = "/credentialSubject/identifier/1";
    let identity = |hash: &str, hashed: bool| {
        let identity = json!({"type": "IdentityObject", "identityHash": hash, "identityType": "emailAddress", "hashed": hashed, "salt": "s"});
        changed(place, |found| *found = identity)
    };
    let sha256 = format!("sha256${}", "0f".repeat(32));
    let pointer = format!("{place}/identityHash");
    check(&identity(&sha256, true), &[], &[]);
    check(
        &identity("ada@rosewick.example", true),
        &[(&pointer, "identity-hash")],
        &[],
    );
    check(&identity(&sha256, false), &[], &[(&pointer, "identity-hash")]);
    check(
        &identity(&format!("md5${}", "0f".repeat(16)), true),
        &[],
        &[(&pointer, "identity-hash")],
    );
}

#[test]
fn what_is_only_odd_is_a_warning() {
    warning(
        &nested("/issuer"),
        json!("did:web:registrar.rosewick.example"),
        "issuer-profile",
    );
    warning(
        "/credentialSchema",
        json!({"id": "https://a.example/schema", "type": "JsonSchema"}),
        "credential-schema",
    );
    let second = "/credentialSubject/verifiableCredential/1/id";
    warning(
        second,
        transcript().pointer(&nested("/id")).unwrap().clone(),
        "duplicate-id",
    );
    warning(
        "/credentialSubject/association/0/targetId",
        json!("urn:nowhere"),
        "association-link",
    );
}

#[test]
fn an_embedded_endorsement_is_checked_and_wants_a_proof() {
    let endorsement = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": "urn:uuid:1", "type": ["VerifiableCredential", "EndorsementCredential"], "name": "Endorsement",
        "issuer": "did:web:board.example", "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"type": ["EndorsementSubject"]}
    });
    check(
        &changed("/endorsement", |found| *found = json!([endorsement])),
        &[("/endorsement/0/credentialSubject/id", "missing-property")],
        &[("/endorsement/0", "unsigned-endorsement")],
    );
}

#[test]
fn pictures_in_the_record_are_png_or_svg_as_they_say() {
    let place = "/issuer/image/id";
    let png = "data:image/png;base64,iVBORw0KGgo=";
    for right in [
        png,
        "DATA:image/PNG;base64,iVBORw0KGgo=",
        "data:image/svg+xml,%3Csvg/%3E",
        "data:image/svg+xml;charset=utf-8,<!--a--><svg/>",
    ] {
        // Angle brackets stand in no URI, in a data URI neither.
        let errors = if right.contains('<') {
            vec![(place, "uri")]
        } else {
            vec![]
        };
        check(&changed(place, |found| *found = json!(right)), &errors, &[]);
    }
    for wrong in [
        "data:image/png;base64,R0lGODlh",
        "data:image/svg+xml,text",
        "data:image/png;base64,****",
        "data:image/png",
        "data:text/html,x",
        "data:,x",
    ] {
        error(place, json!(wrong), "image-data");
    }
    warning(place, json!("data:image/gif;base64,R0lGODlh"), "image-type");
}

#[test]
fn a_proof_of_another_purpose_is_odd() {
    let proof = |purpose: &str| json!({"type": "DataIntegrityProof", "proofPurpose": purpose});
    check(&changed("/proof", |found| *found = proof("assertionMethod")), &[], &[]);
    check(
        &changed("/proof", |found| *found = proof("authentication")),
        &[],
        &[("/proof/proofPurpose", "proof-purpose")],
    );
}

#[test]
fn related_resources_have_ids_and_digests() {
    let sri = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let resource = |id: &str, member: &str, digest: &str| json!({"id": id, member: digest});
    let right = json!([
        resource("https://a.example/1", "digestSRI", sri),
        resource("https://a.example/2", "digestMultibase", "uEiAB")
    ]);
    for place in ["/relatedResource".to_owned(), nested("/relatedResource")] {
        check(&changed(&place, |found| *found = right.clone()), &[], &[]);
        check(
            &changed(&place, |found| {
                *found = json!([
                    {"id": "https://a.example/1"},
                    resource("https://a.example/1", "digestSRI", "sha256-AA=="),
                    resource("a", "digestMultibase", "0"),
                    {"digestSRI": sri},
                ]);
            }),
            &[
                (&format!("{place}/0"), "related-resource-digest"),
                (&format!("{place}/1/digestSRI"), "digest-sri"),
                (&format!("{place}/2/id"), "uri"),
                (&format!("{place}/2/digestMultibase"), "multibase"),
                (&format!("{place}/3/id"), "missing-property"),
                (&format!("{place}/1/id"), "related-resource-id"),
            ],
            &[],
        );
    }
}

#[test]
fn a_nested_credential_of_another_type_begins_with_the_context_of_its_version() {
    let other = json!({
        "@context": ["https://a.example/v1"], "type": ["VerifiableCredential", "EmployeeCredential"],
        "issuer": "did:web:employer.example", "validFrom": "2026-01-01T00:00:00Z", "credentialSubject": {"id": "did:example:ada"}
    });
    let record = changed("/credentialSubject/verifiableCredential/7", |found| *found = other);
    let errors = validate(&record).errors;
    let shown: Vec<_> = errors
        .iter()
        .map(|error| (error.pointer.as_str(), error.rule))
        .collect();
    assert_eq!(
        shown,
        [("/credentialSubject/verifiableCredential/7/@context", "context-order")]
    );
}

#[test]
fn the_general_rules_are_w3cs() {
    let credential = |member: &str, value: Value| {
        let mut credential = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
            "issuer": "did:web:employer.example", "credentialSubject": {"id": "did:example:ada"}
        });
        credential[member] = value;
        credential
    };
    let kind = [("/type", "credential-type")];
    for (member, value) in [
        (
            "name",
            json!({"@value": "Diploma", "@language": "en", "@direction": "ltr"}),
        ),
        (
            "description",
            json!([{"@value": "a"}, {"@value": "b", "@language": "fr"}]),
        ),
        (
            "credentialStatus",
            json!([{"type": "BitstringStatusListEntry"}, {"type": ["A", "B"]}]),
        ),
        ("evidence", json!({"type": "Evidence"})),
    ] {
        check(&credential(member, value), &[], &kind);
    }
    for (member, value, place, rule) in [
        ("name", json!({"@value": 1}), "/name", "language-value"),
        ("name", json!({"@value": "a", "url": "b"}), "/name", "language-value"),
        (
            "description",
            json!({"@value": "a", "@direction": "up"}),
            "/description",
            "language-value",
        ),
        ("credentialSubject", json!({}), "/credentialSubject", "no-claim"),
        (
            "credentialStatus",
            json!({"id": "urn:a"}),
            "/credentialStatus/type",
            "missing-property",
        ),
        (
            "credentialSchema",
            json!([{"type": "JsonSchema"}]),
            "/credentialSchema/0/id",
            "missing-property",
        ),
        (
            "termsOfUse",
            json!({"id": "urn:a"}),
            "/termsOfUse/type",
            "missing-property",
        ),
        ("evidence", json!({"id": "urn:a"}), "/evidence/type", "missing-property"),
        (
            "refreshService",
            json!({"id": "urn:a"}),
            "/refreshService/type",
            "missing-property",
        ),
        ("id", json!(["urn:a"]), "/id", "single-value"),
        ("validFrom", json!("yesterday"), "/validFrom", "date-time"),
    ] {
        check(&credential(member, value), &[(place, rule)], &kind);
    }
}

#[test]
fn a_credential_of_another_type_is_held_to_the_general_rules() {
    let credential = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential", "EmployeeCredential"],
        "issuer": {"id": "did:web:employer.example"}, "credentialSubject": [{"id": "did:example:ada"}, {"id": "did:example:bob"}]
    });
    check(&credential, &[], &[("/type", "credential-type")]);
    check(
        &json!({"type": "VerifiableCredential"}),
        &[
            ("/@context", "missing-property"),
            ("/issuer", "missing-property"),
            ("/credentialSubject", "missing-property"),
        ],
        &[("/type", "credential-type")],
    );
}

#[test]
fn what_is_no_object_is_told_so() {
    for value in [json!(null), json!("text"), json!([1])] {
        assert_eq!(validate(&value).errors[0].rule, "value-type");
    }
    let jws = changed(NESTED, |found| *found = json!("a.b.c"));
    assert_eq!(
        validate(&jws)
            .errors
            .iter()
            .map(|error| (error.pointer.as_str(), error.rule))
            .collect::<Vec<_>>(),
        [(NESTED, "value-type")]
    );
}
