//! Is a document signed by whom it should be, unaltered since?

use data_integrity::{Proof, ProofError, ProofPurpose, UnsecuredDocument, proofs_of};
use jiff::Timestamp;
use learner_record::{has_proof, has_type, issuer_id, items};
use serde_json::Value;

use super::{
    Check, CheckName, CheckOutcome, Policy,
    checks::Judge,
    jwt::Jwt,
    key_documents::{NoKey, split},
    presentation::holder,
    subject::{Role, Securing, Subject},
};

/// Each proof is a signature check: nobody needs this many.
const MOST_PROOFS: usize = 16;

/// What a proof turned out to be.
struct Judged {
    outcome: CheckOutcome,
    reason: String,
    retry: bool,
}

impl Judge {
    /// Safe JSON-LD, and the signature.
    pub(super) fn check_json_ld_and_proofs(&self, subject: &Subject) -> Vec<Check> {
        match &subject.securing {
            Securing::Embedded => self.check_embedded(subject),
            Securing::Jwt(jwt) => self.check_jwt(subject, jwt),
        }
    }

    fn check_embedded(&self, subject: &Subject) -> Vec<Check> {
        let document = UnsecuredDocument::new(subject.credential(), self.contexts);
        let mut checks = check_json_ld(subject, &document);
        if checks.iter().any(|check| check.outcome == CheckOutcome::Failed) {
            return checks;
        }
        let proofs = proofs_of(subject.credential());
        if proofs.is_empty() && self.is_secured_around(subject) {
            let reason = "needs no signature of its own";
            checks.push(subject.check(CheckName::Proof, "", CheckOutcome::Passed, reason));
            return checks;
        }
        if proofs.is_empty() || proofs.len() > MOST_PROOFS {
            let reason = match (proofs.len(), subject.role) {
                (0, Role::Outer | Role::Presentation { .. } | Role::Presented) => "is not signed".to_owned(),
                (0, Role::Nested) => {
                    "is not signed: the signature of the record around it does not protect it".to_owned()
                }
                (0, Role::Endorsement) => "is an endorsement without a signature".to_owned(),
                (count, _) => format!("has {count} proofs, more than the {MOST_PROOFS} that are looked at"),
            };
            checks.push(subject.check(CheckName::Proof, "", CheckOutcome::Failed, reason));
            return checks;
        }
        let mut judged: Vec<_> = proofs
            .iter()
            .map(|proof| self.check_proof(&document, proof, subject))
            .collect();
        follow_chains(&proofs, &mut judged);
        one_good_proof_suffices(&mut judged, self.policy);
        for ((member, proof), judged) in items("/proof".to_owned(), subject.credential().get("proof"))
            .into_iter()
            .zip(judged)
        {
            checks.extend(self.check_meaning(subject, &member, proof));
            checks.push(Check {
                retry: judged.retry,
                ..subject.check(CheckName::Proof, &member, judged.outcome, judged.reason)
            });
        }
        checks
    }

    /// A proof of a kind that is not known here is part of the document all the same: what it says must have a meaning.
    fn check_meaning(&self, subject: &Subject, member: &str, proof: &Value) -> Vec<Check> {
        let is_known = !matches!(Proof::read(proof), Err(error) if error.is_unsupported());
        let (Value::Object(members), false) = (proof, is_known) else {
            return Vec::new();
        };
        let mut alone = members.clone();
        if let Some(context) = subject.credential().get("@context") {
            alone.insert("@context".to_owned(), context.clone());
        }
        let alone = Value::Object(alone);
        let checks = check_json_ld(subject, &UnsecuredDocument::new(&alone, self.contexts)).into_iter();
        let faults = checks
            .filter(|check| check.outcome == CheckOutcome::Failed)
            .map(|check| Check {
                pointer: check
                    .pointer
                    .replacen(&subject.pointer, &format!("{}{member}", subject.pointer), 1),
                ..check
            });
        faults.collect()
    }

    /// Whether it needs no signature of its own: an unsigned presentation that may be, and what the holder says of themselves.
    fn is_secured_around(&self, subject: &Subject) -> bool {
        match subject.role {
            Role::Presentation { signed } => !signed,
            Role::Presented => {
                let around = subject.document();
                has_type(around, "VerifiablePresentation")
                    && has_proof(around)
                    && issuer_id(subject.credential()).is_some_and(|issuer| holder(around) == Some(issuer))
            }
            Role::Outer | Role::Nested | Role::Endorsement => false,
        }
    }

    fn check_proof(&self, document: &UnsecuredDocument<'_>, proof: &Value, subject: &Subject) -> Judged {
        let is_presentation = matches!(subject.role, Role::Presentation { .. });
        let purpose = match proof.get("proofPurpose").and_then(Value::as_str) {
            Some("authentication") if is_presentation => ProofPurpose::Authentication,
            _ => ProofPurpose::AssertionMethod,
        };
        let proof = match Proof::read_for(proof, purpose) {
            Ok(proof) => proof,
            Err(error) if error.is_unsupported() => return Judged::unseen(error.to_string(), false),
            Err(error) => return Judged::failed(error.to_string()),
        };
        let method = proof.verification_method();
        let signer = if is_presentation {
            // Where no holder is named, whoever signed is one.
            Some(holder(subject.credential()).unwrap_or(split(method).0))
        } else {
            issuer_id(subject.credential())
        };
        let key = match self.gathered.key(method, signer, purpose.name(), self.policy) {
            Ok(key) => key,
            Err(no_key) => return no_key.into(),
        };
        match document.verify(&proof, &key) {
            Err(ProofError::Signature) => Judged::failed(ALTERED.to_owned()),
            Err(error) => Judged::failed(error.to_string()),
            Ok(()) => match proof.expires().map(|expires| (expires, expires.parse::<Timestamp>())) {
                Some((_, Ok(expires))) if expires > self.now => Judged::passed(signed_by(&proof)),
                Some((expires, _)) => Judged::failed(format!("the proof expired on {expires}")),
                None => Judged::passed(signed_by(&proof)),
            },
        }
    }

