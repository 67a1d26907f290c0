//! Grants: one item each, changed on the condition that nobody else changed it in between.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use super::{Table, TableError, item, keys};
use crate::{
    Randomness,
    oauth::{Client, ClientId, Decision, Grant, GrantId, Refusal},
};

/// Times a decision is taken anew because the grant was changed in between.
const ATTEMPTS: u32 = 10;

impl Table {
    /// Keeps a new grant. Asking twice with the same one does no harm.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn insert_grant(&self, grant: &Grant) -> Result<(), TableError> {
        let item = item::write(&keys::grant(&self.tenant, grant.id()), grant, Some(grant.expires()))?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map_err(|error| TableError::of("PutItem", error))?;
        Ok(())
    }

    /// The grant as it is now.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn grant(&self, id: GrantId) -> Result<Option<Grant>, TableError> {
        self.read("grant", &keys::grant(&self.tenant, id)).await
    }

    /// Client and grant as they are now, in one trip.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn client_and_grant(
        &self,
        client: ClientId,
        grant: GrantId,
    ) -> Result<(Option<Client>, Option<Grant>), TableError> {
        let (client, grant) = (keys::client(&self.tenant, client), keys::grant(&self.tenant, grant));
        let mut items = self.read_both([&client, &grant]).await?;
        let mut take = |key: &keys::Key| {
            let position = items.iter().position(|item| key.names(item))?;
            Some(items.swap_remove(position))
        };
        let (client, grant) = (take(&client), take(&grant));
        Ok((
            client.map(|item| item::read("client", item)).transpose()?,
            grant.map(|item| item::read("grant", item)).transpose()?,
        ))
    }

    /// Decides over a grant as it is when the decision is stored: the answer may be given afterwards.
    ///
    /// When the grant was changed since it was read, it is read again and decided again.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn decide<T>(
        &self,
        mut grant: Grant,
        randomness: &Randomness,
        gone: Refusal,
        rule: impl Fn(&Grant) -> Decision<T>,
    ) -> Result<Result<T, Refusal>, TableError> {
        for attempt in 0..ATTEMPTS {
            let Decision { store, answer } = rule(&grant);
            let Some(changed) = store.map(Grant::next_version) else {
                return Ok(answer);
            };
            if self.replace_grant(&changed, grant.version()).await? {
                return Ok(answer);
            }
            match self.grant(grant.id()).await? {
                // The answer to our own write was lost and the SDK wrote again.
                Some(stored) if stored == changed => return Ok(answer),
                Some(stored) => grant = stored,
                None => return Ok(Err(gone)),
            }
            let [jitter, ..] = randomness.bytes();
            tokio::time::sleep(Duration::from_millis(u64::from(jitter % 8) << attempt.min(4))).await;
        }
        Err(TableError::Busy(None))
    }

    /// Whether the grant was stored: only if its stored version is still this one.
    async fn replace_grant(&self, grant: &Grant, version: u64) -> Result<bool, TableError> {
        let item = item::write(&keys::grant(&self.tenant, grant.id()), grant, Some(grant.expires()))?;
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("#version = :version")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", AttributeValue::N(version.to_string()));
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(false)
            }
            Err(error) => Err(TableError::of("PutItem", error)),
        }
    }

    /// Those of two items that exist, in any order. Keys that the table left out are asked for again.
    async fn read_both(&self, keys: [&keys::Key; 2]) -> Result<Vec<item::Item>, TableError> {
        let keys = keys.map(keys::Key::attributes).to_vec();
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let mut request = Some([(self.name.clone(), keys.map_err(|error| TableError::Corrupt(error.to_string()))?)]);
        let mut items = Vec::new();
        for _ in 0..ATTEMPTS {
            let Some(keys) = request.take() else { return Ok(items) };
            let get = self.client.batch_get_item().set_request_items(Some(keys.into()));
            let answer = get.send().await.map_err(|error| TableError::of("BatchGetItem", error))?;
            items.extend(answer.responses.unwrap_or_default().remove(&self.name).unwrap_or_default());
            let left = answer.unprocessed_keys.unwrap_or_default().remove(&self.name);
            request = left.map(|keys| [(self.name.clone(), keys)]);
        }
        Err(TableError::Busy(None))
    }
}
