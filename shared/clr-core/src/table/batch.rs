//! Reading many items by their keys, strongly consistently.

use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::{
    Patience, Table, TableError,
    definition::{PARTITION_KEY, SORT_KEY},
    item::Item,
    keys::Key,
};

/// DynamoDB's bound on the keys of one batch.
pub(super) const MAX_BATCH_KEYS: usize = 100;

/// What one batch brought.
#[derive(Debug)]
pub(super) struct Batch {
    /// The items that exist, in no order.
    pub(super) items: Vec<Item>,
    /// Keys that the table did not get to (16 MB are read at most, or it is throttled): ask again.
    pub(super) unprocessed: Vec<Key>,
}

impl Table {
    /// Reads these keys, 100 at most, in one call.
    pub(super) async fn read_batch(&self, keys: &[Key]) -> Result<Batch, TableError> {
        if keys.is_empty() {
            return Ok(Batch {
                items: Vec::new(),
                unprocessed: Vec::new(),
            });
        }
        let wanted = KeysAndAttributes::builder()
            .consistent_read(true)
            .set_keys(Some(keys.iter().map(Key::attributes).collect()))
            .build()
            .map_err(|source| TableError::Refused {
                operation: "BatchGetItem",
                source: Box::new(source),
            })?;
        let request = self.client.batch_get_item().request_items(&self.name, wanted);
        let mut answer = request
            .send()
            .await
            .map_err(|error| TableError::of("BatchGetItem", error))?;
        let items = answer
            .responses
            .as_mut()
            .and_then(|tables| tables.remove(&self.name))
            .unwrap_or_default();
        let left = answer
            .unprocessed_keys
            .as_mut()
            .and_then(|tables| tables.remove(&self.name));
        let unprocessed = left.map_or(Ok(Vec::new()), |left| left.keys.iter().map(Key::of_item).collect())?;
        Ok(Batch { items, unprocessed })
    }

    /// Reads all these keys, however often the table has to be asked.
    pub(super) async fn read_all(&self, keys: &[Key], patience: Patience<'_>) -> Result<Vec<Item>, TableError> {
        let mut items = Vec::new();
        for keys in keys.chunks(MAX_BATCH_KEYS) {
            let mut attempts = patience.attempts();
            let mut batch = self.read_batch(keys).await?;
            items.append(&mut batch.items);
            while !batch.unprocessed.is_empty() {
                attempts.pause().await?;
                batch = self.read_batch(&batch.unprocessed).await?;
                items.append(&mut batch.items);
            }
        }
        Ok(items)
    }
}

impl Key {
    /// The key of an item.
    pub(super) fn of_item(item: &Item) -> Result<Self, TableError> {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        match (text(PARTITION_KEY), text(SORT_KEY)) {
            (Some(pk), Some(sk)) => Ok(Self { pk, sk }),
            _ => Err(TableError::Corrupt("an item without its key".to_owned())),
        }
    }
}