    fn check_jwt(&self, subject: &Subject, jwt: &Jwt) -> Vec<Check> {
        let is_presentation = matches!(subject.role, Role::Presentation { .. });
        let (signer, purpose) = if is_presentation {
            let by_its_key = jwt.key_id.as_deref().map(|method| split(method).0);
            let signer = holder(subject.credential()).or(by_its_key);
            (signer, ProofPurpose::Authentication)
        } else {
            (issuer_id(subject.credential()), ProofPurpose::AssertionMethod)
        };
        let document = UnsecuredDocument::new(subject.credential(), self.contexts);
        let mut checks = check_json_ld(subject, &document);
        let judged = match self.gathered.key_of_jwt(jwt, signer, purpose.name(), self.policy) {
            Err(no_key) => no_key.into(),
            Ok(key) => match jwt.verify(&key) {
                Ok(()) => {
                    let key = jwt.key_id.as_deref().unwrap_or("in its header");
                    Judged::passed(format!("signed as a JWT with the key {key}"))
                }
                Err(data_integrity::JwsError::Signature) => Judged::failed(ALTERED.to_owned()),
                Err(error) => Judged::failed(error.to_string()),
            },
        };
        checks.push(Check {
            retry: judged.retry,
            ..subject.check(CheckName::Proof, "", judged.outcome, judged.reason)
        });
        if is_presentation {
            checks.extend(jwt.check_presentation_claims(subject, self.now));
        } else if self.policy != Policy::ProofOnly {
            checks.extend(jwt.check_claims(subject, self.now, self.policy));
        }
        checks
    }
}

const ALTERED: &str =
    "the signature does not match: the credential was altered after it was signed, or signed by another key";

fn check_json_ld(subject: &Subject, document: &UnsecuredDocument<'_>) -> Vec<Check> {
    match document.check() {
        Ok(()) => {
            let reason = "every claim has a defined meaning";
            vec![subject.check(CheckName::JsonLd, "", CheckOutcome::Passed, reason)]
        }
        Err(error) => error
            .0
            .into_iter()
            .map(|located| {
                let reason = located.fault.to_string();
                subject.check(CheckName::JsonLd, &located.pointer, CheckOutcome::Failed, reason)
            })
            .collect(),
    }
}

/// A proof that signs others of the document is as good as the worst of them.
fn follow_chains(proofs: &[&Value], judged: &mut [Judged]) {
    // Each round carries an outcome one proof further; a circle of proofs changes nothing once all are as bad.
    for _ in 0..proofs.len() {
        for (index, proof) in proofs.iter().enumerate() {
            for (_, previous) in items(String::new(), proof.get("previousProof")) {
                let named = proofs.iter().position(|proof| proof.get("id") == Some(previous));
                // That it is not there was found when the proof itself was checked.
                let Some(worse) = named.map(|named| judged[named].outcome) else {
                    continue;
                };
                if worse < judged[index].outcome {
                    judged[index] = Judged {
                        outcome: worse,
                        reason: format!("signs the proof {previous}, which is not good"),
                        retry: named.is_some_and(|named| judged[named].retry),
                    };
                }
            }
        }
    }
}

/// One good proof suffices: then the others weigh nothing. Without one, a proof that might be good keeps the bad ones from
/// deciding.
///
/// Where proofs are all that is looked at, W3C's own rule holds: each proof of a known suite must be good.
fn one_good_proof_suffices(judged: &mut [Judged], policy: Policy) {
    let any = |wanted| judged.iter().any(|proof| proof.outcome == wanted);
    let without_weight: &[CheckOutcome] = if policy == Policy::ProofOnly && any(CheckOutcome::Passed) {
        &[CheckOutcome::CouldNotCheck]
    } else if any(CheckOutcome::Passed) {
        &[CheckOutcome::Failed, CheckOutcome::CouldNotCheck]
    } else if any(CheckOutcome::CouldNotCheck) {
        &[CheckOutcome::Failed]
    } else {
        &[]
    };
    for proof in judged {
        if without_weight.contains(&proof.outcome) {
            proof.outcome = CheckOutcome::Warning;
        }
    }
}

fn signed_by(proof: &Proof) -> String {
    let when = proof
        .created()
        .map(|created| format!(", by its own account on {created}"))
        .unwrap_or_default();
    format!(
        "signed with the key {} ({}){when}",
        proof.verification_method(),
        proof.cryptosuite().name()
    )
}

impl Judged {
    fn passed(reason: String) -> Self {
        Self {
            outcome: CheckOutcome::Passed,
            reason,
            retry: false,
        }
    }

    fn failed(reason: String) -> Self {
        Self {
            outcome: CheckOutcome::Failed,
            ..Self::passed(reason)
        }
    }

    fn unseen(reason: String, retry: bool) -> Self {
        Self {
            outcome: CheckOutcome::CouldNotCheck,
            reason,
            retry,
        }
    }
}

impl From<NoKey> for Judged {
    fn from(no_key: NoKey) -> Self {
        match no_key {
            NoKey::Refused(reason) => Self::failed(reason),
            NoKey::OutOfReach { reason, retry } => Self::unseen(reason, retry),
        }
    }
}
