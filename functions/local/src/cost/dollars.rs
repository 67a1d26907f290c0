//! Money, exactly: whole picodollars, rounded where a line of the bill ends and nowhere else.

use std::{fmt, iter::Sum};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// An amount in US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dollars(u128);

/// Decimal places that are kept.
const PLACES: usize = 12;

/// An amount for so many units.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    dollars: Dollars,
    per: u64,
}

impl Dollars {
    /// Reads `0.625`: digits, with at most twelve after a point.
    fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 9 || fraction.len() > PLACES || !are_digits(whole) || !are_digits(fraction)
        {
            return None;
        }
        format!("{whole}{fraction:0<PLACES$}").parse().ok().map(Self)
    }

    /// With so many decimal places, half a step rounded up.
    pub(super) fn rounded(self, places: usize) -> String {
        let step = 10_u128.pow((PLACES - places.min(PLACES)) as u32);
        let steps = (self.0 + step / 2) / step;
        let unit = 10_u128.pow(places as u32);
        format!("{}.{:0places$}", steps / unit, steps % unit)
    }

    /// Its share for each of so many, rounded half up.
    pub(super) fn each_of(self, count: u64) -> Self {
        let count = u128::from(count.max(1));
        Self((self.0 + count / 2) / count)
    }
}

impl Price {
    /// What so many units cost, rounded half up to a picodollar.
    pub(super) fn of(self, units: u128) -> Dollars {
        self.of_parts(units, 1)
    }

    /// The same for parts, of which so many make a unit.
    pub(super) fn of_parts(self, parts: u128, in_a_unit: u128) -> Dollars {
        let per = u128::from(self.per.max(1)) * in_a_unit;
        Dollars((parts * self.dollars.0 + per / 2) / per)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.per {
            1 => write!(f, "${}", self.dollars),
            per => write!(f, "${} / {per}", self.dollars),
        }
    }
}

/// All of it, without zeros at the end, cents always.
impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.rounded(PLACES);
        let (whole, fraction) = text.split_at(text.len() - PLACES);
        let fraction = fraction.trim_end_matches('0');
        write!(f, "{whole}{fraction:0<2}")
    }
}

impl Sum for Dollars {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.map(|Self(amount)| amount).sum())
    }
}

impl Serialize for Dollars {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Dollars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("{text:?} is no amount such as \"0.625\"")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(dollars: &str, per: u64) -> Price {
        Price {
            dollars: Dollars::parse(dollars).unwrap(),
            per,
        }
    }

    #[test]
    fn amounts_are_kept_to_the_last_digit() {
        for text in ["0.0000133334", "1.00", "0.625", "123456789.123456789012"] {
            assert_eq!(Dollars::parse(text).unwrap().to_string(), text);
        }
        for text in ["", ".5", "1,5", "-1", "0.1234567890123", "1e3"] {
            assert_eq!(Dollars::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_million_units_cost_a_million_times_one_to_the_picodollar() {
        assert_eq!(
            price("0.0000133334", 1).of_parts(1_024_000_000, 1_024_000).to_string(),
            "0.0133334"
        );
        assert_eq!(price("0.15", 10_000).of(1).to_string(), "0.000015");
        // A third of a picodollar is none, two thirds are one.
        assert_eq!(price("0.000000000001", 3).of(1).to_string(), "0.00");
        assert_eq!(price("0.000000000001", 3).of(2).to_string(), "0.000000000001");
    }

    #[test]
    fn half_a_cent_is_rounded_up() {
        let rounded = |text: &str, places| Dollars::parse(text).unwrap().rounded(places);
        assert_eq!(rounded("1.005", 2), "1.01");
        assert_eq!(rounded("1.0049", 2), "1.00");
        assert_eq!(rounded("0.999", 2), "1.00");
        assert_eq!(Dollars::parse("10").unwrap().each_of(3).to_string(), "3.333333333333");
    }
}
