//! When something ends.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The first second at which something is no longer valid. Stored as epoch seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Expiry(i64);

impl Expiry {
    /// This many seconds from now.
    #[must_use]
    pub fn after(now: Timestamp, seconds: i64) -> Self {
        Self(now.as_second().saturating_add(seconds))
    }

    /// At this epoch second.
    #[must_use]
    pub fn at(epoch_second: i64) -> Self {
        Self(epoch_second)
    }

    /// Whether it is over.
    #[must_use]
    pub fn has_passed(self, now: Timestamp) -> bool {
        now.as_second() >= self.0
    }

    /// Epoch seconds, as DynamoDB's TTL wants them.
    #[must_use]
    pub fn epoch_seconds(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_second_is_the_one_before_the_end() {
        let now = Timestamp::from_second(1_000).unwrap();
        let expiry = Expiry::after(now, 60);
        assert!(!expiry.has_passed(Timestamp::from_millisecond(1_059_999).unwrap()));
        assert!(expiry.has_passed(Timestamp::from_second(1_060).unwrap()));
    }
}
