//! Keys in AWS KMS: `ECC_NIST_P256` and `ECC_NIST_EDWARDS25519`; for VC-JWTs alone RSA keys, in [`rsa`].

pub(super) mod rsa;

use aws_sdk_kms::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::RequestId,
    primitives::Blob,
    types::{MessageType, SigningAlgorithmSpec},
};
use data_integrity::{KeyType, PublicKey};
use ed25519_dalek::pkcs8::DecodePublicKey as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use super::{SignError, Signature, Signer};
use crate::{aws::is_transient, metering::Meter};

/// A key in KMS that signs proofs. The public half is fetched at first use and kept.
#[derive(Debug)]
pub struct KmsSigner {
    key: KmsKey,
    public_key: OnceCell<PublicKey>,
}

/// A key in KMS, whatever it is.
#[derive(Debug)]
struct KmsKey {
    client: Client,
    key_id: String,
}

impl KmsSigner {
    /// `key_id` is a key id, ARN or alias. Nothing is called yet.
    #[must_use]
    pub fn new(client: Client, key_id: impl Into<String>) -> Self {
        Self {
            key: KmsKey::new(client, key_id),
            public_key: OnceCell::new(),
        }
    }
}

impl KmsKey {
    fn new(client: Client, key_id: impl Into<String>) -> Self {
        Self {
            client,
            key_id: key_id.into(),
        }
    }

    /// Fetches the public half. `read` takes a DER `SubjectPublicKeyInfo`; `expected` says which specs it knows.
    async fn fetch_public_key<K>(&self, read: impl Fn(&[u8]) -> Option<K>, expected: &str) -> Result<K, SignError> {
        let answer = self.client.get_public_key().key_id(&self.key_id).send().await;
        let answer = answer.map_err(|error| self.classify(error))?;
        read(answer.public_key().map(Blob::as_ref).unwrap_or_default()).ok_or_else(|| {
            let spec = answer.key_spec().map_or("unknown", |spec| spec.as_str());
            self.misconfigured(format!("its spec is {spec}; {expected}"))
        })
    }

    /// Signs; `decode` takes a signature as KMS writes it.
    async fn sign(
        &self,
        algorithm: SigningAlgorithmSpec,
        kind: MessageType,
        message: &[u8],
        decode: impl Fn(&[u8]) -> Option<Vec<u8>>,
    ) -> Result<Signature, SignError> {
        let request = self.client.sign().key_id(&self.key_id);
        let request = request
            .message_type(kind)
            .signing_algorithm(algorithm)
            .message(Blob::new(message));
        let answer = request.send().await.map_err(|error| self.classify(error))?;
        let bytes = decode(answer.signature().map(Blob::as_ref).unwrap_or_default())
            .ok_or_else(|| self.misconfigured("KMS answered with something else than a signature".into()))?;
        Ok(Signature {
            bytes,
            request_id: answer.request_id().map(str::to_owned),
        })
    }

    /// Each is counted, for the alarm of the keys.
    fn misconfigured(&self, reason: String) -> SignError {
        Meter::add_key_error();
        SignError::Misconfigured {
            key: self.key_id.clone(),
            reason,
        }
    }

    /// Tells a fault that passes from one that an operator must mend.
    fn classify<E>(&self, error: SdkError<E>) -> SignError
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        if is_transient(&error) {
            Meter::add_key_error();
            return SignError::Busy {
                key: self.key_id.clone(),
                source: error.into(),
            };
        }
        self.misconfigured(match (error.code(), error.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.to_owned(),
            (None, _) => DisplayErrorContext(error).to_string(),
        })
    }
}

#[async_trait::async_trait]
impl Signer for KmsSigner {
    async fn public_key(&self) -> Result<PublicKey, SignError> {
        let expected = "ECC_NIST_P256 and ECC_NIST_EDWARDS25519 sign credentials";
        self.public_key
            .get_or_try_init(|| self.key.fetch_public_key(read_subject_public_key_info, expected))
            .await
            .cloned()
    }

    async fn sign(&self, hash_data: &[u8]) -> Result<Signature, SignError> {
        match self.public_key().await?.key_type() {
            KeyType::Ed25519 => {
                let as_written = |written: &[u8]| (written.len() == 64).then(|| written.to_vec());
                let algorithm = SigningAlgorithmSpec::Ed25519Sha512;
                self.key.sign(algorithm, MessageType::Raw, hash_data, as_written).await
            }
            // A P-384 key is refused where the public key is read.
            KeyType::P256 | KeyType::P384 => {
                let from_der = |written: &[u8]| {
                    let signature = p256::ecdsa::Signature::from_der(written).ok()?;
                    Some(signature.to_bytes().to_vec())
                };
                let (algorithm, digest) = (SigningAlgorithmSpec::EcdsaSha256, Sha256::digest(hash_data));
                self.key.sign(algorithm, MessageType::Digest, &digest, from_der).await
            }
        }
    }
}

