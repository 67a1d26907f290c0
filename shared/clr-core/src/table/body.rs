//! A body as it is kept: compressed, in parts that fit into items.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use sha2::{Digest as _, Sha256};

use super::{TableError, item::Item, keys::Key};

const DIGEST: &str = "digest";
const BODY: &str = "body";

/// Bytes of one part. With its keys and attributes an item stays below 350 000 bytes (DynamoDB's own bound is 400 KB).
pub(super) const PART_BYTES: usize = 345_000;

/// A compressed body and the digest that ties its parts together.
#[derive(Clone, Debug)]
pub(super) struct Body {
    /// SHA-256 of the submitted bytes.
    pub(super) digest: Vec<u8>,
    /// Bytes before compression.
    pub(super) length: u64,
    /// Bytes before compression, as the inside of a JSON string.
    pub(super) escaped_length: u64,
    compressed: Vec<u8>,
}

impl Body {
    pub(super) fn of(text: &str) -> Result<Self, TableError> {
        let compressed = zstd::bulk::compress(text.as_bytes(), 0).map_err(|error| refused(error.into()))?;
        Ok(Self {
            digest: digest(text),
            length: text.len() as u64,
            escaped_length: escaped_length(text),
            compressed,
        })
    }

    /// One part at least, also of an empty body.
    pub(super) fn parts(&self) -> Vec<&[u8]> {
        let first_and_more = self.compressed.chunks(PART_BYTES);
        if self.compressed.is_empty() {
            vec![&[]]
        } else {
            first_and_more.collect()
        }
    }
}

/// SHA-256 of a body.
pub(super) fn digest(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

/// The item of a part. It carries the digest of the body that it belongs to.
pub(super) fn part_item(key: &Key, digest: &[u8], part: &[u8]) -> Item {
    let mut item = key.attributes();
    item.insert(DIGEST.to_owned(), AttributeValue::B(Blob::new(digest)));
    item.insert(BODY.to_owned(), AttributeValue::B(Blob::new(part)));
    item
}

/// A part's bytes and the digest of the body that it belongs to.
pub(super) fn read_part(item: &Item) -> Result<(Vec<u8>, Vec<u8>), TableError> {
    let bytes = |name: &str| Some(item.get(name)?.as_b().ok()?.as_ref().to_vec());
    bytes(BODY)
        .zip(bytes(DIGEST))
        .ok_or_else(|| corrupt("a part is missing"))
}

/// Puts a body together again.
pub(super) fn restore(parts: &[Vec<u8>], length: u64) -> Result<String, TableError> {
    let capacity = usize::try_from(length).map_err(|_| corrupt("its length"))?;
    let bytes = zstd::bulk::decompress(&parts.concat(), capacity).map_err(|_| corrupt("its compression"))?;
    if bytes.len() != capacity {
        return Err(corrupt("its length"));
    }
    String::from_utf8(bytes).map_err(|_| corrupt("its encoding"))
}

/// What `serde_json` and Lambda's own encoder make of the text, without the quotes around it.
fn escaped_length(text: &str) -> u64 {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0x00..=0x1f => 6,
        _ => 1,
    };
    text.bytes().map(escaped).sum()
}

fn corrupt(what: &str) -> TableError {
    TableError::Corrupt(format!("a body is not what its head says: {what}"))
}

fn refused(source: Box<dyn std::error::Error + Send + Sync>) -> TableError {
    TableError::Refused {
        operation: "compression",
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str) {
        let body = Body::of(text).unwrap();
        let parts: Vec<Vec<u8>> = body.parts().into_iter().map(<[u8]>::to_vec).collect();
        assert!(parts.iter().all(|part| part.len() <= PART_BYTES));
        assert_eq!(restore(&parts, body.length).unwrap(), text);
    }

    #[test]
    fn bodies_come_back_as_they_went() {
        round_trip("");
        round_trip("{\"name\":\"Zoë\"}");
        round_trip(&"[1]".repeat(100_000));
    }

    #[test]
    fn what_does_not_compress_goes_into_many_parts() {
        let randomness = crate::Randomness::seeded(1);
        let noise: String = (0..40_000).map(|_| randomness.secret().reveal().to_owned()).collect();
        assert!(Body::of(&noise).unwrap().parts().len() > 2);
        round_trip(&noise);
    }

    #[test]
    fn the_escaped_length_is_what_serde_json_writes() {
        for text in ["{\"a\":\"b\\\"\"}", "line\nline\ttab\u{1}", "Zoë 🎓 / </script>", ""] {
            let written = serde_json::to_string(text).unwrap();
            assert_eq!(escaped_length(text) + 2, written.len() as u64, "{written}");
        }
    }

    #[test]
    fn a_part_of_another_body_is_noticed() {
        let body = Body::of("{\"one\":1}").unwrap();
        let parts: Vec<Vec<u8>> = body.parts().into_iter().map(<[u8]>::to_vec).collect();
        assert!(matches!(restore(&parts, body.length + 1), Err(TableError::Corrupt(_))));
        assert!(matches!(restore(&[b"noise".to_vec()], 5), Err(TableError::Corrupt(_))));
    }
}
