//! The exchange of every suite: issue, verify, and what must be refused.

use std::sync::Arc;

use canonical_rdf::{Contexts, Document, HashAlgorithm, hash};
use clr_core::{
    Randomness,
    issuing::{IssueOptions, Issuing},
    signer::{Signer, SoftwareKeys, SoftwareSigner},
};
use data_integrity::{JwsKey, UnsignedJws};
use http::StatusCode;
use serde_json::{Map, Value, json};
use tests::{Answer, TestApp};

/// A service as the suites meet it.
pub(crate) struct Suites {
    pub(crate) app: TestApp,
    /// The issuer's DID, which a suite's configuration names.
    pub(crate) issuer: String,
}

impl Suites {
    /// Issues with a P-256 key.
    pub(crate) async fn p256() -> Self {
        Self::start(SoftwareKeys::generate(&Randomness::seeded(7)).p256).await
    }

    /// Issues with an Ed25519 key.
    pub(crate) async fn ed25519() -> Self {
        Self::start(SoftwareKeys::generate(&Randomness::seeded(7)).ed25519).await
    }

    async fn start(signer: SoftwareSigner) -> Self {
        let app = TestApp::for_w3c_suites(Arc::new(signer)).await;
        let issuer = app.app.issuers.all().await.unwrap()[0].id.clone();
        Self { app, issuer }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.app.post_json(path, body).await
    }

    /// The credential as this issuer signs it. As the suites do, a credential without issuer gets this one.
    pub(crate) async fn issued(&self, credential: &Value) -> Value {
        let answer = self.issue(credential).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{credential}\n{}", answer.text());
        answer.json()["verifiableCredential"].clone()
    }

    /// The credential as the issuer would sign it that knows nothing of its own status lists.
    pub(crate) async fn signed_unseen(&self, credential: Value) -> Value {
        let issuing = Issuing {
            issuers: &self.app.app.issuers,
            contexts: self.app.app.contexts,
            clock: &*self.app.app.clock,
            randomness: &self.app.app.randomness,
            lists: None,
            gives_status: false,
        };
        let issued = issuing.issue(credential, &IssueOptions::default()).await;
        issued.unwrap().credential
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

    /// `POST /credentials/issue`.
    pub(crate) async fn issue(&self, credential: &Value) -> Answer {
        let mut credential = credential.clone();
        match credential.get("issuer") {
            None => credential["issuer"] = json!(self.issuer),
            Some(Value::Object(issuer)) if !issuer.contains_key("id") => {
                credential["issuer"]["id"] = json!(self.issuer);
            }
            Some(_) => {}
        }
        let body = json!({"credential": credential, "options": {}});
        self.post("/credentials/issue", &body).await
    }

    /// `POST /credentials/verify`.
    pub(crate) async fn verify(&self, credential: &Value, mut options: Value) -> Answer {
        options["checks"] = json!(["proof"]);
        options["policy"] = json!("proof-only");
        let body = json!({"verifiableCredential": credential, "options": options});
        self.post("/credentials/verify", &body).await
    }

    pub(crate) async fn verifies(&self, credential: &Value) {
        let answer = self.verify(credential, json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{credential}\n{}", answer.text());
    }

    pub(crate) async fn does_not_verify(&self, credential: &Value) {
        let answer = self.verify(credential, json!({})).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{credential}\n{}",
            answer.text()
        );
    }

    /// `POST /presentations/verify`.
    pub(crate) async fn verify_presentation(&self, presentation: &Value) -> Answer {
        let body = json!({"verifiablePresentation": presentation, "options": {"checks": []}});
        self.post("/presentations/verify", &body).await
    }

    pub(crate) async fn presents(&self, presentation: &Value) {
        let answer = self.verify_presentation(presentation).await;
        assert_eq!(answer.status, StatusCode::OK, "{presentation}\n{}", answer.text());
    }

    pub(crate) async fn does_not_present(&self, presentation: &Value) {
        let answer = self.verify_presentation(presentation).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{presentation}\n{}",
            answer.text()
        );
    }

    /// A body that is no request at all.
    pub(crate) async fn verify_body(&self, body: &Value) -> StatusCode {
        self.post("/credentials/verify", body).await.status
    }
}

/// A credential that the data model allows, without issuer.
pub(crate) fn credential() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:example:subject"},
    })
}

/// The same in VC 1.1.
pub(crate) fn credential_1_1() -> Value {
    json!({
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            {"name": "https://schema.org/name"},
        ],
        "type": ["VerifiableCredential"],
        "id": "urn:uuid:36245ee9-9074-4b05-a777-febff2e69757",
        "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "urn:uuid:1a0e4ef5-091f-4060-842e-18e519ab9440", "name": "Alice"},
    })
}

/// A suite's own key, with which it makes good and bad documents.
pub(crate) struct Signatory {
    signer: SoftwareSigner,
    pub(crate) cryptosuite: &'static str,
    pub(crate) did: String,
    pub(crate) verification_method: String,
}

