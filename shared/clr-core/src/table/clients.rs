//! Registered clients.

use super::{Table, TableError, item, keys};
use crate::oauth::{Client, ClientId};

impl Table {
    /// Keeps a new client.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn insert_client(&self, client: &Client) -> Result<(), TableError> {
        let item = item::write(&keys::client(&self.tenant, client.id()), client, None)?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map_err(|error| TableError::of("PutItem", error))?;
        Ok(())
    }

    /// The client of this id.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn client(&self, id: ClientId) -> Result<Option<Client>, TableError> {
        self.read("client", &keys::client(&self.tenant, id)).await
    }
}
