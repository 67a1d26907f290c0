//! `dateTimeStamp` of XML Schema 1.1, the form of `created` and `expires`.

/// XML Schema 1.1 `dateTimeStamp` with a four-digit year: `2026-01-31T12:00:00Z`, fractions and offsets allowed.
pub(crate) fn is_date_time_stamp(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    let offset = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(offset);
    is_date(date) && is_clock(clock) && is_zone(zone)
}

fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-', [4, 2, 2]) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_clock(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    digits
        && numbers(whole, ':', [2, 2, 2])
            .is_some_and(|[hour, minute, second]| hour <= 23 && minute <= 59 && second <= 59)
}

fn is_zone(text: &str) -> bool {
    match text.strip_prefix(['+', '-']) {
        None => text == "Z",
        Some(offset) => numbers(offset, ':', [2, 2])
            .is_some_and(|[hour, minute]| (hour <= 13 && minute <= 59) || (hour == 14 && minute == 0)),
    }
}

/// Exactly `N` separated numbers of these many digits.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u32; N]> {
    let parts: Vec<&str> = text.split(separator).collect();
    let parts = <[&str; N]>::try_from(parts).ok()?;
    let mut numbers = [0; N];
    for ((part, digits), number) in parts.into_iter().zip(digits).zip(&mut numbers) {
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    Some(numbers)
}