fn read_subject_public_key_info(der: &[u8]) -> Option<PublicKey> {
    let p256 = p256::PublicKey::from_public_key_der(der).ok().map(PublicKey::P256);
    p256.or_else(|| {
        ed25519_dalek::VerifyingKey::from_public_key_der(der)
            .ok()
            .map(PublicKey::Ed25519)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
    use axum::http::{HeaderMap, StatusCode};
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use p256::pkcs8::EncodePublicKey as _;
    use serde_json::{Value, json};

    use super::*;

    /// A stand-in for faults that no emulator makes on demand; the contract suite runs against a real emulator.
    async fn kms_that_answers(status: u16, body: Value) -> (KmsSigner, Arc<AtomicUsize>) {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = calls.clone();
        let answer = move |_: HeaderMap| async move {
            counter.fetch_add(1, Ordering::SeqCst);
            (
                StatusCode::from_u16(status).unwrap(),
                [("x-amzn-requestid", "request-1")],
                body.to_string(),
            )
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
        (KmsSigner::new(client(&endpoint), "alias/clr-signing"), calls)
    }

    fn client(endpoint: &str) -> Client {
        Client::from_conf(
            aws_sdk_kms::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("eu-central-1"))
                .credentials_provider(Credentials::new("id", "test-secret", None, None, "test"))
                .endpoint_url(endpoint)
                .retry_config(RetryConfig::disabled())
                .build(),
        )
    }

    async fn refusal(status: u16, code: &str) -> SignError {
        let (signer, _) = kms_that_answers(status, json!({"__type": code, "message": "in the words of KMS"})).await;
        signer.public_key().await.unwrap_err()
    }

    #[tokio::test]
    async fn faults_that_pass_are_told_from_those_an_operator_must_mend() {
        for (status, code) in [
            (400, "ThrottlingException"),
            (400, "LimitExceededException"),
            (429, "TooManyRequests"),
            (500, "KMSInternalException"),
            (500, "KeyUnavailableException"),
            (503, "DependencyTimeoutException"),
            (502, "Unheard"),
        ] {
            let error = refusal(status, code).await;
            assert!(
                matches!(&error, SignError::Busy { key, .. } if key == "alias/clr-signing"),
                "{code}: {error:?}"
            );
        }
        for code in [
            "NotFoundException",
            "DisabledException",
            "KMSInvalidStateException",
            "InvalidKeyUsageException",
            "AccessDeniedException",
            "UnrecognizedClientException",
        ] {
            let error = refusal(400, code).await;
            let SignError::Misconfigured { key, reason } = &error else {
                panic!("{code}: {error:?}")
            };
            assert_eq!(key, "alias/clr-signing");
            assert_eq!(reason, &format!("{code}: in the words of KMS"));
        }
    }

    #[tokio::test]
    async fn each_fault_of_a_key_is_counted_once_whatever_it_is() {
        for (status, body) in [
            (400, json!({"__type": "AccessDeniedException"})),
            (500, json!({"__type": "KMSInternalException"})),
            (200, json!({"PublicKey": STANDARD.encode("no key of ours")})),
        ] {
            let (signer, _) = kms_that_answers(status, body.clone()).await;
            let meter = Meter::default();
            meter.measure(signer.sign(&[0; 64])).await.unwrap_err();
            let usage = meter.usage();
            assert_eq!(usage.key_errors, 1, "{body}");
            assert!(usage.to_string().ends_with(", 1 key errors"), "{usage}");
        }
    }

    #[tokio::test]
    async fn an_unreachable_kms_is_a_fault_that_passes() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let error = KmsSigner::new(client(&endpoint), "key-1")
            .public_key()
            .await
            .unwrap_err();
        assert!(matches!(error, SignError::Busy { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("test-secret"));
    }

    #[tokio::test]
    async fn the_public_key_is_fetched_once_and_a_failure_is_not_kept() {
        let key = p256::SecretKey::from_slice(&[7; 32]).unwrap().public_key();
        let spki = STANDARD.encode(key.to_public_key_der().unwrap());
        let body = json!({"KeyId": "key-1", "PublicKey": spki, "KeySpec": "ECC_NIST_P256"});
        let (signer, calls) = kms_that_answers(200, body).await;
        let (one, two) = tokio::join!(signer.public_key(), signer.public_key());
        assert_eq!(one.unwrap(), PublicKey::P256(key));
        assert_eq!(two.unwrap(), PublicKey::P256(key));
        assert_eq!(calls.load(Ordering::SeqCst), 1);

        let (signer, calls) = kms_that_answers(400, json!({"__type": "ThrottlingException"})).await;
        signer.public_key().await.unwrap_err();
        signer.public_key().await.unwrap_err();
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_key_of_another_spec_is_a_misconfiguration_that_names_it() {
        let body = json!({"KeyId": "key-1", "PublicKey": STANDARD.encode("no key of ours"), "KeySpec": "RSA_2048"});
        let (signer, _) = kms_that_answers(200, body).await;
        let error = signer.sign(&[0; 64]).await.unwrap_err();
        let SignError::Misconfigured { reason, .. } = &error else {
            panic!("{error:?}")
        };
        assert!(
            reason.contains("RSA_2048") && reason.contains("ECC_NIST_P256"),
            "{reason}"
        );
    }
}
