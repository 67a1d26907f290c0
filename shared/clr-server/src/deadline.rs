//! Until when a request may be worked on.
//!
//! Lambda kills a function at its deadline and API Gateway answers in its own words after 30 seconds: a request is answered before
//! either. What tries again under contention ([`App::patience`]) ends a little earlier, so that it is told by those who know.

use std::time::Duration;

use clr_core::{Clock, Patience};
use http::Extensions;
use tokio::time::Instant;

use crate::App;

/// Without Lambda's own deadline: less than the 30 seconds after which API Gateway answers in our place.
const USUAL: Duration = Duration::from_secs(25);
/// What is left for the answer itself.
const RESERVE: Duration = Duration::from_millis(500);
/// What is no request, such as an operator's command, goes on trying so long where others change the same items.
const PATIENCE: Duration = Duration::from_secs(10);

tokio::task_local! {
    static CURRENT: Deadline;
}

/// Until when a request may be worked on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// The one of a request that starts now.
    pub(crate) fn of(request: &Extensions, clock: &dyn Clock) -> Self {
        let context = request.get::<lambda_http::Context>();
        let time_left = context.and_then(|context| time_left(clock, context.deadline));
        Self(Instant::now() + time_left.unwrap_or(USUAL).min(USUAL))
    }

    /// What `work` comes to before the deadline; none: it was given up.
    pub(crate) async fn bound<F: Future>(self, work: F) -> Option<F::Output> {
        CURRENT.scope(self, tokio::time::timeout_at(self.0, work)).await.ok()
    }
}

impl App {
    /// The patience of what starts now: until the deadline of the request that it is part of.
    #[must_use]
    pub fn patience(&self) -> Patience<'_> {
        let deadline = CURRENT.try_with(|deadline| deadline.0 - RESERVE);
        Patience::until(deadline.unwrap_or_else(|_| Instant::now() + PATIENCE), &self.randomness)
    }
}

/// From now to a deadline in epoch milliseconds, less the reserve. None: it is past, as every deadline of `cargo lambda watch` is,
/// ten minutes after 1970; Lambda itself begins nothing so late.
fn time_left(clock: &dyn Clock, deadline: u64) -> Option<Duration> {
    let now = u64::try_from(clock.now().as_millisecond()).unwrap_or_default();
    let left = Duration::from_millis(deadline.checked_sub(now)?);
    Some(left.saturating_sub(RESERVE))
}

#[cfg(test)]
mod tests {
    use clr_core::FixedClock;

    use super::*;

    #[test]
    fn the_time_left_ends_before_lambda_ends_it() {
        let clock = FixedClock::at("2026-01-15T09:30:00Z".parse().unwrap());
        let now = u64::try_from(clock.now().as_millisecond()).unwrap();
        assert_eq!(time_left(&clock, now + 3_000), Some(Duration::from_millis(2_500)));
        assert_eq!(time_left(&clock, now + 100), Some(Duration::ZERO));
    }

    #[test]
    fn a_deadline_that_was_past_before_the_request_came_is_none() {
        let clock = FixedClock::at("2026-01-15T09:30:00Z".parse().unwrap());
        assert_eq!(time_left(&clock, 600_000), None);
    }
}
