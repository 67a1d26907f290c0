//! Changing states: bit by bit, none lost, whoever changes its neighbours at the same time.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use learner_record::{Bitstring, StatusPurpose};
use uuid::Uuid;

use super::{BitmapChange, SEGMENT_ENTRIES, SEGMENTS, STATUS, StatusPlace, bitmap};
use crate::table::{Patience, Table, TableError, is_contention, item, keys};

/// A bit and what it is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusChange {
    /// The entry.
    pub place: StatusPlace,
    /// Whether the credential is to be void.
    pub set: bool,
}

impl StatusChange {
    /// Whether the bit may become this, whatever it is; a revocation that is not there need not be cleared either.
    fn is_possible(&self) -> bool {
        self.set || self.place.purpose != StatusPurpose::Revocation
    }
}

impl Table {
    /// Makes each bit what it is to be, and then counts the change, so that no list signed before counts as current. A revocation is
    /// never taken back: to clear it changes nothing. Tells what each bit was, in the order of the changes. Asking twice does no harm; of two changes of one bit the later holds.
    ///
    /// # Errors
    /// `Busy` when `patience` ends first: some of the bits may be changed then.
    pub async fn change_status(
        &self,
        changes: &[StatusChange],
        patience: Patience<'_>,
    ) -> Result<Vec<bool>, TableError> {
        let mut segments: BTreeMap<(Uuid, usize), Vec<(usize, StatusChange)>> = BTreeMap::new();
        for (position, change) in changes.iter().enumerate() {
            let segment = (change.place.list, change.place.segment());
            segments.entry(segment).or_default().push((position, *change));
        }
        let mut lists: Vec<Uuid> = segments.keys().map(|(list, _)| *list).collect();
        lists.dedup();
        let mut before = vec![false; changes.len()];
        let mut done = stream::iter(segments)
            .map(|((list, segment), changes)| self.change_segment(list, segment, changes, patience))
            .buffer_unordered(SEGMENTS);
        while let Some(states) = done.try_next().await? {
            for (position, state) in states {
                before[position] = state;
            }
        }
        for list in lists {
            self.count_change(list).await?;
        }
        Ok(before)
    }

    async fn change_segment(
        &self,
        list: Uuid,
        segment: usize,
        changes: Vec<(usize, StatusChange)>,
        patience: Patience<'_>,
    ) -> Result<Vec<(usize, bool)>, TableError> {
        let key = keys::status_segment(&self.tenant, list, segment);
        let mut attempts = patience.attempts();
        loop {
            let before = bitmap(self.read_item(&key).await?.as_ref(), STATUS)?;
            let mut after = before.clone().unwrap_or_else(|| Bitstring::cleared(SEGMENT_ENTRIES));
            let states = changes
                .iter()
                .filter_map(|(position, change)| {
                    let index = change.place.within_segment();
                    let state = match change.is_possible() {
                        true => after.set(index, change.set)?,
                        false => after.get(index)?,
                    };
                    Some((*position, state))
                })
                .collect();
            if before.as_ref() == Some(&after) || (before.is_none() && after.count_set() == 0) {
                return Ok(states);
            }
            let change = BitmapChange {
                name: STATUS,
                before: before.as_ref(),
                after: &after,
            };
            // The mark tells our own write, should its answer be lost and the SDK write again: else the bits would be told as having
            // been so before.
            let update = self
                .client
                .update_item()
                .table_name(&self.name)
                .set_key(Some(key.attributes()))
                .update_expression(format!("{}, mark = :mark", BitmapChange::UPDATE))
                .condition_expression(format!("{} OR mark = :mark", change.condition()))
                .expression_attribute_names("#bitmap", change.name)
                .set_expression_attribute_values(Some(change.values()))
                .expression_attribute_values(":mark", item::text(patience.randomness().uuid().to_string()));
            match update.send().await {
                Ok(_) => return Ok(states),
                Err(error) if is_contention(&error) => attempts.pause().await?,
                Err(error) => return Err(TableError::of("UpdateItem", error)),
            }
        }
    }

    /// One more change of a list.
    async fn count_change(&self, list: Uuid) -> Result<(), TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(keys::status_list(&self.tenant, list).attributes()))
            .update_expression("ADD #changes :one")
            .expression_attribute_names("#changes", "changes")
            .expression_attribute_values(":one", item::number(1));
        update
            .send()
            .await
            .map_err(|error| TableError::of("UpdateItem", error))?;
        Ok(())
    }
}
