//! The verdict on whole records, signed here with keys made from a seed.

mod elsewhere;
mod endorsements;
mod jwts;
mod presentations;
mod proofs;
mod rules;
mod samples;
mod statuses;
mod tree;
#[path = "../../../../../tests/vectors.rs"]
mod vectors;

use canonical_rdf::{HashAlgorithm, canonicalize};
use data_integrity::{JwsKey, ProofOptions, UnsecuredDocument, UnsignedJws, attach};
use serde_json::{Map, json};

use super::*;
use crate::{
    Randomness,
    issuers::{Issuer, IssuerKey},
    signer::{Signer, SoftwareKeys},
};

const NOW: &str = "2026-06-01T00:00:00Z";
const DID_WEB: &str = "did:web:college.example";

/// An institution with its own keys.
struct College {
    issuers: Issuers,
}

impl College {
    /// `id` none: a did:key.
    fn new(seed: u64, id: Option<&str>) -> Self {
        let keys = SoftwareKeys::generate(&Randomness::seeded(seed));
        let profile = Map::from_iter([("name".to_owned(), json!("Test College"))]);
        let signers: Vec<Arc<dyn Signer>> = vec![Arc::new(keys.ed25519), Arc::new(keys.p256)];
        Self {
            issuers: Issuers::new(id.map(str::to_owned), profile, signers),
        }
    }

    async fn issuer(&self) -> &Issuer {
        &self.issuers.all().await.unwrap()[0]
    }

    /// With a proof by each of its keys.
    async fn sign(&self, mut credential: Value) -> Value {
        for key in &self.issuer().await.keys {
            let options = ProofOptions {
                verification_method: key.verification_method.clone(),
                created: "2026-01-31T12:00:00Z".to_owned(),
            };
            let document = UnsecuredDocument::new(&credential, Contexts::standard());
            let hash_data = document.hash_data(&key.public_key, &options).unwrap();
            let signature = key.signer.sign(hash_data.bytes()).await.unwrap();
            let proof = hash_data.into_proof(&signature.bytes);
            attach(&mut credential, proof);
        }
        credential
    }

    async fn course(&self, name: &str, grade: &str) -> Value {
        self.sign(self.unsigned_course(name, grade).await).await
    }

    async fn unsigned_course(&self, name: &str, grade: &str) -> Value {
        json!({
            "@context": [
                "https://www.w3.org/ns/credentials/v2",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            ],
            "id": format!("urn:example:credential:{name}"),
            "type": ["VerifiableCredential", "AchievementCredential"],
            "name": name,
            "issuer": self.issuer().await.profile,
            "validFrom": "2026-01-31T12:00:00Z",
            "credentialSubject": {
                "id": "did:example:learner",
                "type": ["AchievementSubject"],
                "creditsEarned": 3.5,
                "achievement": {
                    "id": format!("urn:example:achievement:{name}"),
                    "type": ["Achievement"],
                    "name": name,
                    "description": format!("The course {name}."),
                    "criteria": {"narrative": "Passed the examination."},
                },
                "result": [{"type": ["Result"], "value": grade}],
            },
        })
    }

    /// The signed record around these credentials.
    async fn record(&self, nested: Vec<Value>) -> Value {
        self.sign(self.unsigned_record(nested).await).await
    }

    async fn unsigned_record(&self, nested: Vec<Value>) -> Value {
        json!({
            "@context": [
                "https://www.w3.org/ns/credentials/v2",
                "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
            ],
            "id": "urn:example:record",
            "type": ["VerifiableCredential", "ClrCredential"],
            "name": "Transcript",
            "issuer": self.issuer().await.profile,
            "validFrom": "2026-01-31T12:00:00Z",
            "credentialSubject": {
                "id": "did:example:learner",
                "type": ["ClrSubject"],
                "verifiableCredential": nested,
            },
        })
    }

    async fn two_courses(&self) -> Value {
        self.record(vec![
            self.course("algebra", "A").await,
            self.course("botany", "C").await,
        ])
        .await
    }

