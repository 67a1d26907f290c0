use serde_json::json;

use super::*;
use crate::nested_credentials_mut;
use crate::{
    contexts::{CLR, EXTENSIONS, OB, VC_V1, VC_V2},
    validate,
    vectors::fixture,
};

const OWN: &str = "did:web:registrar.rosewick.example";

fn completed(mut record: Value) -> Value {
    let mut count = 0;
    let mut new_id = || {
        count += 1;
        format!("urn:uuid:00000000-0000-4000-8000-{count:012}")
    };
    complete(
        &mut record,
        &mut Completion {
            issuer: &json!({"id": OWN, "type": ["Profile"], "name": "Rosewick University", "url": "https://rosewick.example"}),
            now: "2026-05-22T12:00:00.75Z".parse().unwrap(),
            new_id: &mut new_id,
            new_salt: &mut || "Kosher".to_owned(),
        },
    );
    record
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_least_a_registrar_can_write_comes_out_valid() {
    let record = completed(fixture("minimal.json"));
    assert_eq!(validate(&record).errors, []);
    assert_eq!(record["@context"], json!([VC_V2, CLR, OB, EXTENSIONS]));
    assert_eq!(record["id"], "urn:uuid:00000000-0000-4000-8000-000000000001");
    assert_eq!(record["type"], json!(["VerifiableCredential", "ClrCredential"]));
    assert_eq!(record["issuer"]["name"], "Rosewick University");
    assert_eq!(record["validFrom"], "2026-05-22T12:00:00Z");
    assert_eq!(record["credentialSubject"]["type"], json!(["ClrSubject"]));
    let nested = &record["credentialSubject"]["verifiableCredential"][0];
    assert_eq!(nested["@context"], json!([VC_V2, OB, EXTENSIONS]));
    assert_eq!(nested["id"], "urn:uuid:00000000-0000-4000-8000-000000000002");
    assert_eq!(nested["type"], json!(["VerifiableCredential", "AchievementCredential"]));
    assert_eq!(nested["issuer"], record["issuer"]);
    assert_eq!(nested["credentialSubject"]["identifier"][0]["type"], "IdentityObject");
    assert_eq!(
        nested["credentialSchema"][0]["id"],
        schemas::schema_url(CredentialKind::Achievement).unwrap()
    );
    assert_eq!(
        keys(nested),
        [
            "@context",
            "id",
            "type",
            "issuer",
            "validFrom",
            "credentialSubject",
            "credentialSchema"
        ]
    );
}

#[test]
fn a_complete_record_stays_byte_for_byte() {
    let record = fixture("transcript.json");
    assert_eq!(completed(record.clone()).to_string(), {
        let mut expected = record;
        // Only the missing members of the Profile are added.
        expected["issuer"]["name"] = "Rosewick University, Office of the Registrar".into();
        for (_, nested) in nested_credentials_mut(&mut expected) {
            nested["issuer"]["url"] = "https://rosewick.example".into();
        }
        expected.to_string()
    });
}

#[test]
fn completing_twice_changes_nothing_more() {
    let once = completed(fixture("minimal.json"));
    assert_eq!(completed(once.clone()).to_string(), once.to_string());
}

#[test]
fn what_the_registrar_wrote_is_kept_in_its_order() {
    let record = completed(json!({
        "name": "A", "issuer": {"name": "Rosewick University", "phone": "1"}, "validFrom": "2020-01-01T00:00:00+01:00",
        "note": "kept", "id": "urn:a", "type": ["ClrCredential", "VerifiableCredential", "Other"]
    }));
    assert_eq!(
        keys(&record),
        [
            "@context",
            "name",
            "issuer",
            "validFrom",
            "note",
            "id",
            "type",
            "credentialSchema"
        ]
    );
    assert_eq!(keys(&record["issuer"]), ["name", "phone", "id", "type", "url"]);
    assert_eq!(record["validFrom"], "2020-01-01T00:00:00+01:00");
    assert_eq!(
        record["type"],
        json!(["ClrCredential", "VerifiableCredential", "Other"])
    );
}

#[test]
fn contexts_are_ordered_renewed_and_the_registrars_own_kept_behind() {
    let inline = json!({"IssuerPolicy": "https://a.example#IssuerPolicy"});
    let record = completed(json!({"@context": [
        OB, "https://b.example/v1", "https://purl.imsglobal.org/spec/clr/v2p0/context.json", inline, VC_V2,
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json", "https://b.example/v1"
    ]}));
    assert_eq!(
        record["@context"],
        json!([VC_V2, CLR, OB, EXTENSIONS, "https://b.example/v1", inline])
    );
}

#[test]
fn a_single_context_becomes_an_array() {
    assert_eq!(
        completed(json!({"@context": VC_V2}))["@context"],
        json!([VC_V2, CLR, OB, EXTENSIONS])
    );
}

#[test]
fn contexts_of_vc_1_1_are_not_mixed_with_those_of_2_0() {
    let contexts = json!([VC_V1, CLR, OB]);
    assert_eq!(completed(json!({"@context": contexts.clone()}))["@context"], contexts);
}

#[test]
fn the_bare_id_of_our_own_issuer_becomes_its_profile() {
    assert_eq!(
        completed(json!({"issuer": OWN}))["issuer"]["name"],
        "Rosewick University"
    );
}

#[test]
fn another_issuer_is_left_as_it_is() {
    for issuer in [
        json!("did:web:other.example"),
        json!({"id": "did:web:other.example"}),
        json!({"name": "Other"}),
    ] {
        assert_eq!(completed(json!({"issuer": issuer.clone()}))["issuer"], issuer);
    }
}

#[test]
fn signed_and_foreign_nested_credentials_stay_byte_for_byte() {
    let signed = json!({"issuer": OWN, "proof": {"type": "DataIntegrityProof"}});
    let foreign = json!({"issuer": {"id": "did:web:other.example"}, "name": "x"});
    let record =
        completed(json!({"credentialSubject": {"verifiableCredential": [signed.clone(), foreign.clone(), {}]}}));
    let nested = &record["credentialSubject"]["verifiableCredential"];
    assert_eq!(nested[0].to_string(), signed.to_string());
    assert_eq!(nested[1].to_string(), foreign.to_string());
    assert_eq!(nested[2]["issuer"]["id"], OWN);
}

#[test]
fn a_single_nested_credential_outside_an_array_is_completed_too() {
    let record = completed(json!({"credentialSubject": {"verifiableCredential": {"credentialSubject": {}}}}));
    assert_eq!(record["credentialSubject"]["verifiableCredential"]["issuer"]["id"], OWN);
}

#[test]
fn a_signed_record_is_not_touched() {
    let signed = json!({"proof": {"type": "DataIntegrityProof"}, "name": "A"});
    assert_eq!(completed(signed.clone()), signed);
}

#[test]
fn a_credential_of_another_type_does_not_become_a_record() {
    let types = json!(["VerifiableCredential", "EmployeeCredential"]);
    assert_eq!(completed(json!({"type": types.clone()}))["type"], types);
}

#[test]
fn a_general_credential_stays_as_it_is() {
    let credential =
        json!({"@context": [VC_V2], "type": ["VerifiableCredential"], "issuer": OWN, "credentialSubject": {}});
    assert_eq!(completed(credential.clone()), credential);
    let nameless = json!({"@context": [VC_V2], "type": ["VerifiableCredential"], "credentialSubject": {}});
    assert_eq!(completed(nameless.clone()), nameless);
}

#[test]
fn a_general_credential_of_vc_1_1_gets_its_date_and_the_context_of_its_proof() {
    let credential =
        json!({"@context": [VC_V1], "type": ["VerifiableCredential"], "issuer": OWN, "credentialSubject": {}});
    let completed = completed(credential);
    assert_eq!(completed["@context"], json!([VC_V1, contexts::DATA_INTEGRITY[0]]));
    assert_eq!(completed["issuanceDate"], "2026-05-22T12:00:00Z");
}

#[test]
fn own_endorsements_are_completed_wherever_they_stand() {
    let endorsement =
        json!({"name": "Endorsement", "credentialSubject": {"id": "urn:a", "endorsementComment": "Good."}});
    let record = completed(json!({
        "endorsement": [endorsement],
        "credentialSubject": {"verifiableCredential": [{"credentialSubject": {"achievement": {"endorsement": endorsement}}}]}
    }));
    let nested = &record["credentialSubject"]["verifiableCredential"][0];
    for endorsement in [
        &record["endorsement"][0],
        &nested["credentialSubject"]["achievement"]["endorsement"],
    ] {
        assert_eq!(
            endorsement["type"],
            json!(["VerifiableCredential", "EndorsementCredential"])
        );
        assert_eq!(endorsement["issuer"]["id"], OWN);
        assert_eq!(endorsement["@context"], json!([VC_V2, OB, EXTENSIONS]));
    }
}

#[test]
fn a_schema_of_the_registrar_gets_the_standards_beside_it() {
    let own = json!({"id": "https://a.example/schema.json", "type": "JsonSchema"});
    let schemas = &completed(json!({"credentialSchema": own.clone()}))["credentialSchema"];
    assert_eq!(schemas[0], own);
    assert_eq!(schemas[1]["type"], "1EdTechJsonSchemaValidator2019");
}

#[test]
fn an_address_that_is_to_be_hashed_is_hashed_in_own_unsigned_credentials() {
    let subject = |hashed: bool| json!({"identifier": {"identityHash": "a@example.com", "identityType": "emailAddress", "hashed": hashed}});
    let mut signed = json!({"issuer": OWN, "proof": {"type": "DataIntegrityProof"}});
    signed["credentialSubject"] = subject(true);
    let mut record = json!({"credentialSubject": subject(true)});
    record["credentialSubject"]["verifiableCredential"] =
        json!([{"credentialSubject": subject(true)}, {"credentialSubject": subject(false)}, signed.clone()]);
    let record = completed(record);
    let nested = |index: usize| &record["credentialSubject"]["verifiableCredential"][index];
    for credential in [&record, nested(0)] {
        let identity = &credential["credentialSubject"]["identifier"];
        assert_eq!(identity["hashed"], true);
        assert_eq!(identity["salt"], "Kosher");
        assert_eq!(
            identity["identityHash"],
            "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
        );
    }
    assert_eq!(
        nested(1)["credentialSubject"]["identifier"]["identityHash"],
        "a@example.com"
    );
    assert_eq!(*nested(2), signed);
}

#[test]
fn a_subject_without_id_gets_none() {
    assert!(
        completed(fixture("minimal.json"))["credentialSubject"]
            .get("id")
            .is_none()
    );
}
