//! The checks of each credential. No I/O: what they need from elsewhere comes in gathered.

use std::{collections::BTreeMap, sync::Arc};

use canonical_rdf::Contexts;
use jiff::Timestamp;
use learner_record::{CredentialIdentity, Finding, StatusEntry, StatusList, Version, validate};
use serde_json::Value;

use super::{
    Check, CheckName, CheckOutcome, Policy, Recipient, State,
    gathered::{Gathered, refresh_url},
    schema,
    status::{self, Entry, MOST_ENTRIES, Told},
    subject::{Role, Securing, Subject},
};

/// All that a verdict depends on beside the document.
pub(super) struct Judge {
    pub(super) policy: Policy,
    pub(super) contexts: &'static Contexts,
    pub(super) now: Timestamp,
    pub(super) recipient: Arc<[Recipient]>,
    pub(super) gathered: Gathered,
    /// Status lists by URL, each judged once however many credentials point into it.
    lists: BTreeMap<String, Result<StatusList, Told>>,
}

impl Judge {
    pub(super) fn new(
        policy: Policy,
        contexts: &'static Contexts,
        now: Timestamp,
        recipient: Arc<[Recipient]>,
        gathered: Gathered,
    ) -> Self {
        Self {
            policy,
            contexts,
            now,
            recipient,
            gathered,
            lists: BTreeMap::new(),
        }
    }

    /// Judges the status lists of these credentials and of their newer versions.
    pub(super) fn judge_lists(mut self, subjects: &[Subject]) -> Self {
        if self.policy == Policy::ProofOnly {
            return self;
        }
        let mut urls = std::collections::BTreeSet::new();
        for subject in subjects {
            let newer = refresh_url(subject.credential()).and_then(|url| self.gathered.credential(url).ok());
            for subject in [Some(subject), newer.as_ref()].into_iter().flatten() {
                for (_, entry) in status::entries(subject.credential()).0 {
                    if let Ok(Entry::Bit(entry)) = Entry::read(entry)
                        && self.gathered.own_bit(&entry).is_none()
                    {
                        urls.insert(entry.list);
                    }
                }
            }
        }
        for url in urls {
            let list = self.list(&url);
            self.lists.insert(url, list);
        }
        self
    }

    /// All checks of one credential, without those of the credentials in it.
    pub(super) fn judge(&self, subject: &Subject) -> Vec<Check> {
        let mut checks = self.check_json_ld_and_proofs(subject);
        if self.policy == Policy::ProofOnly || matches!(subject.role, Role::Presentation { .. }) {
            return checks;
        }
        if matches!(subject.role, Role::Outer | Role::Presented) || matches!(subject.securing, Securing::Jwt(_)) {
            checks.extend(check_data_model(subject));
        }
        checks.extend(schema::check(subject, &self.gathered));
        checks.extend(self.check_issuer_page(subject));
        let newer = self.newer_version(subject, &mut checks);
        let current = newer.as_ref().unwrap_or(subject);
        checks.extend(self.check_validity(current));
        checks.extend(self.check_status(current));
        if matches!(subject.role, Role::Outer | Role::Presented) && !self.recipient.is_empty() {
            checks.push(self.check_recipient(subject));
        }
        checks
    }

    /// Refresh, once: a newer version counts where it is one of this credential and as good as it must be itself.
    fn newer_version(&self, subject: &Subject, checks: &mut Vec<Check>) -> Option<Subject> {
        let url = refresh_url(subject.credential())?;
        let mut note = |outcome, reason: String| {
            checks.push(subject.check(CheckName::Refresh, "/refreshService", outcome, reason));
        };
        let newer = match self.gathered.credential(url) {
            Ok(newer) => subject.elsewhere("", newer),
            Err(error) => {
                note(
                    CheckOutcome::Warning,
                    format!("a newer version could not be had, this one is judged: {error}"),
                );
                return None;
            }
        };
        let (before, after) = (subject.credential(), newer.credential());
        let is_same = match (CredentialIdentity::of(before), CredentialIdentity::of(after)) {
            (Ok(before), Ok(after)) => before == after,
            _ => false,
        };
        let is_older = matches!((Version::of(before), Version::of(after)), (Ok(before), Ok(after)) if after < before);
        if !is_same || is_older {
            let what = if is_same {
                "an older version"
            } else {
                "another credential"
            };
            note(
                CheckOutcome::Warning,
                format!("what is offered as a newer version is {what}; this one is judged"),
            );
            return None;
        }
        let model = check_data_model(&newer);
        let bad = self
            .check_json_ld_and_proofs(&newer)
            .into_iter()
            .chain(model)
            .find(|check| matches!(check.outcome, CheckOutcome::Failed | CheckOutcome::CouldNotCheck));
        if let Some(bad) = bad {
            note(
                CheckOutcome::Warning,
                format!(
                    "what is offered as a newer version is not good ({}); this one is judged",
                    bad.reason
                ),
            );
            return None;
        }
        note(
            CheckOutcome::Passed,
            "a newer version is there and well signed: its validity period and its status count".to_owned(),
        );
        Some(newer)
    }

