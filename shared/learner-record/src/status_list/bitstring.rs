//! The bits of a status list, and their text `encodedList` (sections 3.3 and 3.4).

use std::{
    fmt,
    io::{Read as _, Write as _},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};

use super::{StatusListError, malformed};

/// The fewest entries of a list (section 2.2), and as many as our own lists have.
pub const LIST_ENTRIES: usize = 131_072;

/// No list is inflated beyond this: 67 million entries.
const MOST_BYTES: usize = 8 << 20;

/// Bits, the first one at the most significant place of the first byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Bitstring(Vec<u8>);

impl Bitstring {
    /// So many bits, none of them set; a multiple of eight.
    #[must_use]
    pub fn cleared(bits: usize) -> Self {
        Self(vec![0; bits.div_ceil(8)])
    }

    /// Bytes as bits.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bits as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many bits there are.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.0.len() * 8
    }

    /// How many of them are set.
    #[must_use]
    pub fn count_set(&self) -> usize {
        self.0.iter().map(|byte| byte.count_ones() as usize).sum()
    }

    /// Whether a bit is set; none: there is no such bit.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<bool> {
        self.0.get(index / 8).map(|byte| byte & mask(index) != 0)
    }

    /// Sets or clears a bit and tells what it was; none: there is no such bit.
    pub fn set(&mut self, index: usize, status: bool) -> Option<bool> {
        let byte = self.0.get_mut(index / 8)?;
        let before = *byte & mask(index) != 0;
        if status {
            *byte |= mask(index);
        } else {
            *byte &= !mask(index);
        }
        Some(before)
    }

    /// The bits as `encodedList`: multibase base64url of their gzip form (section 3.3).
    #[must_use]
    pub fn encode(&self) -> String {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Writing to memory does not fail.
        let compressed = encoder.write_all(&self.0).and_then(|()| encoder.finish());
        format!("u{}", URL_SAFE_NO_PAD.encode(compressed.unwrap_or_default()))
    }

    /// The bits of an `encodedList` (section 3.4), at most 8 MiB of them.
    ///
    /// # Errors
    /// It is no multibase base64url, no gzip, or too large.
    pub fn decode(encoded: &str) -> Result<Self, StatusListError> {
        let bad = |problem: &str| malformed("encodedList", problem);
        let text = encoded
            .strip_prefix('u')
            .ok_or_else(|| bad("does not start with `u`, the multibase sign of base64url"))?;
        let compressed = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| bad("is not base64url without padding"))?;
        let mut bytes = Vec::new();
        GzDecoder::new(compressed.as_slice())
            .take(MOST_BYTES as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|_| bad("is not gzip"))?;
        if bytes.len() > MOST_BYTES {
            return Err(StatusListError::Unsupported(format!(
                "encodedList holds more than {MOST_BYTES} bytes"
            )));
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Bitstring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bitstring({} of {} set)", self.count_set(), self.bits())
    }
}

/// The place of a bit in its byte.
fn mask(index: usize) -> u8 {
    0x80 >> (index % 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bit_is_the_most_significant_of_the_first_byte() {
        let mut bits = Bitstring::cleared(16);
        assert_eq!(bits.set(0, true), Some(false));
        assert_eq!(bits.set(9, true), Some(false));
        assert_eq!(bits.as_bytes(), [0b1000_0000, 0b0100_0000]);
        assert_eq!(bits.set(9, false), Some(true));
        assert_eq!(
            (bits.get(0), bits.get(9), bits.get(16)),
            (Some(true), Some(false), None)
        );
        assert_eq!(bits.set(16, true), None);
    }

    #[test]
    fn a_list_comes_back_from_its_encoding() {
        let mut bits = Bitstring::cleared(LIST_ENTRIES);
        for index in [0, 23, 4_711, LIST_ENTRIES - 1] {
            bits.set(index, true);
        }
        let encoded = bits.encode();
        assert!(encoded.starts_with("uH4sI"), "{encoded}");
        assert!(
            encoded
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
        assert_eq!(Bitstring::decode(&encoded).unwrap(), bits);
    }

    #[test]
    fn what_is_no_encoded_list_is_refused() {
        let encoded = Bitstring::cleared(LIST_ENTRIES).encode();
        for bad in [
            "",
            "u",
            &encoded[1..],
            &format!("{encoded}="),
            &encoded[..40],
            "uAAAA",
            "z6Mk",
        ] {
            let error = Bitstring::decode(bad).unwrap_err();
            assert!(matches!(error, StatusListError::Malformed { .. }), "{bad:?}: {error}");
        }
    }

    #[test]
    fn a_small_text_does_not_become_a_large_list() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; 64 << 20]).unwrap();
        let bomb = format!("u{}", URL_SAFE_NO_PAD.encode(encoder.finish().unwrap()));
        assert!(bomb.len() < 100_000);
        assert!(matches!(Bitstring::decode(&bomb), Err(StatusListError::Unsupported(_))));
    }
}
