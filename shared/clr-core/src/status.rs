//! Status lists as a service: entries for what is issued, states changed by credential id, and the signed list credentials.
//!
//! A list is signed when somebody asks for it and its bits were changed since: by one at a time, the others wait for it. So
//! nobody is given an older state than the last one that was acknowledged before he asked, and many changes between two
//! requests cost one signing.

use std::collections::{BTreeMap, HashSet};

use canonical_rdf::Contexts;
use jiff::{SignedDuration, Timestamp};
use learner_record::{Bitstring, LIST_ENTRIES, ListCredential, StatusEntry, StatusListError, StatusPurpose};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Clock, Randomness, Table, TableError,
    audit::{Act, AuditEntry, OPERATOR},
    issuers::{Issuer, IssuerKey, Issuers, KeysError},
    issuing::{IssueError, sign_document},
    table::{
        Patience,
        status::{SignedList, StatusChange, StatusPlace},
    },
};

/// A list credential is valid for so long, and renewed at half of it.
const VALID: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What the lists of a deployment need from their surroundings.
#[derive(Clone, Copy, Debug)]
pub struct StatusLists<'a> {
    /// Where they are.
    pub table: &'a Table,
    /// Whose they are.
    pub issuers: &'a Issuers,
    /// What their credentials may use.
    pub contexts: &'static Contexts,
    /// When it is.
    pub clock: &'a dyn Clock,
    /// Where new ids come from.
    pub randomness: &'a Randomness,
    /// How long to go on where others change the same items.
    pub patience: Patience<'a>,
    /// What the URL of a list begins with, up to the slash before its id.
    pub base: &'a str,
}

/// A wish to change a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// Id of the credential.
    pub credential_id: String,
    /// Which of its states; none: its only one, or revocation.
    pub purpose: Option<StatusPurpose>,
    /// URL of the list, where only one entry of it is meant.
    pub list: Option<String>,
    /// Index in the list, likewise.
    pub index: Option<usize>,
    /// Whether the credential is to be void.
    pub set: bool,
}

/// A state that is as it was wished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Id of the credential.
    pub credential_id: String,
    /// The entry.
    pub place: StatusPlace,
    /// URL of its list.
    pub list: String,
    /// The state.
    pub set: bool,
    /// Whether it was another one before.
    pub changed: bool,
}

/// Why a state cannot be changed. Its author can mend it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoChange {
    /// Nothing of that id was issued here with a status.
    #[error("no credential {0:?} was issued here with a status entry")]
    Unknown(String),
    /// It has other entries.
    #[error("the credential {id:?} has no such entry; it has {}", .has.join(", "))]
    NoSuchEntry {
        /// Id of the credential.
        id: String,
        /// Its entries: purpose, list and index.
        has: Vec<String>,
    },
    /// What is revoked stays so.
    #[error(
        "the credential {0:?} is revoked, and a revocation cannot be taken back (Bitstring Status List, statusPurpose): issue it again"
    )]
    Revoked(String),
}

/// Why states were not changed or a list not signed.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// Nothing was changed: each wish that cannot be fulfilled, by its place among them.
    #[error("{} of the changes cannot be made", .0.len())]
    NoChange(Vec<(usize, NoChange)>),
    /// The table is busy or refuses.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The issuer's keys are out of reach.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The list was not signed.
    #[error("the status list could not be signed")]
    Sign(#[from] IssueError),
}

impl Changed {
    /// Whether it would, were the credential revoked.
    fn takes_back_a_revocation(&self) -> bool {
        !self.set && self.place.purpose == StatusPurpose::Revocation
    }
}

