//! Unpredictable bytes, as a value that comes in from outside.

use std::sync::Mutex;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::Secret;

/// A source of bytes: the operating system's, or a seeded stream for tests.
#[derive(Debug)]
pub struct Randomness(Source);

#[derive(Debug)]
enum Source {
    OperatingSystem,
    /// SHA-256(seed, counter): reproducible, never used in production.
    Seeded {
        seed: u64,
        counter: Mutex<u64>,
    },
}

impl Randomness {
    /// The operating system's generator.
    #[must_use]
    pub fn operating_system() -> Self {
        Self(Source::OperatingSystem)
    }

    /// The same bytes in every run: for tests.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded {
            seed,
            counter: Mutex::new(0),
        })
    }

    /// 32 fresh bytes.
    ///
    /// # Panics
    /// When the operating system has no randomness to give; nothing sound can be done then.
    #[must_use]
    pub fn bytes(&self) -> [u8; 32] {
        match &self.0 {
            Source::OperatingSystem => {
                let mut bytes = [0; 32];
                #[expect(
                    clippy::disallowed_methods,
                    reason = "this is the one place where real randomness comes in"
                )]
                #[expect(
                    clippy::expect_used,
                    reason = "without randomness every secret would be guessable: stop"
                )]
                getrandom::fill(&mut bytes).expect("the operating system has no randomness");
                bytes
            }
            Source::Seeded { seed, counter } => {
                let mut counter = counter.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                *counter += 1;
                Sha256::new()
                    .chain_update(seed.to_be_bytes())
                    .chain_update(counter.to_be_bytes())
                    .finalize()
                    .into()
            }
        }
    }

    /// A fresh 256-bit secret, base64url.
    #[must_use]
    pub fn secret(&self) -> Secret {
        Secret::from_bytes(self.bytes())
    }

    /// A fresh version 4 UUID.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        let bytes = self.bytes();
        let mut half = [0; 16];
        half.copy_from_slice(&bytes[..16]);
        uuid::Builder::from_random_bytes(half).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_bytes_repeat_across_sources_and_not_within_one() {
        let (one, two) = (Randomness::seeded(7), Randomness::seeded(7));
        let first = one.bytes();
        assert_eq!(first, two.bytes());
        assert_ne!(first, one.bytes());
    }

    #[test]
    fn uuids_are_version_4() {
        assert_eq!(Randomness::operating_system().uuid().get_version_num(), 4);
    }
}
