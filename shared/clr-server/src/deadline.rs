//! Until when a request may be worked on.

use std::{convert::Infallible, time::Duration};

use axum::extract::FromRequestParts;
use clr_core::{Clock, Patience};
use http::request::Parts;
use tokio::time::Instant;

use crate::App;

/// Without Lambda's own deadline: less than the 30 seconds after which API Gateway answers in our place.
const USUAL: Duration = Duration::from_secs(20);
/// What is left for the answer itself.
const RESERVE: Duration = Duration::from_millis(500);

/// Until when a request may be worked on.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// Trying again under contention is allowed until then.
    #[must_use]
    pub fn patience<'a>(&self, app: &'a App) -> Patience<'a> {
        Patience::until(self.0, &app.randomness)
    }
}

impl FromRequestParts<App> for Deadline {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let context = parts.extensions.get::<lambda_http::Context>();
        let time_left = context.map_or(USUAL, |context| time_left(app.clock.as_ref(), context.deadline));
        Ok(Self(Instant::now() + time_left.min(USUAL)))
    }
}

/// From now to a deadline in epoch milliseconds, less the reserve.
fn time_left(clock: &dyn Clock, deadline: u64) -> Duration {
    let now = u64::try_from(clock.now().as_millisecond()).unwrap_or_default();
    Duration::from_millis(deadline.saturating_sub(now)).saturating_sub(RESERVE)
}

#[cfg(test)]
mod tests {
    use clr_core::FixedClock;

    use super::*;

    #[test]
    fn the_time_left_ends_before_lambda_ends_it() {
        let clock = FixedClock::at("2026-01-15T09:30:00Z".parse().unwrap());
        let now = u64::try_from(clock.now().as_millisecond()).unwrap();
        assert_eq!(time_left(&clock, now + 3_000), Duration::from_millis(2_500));
        assert_eq!(time_left(&clock, now + 100), Duration::ZERO);
        assert_eq!(time_left(&clock, now - 100), Duration::ZERO);
    }
}
