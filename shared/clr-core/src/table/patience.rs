//! Trying again under contention: full jitter between attempts, until a deadline.

use std::time::Duration;

use tokio::time::Instant;

use super::TableError;
use crate::Randomness;

/// The upper bound of the first pause; it doubles with each attempt up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// How long a request may go on trying.
#[derive(Clone, Copy, Debug)]
pub struct Patience<'a> {
    randomness: &'a Randomness,
    deadline: Instant,
}

/// The attempts of one operation.
#[derive(Debug)]
pub(crate) struct Attempts<'a> {
    patience: Patience<'a>,
    made: u32,
}

impl<'a> Patience<'a> {
    /// Until `deadline`; `randomness` makes the jitter.
    #[must_use]
    pub fn until(deadline: Instant, randomness: &'a Randomness) -> Self {
        Self { randomness, deadline }
    }

    pub(super) fn randomness(self) -> &'a Randomness {
        self.randomness
    }

    pub(crate) fn attempts(self) -> Attempts<'a> {
        Attempts {
            patience: self,
            made: 0,
        }
    }
}

impl Attempts<'_> {
    /// Waits before the next attempt.
    ///
    /// # Errors
    /// `Busy` when the wait would pass the deadline.
    pub(crate) async fn pause(&mut self) -> Result<(), TableError> {
        let bound = FIRST_PAUSE.saturating_mul(1 << self.made.min(16)).min(LONGEST_PAUSE);
        self.made += 1;
        let pause = bound.mul_f64(self.fraction());
        if Instant::now() + pause >= self.patience.deadline {
            return Err(TableError::Busy(None));
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// Uniform in 0..1.
    fn fraction(&self) -> f64 {
        let [first, second, ..] = self.patience.randomness.bytes();
        f64::from(u16::from_be_bytes([first, second])) / f64::from(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_end_with_busy_at_the_deadline() {
        let randomness = Randomness::seeded(1);
        let start = Instant::now();
        let deadline = start + Duration::from_secs(5);
        let mut attempts = Patience::until(deadline, &randomness).attempts();
        let mut made = 0;
        while attempts.pause().await.is_ok() {
            made += 1;
        }
        assert!(Instant::now() < deadline, "a pause passed the deadline");
        assert!((10..100).contains(&made), "{made} attempts in five seconds");
    }
}
