//! What an issuer publishes, altered, and found where it is not.

use std::sync::Arc;

use clr_core::{
    Randomness, SystemClock,
    issuers::Issuers,
    signer::{Signer, SoftwareKeys},
};
use clr_server::App;
use serde_json::{Map, Value, json};

use super::{
    super::{
        institution::{Institution, assert_says, find, listener},
        report::Outcome,
    },
    checks, document_faults, jwks_faults,
};

/// What is done to a document, and what is told of it.
type Change = (fn(&mut Value), &'static str);

#[tokio::test]
async fn what_an_issuer_publishes_must_tell_of_exactly_its_keys() {
    let institution = Institution::start().await;
    let id = institution.issuer();
    let issuer = &institution.app.issuers.all().await.unwrap()[0];
    let mut keys = institution.app.issuers.listed_keys(issuer).await.unwrap();
    let good = issuer.did_document(&keys);
    assert_eq!(document_faults(&good, &id, &keys, true), Vec::<String>::new());
    let stranger = "did:web:elsewhere.example#z1";
    let changes: [Change; 6] = [
        (|document| document["id"] = json!("did:web:other.example"), "its id is"),
        (
            |document| document["verificationMethod"][0]["id"] = json!("#1"),
            "is not in verificationMethod",
        ),
        (
            |document| {
                document["verificationMethod"][0]["publicKeyMultibase"] =
                    document["verificationMethod"][1]["publicKeyMultibase"].clone();
            },
            "is that of another key",
        ),
        (
            |document| document["verificationMethod"][0]["controller"] = json!("did:web:other.example"),
            "the controller of",
        ),
        (
            |document| document["assertionMethod"][0] = json!("#1"),
            "is not in assertionMethod",
        ),
        (
            |document| {
                document["assertionMethod"]
                    .as_array_mut()
                    .unwrap()
                    .push(json!("did:web:elsewhere.example#z1"))
            },
            "no key of this deployment",
        ),
    ];
    for (change, told) in changes {
        let mut document = good.clone();
        change(&mut document);
        let faults = document_faults(&document, &id, &keys, true);
        assert!(faults.iter().any(|fault| fault.contains(told)), "{told}: {faults:?}");
        let has_stranger = document["assertionMethod"]
            .as_array()
            .unwrap()
            .contains(&json!(stranger));
        let elsewhere = document_faults(&document, &id, &keys, false);
        assert_eq!(
            elsewhere.is_empty(),
            has_stranger,
            "a document on another host may tell of others: {elsewhere:?}"
        );
    }
    keys[0].revoked = Some("2026-01-15T09:30:00Z".to_owned());
    let faults = document_faults(&good, &id, &keys, true);
    assert!(faults[0].contains("is still in assertionMethod"), "{faults:?}");
}

#[tokio::test]
async fn a_jwk_set_without_a_key_or_with_another_in_its_place_is_wrong() {
    let institution = Institution::start().await;
    let issuer = &institution.app.issuers.all().await.unwrap()[0];
    let jwks = issuer.jwks(&institution.app.issuers.listed_keys(issuer).await.unwrap());
    assert_eq!(jwks_faults(&jwks, &jwks), Vec::<String>::new());
    assert!(jwks_faults(&json!({"keys": [jwks["keys"][0]]}), &jwks)[0].contains("is missing"));
    let mut exchanged = jwks.clone();
    exchanged["keys"][0]["x"] = json!("AAAA");
    assert!(jwks_faults(&exchanged, &jwks)[0].contains("is another key there"));
}

#[tokio::test]
async fn documents_of_other_keys_and_another_name_are_seen_over_the_network() {
    let institution = Institution::start().await;
    let keys = SoftwareKeys::generate(&Randomness::seeded(9));
    let profile = Map::from_iter([("name".to_owned(), json!("Other University"))]);
    let other = App {
        issuers: Arc::new(Issuers::new(
            Some(institution.issuer()),
            profile,
            vec![Arc::new(keys.p256)],
        )),
        ..institution.app.clone()
    };
    let deployment = institution.with(other.clone());
    let checks = checks(&deployment, &other).await;
    assert_says(
        find(&checks, "issuer document"),
        Outcome::Wrong,
        "is not in verificationMethod",
    );
    assert_says(find(&checks, "JWK Set"), Outcome::Wrong, "is missing");
    assert_says(find(&checks, "issuer Profile"), Outcome::Wrong, "Example University");
}

#[tokio::test]
async fn an_issuer_whose_document_is_not_published_is_wrong_and_one_out_of_reach_is_not_judged() {
    let nobody = listener().local_addr().unwrap().port();
    for (id, outcome, told) in [
        (
            "did:web:localhost%3APORT:nowhere".to_owned(),
            Outcome::Wrong,
            "no such document",
        ),
        (
            format!("did:web:localhost%3A{nobody}"),
            Outcome::CouldNotCheck,
            "could not be reached",
        ),
        ("did:web:192.168.1.1".to_owned(), Outcome::Wrong, "not public"),
        ("urn:example:issuer".to_owned(), Outcome::Wrong, "neither a did:web"),
    ] {
        let institution = Institution::start().await;
        let port = institution.app.config.public_url.as_ref().unwrap().port().unwrap();
        let id = id.replace("PORT", &port.to_string());
        let keys = SoftwareKeys::generate(&Randomness::seeded(1));
        let other = App {
            issuers: Arc::new(Issuers::new(Some(id), Map::new(), vec![Arc::new(keys.p256)])),
            ..institution.app.clone()
        };
        let deployment = institution.with(other.clone());
        let checks = checks(&deployment, &other).await;
        assert_says(find(&checks, "issuer document"), outcome, told);
    }
}

#[tokio::test]
async fn a_compromised_key_that_is_configured_is_wrong() {
    let institution = Institution::start().await;
    let issuer = &institution.app.issuers.all().await.unwrap()[0];
    institution.app.issuers.signing_keys(issuer).await.unwrap();
    let multikey = issuer.keys[0].public_key.to_multikey();
    let now = "2026-01-15T09:30:00Z".parse().unwrap();
    institution
        .app
        .table
        .revoke_issuer_key(&issuer.id, &multikey, now)
        .await
        .unwrap();
    // Another process, which has not read the history yet.
    let keys = SoftwareKeys::generate(&Randomness::seeded(1));
    let signers: Vec<Arc<dyn Signer>> = vec![Arc::new(keys.p256), Arc::new(keys.ed25519)];
    let issuers = Issuers::new(Some(institution.issuer()), Map::new(), signers);
    let app = App {
        issuers: Arc::new(issuers.with_history(institution.app.table.clone(), Arc::new(SystemClock))),
        ..institution.app.clone()
    };
    let checks = checks(&institution.deployment, &app).await;
    assert_says(
        find(&checks, "issuer document"),
        Outcome::Wrong,
        "revoked as compromised",
    );
}

#[tokio::test]
async fn keys_that_are_not_known_here_leave_the_issuer_unjudged() {
    let institution = Institution::start().await;
    let app = App {
        issuers: Arc::new(Issuers::new(Some(institution.issuer()), Map::new(), Vec::new())),
        ..institution.app.clone()
    };
    let checks = checks(&institution.deployment, &app).await;
    assert_says(&checks[0], Outcome::CouldNotCheck, "keys are not known here");
}
