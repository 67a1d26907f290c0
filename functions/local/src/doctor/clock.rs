//! Whether clocks agree: signatures of requests to AWS, proofs of possession and assertions of clients all carry times.

use clr_core::{Clock as _, SystemClock};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};

use super::report::Check;

/// A second is lost to rounding and some to the way; what is more shows in tokens that are not yet or no longer valid.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(30);

/// `date`: the `Date` of an HTTP answer that just came.
pub(super) fn check(of: &str, date: &str) -> Check {
    compare(of, date, SystemClock.now())
}

fn compare(of: &str, date: &str, now: Timestamp) -> Check {
    let name = format!("clock of {of}");
    let Ok(theirs) = DateTimeParser::new().parse_timestamp(date) else {
        return Check::could_not(
            name,
            format!("its answers have no Date that can be read: {date:?}"),
            "see what stands between here and there",
        );
    };
    let apart = now.duration_since(theirs);
    if apart.abs() <= TOLERANCE {
        return Check::ok(name, format!("within {} s of this machine's", TOLERANCE.as_secs()));
    }
    let direction = if apart.is_negative() { "behind" } else { "ahead of" };
    Check::wrong(
        name,
        format!("this machine is {} s {direction} it", apart.abs().as_secs()),
        "set this machine's clock by NTP; AWS keeps its own right",
    )
}

#[cfg(test)]
mod tests {
    use super::{super::report::Outcome, *};

    #[test]
    fn a_clock_that_is_half_a_minute_off_is_wrong() {
        let now: Timestamp = "2026-01-15T09:30:00Z".parse().unwrap();
        for (date, outcome, told) in [
            ("Thu, 15 Jan 2026 09:29:40 GMT", Outcome::Ok, "within 30 s"),
            ("Thu, 15 Jan 2026 09:29:20 GMT", Outcome::Wrong, "40 s ahead of it"),
            ("Thu, 15 Jan 2026 09:35:00 GMT", Outcome::Wrong, "300 s behind it"),
            ("today", Outcome::CouldNotCheck, "no Date"),
        ] {
            let check = compare("AWS", date, now);
            assert_eq!(check.outcome, outcome, "{check:?}");
            assert!(check.reason.contains(told), "{check:?}");
        }
    }
}
