//! The fault tier: every call of every function to AWS fails in turn, in every way in which it can, and each time the request ends
//! well or says clearly that it did not; a client that sends it again succeeds, and nothing is there twice.
//!
//! The faults come from a proxy between the SDK and the emulators ([`wire`]), in the place of the SDK's HTTP client. A new call in
//! the code without a scenario here fails [`every_call_fails_in_every_way_and_nothing_is_lost_or_doubled`].

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on stops, and says which fault it was at"
)]

mod call_sites;
#[path = "../api/oauth_client.rs"]
#[allow(dead_code, reason = "shared with the tests of the API, which use more of it")]
mod oauth_client;
#[path = "../api/oauth_keys.rs"]
#[allow(dead_code, reason = "shared with the tests of the API, which use more of it")]
mod oauth_keys;
#[path = "../api/records.rs"]
#[allow(dead_code, reason = "shared with the tests of the API, which use more of it")]
mod records;
mod scenarios;
mod stage;
mod wire;

use std::thread;

use crate::{
    scenarios::SCENARIOS,
    stage::{Stage, Times},
    wire::Fault,
};

#[test]
fn every_call_fails_in_every_way_and_nothing_is_lost_or_doubled() {
    let runs: Vec<_> = SCENARIOS
        .iter()
        .map(|(name, scenario)| {
            let run = move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(every_fault(name, *scenario))
            };
            (
                name,
                thread::Builder::new().name((*name).to_owned()).spawn(run).unwrap(),
            )
        })
        .collect();
    let mut failed = Vec::new();
    let mut faulted = call_sites::Sites::new();
    for (name, run) in runs {
        match run.join() {
            Ok((calls, faults, sites)) => {
                println!("{name}: {calls} calls, {faults} faults");
                faulted.extend(sites);
            }
            Err(_) => failed.push(*name),
        }
    }
    assert!(
        failed.is_empty(),
        "failed: {failed:?}; each says above with which fault"
    );
    let missing: Vec<_> = call_sites::in_the_code().difference(&faulted).cloned().collect();
    assert!(
        missing.is_empty(),
        "no scenario makes these calls to AWS fail: {missing:?}"
    );
}

/// Runs a scenario without fault, and then once for each of its calls and each fault.
async fn every_fault(name: &str, scenario: scenarios::Scenario) -> (usize, usize, call_sites::Sites) {
    let stage = Stage::start(None).await;
    scenario(stage.clone()).await;
    let calls = stage.wire.calls();
    assert!(!calls.is_empty(), "{name} makes no call");
    let mut faults = 0;
    let mut sites = call_sites::Sites::new();
    for (call, operation) in calls.iter().enumerate() {
        for (fault, times) in Fault::ALL
            .map(|fault| (fault, Times::Once))
            .into_iter()
            .chain(Fault::LASTING.map(|fault| (fault, Times::Always)))
        {
            let stage = Stage::start(Some((call, fault, times))).await;
            println!("{name}: {fault:?} {times:?} at call {call}, {operation}");
            scenario(stage.clone()).await;
            faults += usize::from(stage.wire.has_struck());
            sites.extend(stage.wire.sites());
        }
    }
    (calls.len(), faults, sites)
}
