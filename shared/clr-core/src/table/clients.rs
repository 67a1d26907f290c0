//! Registered clients, and the list of them.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Patience, Table, TableError, definition::TTL_ATTRIBUTE, incomplete, item, keys};
use crate::oauth::{Client, ClientId, Refusal};

/// An entry of the list.
#[derive(Serialize, Deserialize)]
struct Listed {
    client: ClientId,
}

/// How many grants are revoked at a time.
const REVOKED_AT_ONCE: usize = 16;

impl Table {
    /// Keeps a new client.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn insert_client(&self, client: &Client) -> Result<(), TableError> {
        let (id, ends) = (client.id(), client.unused_until());
        let listed = item::write(&keys::listed_client(&self.tenant, id), &Listed { client: id }, ends)?;
        let actions = [self.put_action(self.client_item(client)?)?, self.put_action(listed)?];
        // There is no condition that could fail.
        self.transact_if(actions.to_vec()).await?;
        Ok(())
    }

    /// The client of this id, if it is in force now.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn client(&self, id: ClientId, now: Timestamp) -> Result<Option<Client>, TableError> {
        Ok(self.stored_client(id).await?.filter(|client| client.is_in_force(now)))
    }

    /// The client of this id, whatever became of it.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn stored_client(&self, id: ClientId) -> Result<Option<Client>, TableError> {
        self.read("client", &keys::client(&self.tenant, id)).await
    }

    /// All clients, in no order; those that are gone by now included for a while.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn clients(&self, patience: Patience<'_>) -> Result<Vec<Client>, TableError> {
        let key = keys::listed_client(&self.tenant, ClientId::default());
        let listed = self.query(&key.pk, "").await?;
        let listed: Vec<Listed> = listed
            .into_iter()
            .map(|entry| item::read("list", entry))
            .collect::<Result<_, _>>()?;
        let keys: Vec<_> = listed
            .iter()
            .map(|entry| keys::client(&self.tenant, entry.client))
            .collect();
        let items = self.read_all(&keys, patience).await?;
        items.into_iter().map(|client| item::read("client", client)).collect()
    }

    /// Stores a changed client: false when somebody else changed it since it was read.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn replace_client(&self, client: &Client) -> Result<bool, TableError> {
        let version = client.version();
        let put = self.put_if_version(self.client_item(&client.clone().next_version())?, version)?;
        self.transact_if(vec![put]).await
    }

    /// A client was used for the first time: it no longer ends by itself.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn keep_client(&self, id: ClientId) -> Result<(), TableError> {
        let keep = |key: keys::Key| {
            Update::builder()
                .table_name(&self.name)
                .set_key(Some(key.attributes()))
                .condition_expression("attribute_exists(pk)")
                .expression_attribute_names("#expires", TTL_ATTRIBUTE)
        };
        // A change of the registration that was begun before would bring the end back: it has to be made again.
        let client = keep(keys::client(&self.tenant, id))
            .update_expression("REMOVE #expires, unused_until ADD #version :one")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":one", item::number(1));
        let listed = keep(keys::listed_client(&self.tenant, id)).update_expression("REMOVE #expires");
        let actions = [client, listed].into_iter().map(|update| {
            let update = update.build().map_err(incomplete)?;
            Ok(TransactWriteItem::builder().update(update).build())
        });
        // Refused: the client is gone.
        self.transact_if(actions.collect::<Result<_, TableError>>()?).await?;
        Ok(())
    }

    /// Ends a client and every grant that it has. When this returns, no token of it is valid, and none will be.
    ///
    /// The client is marked first: consent and client credentials are stored on the condition that it is not. Repeating after a failure
    /// goes on where it stopped.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn revoke_client(
        &self,
        id: ClientId,
        now: Timestamp,
        patience: Patience<'_>,
    ) -> Result<Option<Client>, TableError> {
        use futures::{TryStreamExt as _, stream};

        let mut attempts = patience.attempts();
        let client = loop {
            let Some(client) = self.stored_client(id).await? else {
                return Ok(None);
            };
            let client = client.revoked();
            if self.replace_client(&client).await? {
                break client;
            }
            attempts.pause().await?;
        };
        let entries = self
            .query(&keys::client(&self.tenant, id).pk, keys::GRANT_ENTRY)
            .await?;
        let entries: Vec<_> = self.grant_entries(entries)?;
        stream::iter(entries.into_iter().map(Ok))
            .try_for_each_concurrent(REVOKED_AT_ONCE, |grant| async move {
                let Some(grant) = self.grant(grant).await? else {
                    return Ok(());
                };
                // A grant that is gone meanwhile is as good as revoked.
                let _ = self
                    .decide(grant, patience, Refusal::Code, |grant| grant.end(now))
                    .await?;
                Ok(())
            })
            .await?;
        Ok(Some(client))
    }

    /// Forgets a client that was revoked.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn remove_client(&self, id: ClientId) -> Result<(), TableError> {
        let delete = |key: keys::Key| {
            let delete = Delete::builder().table_name(&self.name).set_key(Some(key.attributes()));
            delete
                .build()
                .map(|delete| TransactWriteItem::builder().delete(delete).build())
                .map_err(incomplete)
        };
        let actions = [
            delete(keys::client(&self.tenant, id))?,
            delete(keys::listed_client(&self.tenant, id))?,
        ];
        // There is no condition that could fail.
        self.transact_if(actions.to_vec()).await?;
        Ok(())
    }

    fn client_item(&self, client: &Client) -> Result<item::Item, TableError> {
        item::write(&keys::client(&self.tenant, client.id()), client, client.unused_until())
    }

    /// Only if the stored item still has this version.
    fn put_if_version(&self, item: item::Item, version: u64) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("#version = :version")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", item::number(version));
        Ok(TransactWriteItem::builder()
            .put(put.build().map_err(incomplete)?)
            .build())
    }
}
