//! How characters stand in canonical N-Quads: RDFC-1.0, appendix A.

/// Whether these characters may stand between `<` and `>` (the IRIREF production of N-Quads, without its escapes).
/// That the IRI is absolute is another question.
#[must_use]
pub fn is_iri(iri: &str) -> bool {
    iri.bytes().all(|byte| !NOT_IN_IRI[byte as usize])
}

/// Appends a lexical form, escaped as the canonical form wants it and not otherwise.
pub(crate) fn push_escaped(out: &mut String, lexical: &str) {
    let mut copied = 0;
    for (at, byte) in lexical.bytes().enumerate() {
        if !TO_LOOK_AT[byte as usize] {
            continue;
        }
        let escape = match byte {
            0x08 => "\\b",
            b'\t' => "\\t",
            b'\n' => "\\n",
            0x0C => "\\f",
            b'\r' => "\\r",
            b'"' => "\\\"",
            b'\\' => "\\\\",
            // U+FFFE and U+FFFF are no characters of XML 1.1, whose Char production the canonical form goes by.
            0xEF => match &lexical.as_bytes()[at + 1..at + 3] {
                [0xBF, 0xBE] => "\\uFFFE",
                [0xBF, 0xBF] => "\\uFFFF",
                _ => continue,
            },
            _ => {
                out.push_str(&lexical[copied..at]);
                out.push_str("\\u00");
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
                copied = at + 1;
                continue;
            }
        };
        out.push_str(&lexical[copied..at]);
        out.push_str(escape);
        copied = at + if byte == 0xEF { 3 } else { 1 };
    }
    out.push_str(&lexical[copied..]);
}

const HEX: [u8; 16] = *b"0123456789ABCDEF";

const NOT_IN_IRI: [bool; 256] = table(b"<>\"{}|^`\\ ", 0x20);
const TO_LOOK_AT: [bool; 256] = table(b"\"\\\x7F\xEF", 0x20);

const fn table(bytes: &[u8], below: usize) -> [bool; 256] {
    let mut table = [false; 256];
    let mut index = 0;
    while index < below {
        table[index] = true;
        index += 1;
    }
    index = 0;
    while index < bytes.len() {
        table[bytes[index] as usize] = true;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lexical: &str, expected: &str) {
        let mut out = String::new();
        push_escaped(&mut out, lexical);
        assert_eq!(out, expected);
    }

    #[test]
    fn only_what_must_be_escaped_is_escaped() {
        check("\u{8}\t\n\u{C}\r\"\\", r#"\b\t\n\f\r\"\\"#);
        check("a\u{0}b\u{B}c\u{1F}d\u{7F}e", r"a\u0000b\u000Bc\u001Fd\u007Fe");
        check("\u{80}é\u{FFFD}\u{F000}😀'/", "\u{80}é\u{FFFD}\u{F000}😀'/");
    }

    #[test]
    fn the_two_noncharacters_are_escaped() {
        check("a\u{FFFE}b\u{FFFF}", r"a\uFFFEb\uFFFF");
        check("\u{1FFFE}", "\u{1FFFE}");
    }
}
