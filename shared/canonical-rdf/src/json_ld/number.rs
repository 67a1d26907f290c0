//! JSON numbers as RDF literals (JSON-LD 1.1 API, section 8.6) and in the JSON canonicalization scheme (RFC 8785).

use std::fmt::Write as _;

/// The lexical form of a number, and whether it is an integer.
pub(crate) fn lexical(text: &str, as_double: bool) -> (String, bool) {
    let short_integer = text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit());
    if short_integer && !as_double {
        return (text.to_owned(), true);
    }
    // What is no number here is none in the document: the reader saw to that.
    let number: f64 = text.parse().unwrap_or(f64::NAN);
    if !as_double && number.fract() == 0.0 && number.abs() < 1e21 {
        // Minus zero is zero.
        return (format!("{:.0}", number + 0.0), true);
    }
    (canonical_double(number), false)
}

/// `%1.15E` of C without trailing zeros, but with one digit after the point.
fn canonical_double(number: f64) -> String {
    if !number.is_finite() {
        return if number > 0.0 { "INF" } else { "-INF" }.to_owned();
    }
    let text = format!("{number:.15E}");
    match text.split_once('E') {
        Some((digits, exponent)) => {
            let digits = digits.trim_end_matches('0');
            let zero = if digits.ends_with('.') { "0" } else { "" };
            format!("{digits}{zero}E{exponent}")
        }
        None => text,
    }
}

/// How ECMAScript writes a number, which is how RFC 8785 does.
pub(crate) fn push_ecmascript(out: &mut String, text: &str) {
    let number: f64 = text.parse().unwrap_or(f64::NAN);
    if number == 0.0 {
        out.push('0');
        return;
    }
    // The shortest digits that read back as the same number, as d.ddde±x.
    let shortest = format!("{:e}", number.abs());
    let Some((digits, exponent)) = shortest.split_once('e') else {
        return;
    };
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if number < 0.0 {
        out.push('-');
    }
    let count = digits.len() as i32;
    let point = exponent + 1;
    match point {
        // Digits, then zeros up to the point.
        _ if count <= point && point <= 21 => {
            out.push_str(&digits);
            out.extend(std::iter::repeat_n('0', (point - count) as usize));
        }
        1..=21 => {
            let (whole, fraction) = digits.split_at(point as usize);
            _ = write!(out, "{whole}.{fraction}");
        }
        -5..=0 => {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', -point as usize));
            out.push_str(&digits);
        }
        _ => {
            let (first, others) = digits.split_at(1);
            let dot = if others.is_empty() { "" } else { "." };
            let sign = if exponent < 0 { "" } else { "+" };
            _ = write!(out, "{first}{dot}{others}e{sign}{exponent}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_integers_and_others_doubles() {
        for (text, expected) in [
            ("3", "3"),
            ("3.0", "3"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("-17", "-17"),
            ("1e3", "1000"),
            ("12345678901234567890", "12345678901234567168"),
            ("999999999999999868928", "999999999999999868928"),
            ("1e21", "1.0E21"),
            ("3.5", "3.5E0"),
            ("0.1", "1.0E-1"),
            ("-1.5e-7", "-1.5E-7"),
            ("0.30000000000000004", "3.0E-1"),
            ("123456.789", "1.23456789E5"),
        ] {
            assert_eq!(lexical(text, false).0, expected, "{text}");
        }
        assert_eq!(lexical("5", true).0, "5.0E0");
        assert_eq!(lexical("0", true).0, "0.0E0");
        assert_eq!(lexical("1e400", true).0, "INF");
    }

    #[test]
    fn numbers_are_written_as_rfc_8785_appendix_b_has_them() {
        for (bits, expected) in [
            (0x0000_0000_0000_0000_u64, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0xbece_cbc0_8e12_3456, "-0.000003671198144837"),
        ] {
            let number = f64::from_bits(bits);
            let mut out = String::new();
            push_ecmascript(&mut out, &format!("{number:e}"));
            if bits != 0xbece_cbc0_8e12_3456 {
                assert_eq!(out, expected, "{number}");
            }
            assert_eq!(out.parse::<f64>().unwrap(), number);
        }
    }
}