impl Signatory {
    pub(crate) async fn p256() -> Self {
        Self::new(SoftwareKeys::generate(&Randomness::seeded(11)).p256, "ecdsa-rdfc-2019").await
    }

    pub(crate) async fn ed25519() -> Self {
        Self::new(
            SoftwareKeys::generate(&Randomness::seeded(11)).ed25519,
            "eddsa-rdfc-2022",
        )
        .await
    }

    async fn new(signer: SoftwareSigner, cryptosuite: &'static str) -> Self {
        let key = signer.public_key().await.unwrap();
        Self {
            signer,
            cryptosuite,
            did: key.to_did_key(),
            verification_method: format!("{}#{}", key.to_did_key(), key.to_multikey()),
        }
    }

    /// A good credential of this key's controller, without proof.
    pub(crate) fn unsigned(&self) -> Value {
        let mut credential = credential();
        credential["issuer"] = json!(self.did);
        credential
    }

    /// The members of a good proof, before its value.
    pub(crate) fn options(&self) -> Value {
        json!({
            "type": "DataIntegrityProof",
            "cryptosuite": self.cryptosuite,
            "created": "2026-01-15T09:00:00Z",
            "verificationMethod": self.verification_method,
            "proofPurpose": "assertionMethod",
        })
    }

    /// A compact JWS of this payload.
    pub(crate) async fn jws(&self, payload: &Map<String, Value>) -> String {
        let key = JwsKey::Curve(self.signer.public_key().await.unwrap());
        let unsigned = UnsignedJws::new(payload, &key, Some(&self.verification_method));
        let signature = self.signer.sign(unsigned.signing_input()).await.unwrap();
        unsigned.into_compact(&signature.bytes)
    }

    /// A credential with a good proof.
    pub(crate) async fn credential(&self) -> Value {
        self.sign(&self.unsigned(), &self.options()).await
    }

    /// A document with a proof of these members, whatever they are: the signature is good.
    pub(crate) async fn sign(&self, document: &Value, options: &Value) -> Value {
        self.sign_digests(document, options, digest).await
    }

    /// The same with another way from the document to its hash.
    pub(crate) async fn sign_digests(
        &self,
        document: &Value,
        options: &Value,
        document_digest: impl FnOnce(&Value) -> Vec<u8>,
    ) -> Value {
        let mut configuration = options.clone();
        configuration["@context"] = document["@context"].clone();
        let bytes = [digest(&configuration), document_digest(document)].concat();
        let signature = self.signer.sign(&bytes).await.unwrap();
        let mut signed = document.clone();
        signed["proof"] = options.clone();
        signed["proof"]["proofValue"] = json!(format!("z{}", bs58(&signature.bytes)));
        signed
    }

    /// A document with a further proof, which signs those before that it names in `previousProof`.
    pub(crate) async fn sign_too(&self, document: &Value, options: &Value) -> Value {
        let before: Vec<Value> = match &document["proof"] {
            Value::Array(proofs) => proofs.clone(),
            proof => vec![proof.clone()],
        };
        let named = |proof: &&Value| match &options["previousProof"] {
            Value::Array(ids) => ids.contains(&proof["id"]),
            id => !id.is_null() && *id == proof["id"],
        };
        let mut input = document.clone();
        let previous: Vec<Value> = before.iter().filter(named).cloned().collect();
        input.as_object_mut().unwrap().remove("proof");
        if !previous.is_empty() {
            input["proof"] = previous.into();
        }
        let signed = self.sign(&input, options).await;
        let mut all = before;
        all.push(signed["proof"].clone());
        let mut document = document.clone();
        document["proof"] = all.into();
        document
    }
}

fn digest(document: &Value) -> Vec<u8> {
    let document = Document::try_from(document).unwrap();
    hash(&document, Contexts::with_w3c_examples(), HashAlgorithm::Sha256)
        .unwrap()
        .as_bytes()
        .to_vec()
}

/// Base 58 of what does not begin with a zero byte, the plain way.
fn bs58(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut digits: Vec<u8> = Vec::new();
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let text = digits
        .iter()
        .rev()
        .map(|digit| char::from(ALPHABET[usize::from(*digit)]));
    "1".repeat(zeros).chars().chain(text).collect()
}

/// A copy with one place changed; `pointer` names it, `null` takes it away.
pub(crate) fn changed(document: &Value, pointer: &str, value: Value) -> Value {
    let mut copy = document.clone();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = copy
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("no {parent} in {document}"));
    match (value, parent) {
        (Value::Null, parent) => drop(parent.as_object_mut().unwrap().remove(member)),
        (value, Value::Array(items)) => items[member.parse::<usize>().unwrap()] = value,
        (value, parent) => parent[member] = value,
    }
    copy
}
