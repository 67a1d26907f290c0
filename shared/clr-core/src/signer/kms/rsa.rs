//! RSA keys in KMS, which sign VC-JWTs as RS256. No Data Integrity suite has them, so they are no [`Signer`](super::Signer).

use aws_sdk_kms::{
    Client,
    types::{MessageType, SigningAlgorithmSpec},
};
use data_integrity::RsaPublicKey;
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use super::{KmsKey, SignError, Signature};

/// An RSA key in KMS (`RSA_2048`, `RSA_3072`, `RSA_4096`). The public half is fetched at first use and kept.
#[derive(Debug)]
pub struct KmsRsaSigner {
    key: KmsKey,
    public_key: OnceCell<RsaPublicKey>,
}

impl KmsRsaSigner {
    /// `key_id` is a key id, ARN or alias. Nothing is called yet.
    #[must_use]
    pub fn new(client: Client, key_id: impl Into<String>) -> Self {
        Self {
            key: KmsKey::new(client, key_id),
            public_key: OnceCell::new(),
        }
    }

    /// The public half. The first call asks KMS, later ones do not.
    ///
    /// # Errors
    /// See [`SignError`].
    pub async fn public_key(&self) -> Result<RsaPublicKey, SignError> {
        let expected = "RSA_2048, RSA_3072 and RSA_4096 sign RS256";
        self.public_key
            .get_or_try_init(|| {
                self.key
                    .fetch_public_key(RsaPublicKey::from_subject_public_key_info, expected)
            })
            .await
            .cloned()
    }

    /// Signs a JWS signing input: RSASSA-PKCS1-v1_5 over its SHA-256.
    ///
    /// # Errors
    /// See [`SignError`].
    pub async fn sign(&self, signing_input: &[u8]) -> Result<Signature, SignError> {
        let (algorithm, digest) = (
            SigningAlgorithmSpec::RsassaPkcs1V15Sha256,
            Sha256::digest(signing_input),
        );
        let as_written = |written: &[u8]| (written.len() >= 256).then(|| written.to_vec());
        self.key.sign(algorithm, MessageType::Digest, &digest, as_written).await
    }
}
