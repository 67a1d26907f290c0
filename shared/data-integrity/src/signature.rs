//! Signature checks, the last step of proof verification.

use p256::ecdsa::signature::Verifier;

use crate::{ProofError, PublicKey};

/// Checks a signature over hash data: ECDSA takes its own hash of them, Ed25519 signs them as they are.
///
/// A high-S ECDSA signature is good: low-S is no rule of the suite, and a published vector breaks it.
pub(crate) fn check(key: &PublicKey, hash_data: &[u8], signature: &[u8]) -> Result<(), ProofError> {
    let matches = match key {
        PublicKey::P256(key) => p256::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| {
            p256::ecdsa::VerifyingKey::from(key)
                .verify(hash_data, &signature)
                .is_ok()
        }),
        PublicKey::P384(key) => p384::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| {
            p384::ecdsa::VerifyingKey::from(key)
                .verify(hash_data, &signature)
                .is_ok()
        }),
        PublicKey::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| key.verify_strict(hash_data, &signature).is_ok()),
    };
    matches.then_some(()).ok_or(ProofError::Signature)
}
