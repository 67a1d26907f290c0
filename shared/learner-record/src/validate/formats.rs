//! The forms of text that the data model knows.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{Timestamp, civil};

/// RFC 3339 date-time with offset. A leap second counts as the second before it.
pub(crate) fn date_time(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_at_checked(10)?;
    let time = time.strip_prefix(['T', 't'])?;
    let (clock, rest) = time.split_at_checked(8)?;
    let digits = rest
        .strip_prefix('.')
        .map(|rest| &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()]);
    let offset = match digits {
        Some("") => return None,
        Some(digits) => &rest[1 + digits.len()..],
        None => rest,
    };
    if !has_shape(date, b"0000-00-00") || !has_shape(clock, b"00:00:00") {
        return None;
    }
    if !matches!(offset, "Z" | "z") {
        let hours_and_minutes = offset.strip_prefix(['+', '-'])?;
        if !has_shape(hours_and_minutes, b"00:00") || hours_and_minutes > "23:59" || &hours_and_minutes[3..] > "59" {
            return None;
        }
    }
    // Finer than a nanosecond is well-formed, and beyond what an instant keeps.
    let fraction = digits
        .map(|digits| format!(".{}", &digits[..digits.len().min(9)]))
        .unwrap_or_default();
    let offset = if offset == "-00:00" { "Z" } else { offset };
    format!("{date}T{clock}{fraction}{offset}").parse().ok()
}

/// RFC 3339 date-time that lacks its offset.
pub(crate) fn is_date_time_without_offset(text: &str) -> bool {
    date_time(&format!("{text}Z")).is_some()
}

/// YYYY-MM-DD, a day of the calendar.
pub(crate) fn is_date(text: &str) -> bool {
    has_shape(text, b"0000-00-00") && text.parse::<civil::Date>().is_ok()
}

/// An absolute URI or IRI: a scheme, a colon, and no character that RFC 3987 excludes everywhere.
pub(crate) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && !rest.is_empty()
        && !rest.contains(|c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
        })
}

/// `en`, `zh-Hant`, `pt-BR`, `es-419`: language, script and region of BCP 47.
pub(crate) fn is_language_code(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let mut next = parts.next();
    if next.is_some_and(|part| part.len() == 4) {
        if !next.is_some_and(is_script) {
            return false;
        }
        next = parts.next();
    }
    (2..=4).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && next.is_none_or(is_region)
        && parts.next().is_none()
}

fn is_script(part: &str) -> bool {
    let bytes = part.as_bytes();
    bytes[0].is_ascii_uppercase() && bytes[1..].iter().all(u8::is_ascii_lowercase)
}

fn is_region(part: &str) -> bool {
    (part.len() == 2 && part.bytes().all(|b| b.is_ascii_uppercase()))
        || (part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit()))
}

/// ISO 3166-1 alpha-2, as assigned in 2024.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP \
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT \
    MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ \
    UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// A country's two letters.
pub(crate) fn is_country_code(text: &str) -> bool {
    COUNTRIES.split(' ').any(|code| code == text)
}

/// `sha256-`, `sha384-` or `sha512-` and the base64 of a digest of that length; several with space between them.
pub(crate) fn is_subresource_integrity(text: &str) -> bool {
    let is_digest = |text: &str| {
        let Some((algorithm, digest)) = text.split_once('-') else {
            return false;
        };
        let length = match algorithm {
            "sha256" => 32,
            "sha384" => 48,
            "sha512" => 64,
            _ => return false,
        };
        STANDARD.decode(digest).is_ok_and(|digest| digest.len() == length)
    };
    !text.trim().is_empty() && text.split_ascii_whitespace().all(is_digest)
}

/// `u` and base64url without padding, or `z` and base58.
pub(crate) fn is_multibase(text: &str) -> bool {
    let is_base58 = |c: char| c.is_ascii_alphanumeric() && !matches!(c, '0' | 'O' | 'I' | 'l');
    match text.split_at_checked(1) {
        Some((_, "")) | None => false,
        Some(("u", digits)) => digits
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')),
        Some(("z", digits)) => digits.chars().all(is_base58),
        Some(_) => false,
    }
}

/// `header.payload.signature`; a detached payload may be empty.
pub(crate) fn is_compact_jws(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    let is_base64url = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    matches!(parts.as_slice(), [header, payload, signature]
        if !header.is_empty() && !signature.is_empty() && [header, payload, signature].iter().all(|part| is_base64url(part)))
}

/// Something on both sides of one `@`.
pub(crate) fn is_email_address(text: &str) -> bool {
    text.rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !text.contains(char::is_whitespace)
}

/// `md5$` or `sha256$` and that many hexadecimal digits (digest section 5.5).
pub(crate) fn is_identity_hash(text: &str) -> bool {
    let is_hex = |hex: &str, length: usize| hex.len() == length && hex.bytes().all(|b| b.is_ascii_hexdigit());
    text.strip_prefix("sha256$").is_some_and(|hex| is_hex(hex, 64))
        || text.strip_prefix("md5$").is_some_and(|hex| is_hex(hex, 32))
}

