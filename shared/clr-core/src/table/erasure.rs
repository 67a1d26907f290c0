//! Erasing a learner: every item of the learner's partition, and every grant that the learner gave.
//!
//! What the institution did stays: the audit and the status entries name credentials by their ids, and no learner.

use aws_sdk_dynamodb::types::AttributeValue;
use futures::{TryStreamExt as _, stream};

use super::{
    Patience, Table, TableError,
    definition::{PARTITION_KEY, SORT_KEY},
    item,
    keys::{self, Key},
};
use crate::{learners::LearnerId, oauth::GrantId};

/// How many items are deleted at a time.
const DELETED_AT_ONCE: usize = 16;

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Grants: what applications were allowed, with their tokens.
    pub grants: usize,
    /// Credentials.
    pub credentials: usize,
    /// Items of the learner's partition, those of the credentials and the entries of the grants among them.
    pub items: usize,
}

impl Table {
    /// Deletes all that is kept of a learner. The grants go first: who comes with a token of them is refused from then on.
    ///
    /// A request that was let in before may still write when this returns. Repeating finds that, and goes on after a failure.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn erase_learner(&self, learner: &LearnerId, patience: Patience<'_>) -> Result<Erased, TableError> {
        let partition = keys::learner(&self.tenant, learner).pk;
        let mut erased = Erased::default();
        let mut attempts = patience.attempts();
        loop {
            let entries = self.query(&partition, keys::GRANT_ENTRY).await?;
            let grants = self.grant_entries(entries)?;
            erased.grants += grants.len();
            stream::iter(grants.into_iter().map(Ok))
                .try_for_each_concurrent(DELETED_AT_ONCE, |grant| self.delete_grant(grant))
                .await?;
            let items = self.keys_of(&partition).await?;
            if items.is_empty() {
                return Ok(erased);
            }
            erased.items += items.len();
            erased.credentials += items.iter().filter(|key| keys::ordinal_of(&key.sk).is_some()).count();
            stream::iter(items.into_iter().map(Ok))
                .try_for_each_concurrent(DELETED_AT_ONCE, |key| self.delete(key))
                .await?;
            attempts.pause().await?;
        }
    }

    /// The grant, and its entry where its client is. (The one where its learner is leads here, so it is the last to go.)
    async fn delete_grant(&self, id: GrantId) -> Result<(), TableError> {
        if let Some(grant) = self.grant(id).await? {
            self.delete(keys::grant_of_client(&self.tenant, grant.client(), id))
                .await?;
            self.delete(keys::grant(&self.tenant, id)).await?;
        }
        Ok(())
    }

    async fn keys_of(&self, partition: &str) -> Result<Vec<Key>, TableError> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk")
            .projection_expression("#pk, #sk")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_names("#sk", SORT_KEY)
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()));
        let items: Result<Vec<item::Item>, _> = query.into_paginator().items().send().try_collect().await;
        let items = items.map_err(|error| TableError::of("Query", error))?;
        items.iter().map(Key::of_item).collect()
    }

    async fn delete(&self, key: Key) -> Result<(), TableError> {
        let delete = self.client.delete_item().table_name(&self.name);
        let deleted = delete.set_key(Some(key.attributes())).send().await;
        deleted.map_err(|error| TableError::of("DeleteItem", error))?;
        Ok(())
    }
}
