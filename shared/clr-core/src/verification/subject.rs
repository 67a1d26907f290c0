//! The credentials of a document, each to be judged on its own JSON: the outer one, those nested in it, and the endorsements
//! anywhere in them.

use std::sync::Arc;

use learner_record::{items, nested_credentials};
use serde_json::Value;

use super::{Check, CheckName, CheckOutcome, jwt::Jwt};

/// A record in a record in a record is foreseen by nobody; each level is canonicalized again, so depth is work.
const DEEPEST: usize = 3;

/// Ten times the largest record met; each credential costs a canonicalization and a signature check or two.
pub(crate) const MOST_CREDENTIALS: usize = 600;

/// One credential to be judged.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// The document that it stands in.
    pub(super) root: Arc<Value>,
    /// Where it stands there.
    pub(super) place: String,
    /// Where it stands in what was submitted: what its checks are reported under.
    pub(super) pointer: String,
    pub(super) depth: usize,
    pub(super) role: Role,
    pub(super) securing: Securing,
}

/// What a credential is to the one around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The one that was submitted.
    Outer,
    /// A credential of the record.
    Nested,
    /// Somebody's word for the credential around it.
    Endorsement,
    /// What shows credentials, signed or not.
    Presentation { signed: bool },
    /// A credential that is shown.
    Presented,
}

/// How a credential is signed.
#[derive(Clone, Debug)]
pub(super) enum Securing {
    /// Proofs in its JSON, or none.
    Embedded,
    /// It is the payload of this JWS.
    Jwt(Arc<Jwt>),
}

/// What is found in a document.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// In the order in which they stand, the outer one first.
    pub(super) subjects: Vec<Subject>,
    /// What cannot be a subject, and why.
    pub(super) checks: Vec<Check>,
    /// There is more than is looked at.
    pub(super) is_cut: bool,
}

impl Subject {
    pub(super) fn outer(document: Arc<Value>) -> Self {
        Self {
            root: document,
            place: String::new(),
            pointer: String::new(),
            depth: 0,
            role: Role::Outer,
            securing: Securing::Embedded,
        }
    }

    pub(super) fn outer_jwt(jwt: Jwt) -> Self {
        Self {
            securing: Securing::Jwt(Arc::new(jwt.clone())),
            ..Self::outer(jwt.credential)
        }
    }

    /// A document of somebody else, reported under a pointer of this one's.
    pub(super) fn elsewhere(&self, member: &str, other: Self) -> Self {
        Self {
            pointer: format!("{}{member}", self.pointer),
            role: self.role,
            depth: self.depth,
            ..other
        }
    }

    /// The whole document that it stands in.
    pub(super) fn document(&self) -> &Value {
        &self.root
    }

    pub(super) fn credential(&self) -> &Value {
        self.root.pointer(&self.place).unwrap_or(&Value::Null)
    }

    pub(super) fn check(
        &self,
        name: CheckName,
        member: &str,
        outcome: CheckOutcome,
        reason: impl Into<String>,
    ) -> Check {
        Check {
            name,
            pointer: format!("{}{member}", self.pointer),
            credential_id: self.credential().get("id").and_then(Value::as_str).map(str::to_owned),
            outcome,
            reason: reason.into(),
            retry: false,
            state: None,
        }
    }

    pub(super) fn inside(&self, member: &str, role: Role) -> Self {
        Self {
            root: self.root.clone(),
            place: format!("{}{member}", self.place),
            pointer: format!("{}{member}", self.pointer),
            depth: self.depth + 1,
            role,
            securing: Securing::Embedded,
        }
    }
}

impl Tree {
    /// Of an outer credential. Endorsements only where the policy asks for them.
    pub(super) fn of(outer: Subject, with_endorsements: bool) -> Self {
        let mut tree = Self::default();
        tree.grow(outer, with_endorsements);
        tree
    }

    /// Whether no more is looked at; that is said once, of the first credential that is not.
    fn is_full(&mut self, subject: &Subject) -> bool {
        let is_full = self.subjects.len() + self.checks.len() >= MOST_CREDENTIALS;
        if is_full && !self.is_cut {
            self.is_cut = true;
            self.refuse(subject, CheckOutcome::CouldNotCheck, TOO_MANY);
        }
        is_full
    }

    /// Takes a credential in, then those inside of it.
    pub(super) fn grow(&mut self, subject: Subject, with_endorsements: bool) {
        if self.is_full(&subject) {
            return;
        }
        if let Value::String(_) = subject.credential() {
            let reason = "is a text; a record holds credentials as JSON objects with proofs of their own";
            return self.refuse(&subject, CheckOutcome::Failed, reason);
        }
        if !subject.credential().is_object() {
            return self.refuse(&subject, CheckOutcome::Failed, "is no JSON object");
        }
        if subject.depth > DEEPEST {
            let reason = format!("credentials nested more than {DEEPEST} levels deep are not looked at");
            return self.refuse(&subject, CheckOutcome::CouldNotCheck, &reason);
        }
        self.subjects.push(subject.clone());
        for (member, _) in nested_credentials(subject.credential()) {
            if self.is_cut {
                return;
            }
            self.grow(subject.inside(&member, Role::Nested), with_endorsements);
        }
        if with_endorsements {
            self.grow_endorsements(&subject);
        }
    }

    fn grow_endorsements(&mut self, subject: &Subject) {
        let mut found = Vec::new();
        find_endorsements(subject.credential(), "", &mut found);
        for endorsement in found {
            if self.is_cut {
                return;
            }
            match endorsement {
                Endorsement::Embedded(member) => self.grow(subject.inside(&member, Role::Endorsement), true),
                Endorsement::Jwt(member, text) => match Jwt::read(text) {
                    Ok(jwt) => {
                        let mut endorsement = subject.elsewhere(&member, Subject::outer_jwt(jwt));
                        endorsement.role = Role::Endorsement;
                        endorsement.depth += 1;
                        self.grow(endorsement, true);
                    }
                    Err(error) => self.refuse_as_proof(subject, &member, error.to_string()),
                },
            }
        }
    }

    /// What stands at a member of this credential and is signed in no way that can be read.
    pub(super) fn refuse_as_proof(&mut self, subject: &Subject, member: &str, reason: String) {
        if !self.is_full(subject) {
            let check = subject.check(CheckName::Proof, member, CheckOutcome::Failed, reason);
            self.checks.push(check);
        }
    }

    fn refuse(&mut self, subject: &Subject, outcome: CheckOutcome, reason: &str) {
        let name = if outcome == CheckOutcome::Failed {
            CheckName::JsonLd
        } else {
            CheckName::Proof
        };
        self.checks.push(subject.check(name, "", outcome, reason));
    }
}

const TOO_MANY: &str = "holds more credentials than are looked at, this one and those after it";

enum Endorsement<'a> {
    Embedded(String),
    Jwt(String, &'a str),
}

/// Below a credential, but not below one in it: that one looks for its own.
fn find_endorsements<'a>(value: &'a Value, pointer: &str, found: &mut Vec<Endorsement<'a>>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                match name.as_str() {
                    "@context" | "proof" | "verifiableCredential" => {}
                    "endorsement" => {
                        for (pointer, _) in items(pointer, Some(member)) {
                            found.push(Endorsement::Embedded(pointer));
                        }
                    }
                    "endorsementJwt" => {
                        for (pointer, item) in items(pointer, Some(member)) {
                            found.push(match item.as_str() {
                                Some(text) => Endorsement::Jwt(pointer, text),
                                None => Endorsement::Embedded(pointer),
                            });
                        }
                    }
                    _ => find_endorsements(member, &pointer, found),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_endorsements(item, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}
