//! The checks of each credential in the tree. No I/O: key documents come in gathered.

use canonical_rdf::Contexts;
use data_integrity::{Proof, ProofError, UnsecuredDocument, proofs_of};
use jiff::Timestamp;
use learner_record::{Finding, issuer_id, nested_credentials, validate};
use serde_json::Value;

use super::{
    Check, CheckName, CheckOutcome, Policy, Verdict,
    key_documents::{KeyDocuments, NoKey},
};

/// A record in a record in a record is foreseen by nobody; each level is canonicalized again, so depth is work.
const DEEPEST: usize = 3;

/// Each proof is a signature check: nobody needs this many.
const MOST_PROOFS: usize = 16;

/// All that a verdict depends on beside the credential.
pub(super) struct Judge {
    pub(super) policy: Policy,
    pub(super) contexts: &'static Contexts,
    pub(super) now: Timestamp,
    pub(super) documents: KeyDocuments,
}

/// One credential of the tree.
struct Subject<'a> {
    credential: &'a Value,
    pointer: String,
    depth: usize,
}

impl Judge {
    pub(super) fn judge(&self, document: &Value) -> Verdict {
        let mut checks = Vec::new();
        if self.policy != Policy::ProofOnly {
            check_data_model(document, &mut checks);
        }
        self.judge_tree(
            &Subject {
                credential: document,
                pointer: String::new(),
                depth: 0,
            },
            &mut checks,
        );
        Verdict {
            policy: self.policy,
            checks,
        }
    }

    fn judge_tree(&self, subject: &Subject<'_>, checks: &mut Vec<Check>) {
        if !subject.credential.is_object() {
            let reason = "is no JSON object; only credentials with embedded proofs can be checked here";
            checks.push(subject.check(CheckName::JsonLd, "", CheckOutcome::Failed, reason));
            return;
        }
        if subject.depth > DEEPEST {
            let reason = format!("credentials nested more than {DEEPEST} levels deep are not looked at");
            checks.push(subject.check(CheckName::Proof, "", CheckOutcome::CouldNotCheck, reason));
            return;
        }
        self.check_json_ld_and_proofs(subject, checks);
        if self.policy != Policy::ProofOnly {
            self.check_validity(subject, checks);
            check_status(subject, checks);
        }
        for (pointer, credential) in nested_credentials(subject.credential) {
            let pointer = format!("{}{pointer}", subject.pointer);
            self.judge_tree(
                &Subject {
                    credential,
                    pointer,
                    depth: subject.depth + 1,
                },
                checks,
            );
        }
    }

    fn check_json_ld_and_proofs(&self, subject: &Subject<'_>, checks: &mut Vec<Check>) {
        let document = UnsecuredDocument::new(subject.credential, self.contexts);
        if let Err(error) = document.check() {
            for located in error.0 {
                let reason = located.fault.to_string();
                let check = subject.check(CheckName::JsonLd, &located.pointer, CheckOutcome::Failed, reason);
                // The credential around this one met the same fault, less precisely.
                checks
                    .retain(|met| (met.name, &met.pointer, &met.reason) != (check.name, &check.pointer, &check.reason));
                checks.push(check);
            }
            return;
        }
        let reason = "every claim has a defined meaning";
        checks.push(subject.check(CheckName::JsonLd, "", CheckOutcome::Passed, reason));

        let proofs = proofs_of(subject.credential);
        if proofs.is_empty() || proofs.len() > MOST_PROOFS {
            let reason = match proofs.len() {
                0 if subject.depth == 0 => "is not signed".to_owned(),
                0 => "is not signed: the signature of the record around it does not protect it".to_owned(),
                count => format!("has {count} proofs, more than the {MOST_PROOFS} that are looked at"),
            };
            checks.push(subject.check(CheckName::Proof, "", CheckOutcome::Failed, reason));
            return;
        }
        let mut outcomes: Vec<_> = proofs
            .iter()
            .map(|proof| self.check_proof(&document, proof, subject))
            .collect();
        one_good_proof_suffices(&mut outcomes);
        let alone = !subject.credential["proof"].is_array();
        for (index, (outcome, reason)) in outcomes.into_iter().enumerate() {
            let member = if alone {
                "/proof".to_owned()
            } else {
                format!("/proof/{index}")
            };
            checks.push(subject.check(CheckName::Proof, &member, outcome, reason));
        }
    }

