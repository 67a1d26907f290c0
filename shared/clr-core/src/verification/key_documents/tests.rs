use std::sync::Arc;

use serde_json::json;

use super::*;

/// The public halves of W3C test keys.
const P256: &str = "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP";
const ED25519: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
const OWN: &str = "did:web:college.example";
const DOWN: &str = "did:web:down.example";
const FOREIGN: &str = "https://other.example/issuers/1";
const FOREIGN_DID: &str = "did:web:other.example";
const FOREIGN_DID_URL: &str = "https://other.example/.well-known/did.json";

fn gathered() -> Gathered {
    let key = PublicKey::from_multikey(P256).unwrap();
    let mut gathered = Gathered::default();
    gathered
        .own_keys
        .insert(OWN.to_owned(), Ok(Keys::from([(format!("{OWN}#{P256}"), key)])));
    gathered.own_keys.insert(
        DOWN.to_owned(),
        Err("the signing key cannot be reached at the moment".to_owned()),
    );
    gathered.texts.insert(
        FOREIGN.to_owned(),
        Err(FetchError::OutOfReach("other.example could not be reached".to_owned())),
    );
    gathered
}

fn with(url: &str, document: &Value) -> Gathered {
    let mut gathered = gathered();
    gathered
        .texts
        .insert(url.to_owned(), Ok(Arc::from(document.to_string())));
    gathered
}

/// `key`, `refused` or `out of reach` under strict, 1edtech, proof-only.
#[track_caller]
fn check_in(gathered: &Gathered, method: &str, issuer: &str, expected: [&str; 3]) {
    let outcomes = [Policy::Strict, Policy::OneEdTech, Policy::ProofOnly].map(|policy| {
        match gathered.key(method, Some(issuer), "assertionMethod", policy) {
            Ok(_) => "key",
            Err(NoKey::Refused(_)) => "refused",
            Err(NoKey::OutOfReach { .. }) => "out of reach",
        }
    });
    assert_eq!(outcomes, expected, "{method} for {issuer}");
}

#[track_caller]
fn check(method: &str, issuer: &str, expected: [&str; 3]) {
    check_in(&gathered(), method, issuer, expected);
}

#[test]
fn a_did_key_holds_its_key_and_speaks_for_itself_alone() {
    let did = format!("did:key:{P256}");
    check(&format!("{did}#{P256}"), &did, ["key", "key", "key"]);
    check(&format!("{did}#{P256}"), FOREIGN, ["refused", "refused", "key"]);
    check(&format!("{did}#{ED25519}"), &did, ["refused", "refused", "refused"]);
    check(&format!("{did}#key-1"), &did, ["refused", "refused", "refused"]);
    check(
        "did:key:zGarbage#zGarbage",
        "did:key:zGarbage",
        ["refused", "refused", "refused"],
    );
}

#[test]
fn a_bare_did_key_has_no_known_controller_for_1edtech() {
    let did = format!("did:key:{P256}");
    check(&did, &did, ["key", "key", "key"]);
    check(&did, FOREIGN, ["refused", "key", "key"]);
}

#[test]
fn an_own_issuer_has_the_keys_that_its_document_lists() {
    check(&format!("{OWN}#{P256}"), OWN, ["key", "key", "key"]);
    check(&format!("{OWN}#{ED25519}"), OWN, ["refused", "refused", "key"]);
    check(&format!("{OWN}#{P256}"), FOREIGN, ["refused", "refused", "key"]);
    check(OWN, OWN, ["refused", "refused", "out of reach"]);
}

#[test]
fn an_own_issuer_whose_keys_cannot_be_loaded_is_out_of_reach() {
    check(&format!("{DOWN}#{P256}"), DOWN, ["out of reach", "out of reach", "key"]);
}

#[test]
fn a_key_in_the_fragment_is_believed_unless_the_policy_is_strict() {
    check(&format!("{FOREIGN}#{P256}"), FOREIGN, ["out of reach", "key", "key"]);
    check(&format!("{FOREIGN}#{P256}"), OWN, ["out of reach", "refused", "key"]);
    for fragment in [&format!("{P256}x"), "key-1"] {
        let method = format!("{FOREIGN}#{fragment}");
        check(&method, FOREIGN, ["out of reach", "out of reach", "out of reach"]);
    }
}

