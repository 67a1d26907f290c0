//! What is submitted: records for the recipient of 1EdTech's certification, signed with this folder's keys.

use canonical_rdf::Contexts;
use clr_core::{
    Clock as _, Randomness, SystemClock,
    issuers::Issuers,
    issuing::{Form, IssueOptions, Issuing},
};
use data_integrity::{Algorithm, Cryptosuite};
use jiff::Timestamp;
use learner_record::Document;
use serde_json::{Value, json};

use crate::{failure::Failure, service};

/// How a record is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Securing {
    /// What 1EdTech certifies: `eddsa-rdfc-2022`, first in the proof set where the issuer has more keys.
    Eddsa,
    /// `ecdsa-rdfc-2019` by a P-256 key: this product's usual signature, on no list of 1EdTech's.
    Ecdsa,
    /// A VC-JWT, ES256.
    Jwt,
}

/// A signed credential as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Submission {
    pub(crate) id: String,
    pub(crate) valid_from: String,
    pub(crate) media_type: &'static str,
    /// The body, to the byte.
    pub(crate) text: String,
}

/// This folder's issuer.
#[derive(Debug)]
pub(crate) struct Issuer {
    issuers: Issuers,
    randomness: Randomness,
}

const RECIPIENT: &str = "conformance@imsglobal.org";
const JWT_ENVELOPE: &str = "data:application/vc+jwt,";

impl Issuer {
    /// With the keys of `clr issue`; made at first use.
    pub(crate) fn of_this_folder() -> Result<Self, Failure> {
        Ok(Self {
            issuers: service::issuers(service::keys_of_this_folder()?),
            randomness: Randomness::operating_system(),
        })
    }

    /// An id that no host has met.
    pub(crate) fn new_id(&self) -> String {
        format!("urn:uuid:{}", self.randomness.uuid())
    }

    /// A signed record, issued so many hours ago.
    pub(crate) async fn issue(&self, securing: Securing, id: &str, hours_ago: i64) -> Result<Submission, Failure> {
        let suite = match securing {
            Securing::Eddsa => Cryptosuite::EddsaRdfc2022,
            Securing::Ecdsa | Securing::Jwt => Cryptosuite::EcdsaRdfc2019,
        };
        let issuers = self.issuers.all().await?;
        let signs = |issuer: &&clr_core::issuers::Issuer| {
            issuer
                .keys
                .iter()
                .any(|key| Cryptosuite::of(key.public_key.key_type()) == suite)
        };
        let issuer = issuers
            .iter()
            .find(signs)
            .ok_or_else(|| Failure::new(format!("there is no key for {}", suite.name())))?;
        let seconds = SystemClock.now().as_second() - hours_ago * 3_600;
        let valid_from = Timestamp::from_second(seconds)?.to_string();
        let options = IssueOptions {
            form: match securing {
                Securing::Eddsa => Form::DataIntegrity(None),
                Securing::Ecdsa => Form::DataIntegrity(Some(suite)),
                Securing::Jwt => Form::Jwt(Algorithm::Es256),
            },
            ..IssueOptions::default()
        };
        let issuing = Issuing {
            issuers: &self.issuers,
            contexts: Contexts::standard(),
            clock: &SystemClock,
            randomness: &self.randomness,
            lists: None,
            gives_status: false,
        };
        let issued = issuing
            .issue(record(id, &valid_from, &issuer.profile), &options)
            .await?;
        let jws = issued.credential["id"]
            .as_str()
            .and_then(|id| id.strip_prefix(JWT_ENVELOPE));
        let (media_type, text) = match jws {
            Some(jws) => ("text/plain", jws.to_owned()),
            None => ("application/json", issued.credential.to_string()),
        };
        Ok(Submission {
            id: id.to_owned(),
            valid_from,
            media_type,
            text,
        })
    }
}

impl Submission {
    /// A signed credential that the operator has in a file.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let document = Document::read(bytes).map_err(|error| error.to_string())?;
        let (credential, media_type, text) = match document {
            Document::Json(credential) => {
                // What stands in a file goes out as it stands; what stands in a picture as it was taken out.
                let text = String::from_utf8(bytes.to_vec())
                    .ok()
                    .filter(|text| text.trim_start().starts_with('{'));
                let text = text.unwrap_or_else(|| credential.to_string());
                (credential, "application/json", text)
            }
            Document::Jwt(jws) => {
                let credential = clr_core::verification::credential_in_jws(&jws).map_err(|error| error.to_string())?;
                ((*credential).clone(), "text/plain", jws)
            }
        };
        let member = |name: &str| credential[name].as_str().map(str::to_owned);
        Ok(Self {
            id: member("id").ok_or("the credential has no id")?,
            valid_from: member("validFrom")
                .or_else(|| member("issuanceDate"))
                .unwrap_or_default(),
            media_type,
            text,
        })
    }

    /// The credential, or the compact JWS as a JSON string: what can be verified.
    pub(crate) fn document(&self) -> Value {
        match self.media_type {
            "text/plain" => self.text.clone().into(),
            _ => serde_json::from_str(&self.text).unwrap_or_default(),
        }
    }
}

fn record(id: &str, valid_from: &str, issuer: &Value) -> Value {
    let recipient = json!([{
        "type": "IdentityObject",
        "identityHash": RECIPIENT,
        "identityType": "emailAddress",
        "hashed": false,
    }]);
    json!({
        "id": id,
        "type": ["VerifiableCredential", "ClrCredential"],
        "issuer": issuer,
        "name": "Record for a test of conformance",
        "validFrom": valid_from,
        "credentialSubject": {
            "type": ["ClrSubject"],
            "identifier": recipient,
            "verifiableCredential": [{
                "type": ["VerifiableCredential", "AchievementCredential"],
                "name": "Reading specifications closely",
                "validFrom": valid_from,
                "credentialSubject": {
                    "type": ["AchievementSubject"],
                    "identifier": recipient,
                    "achievement": {
                        "id": "urn:uuid:9f8b2c64-50b1-4f0e-8a55-0c6f3f7d1e02",
                        "type": ["Achievement"],
                        "achievementType": "Course",
                        "creditsAvailable": 4.5,
                        "name": "Reading specifications closely",
                        "description": "Made for a test of conformance; it stands for no achievement. Größe, naïveté, 修了.",
                        "criteria": { "narrative": "None: it is for tests." },
                    },
                },
            }],
        },
    })
}
