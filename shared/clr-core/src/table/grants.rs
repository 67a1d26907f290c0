//! Grants: one item each, changed on the condition that nobody else changed it in between.

use super::{Patience, Table, TableError, item, keys};
use crate::oauth::{Client, ClientId, Decision, Grant, GrantId, Refusal};

impl Table {
    /// Keeps a new grant. Asking twice with the same one does no harm.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn insert_grant(&self, grant: &Grant) -> Result<(), TableError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(self.grant_item(grant)?));
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
        patience: Patience<'_>,
    ) -> Result<(Option<Client>, Option<Grant>), TableError> {
        let (client, grant) = (keys::client(&self.tenant, client), keys::grant(&self.tenant, grant));
        let mut items = self.read_all(&[client.clone(), grant.clone()], patience).await?;
        Ok((
            item::take("client", &client, &mut items)?,
            item::take("grant", &grant, &mut items)?,
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
        patience: Patience<'_>,
        gone: Refusal,
        rule: impl Fn(&Grant) -> Decision<T>,
    ) -> Result<Result<T, Refusal>, TableError> {
        let mut attempts = patience.attempts();
        loop {
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
            attempts.pause().await?;
        }
    }

    /// Whether the grant was stored: only if its stored version is still this one.
    async fn replace_grant(&self, grant: &Grant, version: u64) -> Result<bool, TableError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(self.grant_item(grant)?))
            .condition_expression("#version = :version")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", item::number(version));
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(false)
            }
            Err(error) => Err(TableError::of("PutItem", error)),
        }
    }

    pub(super) fn grant_item(&self, grant: &Grant) -> Result<item::Item, TableError> {
        item::write(&keys::grant(&self.tenant, grant.id()), grant, Some(grant.expires()))
    }
}