#[test]
fn a_method_that_nobody_could_resolve_is_refused() {
    check(&format!("xxx:{P256}"), FOREIGN, ["refused", "refused", "refused"]);
    check("", "", ["refused", "refused", "refused"]);
    check(
        "did:example:1#key",
        "did:example:1",
        ["out of reach", "out of reach", "out of reach"],
    );
}

#[test]
fn without_an_issuer_only_proof_only_finds_a_key() {
    let method = format!("{OWN}#{P256}");
    let key = |policy| gathered().key(&method, None, "assertionMethod", policy);
    assert!(matches!(key(Policy::Strict), Err(NoKey::Refused(_))));
    assert!(matches!(key(Policy::OneEdTech), Err(NoKey::Refused(_))));
    assert!(key(Policy::ProofOnly).is_ok());
}

fn did_document() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": FOREIGN_DID,
        "verificationMethod": [{
            "id": format!("{FOREIGN_DID}#key-1"),
            "type": "Multikey",
            "controller": FOREIGN_DID,
            "publicKeyMultibase": P256,
        }],
        "assertionMethod": [format!("{FOREIGN_DID}#key-1")],
    })
}

/// The outcome for `#key-1` of the foreign issuer under the three policies, with a changed document.
#[track_caller]
fn check_document(change: impl FnOnce(&mut Value), expected: [&str; 3]) {
    let mut document = did_document();
    change(&mut document);
    let gathered = with(FOREIGN_DID_URL, &document);
    check_in(&gathered, &format!("{FOREIGN_DID}#key-1"), FOREIGN_DID, expected);
}

#[test]
fn a_did_web_document_lists_the_key_for_assertions_by_reference_or_whole() {
    check_document(|_| {}, ["key", "key", "key"]);
    check_document(
        |document| document["assertionMethod"] = json!(["#key-1"]),
        ["key", "key", "key"],
    );
    check_document(
        |document| document["verificationMethod"][0]["id"] = json!("#key-1"),
        ["key", "key", "key"],
    );
    check_document(
        |document| {
            document["assertionMethod"] = document["verificationMethod"].take();
        },
        ["key", "key", "key"],
    );
    check_document(
        |document| document["assertionMethod"] = json!([]),
        ["refused", "refused", "key"],
    );
    check_document(
        |document| {
            document["authentication"] = document["assertionMethod"].take();
        },
        ["refused", "refused", "key"],
    );
    check_document(|document| document["verificationMethod"] = json!([]), ["refused"; 3]);
}

#[test]
fn a_document_of_another_id_is_nobodys() {
    check_document(
        |document| document["id"] = json!("did:web:evil.example"),
        ["refused"; 3],
    );
    check_document(|document| drop(document["id"].take()), ["refused"; 3]);
    check_document(
        |document| document["verificationMethod"][0]["controller"] = json!("did:web:evil.example"),
        ["refused", "refused", "key"],
    );
    let gathered = with(FOREIGN_DID_URL, &did_document());
    let method = format!("{FOREIGN_DID}#key-1");
    check_in(
        &gathered,
        &method,
        "did:web:college.example:x",
        ["refused", "refused", "key"],
    );
}

#[test]
fn keys_are_multikeys_jwks_and_ed25519_of_2020_and_none_that_was_revoked() {
    let method = |key: Value| {
        move |document: &mut Value| {
            let entry = &mut document["verificationMethod"][0];
            entry.as_object_mut().unwrap().shift_remove("publicKeyMultibase");
            for (name, value) in key.as_object().unwrap() {
                entry[name] = value.clone();
            }
        }
    };
    let jwk = PublicKey::from_multikey(P256).unwrap().to_jwk();
    check_document(method(json!({"type": "JsonWebKey", "publicKeyJwk": jwk})), ["key"; 3]);
    check_document(
        method(json!({"type": "Ed25519VerificationKey2020", "publicKeyMultibase": ED25519})),
        ["key"; 3],
    );
    check_document(method(json!({"publicKeyMultibase": "zGarbage"})), ["refused"; 3]);
    check_document(
        method(json!({"publicKeyJwk": {"kty": "oct", "k": "AA"}})),
        ["refused"; 3],
    );
    check_document(method(json!({})), ["refused"; 3]);
    check_document(
        method(json!({"publicKeyMultibase": P256, "revoked": "2026-01-01T00:00:00Z"})),
        ["refused"; 3],
    );
}

