//! Authorization requests that the client pushed, and what may be presented once.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::put_item::PutItemError,
    types::{Delete, TransactWriteItem},
};
use jiff::Timestamp;

use super::{Patience, Table, TableError, definition::TTL_ATTRIBUTE, incomplete, item, keys};
use crate::{
    Digest, Randomness,
    oauth::{Client, ClientId, PendingAuthorization, PushedRequest, SingleUse},
};

impl Table {
    /// Keeps a pushed request.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn insert_pushed_request(&self, pushed: &PushedRequest) -> Result<(), TableError> {
        let key = keys::pushed_request(&self.tenant, pushed.id());
        let item = item::write(&key, pushed, Some(pushed.expires()))?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map_err(|error| TableError::of("PutItem", error))?;
        Ok(())
    }

    /// A client that is in force now, and a request that somebody pushed, in one trip.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn client_and_pushed_request(
        &self,
        client: ClientId,
        pushed: &Digest,
        now: Timestamp,
        patience: Patience<'_>,
    ) -> Result<(Option<Client>, Option<PushedRequest>), TableError> {
        let (client, pushed) = (
            keys::client(&self.tenant, client),
            keys::pushed_request(&self.tenant, pushed),
        );
        let mut items = self.read_all(&[client.clone(), pushed.clone()], patience).await?;
        let client: Option<Client> = item::take("client", &client, &mut items)?;
        Ok((
            client.filter(|client| client.is_in_force(now)),
            item::take("pushed request", &pushed, &mut items)?,
        ))
    }

    /// A browser brought a pushed request: it becomes the pending one, once. False when it was brought before.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn bring_pushed_request(
        &self,
        pushed: &Digest,
        pending: &PendingAuthorization,
    ) -> Result<bool, TableError> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(keys::pushed_request(&self.tenant, pushed).attributes()))
            .condition_expression("attribute_exists(pk)")
            .build()
            .map_err(incomplete)?;
        let actions = vec![
            TransactWriteItem::builder().delete(delete).build(),
            self.put_action(self.authorization_item(pending)?)?,
        ];
        self.transact_if(actions).await
    }

    /// Whether this is presented for the first time.
    ///
    /// Should the answer to the write be lost, the SDK's own repetition knows its own write by a mark.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn use_once(
        &self,
        once: &SingleUse,
        now: Timestamp,
        randomness: &Randomness,
    ) -> Result<bool, TableError> {
        let mark = item::text(randomness.uuid().to_string());
        let mut item = keys::single_use(&self.tenant, once).attributes();
        item.insert(TTL_ATTRIBUTE.to_owned(), item::number(once.expires().epoch_seconds()));
        item.insert("mark".to_owned(), mark.clone());
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR #expires <= :now OR mark = :mark")
            .expression_attribute_names("#expires", TTL_ATTRIBUTE)
            .expression_attribute_values(":now", item::number(now.as_second()))
            .expression_attribute_values(":mark", mark);
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_known(&error) => Ok(false),
            Err(error) => Err(TableError::of("PutItem", error)),
        }
    }
}

fn is_known<R>(error: &SdkError<PutItemError, R>) -> bool {
    error
        .as_service_error()
        .is_some_and(PutItemError::is_conditional_check_failed_exception)
}