    fn check_proof(
        &self,
        document: &UnsecuredDocument<'_>,
        proof: &Value,
        subject: &Subject<'_>,
    ) -> (CheckOutcome, String) {
        let proof = match Proof::read(proof) {
            Ok(proof) => proof,
            Err(error) if error.is_unsupported() => return (CheckOutcome::CouldNotCheck, error.to_string()),
            Err(error) => return (CheckOutcome::Failed, error.to_string()),
        };
        let method = proof.verification_method();
        let key = match self.documents.key(method, issuer_id(subject.credential), self.policy) {
            Ok(key) => key,
            Err(NoKey::Refused(reason)) => return (CheckOutcome::Failed, reason),
            Err(NoKey::OutOfReach(reason)) => return (CheckOutcome::CouldNotCheck, reason),
        };
        match document.verify(&proof, &key) {
            Err(ProofError::Signature) => {
                let reason = "the signature does not match: the credential was altered after it was signed, or signed by another key";
                (CheckOutcome::Failed, reason.to_owned())
            }
            Err(error) => (CheckOutcome::Failed, error.to_string()),
            Ok(()) => match proof.expires().map(|expires| (expires, expires.parse::<Timestamp>())) {
                Some((_, Ok(expires))) if expires > self.now => (CheckOutcome::Passed, signed_by(&proof)),
                Some((expires, _)) => (CheckOutcome::Failed, format!("the proof expired on {expires}")),
                None => (CheckOutcome::Passed, signed_by(&proof)),
            },
        }
    }

    /// VC 1.1 has other names for the two ends. A document with both kinds breaks the data model, and has to satisfy all.
    fn check_validity(&self, subject: &Subject<'_>, checks: &mut Vec<Check>) {
        let mut within = true;
        for (member, is_beginning) in [
            ("validFrom", true),
            ("issuanceDate", true),
            ("validUntil", false),
            ("expirationDate", false),
        ] {
            let Some(value) = subject.credential.get(member) else {
                continue;
            };
            let reason = match value.as_str().and_then(|text| text.parse::<Timestamp>().ok()) {
                None => "is not a date-time with time zone".to_owned(),
                Some(time) if is_beginning && time > self.now => format!("is not yet valid: it begins to be on {time}"),
                Some(time) if !is_beginning && time < self.now => format!("is no longer valid: it expired on {time}"),
                Some(_) => continue,
            };
            within = false;
            checks.push(subject.check(CheckName::Validity, &format!("/{member}"), CheckOutcome::Failed, reason));
        }
        if within {
            checks.push(subject.check(
                CheckName::Validity,
                "",
                CheckOutcome::Passed,
                "is within its validity period",
            ));
        }
    }
}

impl Subject<'_> {
    fn check(&self, name: CheckName, member: &str, outcome: CheckOutcome, reason: impl Into<String>) -> Check {
        Check {
            name,
            pointer: format!("{}{member}", self.pointer),
            credential_id: self.credential.get("id").and_then(Value::as_str).map(str::to_owned),
            outcome,
            reason: reason.into(),
        }
    }
}

/// The rules of the document's kind; the validator looks into nested credentials itself.
fn check_data_model(document: &Value, checks: &mut Vec<Check>) {
    let validation = validate(document);
    let root = Subject {
        credential: document,
        pointer: String::new(),
        depth: 0,
    };
    let check = |finding: Finding, outcome| {
        let reason = finding.reason();
        root.check(CheckName::DataModel, &finding.pointer, outcome, reason)
    };
    if validation.errors.is_empty() {
        let reason = "keeps the rules of its kind";
        checks.push(root.check(CheckName::DataModel, "", CheckOutcome::Passed, reason));
    }
    checks.extend(
        validation
            .errors
            .into_iter()
            .map(|finding| check(finding, CheckOutcome::Failed)),
    );
    checks.extend(
        validation
            .warnings
            .into_iter()
            .map(|finding| check(finding, CheckOutcome::Warning)),
    );
}

/// Status lists are not read yet. A credential that can be revoked must not be called valid unseen.
fn check_status(subject: &Subject<'_>, checks: &mut Vec<Check>) {
    let Some(status) = subject.credential.get("credentialStatus") else {
        return;
    };
    let kind = status.get("type").and_then(Value::as_str).unwrap_or("unknown kind");
    let reason = format!("can be revoked, and its status ({kind}) was not looked up: ask the issuer");
    checks.push(subject.check(
        CheckName::Status,
        "/credentialStatus",
        CheckOutcome::CouldNotCheck,
        reason,
    ));
}

/// One good proof suffices: then the others weigh nothing. Without one, a proof that might be good keeps the bad ones from
/// deciding.
fn one_good_proof_suffices(outcomes: &mut [(CheckOutcome, String)]) {
    let any = |wanted| outcomes.iter().any(|(outcome, _)| *outcome == wanted);
    let without_weight: &[CheckOutcome] = if any(CheckOutcome::Passed) {
        &[CheckOutcome::Failed, CheckOutcome::CouldNotCheck]
    } else if any(CheckOutcome::CouldNotCheck) {
        &[CheckOutcome::Failed]
    } else {
        &[]
    };
    for (outcome, _) in outcomes {
        if without_weight.contains(outcome) {
            *outcome = CheckOutcome::Warning;
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
