//! Authorization requests that wait for the learner, and what becomes of them.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};

use super::{Patience, Table, TableError, incomplete, item, keys, transaction::Transacted};
use crate::{
    learners::{Learner, LearnerId},
    oauth::{AuthorizationId, Grant, PendingAuthorization},
};

impl Table {
    /// Keeps a new request.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn insert_authorization(&self, pending: &PendingAuthorization) -> Result<(), TableError> {
        let item = item::write(
            &keys::authorization(&self.tenant, pending.id()),
            pending,
            Some(pending.expires()),
        )?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map_err(|error| TableError::of("PutItem", error))?;
        Ok(())
    }

    /// The request as it is now.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn authorization(&self, id: AuthorizationId) -> Result<Option<PendingAuthorization>, TableError> {
        self.read("authorization", &keys::authorization(&self.tenant, id)).await
    }

    /// The request and the learner who wants to sign in, in one trip.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn authorization_and_learner(
        &self,
        id: AuthorizationId,
        learner: &LearnerId,
        patience: Patience<'_>,
    ) -> Result<(Option<PendingAuthorization>, Option<Learner>), TableError> {
        let (id, learner) = (
            keys::authorization(&self.tenant, id),
            keys::learner(&self.tenant, learner),
        );
        let mut items = self.read_all(&[id.clone(), learner.clone()], patience).await?;
        Ok((
            item::take("authorization", &id, &mut items)?,
            item::take("learner", &learner, &mut items)?,
        ))
    }

    /// Keeps a sign-in: the request with its learner, and the learner as known by now.
    ///
    /// False when the request was answered or the learner changed since they were read.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn keep_sign_in(&self, pending: &PendingAuthorization, learner: &Learner) -> Result<bool, TableError> {
        let key = keys::authorization(&self.tenant, pending.id());
        let pending = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item::write(&key, pending, Some(pending.expires()))?))
            .condition_expression("attribute_exists(pk)");
        let key = keys::learner(&self.tenant, &learner.id);
        let changed = learner.clone().next_version();
        let learner = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item::write(&key, &changed, None)?))
            .condition_expression("attribute_not_exists(pk) OR #version = :version")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", item::number(learner.version()));
        let puts = [
            pending.build().map_err(incomplete)?,
            learner.build().map_err(incomplete)?,
        ];
        let actions = puts.map(|put| TransactWriteItem::builder().put(put).build());
        Ok(self.transact(actions.to_vec()).await? == Transacted::Committed)
    }

    /// Turns a request into a grant, once: false when it was answered before.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn grant_authorization(
        &self,
        id: AuthorizationId,
        grant: &Grant,
        patience: Patience<'_>,
    ) -> Result<bool, TableError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(self.grant_item(grant)?));
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(keys::authorization(&self.tenant, id).attributes()))
            .condition_expression("attribute_exists(pk)");
        let put = TransactWriteItem::builder()
            .put(put.build().map_err(incomplete)?)
            .build();
        let delete = TransactWriteItem::builder()
            .delete(delete.build().map_err(incomplete)?)
            .build();
        let mut attempts = patience.attempts();
        while self.transact(vec![put.clone(), delete.clone()]).await? == Transacted::Contended {
            if self.authorization(id).await?.is_none() {
                return Ok(false);
            }
            attempts.pause().await?;
        }
        Ok(true)
    }

    /// Forgets a request.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn remove_authorization(&self, id: AuthorizationId) -> Result<(), TableError> {
        let key = keys::authorization(&self.tenant, id).attributes();
        let delete = self.client.delete_item().table_name(&self.name).set_key(Some(key));
        delete
            .send()
            .await
            .map_err(|error| TableError::of("DeleteItem", error))?;
        Ok(())
    }
}
