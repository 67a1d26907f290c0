//! Status lists: 131072 entries each, a list of its own for each purpose, opened when the one before fills up.
//!
//! A list is 16 segments, items of 2 KB: which entries are assigned, and which bits are set. Both are changed on the condition
//! that they are as they were read, so that nothing is lost, and assigning does not stand in the way of a change of state. An
//! entry is a random free one of a random segment: issuers at the same time rarely meet, and an index tells nothing.
//!
//! A head counts the changes of its list, each after it was made: a signed list is current when it was made at the head's count.

mod assign;
mod change;
mod signed;

use std::collections::HashSet;

use learner_record::{Bitstring, LIST_ENTRIES, StatusPurpose};
use uuid::Uuid;

pub use self::{
    change::StatusChange,
    signed::{Lease, ListHead, SignedList},
};
use super::{
    Patience, Table, TableError,
    definition::{PARTITION_KEY, SORT_KEY},
    item::{self, Item},
    keys,
};

/// The segments of a list.
pub(crate) const SEGMENTS: usize = 16;
/// The entries of a segment.
pub(crate) const SEGMENT_ENTRIES: usize = LIST_ENTRIES / SEGMENTS;

/// Bitmap of a segment: the entries that belong to a credential.
const ASSIGNED: &str = "assigned";
/// Bitmap of a segment: the entries whose bit is set.
const STATUS: &str = "status";

/// An entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusPlace {
    /// The list.
    pub list: Uuid,
    /// What its bit means.
    pub purpose: StatusPurpose,
    /// Its index in the list.
    pub index: usize,
}

impl StatusPlace {
    fn segment(&self) -> usize {
        self.index / SEGMENT_ENTRIES
    }

    fn within_segment(&self) -> usize {
        self.index % SEGMENT_ENTRIES
    }
}

impl Table {
    /// The entries that a credential was given, also those of earlier versions of it.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn status_places(&self, credential_id: &str) -> Result<Vec<StatusPlace>, TableError> {
        let (pk, prefix) = keys::status_entries(&self.tenant, credential_id);
        let items = self.items_beginning_with(pk, prefix).await?;
        items.iter().map(|item| keys::status_place(&sort_key(item)?)).collect()
    }

    /// Whether a bit is set, as it is now. A bit that was never touched is not.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn status_bit(&self, list: Uuid, index: usize) -> Result<bool, TableError> {
        let key = keys::status_segment(&self.tenant, list, index / SEGMENT_ENTRIES);
        let segment = self.read_item(&key).await?;
        let bits = bitmap(segment.as_ref(), STATUS)?;
        Ok(bits.and_then(|bits| bits.get(index % SEGMENT_ENTRIES)).unwrap_or(false))
    }

    /// Many bits as they are now, each with what it means; none: there is no such list. The bits of a record that was issued at
    /// once lie together, and cost one trip.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn status_of(
        &self,
        entries: &[(Uuid, usize)],
        patience: Patience<'_>,
    ) -> Result<Vec<Option<(StatusPurpose, bool)>>, TableError> {
        let head = |list: Uuid| keys::status_list(&self.tenant, list);
        let segment = |(list, index): (Uuid, usize)| keys::status_segment(&self.tenant, list, index / SEGMENT_ENTRIES);
        let wanted: HashSet<keys::Key> = entries
            .iter()
            .flat_map(|entry| [head(entry.0), segment(*entry)])
            .collect();
        let wanted: Vec<_> = wanted.into_iter().collect();
        let items = self.read_all(&wanted, patience).await?;
        let find = |key: &keys::Key| items.iter().find(|item| key.names(item));
        let state = |entry: &(Uuid, usize)| {
            let Some(head) = find(&head(entry.0)) else {
                return Ok(None);
            };
            let head: ListHead = item::read("a status list", head.clone())?;
            let bits = bitmap(find(&segment(*entry)), STATUS)?;
            let is_set = bits.and_then(|bits| bits.get(entry.1 % SEGMENT_ENTRIES));
            Ok(Some((head.purpose()?, is_set.unwrap_or(false))))
        };
        entries.iter().map(state).collect()
    }

    /// All bits of a list, as they are now.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn status_bits(&self, list: Uuid, patience: Patience<'_>) -> Result<Bitstring, TableError> {
        let wanted: Vec<_> = (0..SEGMENTS)
            .map(|segment| keys::status_segment(&self.tenant, list, segment))
            .collect();
        let items = self.read_all(&wanted, patience).await?;
        let mut bytes = Vec::with_capacity(LIST_ENTRIES / 8);
        for key in &wanted {
            let item = items.iter().find(|item| key.names(item));
            let bits = bitmap(item, STATUS)?.unwrap_or_else(|| Bitstring::cleared(SEGMENT_ENTRIES));
            bytes.extend_from_slice(bits.as_bytes());
        }
        Ok(Bitstring::from_bytes(bytes))
    }

    /// Every list that was ever opened.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn status_lists(&self) -> Result<Vec<Uuid>, TableError> {
        let (pk, prefix) = keys::status_lists(&self.tenant);
        let items = self.items_beginning_with(pk, prefix.clone()).await?;
        let id = |item: &Item| {
            let sk = sort_key(item)?;
            let id = sk.strip_prefix(&prefix).and_then(|id| id.parse().ok());
            id.ok_or_else(|| TableError::Corrupt("the id of a status list".to_owned()))
        };
        items.iter().map(id).collect()
    }
}

fn sort_key(item: &Item) -> Result<String, TableError> {
    let sk = item.get(SORT_KEY).and_then(|value| value.as_s().ok());
    sk.cloned()
        .ok_or_else(|| TableError::Corrupt("an item without its key".to_owned()))
}

/// A bitmap of a segment; none: never written.
fn bitmap(segment: Option<&Item>, name: &str) -> Result<Option<Bitstring>, TableError> {
    let Some(value) = segment.and_then(|item| item.get(name)) else {
        return Ok(None);
    };
    match value.as_b() {
        Ok(blob) if blob.as_ref().len() == SEGMENT_ENTRIES / 8 => {
            Ok(Some(Bitstring::from_bytes(blob.as_ref().to_vec())))
        }
        _ => Err(TableError::Corrupt(format!("the bitmap {name} of a status list"))),
    }
}

/// The change of a bitmap on the condition that it is as it was read: expression, condition, and the values of both.
struct BitmapChange<'a> {
    name: &'static str,
    before: Option<&'a Bitstring>,
    after: &'a Bitstring,
}

impl BitmapChange<'_> {
    const UPDATE: &'static str = "SET #bitmap = :after";

    fn condition(&self) -> &'static str {
        if self.before.is_some() {
            "#bitmap = :before"
        } else {
            "attribute_not_exists(#bitmap)"
        }
    }

    fn values(&self) -> Item {
        let value = |bits: &Bitstring| item::bytes(bits.as_bytes());
        let before = self.before.map(|before| (":before".to_owned(), value(before)));
        before
            .into_iter()
            .chain([(":after".to_owned(), value(self.after))])
            .collect()
    }
}

/// The condition that an item is new.
const IS_NEW: &str = "attribute_not_exists(#pk)";
const PK: (&str, &str) = ("#pk", PARTITION_KEY);