    async fn verdict(&self, document: Value, policy: Policy) -> Verdict {
        self.verdict_with(document, policy, &[]).await
    }

    /// The verdict where these documents are to be had elsewhere.
    async fn verdict_with(&self, document: Value, policy: Policy, elsewhere: &[(&str, Value)]) -> Verdict {
        let fetcher = fetcher(elsewhere);
        self.verifier(policy, &fetcher).verify(Arc::new(document)).await
    }

    fn verifier<'a>(&'a self, policy: Policy, fetcher: &'a Fetcher) -> Verifier<'a> {
        Verifier {
            policy,
            issuers: &self.issuers,
            own_lists: None,
            fetcher,
            contexts: Contexts::standard(),
            now: NOW.parse().unwrap(),
            recipient: Arc::new([]),
        }
    }

    /// As a compact JWS by the P-256 key, which `kid` names.
    async fn sign_jwt(&self, credential: &Value) -> String {
        let key = self.p256().await;
        let payload = learner_record::vc_jwt_payload(credential);
        jws(&payload, key, Some(&key.verification_method)).await
    }

    async fn did_document(&self) -> Value {
        let issuer = self.issuer().await;
        issuer.did_document(&self.issuers.listed_keys(issuer).await.unwrap())
    }

    async fn p256(&self) -> &IssuerKey {
        self.issuer().await.keys.last().unwrap()
    }
}

#[track_caller]
fn assert_outcome(verdict: &Verdict, expected: Outcome) {
    assert_eq!(
        verdict.outcome(),
        expected,
        "{}",
        serde_json::to_string_pretty(verdict).unwrap()
    );
}

/// The one obstacle between a verdict and `valid`.
#[track_caller]
fn only_obstacle(verdict: &Verdict) -> &Check {
    let obstacles: Vec<_> = verdict.obstacles().collect();
    assert_eq!(obstacles.len(), 1, "{}", serde_json::to_string_pretty(verdict).unwrap());
    obstacles[0]
}

/// Knows these documents, and reaches nobody.
fn fetcher(elsewhere: &[(&str, Value)]) -> Fetcher {
    let fetcher = Fetcher::offline([]);
    for (url, document) in elsewhere {
        let text = document.as_str().map_or_else(|| document.to_string(), str::to_owned);
        fetcher.remember(url, &text);
    }
    fetcher
}

async fn jws(payload: &Map<String, Value>, key: &IssuerKey, key_id: Option<&str>) -> String {
    let unsigned = UnsignedJws::new(payload, &JwsKey::Curve(key.public_key.clone()), key_id);
    let signature = key.signer.sign(unsigned.signing_input()).await.unwrap();
    unsigned.into_compact(&signature.bytes)
}

/// With one proof that has further members, hashed and signed by hand with a P-256 key.
async fn prove(document: &Value, key: &IssuerKey, members: Value) -> Value {
    let mut configuration = json!({
        "@context": document["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-rdfc-2019",
        "verificationMethod": key.verification_method,
        "proofPurpose": "assertionMethod",
    });
    for (name, value) in members.as_object().unwrap() {
        configuration[name] = value.clone();
    }
    let hash = |document: &Value| {
        use sha2::Digest as _;
        sha2::Sha256::digest(canonicalize(document, Contexts::standard(), HashAlgorithm::Sha256).unwrap())
    };
    let hash_data = [hash(&configuration), hash(document)].concat();
    let signature = key.signer.sign(&hash_data).await.unwrap().bytes;
    configuration["proofValue"] = json!(format!("z{}", bs58::encode(signature).into_string()));
    configuration.as_object_mut().unwrap().shift_remove("@context");
    let mut proven = document.clone();
    proven["proof"] = configuration;
    proven
}

/// The checks of a kind: pointer, outcome, reason.
fn checks_of(verdict: &Verdict, name: CheckName) -> Vec<(&str, CheckOutcome, &str)> {
    let checks = verdict.checks.iter().filter(|check| check.name == name);
    checks
        .map(|check| (check.pointer.as_str(), check.outcome, check.reason.as_str()))
        .collect()
}
