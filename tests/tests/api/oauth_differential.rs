//! Ours against crate `oauth-as`, a certified authorization server: random sequences of registration, authorization, redemption,
//! refresh, revocation and introspection, of pushed requests and of the operator's client credentials, good and bad, at random times, have the same outcomes and the same error codes.
//!
//! Where the two differ, the rule has a name, and only what it says is left out of the comparison:
//!
//! - *scope is required* at the authorization endpoint (digest section 2.2); there it has a default.
//! - *retry window*: ours takes the previous refresh token for 30 seconds more, so the clock goes on by 31 after each refresh.
//! - *refresh tokens are inspected* here by their client; there every refresh token is `{"active": false}`.
//! - [`Rule`]: after this the grant itself is no longer the same.

mod authorization;
mod steps;
mod tokens;
mod world;

use proptest::{prelude::*, test_runner::TestRunner};

use self::{steps::steps, world::World};

/// Why a grant is not compared any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Revoking an access token ends that token here, and the whole grant there (RFC 7009, section 2.1, leaves both open).
    AccessTokenAlone,
    /// Narrowed at a refresh, the new access token is narrow and the grant is as wide as before (RFC 6749, section 6; digest section 2.3);
    /// there the grant stays narrow.
    NarrowedOnce,
    /// A grant has eight live access tokens at most here.
    EightTokens,
}

const CASES: u32 = 128;

#[test]
fn random_sequences_have_the_same_outcomes_as_with_a_certified_server() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new_with_rng(
        ProptestConfig {
            cases: CASES,
            failure_persistence: None,
            ..ProptestConfig::default()
        },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let compared = std::cell::Cell::new(0);
    let result = runner.run(&steps(), |steps| {
        runtime.block_on(async {
            let mut world = World::new().await;
            for step in &steps {
                world.walk(step).await;
            }
            compared.set(compared.get() + world.compared);
        });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(compared.get() > 1_000, "only {} outcomes were compared", compared.get());
}
