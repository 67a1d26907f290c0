//! The hash functions that RDFC-1.0 may be run with.

use sha2::{Digest as _, Sha256, Sha384};

/// The hash inside RDFC-1.0 (section 4.2): SHA-256, or SHA-384 for P-384 keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// SHA-256, the default of RDFC-1.0.
    Sha256,
    /// SHA-384.
    Sha384,
}

/// A hash value. Ordered like its hexadecimal form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest {
    /// Zeros after `length`.
    bytes: [u8; 48],
    length: u8,
}

impl HashAlgorithm {
    pub(crate) fn hash(self, bytes: &[u8]) -> Digest {
        match self {
            Self::Sha256 => Digest::new(&Sha256::digest(bytes)),
            Self::Sha384 => Digest::new(&Sha384::digest(bytes)),
        }
    }

    pub(crate) fn hasher(self) -> Hasher {
        match self {
            Self::Sha256 => Hasher::Sha256(Sha256::new()),
            Self::Sha384 => Hasher::Sha384(Sha384::new()),
        }
    }
}

impl Digest {
    fn new(value: &[u8]) -> Self {
        let mut bytes = [0; 48];
        bytes[..value.len()].copy_from_slice(value);
        Self {
            bytes,
            length: value.len() as u8,
        }
    }

    /// 32 bytes for SHA-256, 48 for SHA-384.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    pub(crate) fn push_hex(&self, out: &mut Vec<u8>) {
        const HEX: [u8; 16] = *b"0123456789abcdef";
        let mut digits = [0; 96];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.bytes) {
            pair[0] = HEX[usize::from(byte >> 4)];
            pair[1] = HEX[usize::from(byte & 15)];
        }
        out.extend_from_slice(&digits[..2 * usize::from(self.length)]);
    }

    /// The first bytes, enough to tell nearly all values apart.
    pub(crate) fn prefix(&self) -> u64 {
        u64::from_be_bytes(self.bytes[..8].try_into().unwrap_or_default())
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_bytes()
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// A hash under way.
pub(crate) enum Hasher {
    Sha256(Sha256),
    Sha384(Sha384),
}

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha384(hasher) => hasher.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Digest {
        match self {
            Self::Sha256(hasher) => Digest::new(&hasher.finalize()),
            Self::Sha384(hasher) => Digest::new(&hasher.finalize()),
        }
    }
}
