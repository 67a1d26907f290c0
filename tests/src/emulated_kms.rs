//! As much of KMS as shows which calls a function makes: public keys that are valid, signatures that only look like some.
//! Signatures that are right are the business of the contract suite, which runs against an emulator.

use std::sync::Arc;

use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use axum::{Json, Router, http::HeaderMap};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clr_core::{
    aws::kms_client,
    issuers::Issuers,
    signer::{KmsRsaSigner, KmsSigner, Signer},
};
use serde_json::{Map, Value, json};

use crate::{INSTITUTION, TestApp, Wired};

/// Public keys that were made for this and have no private halves any more.
const P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3VLeYm4VUMnW6HC5AcKZupmOZOhZthswSQS/fJ2J0FRhx7tFNvWEIgyiif4exnrwf+EhHGfZn2O78GJL1GvvaQ==";
const ED25519: &str = "MCowBQYDK2VwAyEAjZv1a+7pOx2y8TjPslSCNK5JDXP29dMhbDX4RCfzxxY=";
const STATUS_P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqr95Iqjpy9UgvB7GL7sst+rPGrGmFysz7/V7Xch3ehGv6vUrKCDzBteP4kUzcpWbW+72VMZ5jpXb4uRUMzQi0g==";
const STATUS_ED25519: &str = "MCowBQYDK2VwAyEA3L0d9M2B2fqHyK/FjR+M2QU2lcMIEGosj9gH/Q4MCc0=";
const RSA: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvess5Wn4QxMLlhM+4GlSH+Uuk11o5mvYPhvIJRzpIRrTpghiA8L9pP8eMJ+Cgrun90XIDiquQvCiNYtO3KOmAjDLxTvylm+IWvo/FrW1t70yTcB6es9au/ztoBwEJ9MQLpUxeDMngCA5YxcJTpvZKuwJ4cI3+JMUUEuHsQ/tE5G9+muipIRcOvS1ICVfh6xlpHGl67ZUGSAbeyVnqQZyLnkCh1XI8mo6U8N2kRD4YhPIArhDX2dPKAXx5V0ZYmfFjY04HEek/j3P9QWuDw89/nz363g8KOc59L3iT2gzfPG+R0R03mHW8sL9KKeqd3lF+U5aXvd85KqUnDxwhr9dgwIDAQAB";

impl TestApp {
    /// The same service, on the same table, in a process of its own whose keys are in KMS, named as in `template.yaml`; nothing
    /// of them is known yet.
    pub async fn with_keys_in_kms(&self, status_keys: bool) -> Self {
        let mut client = self.asked.kms(&client().await);
        if let Some(Wired {
            http,
            timeouts,
            retries,
        }) = self.wired.clone()
        {
            let config = client.config().to_builder().http_client(http);
            client = aws_sdk_kms::Client::from_conf(config.timeout_config(timeouts).retry_config(retries).build());
        }
        let signers = |keys: [&str; 2]| -> Vec<Arc<dyn Signer>> {
            let signer = |key: &str| Arc::new(KmsSigner::new(client.clone(), key)) as Arc<dyn Signer>;
            keys.map(signer).into()
        };
        let profile = Map::from_iter([("name".to_owned(), json!("Example University"))]);
        let signing = signers(["SigningKey", "EddsaSigningKey"]);
        let mut issuers = Issuers::new(Some(INSTITUTION.to_owned()), profile, signing)
            .with_rsa_signer(Some(Arc::new(KmsRsaSigner::new(client.clone(), "RsaSigningKey"))))
            .with_history(self.app.table.clone(), self.app.clock.clone());
        if status_keys {
            issuers = issuers.with_status_signers(signers(["StatusSigningKey", "EddsaStatusSigningKey"]));
        }
        self.with_issuers(issuers)
    }
}

async fn client() -> aws_sdk_kms::Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    kms_client(
        aws_sdk_kms::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(endpoint),
    )
}

async fn answer(headers: HeaderMap, body: String) -> Json<Value> {
    let request: Value = serde_json::from_str(&body).unwrap();
    let key = request["KeyId"].as_str().unwrap();
    let der = vec![0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01];
    let (spec, public_key, signature) = match key {
        "SigningKey" => ("ECC_NIST_P256", P256, der),
        "StatusSigningKey" => ("ECC_NIST_P256", STATUS_P256, der),
        "EddsaSigningKey" => ("ECC_NIST_EDWARDS25519", ED25519, vec![1; 64]),
        "EddsaStatusSigningKey" => ("ECC_NIST_EDWARDS25519", STATUS_ED25519, vec![1; 64]),
        "RsaSigningKey" => ("RSA_2048", RSA, vec![1; 256]),
        other => panic!("no key {other}"),
    };
    Json(match headers["x-amz-target"].to_str().unwrap() {
        "TrentService.GetPublicKey" => json!({"KeyId": key, "KeySpec": spec, "PublicKey": public_key}),
        "TrentService.Sign" => json!({"KeyId": key, "Signature": STANDARD.encode(signature)}),
        other => panic!("{other} is not emulated"),
    })
}
