//! Grants: one item each, changed on the condition that nobody else changed it in between.

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Patience, Table, TableError,
    definition::{PARTITION_KEY, SORT_KEY},
    incomplete, item, keys,
    transaction::Transacted,
};
use crate::{
    learners::LearnerId,
    oauth::{Client, ClientId, Decision, Grant, GrantId, Refusal, Standing},
};

/// That a grant is there, listed where its client and its learner are.
#[derive(Serialize, Deserialize)]
struct GrantEntry {
    grant: GrantId,
}

impl Table {
    /// Keeps a new grant of a client that is in force; false when the client is not, or not any more.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn insert_grant(&self, grant: &Grant, patience: Patience<'_>) -> Result<bool, TableError> {
        let mut attempts = patience.attempts();
        while self.transact(self.new_grant(grant)?).await? != Transacted::Committed {
            if !self.is_client_there(grant.client()).await? {
                return Ok(false);
            }
            attempts.pause().await?;
        }
        Ok(true)
    }

    /// What stores a new grant: itself, its entries where its client and its learner are, on the condition that its client is there and
    /// not revoked.
    pub(super) fn new_grant(&self, grant: &Grant) -> Result<Vec<TransactWriteItem>, TableError> {
        let in_force = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(keys::client(&self.tenant, grant.client()).attributes()))
            .condition_expression("attribute_exists(pk) AND standing <> :revoked")
            .expression_attribute_values(":revoked", AttributeValue::S("Revoked".to_owned()));
        let in_force = TransactWriteItem::builder().condition_check(in_force.build().map_err(incomplete)?);
        let of_client = keys::grant_of_client(&self.tenant, grant.client(), grant.id());
        let of_holder = keys::grant_of_holder(&self.tenant, grant.holder(), grant.id());
        let mut actions = vec![in_force.build(), self.put_action(self.grant_item(grant)?)?];
        for key in [of_client].iter().chain(&of_holder) {
            let entry = GrantEntry { grant: grant.id() };
            actions.push(self.put_action(item::write(key, &entry, Some(grant.ends()))?)?);
        }
        Ok(actions)
    }

    /// A learner's grants and their clients, as they are now; those that ended long ago are no longer there.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn grants_of_learner(
        &self,
        learner: &LearnerId,
        patience: Patience<'_>,
    ) -> Result<Vec<(Grant, Client)>, TableError> {
        let entries = self
            .query(&keys::learner(&self.tenant, learner).pk, keys::GRANT_ENTRY)
            .await?;
        let grants: Vec<_> = self.grant_entries(entries)?;
        let grants: Vec<_> = grants.into_iter().map(|id| keys::grant(&self.tenant, id)).collect();
        let grants = self.read_all(&grants, patience).await?;
        let grants: Vec<Grant> = grants
            .into_iter()
            .map(|grant| item::read("grant", grant))
            .collect::<Result<_, _>>()?;
        let mut clients: Vec<_> = grants
            .iter()
            .map(|grant| keys::client(&self.tenant, grant.client()))
            .collect();
        clients.sort_unstable_by(|one, other| one.pk.cmp(&other.pk));
        clients.dedup();
        let clients = self.read_all(&clients, patience).await?;
        let clients: Vec<Client> = clients
            .into_iter()
            .map(|client| item::read("client", client))
            .collect::<Result<_, _>>()?;
        let with_client = |grant: Grant| {
            let client = clients.iter().find(|client| client.id() == grant.client())?;
            Some((grant, client.clone()))
        };
        Ok(grants.into_iter().filter_map(with_client).collect())
    }

    /// Ends all that a learner granted to a client, and forgets what was allowed: the learner is asked again.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn revoke_application(
        &self,
        learner: &LearnerId,
        client: ClientId,
        now: Timestamp,
        patience: Patience<'_>,
    ) -> Result<(), TableError> {
        let consent = keys::consent(&self.tenant, learner, client).attributes();
        let forget = self.client.delete_item().table_name(&self.name).set_key(Some(consent));
        forget
            .send()
            .await
            .map_err(|error| TableError::of("DeleteItem", error))?;
        for (grant, _) in self.grants_of_learner(learner, patience).await? {
            if grant.client() == client {
                // A grant that is gone meanwhile is as good as revoked.
                let _ = self
                    .decide(grant, patience, Refusal::Code, |grant| grant.end(now))
                    .await?;
            }
        }
        Ok(())
    }

    pub(super) async fn is_client_there(&self, id: ClientId) -> Result<bool, TableError> {
        let client = self.stored_client(id).await?;
        Ok(client.is_some_and(|client| client.standing() != Standing::Revoked))
    }

    pub(super) fn grant_entries(&self, entries: Vec<item::Item>) -> Result<Vec<GrantId>, TableError> {
        let entry = |entry| Ok(item::read::<GrantEntry>("grant entry", entry)?.grant);
        entries.into_iter().map(entry).collect()
    }

    /// All items of a partition whose sort key begins so, in its order, strongly consistently.
    pub(super) async fn query(&self, pk: &str, sk_prefix: &str) -> Result<Vec<item::Item>, TableError> {
        let mut query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()));
        query = if sk_prefix.is_empty() {
            query.key_condition_expression("#pk = :pk")
        } else {
            query
                .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
                .expression_attribute_names("#sk", SORT_KEY)
                .expression_attribute_values(":prefix", AttributeValue::S(sk_prefix.to_owned()))
        };
        let mut items = Vec::new();
        let mut pages = query.into_paginator().items().send();
        while let Some(item) = pages.next().await {
            items.push(item.map_err(|error| TableError::of("Query", error))?);
        }
        Ok(items)
    }

    /// The grant as it is now.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn grant(&self, id: GrantId) -> Result<Option<Grant>, TableError> {
        self.read("grant", &keys::grant(&self.tenant, id)).await
    }

    /// A client that is in force now, and a grant, in one trip.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn client_and_grant(
        &self,
        client: ClientId,
        grant: GrantId,
        now: Timestamp,
        patience: Patience<'_>,
    ) -> Result<(Option<Client>, Option<Grant>), TableError> {
        let (client, grant) = (keys::client(&self.tenant, client), keys::grant(&self.tenant, grant));
        let mut items = self.read_all(&[client.clone(), grant.clone()], patience).await?;
        let client: Option<Client> = item::take("client", &client, &mut items)?;
        Ok((
            client.filter(|client| client.is_in_force(now)),
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
