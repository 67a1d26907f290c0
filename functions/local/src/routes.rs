//! Every function's routes on one router: the laptop has no routing table of its own.

use clr_server::Routes;

/// The routes of all Lambda functions.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
}
