//! What waits for the learner, and what becomes of it.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use serde::{Deserialize, Serialize};

use super::{Patience, Table, TableError, incomplete, item, keys, transaction::Transacted};
use crate::{
    learners::{Learner, LearnerId},
    oauth::{AuthorizationId, ClientId, Grant, Holder, PendingAuthorization, Scopes},
};

/// What a sign-in is decided by.
#[derive(Debug)]
pub struct SignInState {
    /// The request.
    pub pending: Option<PendingAuthorization>,
    /// What is known of the learner.
    pub learner: Option<Learner>,
    /// What the learner allowed the asking application before.
    pub consent: Option<Scopes>,
}

/// What a learner allowed an application.
#[derive(Serialize, Deserialize)]
struct RememberedConsent {
    scopes: Scopes,
}

impl Table {
    /// Keeps a new request.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn insert_authorization(&self, pending: &PendingAuthorization) -> Result<(), TableError> {
        let item = self.authorization_item(pending)?;
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

    /// The request, the learner who wants to sign in, and what this learner allowed the client before, in one trip.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn sign_in_state(
        &self,
        id: AuthorizationId,
        learner: &LearnerId,
        client: Option<ClientId>,
        patience: Patience<'_>,
    ) -> Result<SignInState, TableError> {
        let consent = client.map(|client| keys::consent(&self.tenant, learner, client));
        let (id, learner) = (
            keys::authorization(&self.tenant, id),
            keys::learner(&self.tenant, learner),
        );
        let wanted: Vec<_> = [id.clone(), learner.clone()]
            .into_iter()
            .chain(consent.clone())
            .collect();
        let mut items = self.read_all(&wanted, patience).await?;
        let consent: Option<RememberedConsent> = match consent {
            Some(key) => item::take("consent", &key, &mut items)?,
            None => None,
        };
        Ok(SignInState {
            pending: item::take("authorization", &id, &mut items)?,
            learner: item::take("learner", &learner, &mut items)?,
            consent: consent.map(|consent| consent.scopes),
        })
    }

    /// Keeps a sign-in: the request with its learner, and the learner as known by now.
    ///
    /// False when the request was answered or the learner changed since they were read.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn keep_sign_in(&self, pending: &PendingAuthorization, learner: &Learner) -> Result<bool, TableError> {
        let pending = Put::builder()
            .table_name(&self.name)
            .set_item(Some(self.authorization_item(pending)?))
            .condition_expression("attribute_exists(pk)");
        let pending = TransactWriteItem::builder().put(pending.build().map_err(incomplete)?);
        let actions = vec![pending.build(), self.learner_as_known(learner)?];
        self.transact_if(actions).await
    }

    /// Keeps a sign-in that answers the request at once, by what the learner allowed before.
    ///
    /// False when the request was answered, the learner changed, or the client was revoked since they were read.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn grant_at_sign_in(
        &self,
        id: AuthorizationId,
        learner: &Learner,
        grant: &Grant,
    ) -> Result<bool, TableError> {
        let mut actions = self.new_grant(grant)?;
        actions.push(self.authorization_answered(id)?);
        actions.push(self.learner_as_known(learner)?);
        self.transact_if(actions).await
    }

    fn learner_as_known(&self, learner: &Learner) -> Result<TransactWriteItem, TableError> {
        let key = keys::learner(&self.tenant, &learner.id);
        let changed = learner.clone().next_version();
        let learner = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item::write(&key, &changed, None)?))
            .condition_expression("attribute_not_exists(pk) OR #version = :version")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", item::number(learner.version()));
        Ok(TransactWriteItem::builder()
            .put(learner.build().map_err(incomplete)?)
            .build())
    }

    fn authorization_answered(&self, id: AuthorizationId) -> Result<TransactWriteItem, TableError> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(keys::authorization(&self.tenant, id).attributes()))
            .condition_expression("attribute_exists(pk)");
        Ok(TransactWriteItem::builder()
            .delete(delete.build().map_err(incomplete)?)
            .build())
    }

    pub(super) fn authorization_item(&self, pending: &PendingAuthorization) -> Result<item::Item, TableError> {
        item::write(
            &keys::authorization(&self.tenant, pending.id()),
            pending,
            Some(pending.expires()),
        )
    }

    /// Turns a request into a grant, once; `remembered`: the same application need not ask for as much again.
    ///
    /// False when it was answered before, or the client was revoked.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn grant_authorization(
        &self,
        id: AuthorizationId,
        grant: &Grant,
        remembered: bool,
        patience: Patience<'_>,
    ) -> Result<bool, TableError> {
        let mut actions = self.new_grant(grant)?;
        actions.push(self.authorization_answered(id)?);
        if let (true, Holder::Learner(learner)) = (remembered, grant.holder()) {
            let consent = RememberedConsent {
                scopes: grant.scopes().clone(),
            };
            let key = keys::consent(&self.tenant, learner, grant.client());
            actions.push(self.put_action(item::write(&key, &consent, Some(grant.ends()))?)?);
        }
        let mut attempts = patience.attempts();
        while self.transact(actions.clone()).await? != Transacted::Committed {
            // What was lost may have been our own answer.
            if self.grant(grant.id()).await?.is_some() {
                return Ok(true);
            }
            let answered = self.authorization(id).await?.is_none();
            if answered || !self.is_client_there(grant.client()).await? {
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
