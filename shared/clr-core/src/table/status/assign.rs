//! Giving entries to credentials: each entry once, whoever asks at the same time.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use jiff::Timestamp;
use learner_record::{Bitstring, StatusPurpose};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ASSIGNED, BitmapChange, IS_NEW, PK, SEGMENT_ENTRIES, SEGMENTS, StatusPlace, bitmap, signed::ListHead};
use crate::{
    Randomness,
    table::{
        Patience, Table, TableError, incomplete, item, keys,
        transaction::{MAX_ACTIONS, Transacted},
    },
};

/// A segment is full at three quarters: beyond, free entries are rare, and an index would begin to tell when it was given.
const MOST_ASSIGNED: usize = SEGMENT_ENTRIES / 4 * 3;

/// The list that new entries of a purpose go into.
#[derive(Serialize, Deserialize)]
struct Current {
    list: Uuid,
}

/// An entry of a credential. The place is in its key.
#[derive(Serialize, Deserialize)]
struct Entry {
    credential: String,
    at: String,
}

impl Table {
    /// Gives each credential an entry of its own, in the order of their ids: random, and never given again.
    ///
    /// Up to 99 come in one transaction, so that who stops in between has wasted entries, and nothing else.
    ///
    /// # Errors
    /// `Busy` when `patience` ends first.
    pub async fn assign_status_entries(
        &self,
        purpose: StatusPurpose,
        credential_ids: &[&str],
        now: Timestamp,
        patience: Patience<'_>,
    ) -> Result<Vec<StatusPlace>, TableError> {
        let mut places = Vec::with_capacity(credential_ids.len());
        for ids in credential_ids.chunks(MAX_ACTIONS - 1) {
            places.extend(self.assign_at_once(purpose, ids, now, patience).await?);
        }
        Ok(places)
    }

    async fn assign_at_once(
        &self,
        purpose: StatusPurpose,
        credential_ids: &[&str],
        now: Timestamp,
        patience: Patience<'_>,
    ) -> Result<Vec<StatusPlace>, TableError> {
        let current_key = keys::current_status_list(&self.tenant, purpose);
        let mut attempts = patience.attempts();
        loop {
            let current: Option<Current> = self.read("the current status list", &current_key).await?;
            let Some(Current { list }) = current else {
                self.open_status_list(purpose, None, now, patience).await?;
                attempts.pause().await?;
                continue;
            };
            let segment = usize::from(patience.randomness().bytes()[0]) % SEGMENTS;
            let key = keys::status_segment(&self.tenant, list, segment);
            let before = bitmap(self.read_item(&key).await?.as_ref(), ASSIGNED)?;
            let mut after = before.clone().unwrap_or_else(|| Bitstring::cleared(SEGMENT_ENTRIES));
            if after.count_set() + credential_ids.len() > MOST_ASSIGNED {
                self.open_status_list(purpose, Some(list), now, patience).await?;
                attempts.pause().await?;
                continue;
            }
            let places: Vec<_> = take_free(&mut after, credential_ids.len(), patience.randomness())
                .into_iter()
                .map(|index| StatusPlace {
                    list,
                    purpose,
                    index: segment * SEGMENT_ENTRIES + index,
                })
                .collect();
            let change = BitmapChange {
                name: ASSIGNED,
                before: before.as_ref(),
                after: &after,
            };
            let mut actions = vec![self.bitmap_update(&key, &change)?];
            for (place, credential) in places.iter().zip(credential_ids) {
                let entry = Entry {
                    credential: (*credential).to_owned(),
                    at: now.to_string(),
                };
                let key = keys::status_entry(&self.tenant, credential, place);
                actions.push(self.put_new(item::write(&key, &entry, None)?)?);
            }
            if self.transact(actions).await? == Transacted::Committed {
                return Ok(places);
            }
            attempts.pause().await?;
        }
    }

    /// Opens a list for new entries in place of another one, or as the first. Who is not the first to do so has nothing to do.
    async fn open_status_list(
        &self,
        purpose: StatusPurpose,
        replaced: Option<Uuid>,
        now: Timestamp,
        patience: Patience<'_>,
    ) -> Result<(), TableError> {
        let list = patience.randomness().uuid();
        let key = keys::current_status_list(&self.tenant, purpose);
        let current = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item::write(&key, &Current { list }, None)?));
        let current = match replaced {
            None => current
                .condition_expression(IS_NEW)
                .expression_attribute_names(PK.0, PK.1),
            Some(replaced) => current
                .condition_expression("#list = :replaced")
                .expression_attribute_names("#list", "list")
                .expression_attribute_values(":replaced", item::text(replaced.to_string())),
        };
        let head = ListHead::new(purpose, now);
        let actions = vec![
            TransactWriteItem::builder()
                .put(current.build().map_err(incomplete)?)
                .build(),
            self.put_new(item::write(&keys::status_list(&self.tenant, list), &head, None)?)?,
            self.put_new(keys::listed_status_list(&self.tenant, list).attributes())?,
        ];
        // Who is not the first is refused.
        self.transact_if(actions).await?;
        Ok(())
    }

    fn bitmap_update(&self, key: &keys::Key, change: &BitmapChange<'_>) -> Result<TransactWriteItem, TableError> {
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .update_expression(BitmapChange::UPDATE)
            .condition_expression(change.condition())
            .expression_attribute_names("#bitmap", change.name)
            .set_expression_attribute_values(Some(change.values()))
            .build()
            .map_err(incomplete)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn put_new(&self, item: item::Item) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(IS_NEW)
            .expression_attribute_names(PK.0, PK.1)
            .build()
            .map_err(incomplete)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

/// Takes so many random free entries of a segment that has them.
fn take_free(assigned: &mut Bitstring, count: usize, randomness: &Randomness) -> Vec<usize> {
    let mut taken = Vec::with_capacity(count);
    while taken.len() < count {
        for pair in randomness.bytes().chunks_exact(2) {
            // A power of two divides the range, so each entry is as likely as any other.
            let index = usize::from(u16::from_be_bytes([pair[0], pair[1]])) % SEGMENT_ENTRIES;
            if taken.len() < count && assigned.get(index) == Some(false) {
                assigned.set(index, true);
                taken.push(index);
            }
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_entries_are_taken_once_and_from_all_over_the_segment() {
        let mut assigned = Bitstring::cleared(SEGMENT_ENTRIES);
        let mut taken = take_free(&mut assigned, MOST_ASSIGNED, &Randomness::seeded(1));
        taken.sort_unstable();
        taken.dedup();
        assert_eq!((taken.len(), assigned.count_set()), (MOST_ASSIGNED, MOST_ASSIGNED));
        let low_half = taken.iter().filter(|index| **index < SEGMENT_ENTRIES / 2).count();
        assert!((2_900..3_250).contains(&low_half), "{low_half} of {MOST_ASSIGNED}");
    }
}