    /// VC 1.1 has other names for the two ends. A document with both kinds breaks the data model, and has to satisfy all.
    fn check_validity(&self, subject: &Subject) -> Vec<Check> {
        let mut checks = Vec::new();
        let mut hold = |member: &str, time: Option<Timestamp>, is_beginning: bool| {
            let (state, reason) = match time {
                None => (State::Unknown, "is not a date-time with time zone".to_owned()),
                Some(time) if is_beginning && time > self.now => {
                    let reason = format!("is not yet valid: it begins to be on {time}");
                    (State::NotYetValid, reason)
                }
                Some(time) if !is_beginning && time < self.now => {
                    (State::Expired, format!("is no longer valid: it expired on {time}"))
                }
                Some(_) => return,
            };
            checks.push(Check {
                state: Some(state),
                ..subject.check(CheckName::Validity, member, CheckOutcome::Failed, reason)
            });
        };
        for (member, is_beginning) in [
            ("validFrom", true),
            ("issuanceDate", true),
            ("validUntil", false),
            ("expirationDate", false),
        ] {
            if let Some(value) = subject.credential().get(member) {
                let time = value.as_str().and_then(|text| text.parse().ok());
                hold(&format!("/{member}"), time, is_beginning);
            }
        }
        if checks.is_empty() {
            let reason = "is within its validity period";
            checks.push(subject.check(CheckName::Validity, "", CheckOutcome::Passed, reason));
        }
        checks
    }

    fn check_status(&self, subject: &Subject) -> Vec<Check> {
        let credential = subject.credential();
        let (entries, count) = status::entries(credential);
        let told = entries.into_iter().map(|(member, entry)| {
            let told = match Entry::read(entry) {
                Err(told) => told,
                Ok(Entry::RevokedIds(url)) => {
                    let id = credential.get("id").and_then(Value::as_str);
                    status::of_revoked_ids(&url, id, &self.gathered, self.policy)
                }
                Ok(Entry::Bit(entry)) => self.told_by_bit(&entry),
            };
            Check {
                retry: told.retry,
                state: Some(told.state).filter(|state| *state != State::Valid),
                ..subject.check(CheckName::Status, &member, told.outcome, told.reason)
            }
        });
        let mut checks: Vec<Check> = told.collect();
        if count > MOST_ENTRIES {
            let reason = format!("has {count} entries, more than the {MOST_ENTRIES} that are looked at");
            checks.push(Check {
                state: Some(State::Unknown),
                ..subject.check(
                    CheckName::Status,
                    "/credentialStatus",
                    CheckOutcome::CouldNotCheck,
                    reason,
                )
            });
        }
        checks
    }

    fn told_by_bit(&self, entry: &StatusEntry) -> Told {
        if let Some(told) = self.gathered.own_bit(entry) {
            return told.clone();
        }
        match self.lists.get(&entry.list) {
            Some(Ok(list)) => status::of_bit(entry, list.is_set(entry)),
            Some(Err(told)) => told.clone(),
            None => Told::unseen("its status list was not looked at".to_owned(), false),
        }
    }

    /// A status list that may be believed: well signed by its own issuer, and of today.
    fn list(&self, url: &str) -> Result<StatusList, Told> {
        let list = self.gathered.credential(url).map_err(|error| Told::not_had(&error))?;
        let checks = self
            .check_json_ld_and_proofs(&list)
            .into_iter()
            .chain(self.check_validity(&list));
        for check in checks {
            if matches!(check.outcome, CheckOutcome::Failed | CheckOutcome::CouldNotCheck) {
                let reason = format!("its status list cannot be relied on: {}", check.reason);
                return Err(Told::unseen(reason, check.retry));
            }
        }
        StatusList::read(list.credential())
            .map_err(|error| Told::unseen(format!("its status list is malformed: {error}"), false))
    }

    fn check_recipient(&self, subject: &Subject) -> Check {
        let known = self
            .recipient
            .iter()
            .any(|recipient| recipient.is_named_in(subject.credential()));
        let (outcome, reason) = if known {
            (CheckOutcome::Passed, "is about the person who was asked for")
        } else {
            (
                CheckOutcome::Failed,
                "names nobody who has an identifier that was asked for",
            )
        };
        subject.check(CheckName::Recipient, "/credentialSubject", outcome, reason)
    }
}

/// The rules of the document's kind; the validator looks into nested credentials itself.
pub(super) fn check_data_model(subject: &Subject) -> Vec<Check> {
    let validation = validate(subject.credential());
    let check = |finding: &Finding, outcome| {
        let reason = finding.reason();
        subject.check(CheckName::DataModel, &finding.pointer, outcome, reason)
    };
    let mut checks = Vec::new();
    if validation.errors.is_empty() {
        let reason = "keeps the rules of its kind";
        checks.push(subject.check(CheckName::DataModel, "", CheckOutcome::Passed, reason));
    }
    checks.extend(
        validation
            .errors
            .iter()
            .map(|finding| check(finding, CheckOutcome::Failed)),
    );
    checks.extend(
        validation
            .warnings
            .iter()
            .map(|finding| check(finding, CheckOutcome::Warning)),
    );
    checks
}
