//! Signature checks, the last step of proof verification.
//!
//! ECDSA is checked by AWS-LC, which every function links anyway, for TLS: four times as fast as crate `p256`, see
//! `docs/performance.md`.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};
use p256::elliptic_curve::sec1::ToSec1Point;

use crate::{ProofError, PublicKey};

/// Checks a signature over hash data: ECDSA takes its own hash of them, Ed25519 signs them as they are.
///
/// A high-S ECDSA signature is good: low-S is no rule of the suite, and a published vector breaks it.
pub(crate) fn check(key: &PublicKey, hash_data: &[u8], signature: &[u8]) -> Result<(), ProofError> {
    let matches = match key {
        PublicKey::P256(key) => {
            let point = key.to_sec1_point(false);
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.as_bytes());
            key.verify(hash_data, signature).is_ok()
        }
        PublicKey::P384(key) => {
            let point = key.to_sec1_point(false);
            let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point.as_bytes());
            key.verify(hash_data, signature).is_ok()
        }
        PublicKey::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| key.verify_strict(hash_data, &signature).is_ok()),
    };
    matches.then_some(()).ok_or(ProofError::Signature)
}
