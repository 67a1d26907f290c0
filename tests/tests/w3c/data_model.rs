//! `w3c/vc-data-model-2.0-test-suite`: credentials. Its presentations are in `presentations`.

use serde_json::{Value, json};

use crate::suites::{Suites, changed, credential};

const V2: &str = "https://www.w3.org/ns/credentials/v2";
const EXAMPLES: &str = "https://www.w3.org/ns/credentials/examples/v2";

/// The good credential with this member.
fn with(member: &str, value: Value) -> Value {
    let mut credential = credential();
    credential[member] = value;
    credential
}

/// The good credential with a context that defines these terms for types, and this member.
fn with_types(types: &[&str], member: &str, value: Value) -> Value {
    let mut credential = with(member, value);
    let terms: Value = types
        .iter()
        .map(|name| {
            (
                (*name).to_owned(),
                json!(format!("https://example.org/examples#{name}")),
            )
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    credential["@context"] = json!([V2, terms]);
    credential
}

async fn are_issued(credentials: impl IntoIterator<Item = Value>) {
    let suites = Suites::p256().await;
    for credential in credentials {
        let issued = suites.issued(&credential).await;
        suites.verifies(&issued).await;
    }
}

async fn are_refused(credentials: impl IntoIterator<Item = Value>) {
    let suites = Suites::p256().await;
    for credential in credentials {
        suites.is_not_issued(&credential).await;
    }
}

mod conformance {
    use super::*;

    #[tokio::test]
    async fn what_is_issued_is_secured_has_what_is_required_and_verifies() {
        let suites = Suites::p256().await;
        let issued = suites.issued(&credential()).await;
        for member in ["@context", "type", "issuer", "credentialSubject", "proof"] {
            assert!(issued.get(member).is_some(), "{member}");
        }
        assert!(issued["proof"].is_object());
        suites.verifies(&issued).await;
    }

    #[tokio::test]
    async fn nonconforming_and_unsecured_documents_do_not_verify() {
        let suites = Suites::p256().await;
        for document in [
            json!({"type": ["NonconformingDocument"]}),
            credential(),
            json!({}),
            json!([]),
            json!("text"),
        ] {
            suites.does_not_verify(&document).await;
        }
    }
}

mod contexts {
    use super::*;

    #[tokio::test]
    async fn a_context_is_required_and_begins_with_that_of_vc_2_0() {
        are_refused([
            changed(&credential(), "/@context", Value::Null),
            with("@context", json!([])),
            with("@context", json!(null)),
            with("@context", json!([EXAMPLES])),
            with("@context", json!([EXAMPLES, V2])),
            with("@context", json!([{"name": "https://schema.org/name"}, V2])),
        ])
        .await;
    }

    #[tokio::test]
    async fn contexts_are_urls_and_objects() {
        are_issued([
            with("@context", json!([V2])),
            with("@context", json!([V2, EXAMPLES])),
            with_types(
                &["ExampleCredential"],
                "type",
                json!(["VerifiableCredential", "ExampleCredential"]),
            ),
        ])
        .await;
        are_refused([
            with("@context", json!([V2, "https ://not-a-url/contexts/example/v1"])),
            with("@context", json!([V2, "https://example.com/unknown"])),
            with("@context", json!([V2, 123_192_875])),
            with("@context", json!([V2, null])),
        ])
        .await;
    }

    #[tokio::test]
    async fn the_order_of_contexts_is_kept() {
        let suites = Suites::p256().await;
        let issued = suites.issued(&with("@context", json!([V2, EXAMPLES]))).await;
        assert_eq!(issued["@context"], json!([V2, EXAMPLES]));
    }

    #[tokio::test]
    async fn a_context_that_redefines_a_term_is_refused() {
        are_refused([
            with(
                "@context",
                json!([V2, {"VerifiableCredential": "https://example.org/#Bad"}]),
            ),
            with("@context", json!([V2, {"name": "https://example.org/#name"}])),
            with("@context", json!([V2, {"type": "https://example.org/#type"}])),
        ])
        .await;
    }
}

mod identifiers {
    use super::*;

    #[tokio::test]
    async fn an_id_is_one_url() {
        are_issued([
            with("id", json!("urn:uuid:4f7b46b0-1d05-4c07-aed6-14d5a7a9ba46")),
            with("id", json!("https://example.edu/credentials/1")),
            with("id", json!("did:example:credential")),
            credential(),
        ])
        .await;
        are_refused([
            with("id", json!(null)),
            with("id", json!(["did:example:1", "did:example:2"])),
            with("id", json!("not a url")),
            with("id", json!("relative/url")),
            with("id", json!(1)),
        ])
        .await;
    }

    #[tokio::test]
    async fn the_id_of_a_subject_is_one_url() {
        are_issued([with(
            "credentialSubject",
            json!({"id": "did:example:1", "name": "Alice"}),
        )])
        .await;
        are_refused([
            with("credentialSubject", json!({"id": ["did:example:1", "did:example:2"]})),
            with("credentialSubject", json!({"id": "not a url"})),
            with("credentialSubject", json!({"id": null, "name": "Alice"})),
        ])
        .await;
    }
}

mod types {
    use super::*;

    #[tokio::test]
    async fn a_type_is_required_and_names_a_verifiable_credential() {
        are_refused([
            changed(&credential(), "/type", Value::Null),
            with("type", json!([])),
            with("type", json!(null)),
            with_types(&["ExampleCredential"], "type", json!(["ExampleCredential"])),
        ])
        .await;
    }

    #[tokio::test]
    async fn types_are_terms_and_absolute_urls_in_any_order() {
        are_issued([
            with("type", json!("VerifiableCredential")),
            with(
                "type",
                json!(["VerifiableCredential", "https://example.org/#ExampleCredential"]),
            ),
            with(
                "type",
                json!([
                    "https://example.org/#A",
                    "https://example.org/#B",
                    "VerifiableCredential"
                ]),
            ),
            with(
                "type",
                json!([
                    "https://example.org/#A",
                    "VerifiableCredential",
                    "https://example.org/#B"
                ]),
            ),
            with_types(
                &["ExampleCredential"],
                "type",
                json!(["VerifiableCredential", "ExampleCredential"]),
            ),
        ])
        .await;
        let mapped_to_no_url = changed(
            &with("type", json!(["VerifiableCredential", "ExampleTestCredential"])),
            "/@context",
            json!([V2, {"ExampleTestCredential": "https ://not-a-url#ExampleTestCredential"}]),
        );
        let unmapped = changed(&mapped_to_no_url, "/@context", json!([V2, {"@vocab": null}]));
        are_refused([
            mapped_to_no_url,
            unmapped,
            with("type", json!(["VerifiableCredential", "ExampleTestCredential"])),
            with("type", json!(["VerifiableCredential", 2])),
        ])
        .await;
    }

    #[tokio::test]
    async fn objects_that_need_a_type_are_refused_without() {
        for (member, name) in [
            ("credentialStatus", "CredentialStatusList2017"),
            ("termsOfUse", "OdrlPolicy2017"),
            ("evidence", "DocumentVerification2018"),
            ("refreshService", "ManualRefreshService2018"),
            ("credentialSchema", "JsonSchemaValidator2018"),
        ] {
            let object = json!({"id": "did:example:object", "type": name});
            let typed = with_types(&[name], member, object.clone());
            let several = with_types(
                &[name],
                member,
                json!([object.clone(), {"id": "did:example:2", "type": name}]),
            );
            are_issued([typed.clone(), several]).await;
            let pointer = |tail: &str| format!("/{member}{tail}");
            are_refused([
                changed(&typed, &pointer("/type"), Value::Null),
                changed(&typed, &pointer("/type"), json!(2)),
                changed(&typed, &pointer(""), json!([object, {"id": "did:example:3"}])),
                changed(&typed, &pointer(""), json!("did:example:object")),
            ])
            .await;
        }
    }
}

mod names_and_descriptions {
    use super::*;

    /// Of the credential, and of its issuer.
    fn both(member: &str, value: &Value) -> [Value; 2] {
        [with(member, value.clone()), with("issuer", json!({member: value}))]
    }

    #[tokio::test]
    async fn texts_are_strings_or_language_value_objects() {
        for member in ["name", "description"] {
            for value in [
                json!("Example"),
                json!({"@value": "Example", "@language": "en"}),
                json!([
                    {"@value": "Dog", "@language": "en"},
                    {"@value": "Chien", "@language": "fr"},
                ]),
            ] {
                are_issued(both(member, &value)).await;
            }
        }
    }

    #[tokio::test]
    async fn a_text_may_have_a_direction() {
        for member in ["name", "description"] {
            let value = json!({"@value": "Example", "@language": "en", "@direction": "ltr"});
            are_issued(both(member, &value)).await;
        }
    }

    #[tokio::test]
    async fn language_value_objects_have_no_further_members() {
        for member in ["name", "description"] {
            for value in [
                json!({"@value": "Example", "@language": "en", "url": "did:example:credential"}),
                json!({"@language": "en"}),
                json!({"@value": 1, "@language": "en"}),
                json!({"@value": "Example", "@language": "en", "@direction": "sideways"}),
                json!(1),
            ] {
                are_refused(both(member, &value)).await;
            }
        }
    }
}

mod issuer {
    use super::*;

    #[tokio::test]
    async fn an_issuer_is_a_url_or_an_object_with_one() {
        let suites = Suites::p256().await;
        for issuer in [
            json!(suites.issuer),
            json!({"id": suites.issuer}),
            json!({"id": suites.issuer, "name": "Example"}),
        ] {
            let issued = suites.issued(&with("issuer", issuer)).await;
            suites.verifies(&issued).await;
        }
        are_refused([
            with("issuer", json!("not-a-url")),
            with("issuer", json!(null)),
            with("issuer", json!([])),
            with("issuer", json!({"id": null})),
            with("issuer", json!({"id": "not-a-url"})),
            with("issuer", json!(1)),
        ])
        .await;
    }

    /// The suite issues in the name of `did:example:issuer` and only looks whether something comes back. Nobody is signed
    /// for but the own issuer: that is whom the credential then names.
    #[tokio::test]
    async fn another_issuer_is_replaced_by_the_one_who_signs() {
        let suites = Suites::p256().await;
        let issued = suites
            .issued(&with("issuer", json!({"id": "did:example:issuer"})))
            .await;
        assert_eq!(issued["issuer"]["id"], suites.issuer);
        suites.verifies(&issued).await;
    }
}

mod credential_subject {
    use super::*;

    #[tokio::test]
    async fn a_subject_is_required_and_makes_a_claim() {
        are_issued([
            with(
                "credentialSubject",
                json!([{"id": "did:example:1"}, {"id": "did:example:2"}]),
            ),
            with("credentialSubject", json!({"name": "Alice"})),
        ])
        .await;
        are_refused([
            changed(&credential(), "/credentialSubject", Value::Null),
            with("credentialSubject", json!({})),
            with("credentialSubject", json!(null)),
            with("credentialSubject", json!([])),
            with("credentialSubject", json!([{"id": "did:example:1"}, {}])),
            with("credentialSubject", json!("did:example:1")),
        ])
        .await;
    }
}

mod validity_period {
    use super::*;

    #[tokio::test]
    async fn the_ends_of_validity_are_date_time_stamps() {
        for member in ["validFrom", "validUntil"] {
            for value in [
                "2033-01-01T00:00:00Z",
                "2033-01-01T00:00:00.123Z",
                "2033-01-01T00:00:00-05:00",
                "2023-01-01T00:00:00.5+01:30",
            ] {
                let suites = Suites::p256().await;
                let dated = changed(&credential(), &format!("/{member}"), json!(value));
                // The default beginning of validity is now.
                let dated = if member == "validUntil" {
                    with_start(dated)
                } else {
                    dated
                };
                let issued = suites.issued(&dated).await;
                assert_eq!(issued[member], value);
                suites.verifies(&issued).await;
            }
            are_refused(
                [
                    json!("2023-01-01"),
                    json!("2023-01-01T00:00:00"),
                    json!("2023-01-01T00:00Z"),
                    json!("01/01/2023"),
                    json!("2023-13-01T00:00:00Z"),
                    json!(1_672_531_200),
                    json!(null),
                ]
                .map(|value| with(member, value)),
            )
            .await;
        }
    }

    fn with_start(mut credential: Value) -> Value {
        credential["validFrom"] = json!("2010-01-01T00:00:00Z");
        credential
    }

    #[tokio::test]
    async fn a_credential_begins_to_be_valid_before_it_ceases_to_be() {
        let between = |from: &str, until: &str| changed(&with("validFrom", json!(from)), "/validUntil", json!(until));
        are_issued([
            between("2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            between("2025-01-01T00:00:00Z", "2025-01-01T01:00:00+01:00"),
        ])
        .await;
        are_refused([between("2027-01-01T00:00:00Z", "2025-01-01T00:00:00Z")]).await;
    }
}

mod status {
    use super::*;

    fn status(value: Value) -> Value {
        with_types(&["CredentialStatusList2017"], "credentialStatus", value)
    }

    #[tokio::test]
    async fn a_status_has_a_type_and_at_most_one_id_which_is_a_url() {
        are_issued([
            status(json!({"id": "did:example:status", "type": "CredentialStatusList2017"})),
            status(json!({"type": "CredentialStatusList2017"})),
        ])
        .await;
        are_refused([
            status(json!({"id": "did:example:status"})),
            status(json!({"id": ["did:example:1", "did:example:2"], "type": "CredentialStatusList2017"})),
            status(json!({"id": "not-a-url", "type": "CredentialStatusList2017"})),
            status(json!({"id": "did:example:status", "type": 2})),
        ])
        .await;
    }
}

mod schemas {
    use super::*;

    fn schema(value: Value) -> Value {
        with_types(&["Schema1", "Schema2"], "credentialSchema", value)
    }

    #[tokio::test]
    async fn a_schema_has_a_type_and_an_id_which_is_a_url() {
        are_issued([
            schema(json!({"id": "did:example:schema", "type": "Schema1"})),
            schema(json!([
                {"id": "https://example.org/schemas/1", "type": "Schema1"},
                {"id": "https://example.org/schemas/2", "type": "Schema2"},
            ])),
        ])
        .await;
        are_refused([
            schema(json!({"id": "did:example:schema"})),
            schema(json!({"type": "Schema1"})),
            schema(json!({"id": "not-a-url", "type": "Schema1"})),
            schema(json!({"id": 1, "type": "Schema1"})),
        ])
        .await;
    }
}

mod advanced {
    use super::*;

    /// Facts of the published file behind the context's URL: its SHA-384 and SHA-256.
    const SRI: &str = "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU";
    const MULTIBASE: &str = "uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ";

    #[tokio::test]
    async fn related_resources_are_objects_with_an_id_and_a_digest() {
        are_issued([
            with("relatedResource", json!([{"id": V2, "digestSRI": SRI}])),
            with("relatedResource", json!({"id": V2, "digestMultibase": MULTIBASE})),
            with(
                "relatedResource",
                json!([{"id": V2, "digestSRI": SRI, "digestMultibase": MULTIBASE, "mediaType": "application/ld+json"}]),
            ),
        ])
        .await;
        are_refused([
            with("relatedResource", json!([V2])),
            with("relatedResource", json!([{"digestSRI": SRI}])),
            with("relatedResource", json!([{"id": "not-a-url", "digestSRI": SRI}])),
            with("relatedResource", json!([{"id": V2}])),
            with(
                "relatedResource",
                json!([{"id": V2, "mediaType": "application/ld+json"}]),
            ),
            with(
                "relatedResource",
                json!([{"id": V2, "digestSRI": SRI}, {"id": V2, "digestMultibase": MULTIBASE}]),
            ),
        ])
        .await;
    }

    #[tokio::test]
    async fn a_digest_that_does_not_match_its_resource_is_refused() {
        are_refused([
            with(
                "relatedResource",
                json!([{"id": V2, "digestSRI": "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"}]),
            ),
            with(
                "relatedResource",
                json!([{"id": V2, "digestMultibase": "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"}]),
            ),
            with("relatedResource", json!([{"id": V2, "digestSRI": SRI, "digestMultibase": "uAAAA"}])),
            with("relatedResource", json!([{"id": V2, "digestSRI": "md5-AAAA"}])),
        ])
        .await;
    }

    #[tokio::test]
    async fn services_terms_and_evidence_stand_alone_or_in_a_set() {
        let typed = |name: &str| json!({"type": format!("https://example.org/#{name}"), "id": "did:example:object/1"});
        are_issued([
            with("refreshService", typed("Refresh")),
            with(
                "refreshService",
                json!([typed("Refresh"), {"type": "https://example.org/#Other"}]),
            ),
            with(
                "termsOfUse",
                json!([typed("Terms"), {"type": "https://example.org/#Other"}]),
            ),
            with("termsOfUse", typed("Terms")),
            with(
                "evidence",
                json!([typed("Evidence"), {"type": "https://example.org/#Other"}]),
            ),
        ])
        .await;
        are_refused([
            with("refreshService", json!({"id": "did:example:refresh"})),
            with("termsOfUse", json!([typed("Terms"), {"id": "did:example:terms"}])),
            with("evidence", json!({"id": "did:example:evidence"})),
        ])
        .await;
    }
}
