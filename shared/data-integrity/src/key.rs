//! Public keys and their written forms: Multikey (`publicKeyMultibase`) and `did:key`.
//!
//! <https://www.w3.org/TR/cid-1.0/#Multikey>

use p256::elliptic_curve::sec1::ToSec1Point;

use crate::base58;

/// The multicodec codes `p256-pub`, `p384-pub` and `ed25519-pub` as varints: the first two bytes of a Multikey.
const P256_PREFIX: [u8; 2] = [0x80, 0x24];
const P384_PREFIX: [u8; 2] = [0x81, 0x24];
const ED25519_PREFIX: [u8; 2] = [0xed, 0x01];

/// Prefix and compressed P-384 point.
const LONGEST_MULTIKEY: usize = 2 + 49;

/// A public key that signs credentials. A value of this type is a valid point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// NIST P-256.
    P256(p256::PublicKey),
    /// NIST P-384.
    P384(p384::PublicKey),
    /// Ed25519.
    Ed25519(ed25519_dalek::VerifyingKey),
}

/// The kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// Ed25519.
    Ed25519,
}

/// Why a text is not a key of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not base58btc multibase (`z…`).
    #[error("a Multikey is base58btc multibase, starting with `z`")]
    Multibase,
    /// The multicodec prefix names another kind of key.
    #[error("the key type is not P-256, P-384 or Ed25519")]
    Type,
    /// The bytes are not a point on the curve.
    #[error("the bytes are not a valid public key")]
    Point,
    /// Not `did:key:z…`.
    #[error("a did:key is `did:key:` and a Multikey, without path, query or fragment")]
    DidKey,
}

impl PublicKey {
    /// Reads `z…` (base58btc, multicodec prefix, compressed point). Each key has exactly one such text.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_multikey(text: &str) -> Result<Self, KeyError> {
        let bytes = base58::decode(text, LONGEST_MULTIKEY).ok_or(KeyError::Multibase)?;
        let (prefix, point) = bytes.split_first_chunk::<2>().ok_or(KeyError::Type)?;
        match *prefix {
            P256_PREFIX => p256_point(point).map(Self::P256),
            P384_PREFIX => p384_point(point).map(Self::P384),
            ED25519_PREFIX => ed25519_point(point).map(Self::Ed25519),
            _ => return Err(KeyError::Type),
        }
        .ok_or(KeyError::Point)
    }

    /// Writes `z…`.
    #[must_use]
    pub fn to_multikey(&self) -> String {
        let (prefix, point) = match self {
            Self::P256(key) => (P256_PREFIX, key.to_sec1_point(true).as_bytes().to_vec()),
            Self::P384(key) => (P384_PREFIX, key.to_sec1_point(true).as_bytes().to_vec()),
            Self::Ed25519(key) => (ED25519_PREFIX, key.to_bytes().to_vec()),
        };
        base58::encode(&[&prefix, point.as_slice()].concat())
    }

    /// Reads `did:key:z…`, the DID without a fragment.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_did_key(did: &str) -> Result<Self, KeyError> {
        let multikey = did.strip_prefix("did:key:").ok_or(KeyError::DidKey)?;
        Self::from_multikey(multikey)
    }

    /// `did:key:z…`.
    #[must_use]
    pub fn to_did_key(&self) -> String {
        format!("did:key:{}", self.to_multikey())
    }

    /// The kind of key.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match self {
            Self::P256(_) => KeyType::P256,
            Self::P384(_) => KeyType::P384,
            Self::Ed25519(_) => KeyType::Ed25519,
        }
    }
}

fn p256_point(bytes: &[u8]) -> Option<p256::PublicKey> {
    is_compressed(bytes).then(|| p256_from_sec1(bytes))?
}

fn p384_point(bytes: &[u8]) -> Option<p384::PublicKey> {
    is_compressed(bytes).then(|| p384_from_sec1(bytes))?
}

/// Any form of SEC 1.
pub(crate) fn p256_from_sec1(bytes: &[u8]) -> Option<p256::PublicKey> {
    p256::PublicKey::from_sec1_bytes(bytes).ok()
}

/// Any form of SEC 1.
pub(crate) fn p384_from_sec1(bytes: &[u8]) -> Option<p384::PublicKey> {
    p384::PublicKey::from_sec1_bytes(bytes).ok()
}

/// SEC 1 has other forms, and a key written in two ways would be two verification methods.
fn is_compressed(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(2 | 3))
}

