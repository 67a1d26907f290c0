//! The exchange of every suite: issue, verify, and what must be refused.

use canonical_rdf::Contexts;
use clr_core::{
    Randomness,
    signer::{Signer, SoftwareKeys, SoftwareSigner},
};
use data_integrity::{ProofOptions, UnsecuredDocument};
use http::StatusCode;
use serde_json::{Value, json};
use tests::{Answer, TestApp};

/// A service as the suites meet it.
pub(crate) struct Suites {
    pub(crate) app: TestApp,
    /// The issuer's DID, which a suite's configuration names.
    pub(crate) issuer: String,
}

impl Suites {
    pub(crate) async fn start() -> Self {
        let app = TestApp::for_w3c_suites().await;
        let issuer = app.app.issuers.all().await.unwrap()[0].id.clone();
        Self { app, issuer }
    }

    /// `POST /credentials/issue`.
    pub(crate) async fn issue(&self, credential: &Value) -> Answer {
        let body = json!({"credential": credential, "options": {}});
        self.app.post_json("/credentials/issue", &body).await
    }

    /// The credential as this issuer signs it.
    pub(crate) async fn issued(&self, credential: &Value) -> Value {
        let answer = self.issue(credential).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.json()["verifiableCredential"].clone()
    }

    /// Issuing is refused as the caller's fault.
    pub(crate) async fn is_not_issued(&self, credential: &Value) {
        let answer = self.issue(credential).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{credential}\n{}",
            answer.text()
        );
    }

    /// `POST /credentials/verify`.
    pub(crate) async fn verify_with(&self, credential: &Value, mut options: Value) -> Answer {
        options["checks"] = json!(["proof"]);
        let body = json!({"verifiableCredential": credential, "options": options});
        self.app.post_json("/credentials/verify", &body).await
    }

    pub(crate) async fn verifies(&self, credential: &Value) {
        let answer = self.verify_with(credential, json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{credential}\n{}", answer.text());
    }

    pub(crate) async fn does_not_verify(&self, credential: &Value) {
        let answer = self.verify_with(credential, json!({})).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{credential}\n{}",
            answer.text()
        );
    }

    /// A credential that the data model allows, by this issuer.
    pub(crate) fn credential(&self) -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
            "type": ["VerifiableCredential"],
            "issuer": self.issuer,
            "credentialSubject": {"id": "did:example:subject"},
        })
    }
}

/// A suite's own key, with which it makes good and bad credentials.
pub(crate) struct Signatory(SoftwareSigner);

impl Signatory {
    pub(crate) fn p256() -> Self {
        Self(SoftwareKeys::generate(&Randomness::seeded(11)).p256)
    }

    pub(crate) fn ed25519() -> Self {
        Self(SoftwareKeys::generate(&Randomness::seeded(11)).ed25519)
    }

    pub(crate) async fn did(&self) -> String {
        self.0.public_key().await.unwrap().to_did_key()
    }

    pub(crate) async fn verification_method(&self) -> String {
        let key = self.0.public_key().await.unwrap();
        format!("{}#{}", key.to_did_key(), key.to_multikey())
    }

    /// A credential with a good proof by this key, whose controller is its issuer.
    pub(crate) async fn credential(&self) -> Value {
        let mut credential = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "issuer": self.did().await,
            "credentialSubject": {"id": "did:example:subject"},
        });
        let key = self.0.public_key().await.unwrap();
        let options = ProofOptions {
            verification_method: self.verification_method().await,
            created: "2026-01-15T09:30:00Z".to_owned(),
        };
        let hash_data = UnsecuredDocument::new(&credential, Contexts::standard())
            .hash_data(&key, &options)
            .unwrap();
        let signature = self.0.sign(hash_data.bytes()).await.unwrap();
        credential["proof"] = hash_data.into_proof(&signature.bytes);
        credential
    }
}

/// A copy with one place changed; `pointer` names it, `null` takes it away.
pub(crate) fn changed(document: &Value, pointer: &str, value: Value) -> Value {
    let mut copy = document.clone();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = copy
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("no {parent} in {document}"));
    match value {
        Value::Null => drop(parent.as_object_mut().unwrap().remove(member)),
        value => parent[member] = value,
    }
    copy
}