#[test]
fn a_key_at_an_https_url_names_its_controller_and_shares_its_host_where_that_is_asked() {
    let url = "https://other.example/keys/1";
    let key =
        |controller: &str| json!({"id": url, "type": "Multikey", "controller": controller, "publicKeyMultibase": P256});
    check_in(&with(url, &key(FOREIGN)), url, FOREIGN, ["key"; 3]);
    check_in(&with(url, &key(FOREIGN_DID)), url, FOREIGN_DID, ["key"; 3]);
    check_in(
        &with(url, &key("https://victim.example/")),
        url,
        "https://victim.example/",
        ["refused", "key", "key"],
    );
    check_in(
        &with(url, &key(FOREIGN)),
        url,
        "https://victim.example/",
        ["refused", "refused", "key"],
    );
    let mut lone = key(FOREIGN);
    lone["id"] = json!("https://other.example/keys/2");
    check_in(&with(url, &lone), url, FOREIGN, ["refused"; 3]);
    lone["id"] = json!(url);
    lone.as_object_mut().unwrap().shift_remove("controller");
    check_in(&with(url, &lone), url, FOREIGN, ["refused", "refused", "key"]);
}

#[test]
fn a_jwk_at_an_https_url_alone_or_in_a_set_belongs_to_the_host() {
    let jwk = PublicKey::from_multikey(P256).unwrap().to_jwk();
    let url = "https://other.example/keys/1";
    check_in(&with(url, &jwk), url, FOREIGN, ["key"; 3]);
    check_in(
        &with(url, &jwk),
        url,
        "https://victim.example/",
        ["refused", "key", "key"],
    );
    let set = "https://other.example/.well-known/jwks.json";
    let mut named = jwk.clone();
    named["kid"] = json!("key-1");
    let keys = json!({"keys": [{"kty": "oct", "kid": "key-2"}, named]});
    check_in(&with(set, &keys), &format!("{set}#key-1"), FOREIGN_DID, ["key"; 3]);
    check_in(&with(set, &keys), &format!("{set}#key-2"), FOREIGN_DID, ["refused"; 3]);
    check_in(&with(set, &keys), &format!("{set}#key-3"), FOREIGN_DID, ["refused"; 3]);
}

#[test]
fn an_https_issuer_lists_its_keys_in_a_controlled_identifier_document() {
    let method = format!("{FOREIGN}#key-1");
    let mut document: Value = serde_json::from_str(&did_document().to_string().replace(FOREIGN_DID, FOREIGN)).unwrap();
    check_in(&with(FOREIGN, &document), &method, FOREIGN, ["key"; 3]);
    document["assertionMethod"] = json!([]);
    check_in(
        &with(FOREIGN, &document),
        &method,
        FOREIGN,
        ["refused", "refused", "key"],
    );
}

#[test]
fn what_a_host_does_not_have_is_refused_and_what_cannot_be_reached_may_come() {
    let method = format!("{FOREIGN_DID}#key-1");
    let mut gathered = gathered();
    for (error, expected, may_come) in [
        (FetchError::Absent("404".to_owned()), "refused", false),
        (FetchError::OutOfReach("timeout".to_owned()), "out of reach", true),
        (FetchError::Refused("private".to_owned()), "out of reach", false),
    ] {
        gathered.texts.insert(FOREIGN_DID_URL.to_owned(), Err(error));
        check_in(&gathered, &method, FOREIGN_DID, [expected; 3]);
        let no_key = gathered
            .key(&method, Some(FOREIGN_DID), "assertionMethod", Policy::Strict)
            .unwrap_err();
        assert_eq!(matches!(no_key, NoKey::OutOfReach { retry: true, .. }), may_come);
    }
}