/// Refuses the encodings that RFC 8032 forbids but arithmetic would take (`y` not reduced), and the points of small
/// order, under which one signature fits many documents.
pub(crate) fn ed25519_point(bytes: &[u8]) -> Option<ed25519_dalek::VerifyingKey> {
    let bytes = <&[u8; 32]>::try_from(bytes).ok()?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).ok()?;
    let canonical = key.to_edwards().compress().to_bytes() == *bytes;
    (canonical && !key.is_weak()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The public halves of the W3C test keys.
    const P256: &str = "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP";
    const P384: &str = "z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ";
    const ED25519: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";

    /// The bytes of a key, changed, as a Multikey again.
    fn altered(key: &str, change: impl FnOnce(&mut Vec<u8>)) -> Result<PublicKey, KeyError> {
        let mut bytes = base58::decode(key, LONGEST_MULTIKEY).expect("a test key");
        change(&mut bytes);
        PublicKey::from_multikey(&base58::encode(&bytes))
    }

    #[test]
    fn multikeys_are_read_and_written_alike() {
        for (text, kind) in [
            (P256, KeyType::P256),
            (P384, KeyType::P384),
            (ED25519, KeyType::Ed25519),
        ] {
            let key = PublicKey::from_multikey(text).expect(text);
            assert_eq!(key.key_type(), kind);
            assert_eq!(key.to_multikey(), text);
            assert_eq!(key.to_did_key(), format!("did:key:{text}"));
            assert_eq!(PublicKey::from_did_key(&key.to_did_key()), Ok(key));
        }
    }

    #[test]
    fn a_did_key_is_the_bare_did() {
        assert_eq!(PublicKey::from_did_key(P256), Err(KeyError::DidKey));
        assert_eq!(
            PublicKey::from_did_key(&format!("did:web:{P256}")),
            Err(KeyError::DidKey)
        );
        for tail in [
            format!("#{P256}"),
            "?a=b".into(),
            "/path".into(),
            "%20".into(),
            " ".into(),
        ] {
            assert_eq!(
                PublicKey::from_did_key(&format!("did:key:{P256}{tail}")),
                Err(KeyError::Multibase),
                "{tail}"
            );
        }
    }

    #[test]
    fn trailing_and_missing_bytes_are_refused() {
        for key in [P256, P384, ED25519] {
            assert!(altered(key, |bytes| bytes.push(0)).is_err());
            assert!(altered(key, |bytes| bytes.truncate(bytes.len() - 1)).is_err());
            assert!(altered(key, |bytes| bytes.truncate(2)).is_err());
            assert!(altered(key, |bytes| bytes.truncate(1)).is_err());
            assert!(altered(key, Vec::clear).is_err());
            assert!(PublicKey::from_multikey(&format!("{key}1")).is_err());
            assert!(
                PublicKey::from_multikey(&key.replacen('z', "z1", 1)).is_err(),
                "a leading zero byte"
            );
        }
    }

    #[test]
    fn other_key_types_are_refused() {
        // secp256k1-pub, x25519-pub, bls12_381-g2-pub and a non-minimal varint of p256-pub.
        for prefix in [&[0xe7, 0x01][..], &[0xec, 0x01], &[0xeb, 0x01], &[0x80, 0xa4, 0x00]] {
            let outcome = altered(P256, |bytes| drop(bytes.splice(..2, prefix.iter().copied())));
            assert_eq!(outcome, Err(KeyError::Type), "{prefix:?}");
        }
    }

    #[test]
    fn only_the_compressed_form_is_a_multikey() {
        let PublicKey::P256(key) = PublicKey::from_multikey(P256).expect("a test key") else {
            panic!("P-256")
        };
        let uncompressed = [&P256_PREFIX, key.to_sec1_point(false).as_bytes()].concat();
        assert!(PublicKey::from_multikey(&base58::encode(&uncompressed)).is_err());
        for tag in [0, 1, 4, 5, 6, 7] {
            assert_eq!(altered(P256, |bytes| bytes[2] = tag), Err(KeyError::Point), "tag {tag}");
        }
    }

    #[test]
    fn points_off_the_curve_are_refused() {
        let not_a_field_element = altered(P256, |bytes| bytes[3..].fill(0xff));
        assert_eq!(not_a_field_element, Err(KeyError::Point));
        // About half of all x have no y; a changed x must never be taken for another one.
        let outcomes: Vec<_> = (0..=255).map(|last| altered(P256, |bytes| bytes[34] = last)).collect();
        assert!(
            outcomes
                .iter()
                .filter(|outcome| **outcome == Err(KeyError::Point))
                .count()
                > 64
        );
        assert!(outcomes.iter().flatten().count() > 64);
    }

    #[test]
    fn ed25519_keys_of_small_order_or_odd_encoding_are_refused() {
        let with_point = |point: [u8; 32]| {
            altered(ED25519, |bytes| {
                bytes.truncate(2);
                bytes.extend(point);
            })
        };
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(with_point(identity), Err(KeyError::Point));
        // y = p + 3: decodes to the point of y = 3 where arithmetic reduces it.
        let mut unreduced = [0xff; 32];
        unreduced[0] = 0xf0;
        unreduced[31] = 0x7f;
        assert_eq!(with_point(unreduced), Err(KeyError::Point));
    }
}
