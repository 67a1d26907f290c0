//! What a registrar may leave out of an unsigned record, and what is put there.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    contexts,
    embedded::{Embedded, unsigned_inside},
    kind::CredentialKind,
    model::{Class, Edition, Form, Place},
    nested::{has_proof, issuer_id},
    pointer::{items_mut, one_or_many},
    recipient::hash_email_address,
    schemas,
};

/// What comes in from outside.
pub struct Completion<'a> {
    /// The issuer Profile object: `id`, `type`, `name` and whatever else the institution publishes.
    pub issuer: &'a Value,
    /// Becomes `validFrom` where it is missing.
    pub now: Timestamp,
    /// A fresh `urn:uuid:…` each call.
    pub new_id: &'a mut dyn FnMut() -> String,
    /// A fresh random text each call: the salt of an e-mail address that is hashed.
    pub new_salt: &'a mut dyn FnMut() -> String,
}

/// Completes an unsigned CLR or Open Badges credential in place: contexts in the standard's order, ids, types, issuer Profile,
/// `validFrom`, `credentialSchema`; on it, and on every own credential inside it that has no proof, nested ones and
/// endorsements. What is already there is kept, in its order; only contexts are moved, and old versions of 1EdTech's contexts
/// give way to the current ones.
///
/// A plain e-mail address among the subject's identifiers is hashed where its author says `"hashed": true`, or nothing; `"hashed": false`
/// leaves it readable. A hash keeps an address from being read at a glance, no more: whoever guesses the address can check it.
///
/// A credential that says by its types and contexts that it is none of 1EdTech's stays as it is. Only one of VC 1.1 gets what it
/// cannot do without: `issuanceDate`, and the context that defines the members of its proof.
///
/// Own is what names no issuer, or the one of the completion. A credential with a proof, or of another issuer, stays as it is.
pub fn complete(record: &mut Value, completion: &mut Completion<'_>) {
    if !record.is_object() || has_proof(record) {
        return;
    }
    if is_general(record) {
        return complete_general(record, completion);
    }
    complete_credential(record, CredentialKind::Clr, completion);
    for Embedded { pointer, usual, .. } in unsigned_inside(record) {
        if let Some(inner) = record.pointer_mut(&pointer)
            && is_own(inner, completion.issuer)
        {
            complete_credential(inner, usual, completion);
        }
    }
}

/// Whether a document says that it is another credential than 1EdTech's: it has contexts and types, and neither are 1EdTech's.
fn is_general(record: &Value) -> bool {
    let contexts = one_or_many(record.get("@context"));
    CredentialKind::of(record) == CredentialKind::Other
        && record.get("type").is_some()
        && !contexts.is_empty()
        && !contexts
            .iter()
            .any(|context| context.as_str().is_some_and(|url| contexts::Required::Clr.matches(url)))
}

/// Such a credential gets no more than what signing takes: in VC 1.1, whose contexts know no Data Integrity proofs, the context
/// that does, and the date of issue. Contexts that are no list stay as they are.
fn complete_general(credential: &mut Value, completion: &Completion<'_>) {
    if Edition::of(credential) == Edition::V2_0 {
        return;
    }
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    if !members.contains_key("issuanceDate") {
        insert_after(members, "issuer", "issuanceDate", whole_seconds(completion.now).into());
    }
    let mut contexts = one_or_many(members.get("@context")).to_vec();
    if !contexts
        .iter()
        .any(|context| contexts::DATA_INTEGRITY.iter().any(|known| context == known))
    {
        contexts.push(contexts::DATA_INTEGRITY[0].into());
        members.insert("@context".to_owned(), contexts.into());
    }
}

/// Whether a credential names no issuer, or the one of this Profile: by its id, or without id by no other name.
fn is_own(credential: &Value, profile: &Value) -> bool {
    match credential.get("issuer") {
        None => true,
        Some(Value::Object(written)) if !written.contains_key("id") => {
            written.get("name").is_none_or(|name| *name == profile["name"])
        }
        Some(_) => issuer_id(credential).is_some_and(|id| profile["id"] == id),
    }
}

