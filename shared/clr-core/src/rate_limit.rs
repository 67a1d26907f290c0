//! How often one address, or one client, may try something within a minute.
//!
//! Fixed windows of one counter each: cheap, exact within a window, and shared by all instances of all functions. At the border of two
//! windows an address may try twice the maximum within a minute; that is accepted.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::oauth::Expiry;

/// What is counted apart from everything else. The text is part of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateClass {
    /// Registrations of clients, and what manages them.
    Registration,
    /// Verifications that nobody signed in for.
    Verification,
    /// Authorization requests with a fault, by the client that is told of it.
    WrongRequest,
}

/// The least that a deployment may allow, and what it allows when nothing else is said.
pub const LEAST_ATTEMPTS_PER_MINUTE: u32 = 60;

/// A window of the clock: all attempts of one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    start: i64,
    now: i64,
}

const WINDOW_SECONDS: i64 = 60;

impl RateClass {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "REGISTRATION",
            Self::Verification => "VERIFICATION",
            Self::WrongRequest => "WRONGREQUEST",
        }
    }
}

impl Window {
    /// The one that is open now.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        let now = now.as_second();
        Self {
            start: now - now.rem_euclid(WINDOW_SECONDS),
            now,
        }
    }

    /// Epoch seconds.
    #[must_use]
    pub fn start(self) -> i64 {
        self.start
    }

    /// When its counter is of no use any more.
    #[must_use]
    pub fn expires(self) -> Expiry {
        Expiry::at(self.start + WINDOW_SECONDS)
    }

    /// How long an address that used it up has to wait: 1 to 60 seconds.
    #[must_use]
    pub fn seconds_left(self) -> i64 {
        self.start + WINDOW_SECONDS - self.now
    }
}

/// Who is counted: an IPv4 address, or the /64 network of an IPv6 address, which usually is one household or one machine.
#[must_use]
pub fn counted_source(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_a_minute_of_the_clock() {
        let at = |second| Window::at(Timestamp::from_second(second).unwrap());
        assert_eq!((at(120).start(), at(120).seconds_left()), (120, 60));
        assert_eq!((at(179).start(), at(179).seconds_left()), (120, 1));
        assert_eq!(at(180).start(), 180);
        assert!(at(120).expires().has_passed(Timestamp::from_second(180).unwrap()));
    }

    #[test]
    fn a_network_of_ipv6_addresses_is_one_source_and_a_mapped_address_is_its_ipv4() {
        let source = |text: &str| counted_source(text.parse().unwrap());
        assert_eq!(source("2001:db8:1:2::3"), source("2001:db8:1:2:ffff::4"));
        assert_ne!(source("2001:db8:1:2::3"), source("2001:db8:1:3::3"));
        assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
        assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
    }
}