/// Whether a text has this many bytes, digits where the shape has `0`, and the same byte elsewhere.
fn has_shape(text: &str, shape: &[u8]) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape).all(|(byte, &expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            _ => byte == expected,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: impl Fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(format(text), "{text:?} was refused");
        }
        for text in bad {
            assert!(!format(text), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_date_time_is_rfc_3339_with_offset() {
        check(
            |text| date_time(text).is_some(),
            &[
                "2026-05-18T00:00:00Z",
                "2026-05-18t00:00:00z",
                "2026-05-18T23:59:59.1234567890123+14:00",
                "2026-05-18T00:00:00-00:00",
                "2024-02-29T00:00:00-23:59",
                "2016-12-31T23:59:60Z",
                "0000-01-01T00:00:00Z",
            ],
            &[
                "",
                "2026-05-18",
                "2026-05-18T00:00:00",
                "2026-05-18 00:00:00Z",
                "2026-05-18T00:00Z",
                "2026-05-18T00:00:00.Z",
                "2026-05-18T00:00:00+0200",
                "2026-05-18T00:00:00+24:00",
                "2026-05-18T00:00:00+02:60",
                "2026-05-18T00:00:00Zulu",
                "2026-02-30T00:00:00Z",
                "2026-05-18T24:00:00Z",
                "2026-05-18T00:00:00é",
                "20260518T000000Z",
                "+002026-05-18T00:00:00Z",
            ],
        );
    }

    #[test]
    fn a_date_is_a_day_of_the_calendar() {
        check(
            is_date,
            &["2024-02-29"],
            &["2026-02-29", "2026-5-18", "20260518", "2026-05-18T00:00:00Z", ""],
        );
    }

    #[test]
    fn a_uri_is_absolute() {
        check(
            is_uri,
            &[
                "urn:uuid:1",
                "did:web:a.example",
                "https://a.example/é?x=%20#y",
                "data:image/png;base64,AA==",
                "a.b+c-1:x",
            ],
            &[
                "",
                "student-1",
                "/a/b",
                "#a",
                "1a:b",
                "https://a b",
                ":x",
                "urn:",
                "urn:a\nb",
                "urn:<a>",
            ],
        );
    }

    #[test]
    fn a_language_code_has_language_script_and_region_only() {
        check(
            is_language_code,
            &["en", "deu", "zh-Hant", "pt-BR", "es-419", "zh-Hant-TW"],
            &[
                "",
                "EN",
                "e",
                "english",
                "en_US",
                "en-us",
                "en-US-x",
                "zh-hant",
                "en-",
                "zh-Hant-Hans",
            ],
        );
    }

    #[test]
    fn a_compact_jws_has_three_parts_of_which_the_payload_may_be_empty() {
        check(
            is_compact_jws,
            &["a.b.c", "a-_1..c"],
            &["", "a.b", "a.b.c.d", ".b.c", "a.b.", "a.b+.c", "a.b.c="],
        );
    }

    #[test]
    fn an_identity_hash_names_its_algorithm() {
        let sha256 = format!("sha256${}", "aB".repeat(32));
        let md5 = format!("md5${}", "0f".repeat(16));
        check(
            is_identity_hash,
            &[&sha256, &md5],
            &[
                "",
                "a@example.com",
                "sha256$",
                &sha256[..70],
                &format!("sha256${}", "zz".repeat(32)),
                &"0f".repeat(32),
            ],
        );
    }

    #[test]
    fn a_country_is_one_of_iso_3166() {
        assert_eq!(COUNTRIES.split(' ').count(), 249);
        check(
            is_country_code,
            &["GB", "US", "ZW"],
            &["", "UK", "gb", "GBR", "XX", "AD AE"],
        );
    }

    #[test]
    fn a_subresource_integrity_has_the_length_of_its_digest() {
        let digest = |length| STANDARD.encode(vec![7; length]);
        let (sha256, sha384) = (format!("sha256-{}", digest(32)), format!("sha384-{}", digest(48)));
        check(
            is_subresource_integrity,
            &[&sha256, &sha384, &format!("{sha256} {sha384}")],
            &[
                "",
                " ",
                "sha256-",
                "sha256",
                &format!("sha384-{}", digest(32)),
                &format!("md5-{}", digest(16)),
                &sha256[7..],
            ],
        );
    }

    #[test]
    fn a_multibase_value_begins_with_its_base() {
        check(
            is_multibase,
            &["uEiAB-_", "zQmWvQx"],
            &["", "u", "z", "zQm0", "u+/", "QmWvQx", "éa"],
        );
    }

    #[test]
    fn an_email_address_has_two_sides() {
        check(
            is_email_address,
            &["ada@uni.example"],
            &["", "ada", "@uni.example", "ada@", "ada @uni.example"],
        );
    }
}