/// `usual` is what a credential is that has no `type`.
fn complete_credential(credential: &mut Value, usual: CredentialKind, completion: &mut Completion<'_>) {
    complete_meaning(credential, usual);
    complete_issuer(credential, completion.issuer);
    let kind = CredentialKind::of(credential);
    let begins = match Edition::of(credential) {
        Edition::V1_1 => "issuanceDate",
        Edition::V2_0 => "validFrom",
    };
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    if !members.contains_key("id") {
        insert_after(members, "@context", "id", (completion.new_id)().into());
    }
    if !members.contains_key("validFrom") && !members.contains_key("issuanceDate") {
        insert_after(members, "issuer", begins, whole_seconds(completion.now).into());
    }
    complete_schema(members, kind);
    let subjects = items_mut(String::new(), members.get_mut("credentialSubject"));
    for (_, identity) in subjects
        .into_iter()
        .flat_map(|(_, subject)| items_mut(String::new(), subject.get_mut("identifier")))
    {
        if let Some(identity) = identity.as_object_mut() {
            hash_email_address(identity, completion.new_salt);
        }
    }
}

/// What gives the members of a credential their meaning: its types, its contexts, the types of the objects inside. Without these
/// a term is undefined, whatever it says.
pub(crate) fn complete_meaning(credential: &mut Value, usual: CredentialKind) {
    complete_type(credential, usual);
    let kind = CredentialKind::of(credential);
    let class = Class::of_credential(credential, Place::Alone);
    if let Some(members) = credential.as_object_mut() {
        contexts::put_in_order(members, kind);
        name_classes(members, class);
    }
}

/// `VerifiableCredential`, and the kind where `type` is missing or says no more than that.
fn complete_type(credential: &mut Value, usual: CredentialKind) {
    let mut types = one_or_many(credential.get("type")).to_vec();
    if !types.iter().any(|name| name == "VerifiableCredential") {
        types.insert(0, "VerifiableCredential".into());
    }
    if let ([_], Some(name)) = (types.as_slice(), usual.type_name()) {
        types.push(name.into());
    }
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    match members.get_mut("type") {
        Some(written) => *written = types.into(),
        None => insert_after(
            members,
            if members.contains_key("id") { "id" } else { "@context" },
            "type",
            types.into(),
        ),
    }
}

/// The full Profile in place of a missing issuer and of the bare id of our own, and around a partial Profile of our own. In a
/// credential of a type that 1EdTech does not know, Profiles have no meaning: there a missing issuer becomes our bare id.
fn complete_issuer(credential: &mut Value, profile: &Value) {
    if !is_own(credential, profile) {
        return;
    }
    let kind = CredentialKind::of(credential);
    let Some(members) = credential.as_object_mut() else {
        return;
    };
    if kind == CredentialKind::Other {
        if !members.contains_key("issuer") {
            insert_after(members, "type", "issuer", profile["id"].clone());
        }
        return;
    }
    match members.get_mut("issuer") {
        None => insert_after(members, "type", "issuer", profile.clone()),
        Some(Value::Object(written)) => {
            for (name, value) in profile.as_object().into_iter().flatten() {
                if !written.contains_key(name) {
                    written.insert(name.clone(), value.clone());
                }
            }
        }
        Some(id) => *id = profile.clone(),
    }
}

/// The schema of the kind is among the schemas.
fn complete_schema(members: &mut Map<String, Value>, kind: CredentialKind) {
    let written = one_or_many(members.get("credentialSchema"));
    let Some(entry) =
        schemas::schema_entry(kind).filter(|_| !written.iter().any(|entry| schemas::names_schema_of(entry, kind)))
    else {
        return;
    };
    let all: Vec<Value> = written.iter().cloned().chain([entry]).collect();
    members.insert("credentialSchema".to_owned(), all.into());
}

/// Writes `type` wherever it is missing and the place says what it must be. Issuers and credentials are not entered.
fn name_classes(members: &mut Map<String, Value>, class: &'static Class) {
    for property in class.properties(Edition::V2_0) {
        let Some(value) = members.get_mut(property.name) else {
            continue;
        };
        let Form::Object(class) = &property.form else {
            continue;
        };
        for item in match value {
            Value::Array(items) => items.as_mut_slice(),
            single => std::slice::from_mut(single),
        } {
            let Some(object) = item.as_object_mut() else {
                continue;
            };
            if !object.contains_key("type")
                && let Some(name) = class.type_value()
            {
                object.shift_insert(usize::from(object.contains_key("id")), "type".to_owned(), name);
            }
            name_classes(object, class);
        }
    }
}

/// Right after a member; at the start where that member is missing.
fn insert_after(members: &mut Map<String, Value>, neighbour: &str, name: &str, value: Value) {
    let position = members
        .keys()
        .position(|key| key == neighbour)
        .map_or(0, |index| index + 1);
    members.shift_insert(position, name.to_owned(), value);
}

fn whole_seconds(now: Timestamp) -> String {
    Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

#[cfg(test)]
mod tests {
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
}