impl StatusLists<'_> {
    /// The URL of a list.
    #[must_use]
    pub fn url(&self, list: Uuid) -> String {
        format!("{}/{list}", self.base)
    }

    /// A `credentialStatus` object for each of these credentials, in their order.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn assign(&self, purpose: StatusPurpose, credential_ids: &[&str]) -> Result<Vec<Value>, TableError> {
        let (now, patience) = (self.clock.now(), self.patience);
        let places = self
            .table
            .assign_status_entries(purpose, credential_ids, now, patience)
            .await?;
        Ok(places.iter().map(|place| self.entry(place)).collect())
    }

    /// The `credentialStatus` objects that a credential was given, also those of earlier versions of it.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn entries_of(&self, credential_id: &str) -> Result<Vec<Value>, TableError> {
        let places = self.table.status_places(credential_id).await?;
        Ok(places.iter().map(|place| self.entry(place)).collect())
    }

    /// Whether entries are set, as they are now, each by itself; none: its list is somebody else's.
    ///
    /// # Errors
    /// The table is busy or refuses. The inner error: the list is for another purpose, or too short for the entry.
    pub(crate) async fn are_set(
        &self,
        entries: &[StatusEntry],
    ) -> Result<Vec<Option<Result<bool, StatusListError>>>, TableError> {
        let own: Vec<_> = entries
            .iter()
            .map(|entry| Some((self.own_list(&entry.list)?, entry.index)))
            .collect();
        let places: Vec<_> = own.iter().flatten().copied().collect();
        let mut states = self.table.status_of(&places, self.patience).await?.into_iter();
        let mut told = Vec::with_capacity(entries.len());
        for (entry, own) in entries.iter().zip(own) {
            let state = own.and_then(|_| states.next().flatten());
            told.push(state.map(|(purpose, is_set)| {
                if purpose.as_str() != entry.purpose {
                    return Err(StatusListError::Purpose {
                        entry: entry.purpose.clone(),
                        list: vec![purpose.to_string()],
                    });
                }
                if entry.index >= LIST_ENTRIES {
                    return Err(StatusListError::Range {
                        index: entry.index,
                        entries: LIST_ENTRIES,
                    });
                }
                Ok(is_set)
            }));
        }
        Ok(told)
    }

    /// Makes the states what is wished, all of them or, where one of the wishes cannot be fulfilled, none. Each is in the audit
    /// before it is made. Asking twice does no harm.
    ///
    /// # Errors
    /// See [`StatusError`]. When the table fails, some of the states may be changed: ask again.
    pub async fn change(&self, wishes: &[StateChange], actor: &str) -> Result<Vec<Changed>, StatusError> {
        let mut changed = Vec::new();
        let mut positions = Vec::new();
        let mut faults = Vec::new();
        for (position, wish) in wishes.iter().enumerate() {
            match self.places(wish).await? {
                Ok(places) => {
                    positions.resize(positions.len() + places.len(), position);
                    changed.extend(places.into_iter().map(|place| Changed {
                        credential_id: wish.credential_id.clone(),
                        list: self.url(place.list),
                        place,
                        set: wish.set,
                        changed: false,
                    }));
                }
                Err(fault) => faults.push((position, fault)),
            }
        }
        // Nor may one wish take back what another one makes.
        let set: HashSet<_> = changed
            .iter()
            .filter(|change| change.set)
            .map(|change| change.place)
            .collect();
        for (position, change) in positions.iter().zip(&changed) {
            if change.takes_back_a_revocation() && set.contains(&change.place) {
                faults.push((*position, NoChange::Revoked(change.credential_id.clone())));
            }
        }
        if !faults.is_empty() {
            return Err(StatusError::NoChange(faults));
        }
        for change in &changed {
            let mut entry = self.act(Act::ChangeStatus, actor, &change.credential_id);
            let state = if change.set { "set" } else { "cleared" };
            entry.note = Some(format!(
                "{} {state} at {}#{}",
                change.place.purpose, change.list, change.place.index
            ));
            self.table.append_audit(&entry).await?;
        }
        let changes: Vec<_> = changed
            .iter()
            .map(|change| StatusChange {
                place: change.place,
                set: change.set,
            })
            .collect();
        let before = self.table.change_status(&changes, self.patience).await?;
        for (change, before) in changed.iter_mut().zip(before) {
            change.changed = before != change.set;
        }
        // Somebody else revoked it meanwhile, and so it stays: who asks again is told.
        if changed
            .iter()
            .any(|change| change.takes_back_a_revocation() && change.changed)
        {
            return Err(TableError::Busy(None).into());
        }
        Ok(changed)
    }

    /// A list's credential, signed, with every change that was finished before; none: there is no such list.
    ///
    /// # Errors
    /// `Busy` where somebody else has been signing it for too long.
    pub async fn published(&self, list: Uuid) -> Result<Option<SignedList>, StatusError> {
        let mut attempts = self.patience.attempts();
        let mut finished = None;
        loop {
            let Some((head, signed)) = self.table.status_list(list, self.patience).await? else {
                return Ok(None);
            };
            // Changes that come while it is signed are not waited for.
            let finished = *finished.get_or_insert(head.changes);
            let (issuer, keys) = self.signer().await?;
            if let Some(signed) = signed.filter(|signed| self.is_current(signed, finished, &keys)) {
                return Ok(Some(signed));
            }
            let lease = self.table.lease_status_list(list, self.clock.now(), self.randomness);
            if let Some(lease) = lease.await? {
                let signed = self.sign_unless_current(list, issuer, &keys).await;
                self.table.end_lease(lease).await?;
                return signed;
            }
            attempts.pause().await?;
        }
    }

    /// A list's credential without an end of its validity, for the operator who takes the lists along.
    ///
    /// # Errors
    /// A key or the table cannot be reached.
    pub async fn exported(&self, list: Uuid) -> Result<Option<Value>, StatusError> {
        let Some((head, _)) = self.table.status_list(list, self.patience).await? else {
            return Ok(None);
        };
        let (issuer, keys) = self.signer().await?;
        let bits = self.table.status_bits(list, self.patience).await?;
        let signed = self.sign(list, head.purpose()?, &bits, None, issuer, &keys).await?;
        self.audit_signing(OPERATOR, list, &keys).await?;
        Ok(Some(signed))
    }

    async fn sign_unless_current(
        &self,
        list: Uuid,
        issuer: &Issuer,
        keys: &[IssuerKey],
    ) -> Result<Option<SignedList>, StatusError> {
        let Some((head, signed)) = self.table.status_list(list, self.patience).await? else {
            return Ok(None);
        };
        if let Some(signed) = signed.filter(|signed| self.is_current(signed, head.changes, keys)) {
            return Ok(Some(signed));
        }
        // The head was read first: bits that are read now have all the changes that it counts.
        let bits = self.table.status_bits(list, self.patience).await?;
        let now = self.clock.now();
        let credential = self
            .sign(list, head.purpose()?, &bits, Some(now + VALID), issuer, keys)
            .await?;
        let signed = SignedList {
            text: credential.to_string(),
            changes: head.changes,
            keys: keys.iter().map(|key| key.verification_method.clone()).collect(),
            renew: (now + VALID / 2).as_second(),
        };
        self.audit_signing("anyone", list, keys).await?;
        self.table.keep_signed_list(list, &signed).await?;
        Ok(Some(signed))
    }

    async fn sign(
        &self,
        list: Uuid,
        purpose: StatusPurpose,
        bits: &Bitstring,
        valid_until: Option<Timestamp>,
        issuer: &Issuer,
        keys: &[IssuerKey],
    ) -> Result<Value, StatusError> {
        let now = self.clock.now();
        let unsigned = ListCredential {
            url: &self.url(list),
            issuer: &issuer.id,
            purpose,
            bits,
            valid_from: now,
            valid_until,
        }
        .unsigned();
        Ok(sign_document(unsigned, keys.into(), self.contexts, now).await?)
    }

    async fn audit_signing(&self, actor: &str, list: Uuid, keys: &[IssuerKey]) -> Result<(), TableError> {
        let mut entry = self.act(Act::SignStatusList, actor, &self.url(list));
        entry.keys = keys.iter().map(|key| key.verification_method.clone()).collect();
        self.table.append_audit(&entry).await
    }

    fn is_current(&self, signed: &SignedList, changes: u64, keys: &[IssuerKey]) -> bool {
        let by = keys.iter().map(|key| &key.verification_method);
        signed.changes >= changes && self.clock.now().as_second() < signed.renew && signed.keys.iter().eq(by)
    }

    async fn signer(&self) -> Result<(&Issuer, Vec<IssuerKey>), KeysError> {
        // There is one always.
        let [issuer, ..] = self.issuers.all().await? else {
            unreachable!("a deployment without issuer does not load");
        };
        Ok((issuer, self.issuers.status_keys(issuer).await?))
    }

    /// The entries that a wish is about.
    async fn places(&self, wish: &StateChange) -> Result<Result<Vec<StatusPlace>, NoChange>, TableError> {
        let all = self.table.status_places(&wish.credential_id).await?;
        if all.is_empty() {
            return Ok(Err(NoChange::Unknown(wish.credential_id.clone())));
        }
        let purposes: BTreeMap<_, _> = all.iter().map(|place| (place.purpose, ())).collect();
        let purpose = match (wish.purpose, purposes.len()) {
            (Some(purpose), _) => purpose,
            (None, 1) => all[0].purpose,
            (None, _) => StatusPurpose::Revocation,
        };
        let meant = |place: &&StatusPlace| {
            place.purpose == purpose
                && wish.index.is_none_or(|index| index == place.index)
                && wish.list.as_ref().is_none_or(|list| *list == self.url(place.list))
        };
        let places: Vec<_> = all.iter().filter(meant).copied().collect();
        if places.is_empty() {
            let has = all
                .iter()
                .map(|place| format!("{} {}#{}", place.purpose, self.url(place.list), place.index));
            return Ok(Err(NoChange::NoSuchEntry {
                id: wish.credential_id.clone(),
                has: has.collect(),
            }));
        }
        if purpose == StatusPurpose::Revocation && !wish.set {
            for place in &places {
                if self.table.status_bit(place.list, place.index).await? {
                    return Ok(Err(NoChange::Revoked(wish.credential_id.clone())));
                }
            }
        }
        Ok(Ok(places))
    }

    fn entry(&self, place: &StatusPlace) -> Value {
        place.purpose.entry(&self.url(place.list), place.index)
    }

    fn own_list(&self, url: &str) -> Option<Uuid> {
        url.strip_prefix(self.base)?.strip_prefix('/')?.parse().ok()
    }

    fn act(&self, act: Act, actor: &str, subject: &str) -> AuditEntry {
        AuditEntry::new(act, actor, subject, self.clock.now(), self.randomness)
    }
}
