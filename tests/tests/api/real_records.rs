//! Records as real systems write them: once repaired they are signed and found valid, and no claim in them can be altered.

use std::sync::Arc;

use clr_core::{
    issuing::{IssueOptions, Issuing},
    verification::{Outcome, Policy},
};
use learner_record::{nested_credentials, nested_credentials_mut, repair, replace_issuer};
use serde_json::Value;
use tests::TestApp;

use crate::vectors;

const UNIVERSITY: &str = "university-transcript";
const WESTBRIDGE: &str = "westbridge-full";

/// The record, signed by the app's issuer; none, with a printed reason, where the shared vectors are not.
async fn signed(app: &TestApp, name: &str) -> Option<Value> {
    let path = vectors::root()?.join(format!("real/{name}.json"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut record = serde_json::from_str(&text).unwrap();
    let app = &app.app;
    replace_issuer(&mut record, &app.issuers.all().await.unwrap()[0].profile);
    repair(&mut record, app.contexts);
    let issuing = Issuing {
        issuers: &app.issuers,
        contexts: app.contexts,
        clock: &*app.clock,
        randomness: &app.randomness,
        lists: None,
        gives_status: false,
    };
    Some(
        issuing
            .issue(record, &IssueOptions::default())
            .await
            .unwrap()
            .credential,
    )
}

async fn outcome(app: &TestApp, credential: Value) -> Outcome {
    let verifier = app.app.verifier(Policy::Strict, "https://records.example.edu/status");
    verifier.verify(Arc::new(credential)).await.outcome()
}

/// Pointers to all claims. Proofs are left out, and contexts: a definition in them that nothing uses may change unseen.
fn claims(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "proof" | "@context"))
            {
                claims(
                    member,
                    &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                claims(item, &format!("{pointer}/{position}"), found);
            }
        }
        _ => found.push(pointer.to_owned()),
    }
}

fn alter(claim: &mut Value) {
    *claim = match claim {
        Value::Bool(truth) => Value::Bool(!*truth),
        Value::Number(number) => Value::from(number.as_f64().unwrap() + 1.0),
        Value::String(text) => Value::String(format!("{text}1")),
        other => panic!("{other} is no claim"),
    };
}

/// Alters each claim of the credential and expects that it is refused each time. Claims of nested credentials are
/// altered in these alone: a record's verdict is never better than that of any credential in it.
async fn assert_no_claim_can_be_altered(app: &TestApp, credential: &Value) {
    let nested: Vec<_> = nested_credentials(credential);
    let mut pointers = Vec::new();
    claims(credential, "", &mut pointers);
    assert!(pointers.len() > 100);
    for pointer in &pointers {
        let inside = nested
            .iter()
            .filter_map(|(place, nested)| Some((pointer.strip_prefix(place.as_str())?, *nested)))
            .find(|(inside, _)| inside.starts_with('/'));
        let (pointer, mut altered) = inside.map_or((pointer.as_str(), credential.clone()), |(pointer, nested)| {
            (pointer, nested.clone())
        });
        alter(altered.pointer_mut(pointer).unwrap());
        assert_eq!(outcome(app, altered).await, Outcome::Invalid, "{pointer} was altered");
    }
}

#[tokio::test]
async fn no_claim_of_the_university_transcript_can_be_altered() {
    let app = TestApp::start().await;
    let Some(signed) = signed(&app, UNIVERSITY).await else {
        return;
    };
    assert_eq!(outcome(&app, signed.clone()).await, Outcome::Valid);
    assert_no_claim_can_be_altered(&app, &signed).await;
}

#[tokio::test]
async fn no_claim_of_the_large_westbridge_record_can_be_altered() {
    let app = TestApp::start().await;
    let Some(signed) = signed(&app, WESTBRIDGE).await else {
        return;
    };
    assert_eq!(outcome(&app, signed.clone()).await, Outcome::Valid);
    assert_no_claim_can_be_altered(&app, &signed).await;
}

#[tokio::test]
async fn swapped_results_of_two_courses_are_refused() {
    let app = TestApp::start().await;
    for name in [UNIVERSITY, WESTBRIDGE] {
        let Some(mut signed) = signed(&app, name).await else {
            return;
        };
        let mut nested = nested_credentials_mut(&mut signed);
        let mut results = nested
            .iter_mut()
            .filter_map(|(_, nested)| nested.pointer_mut("/credentialSubject/result"));
        let first = results.next().unwrap();
        let other = results.find(|other| **other != *first).unwrap();
        std::mem::swap(first, other);
        drop(results);
        drop(nested);
        assert_eq!(outcome(&app, signed).await, Outcome::Invalid, "{name}");
    }
}
