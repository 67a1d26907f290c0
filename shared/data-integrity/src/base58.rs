//! Multibase base58btc, `z…`: the one written form that these suites use for keys and signatures.

/// Decodes `z…`. Texts that cannot be `longest` bytes or fewer are not even tried: decoding takes quadratic time.
pub(crate) fn decode(text: &str, longest: usize) -> Option<Vec<u8>> {
    let digits = text.strip_prefix('z')?;
    // Base 58 takes at most 1.37 digits a byte, rounded up.
    if digits.len() > longest * 7 / 5 + 1 {
        return None;
    }
    bs58::decode(digits).into_vec().ok()
}

/// Writes `z…`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    format!("z{}", bs58::encode(bytes).into_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        for length in [0, 1, 34, 64, 96] {
            for byte in [0, 7, 255] {
                let bytes = vec![byte; length];
                assert_eq!(decode(&encode(&bytes), length), Some(bytes));
            }
        }
    }

    #[test]
    fn a_text_too_long_for_its_purpose_is_refused_before_decoding() {
        assert_eq!(decode(&format!("z{}", "2".repeat(1_000_000)), 64), None);
    }

    #[test]
    fn other_alphabets_are_refused() {
        for text in ["", "x", "uAAAA", "z0", "zl", "z 1", "z1\n", "Z1"] {
            assert_eq!(decode(text, 64), None, "{text:?}");
        }
    }
}
