//! Keeping a submitted credential: each credential once, its newest version, whoever posts it at the same time.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};

use super::{
    MAX_PAGE_BYTES, SubmittedCredential, Upserted,
    item::{self, COUNT, DIGEST, Identity, ORDINAL},
    list::{ENVELOPE_BYTES, SEPARATOR_BYTES},
};
use crate::{
    learners::LearnerId,
    table::{
        Patience, Table, TableError,
        body::{Body, part_item},
        definition::PARTITION_KEY,
        incomplete,
        item::Item,
        keys::{self, Key},
        transaction::{Transacted, fits},
    },
};

/// What the table knows before a write.
struct Known {
    identity: Option<Identity>,
    count: u64,
}

impl Table {
    /// Keeps a credential for a learner.
    ///
    /// The same credential posted by many at once ends as one entry in the list and one answer `Created`; different ones get
    /// consecutive places, without gap. A later issue time replaces an earlier one, an equal one with other bytes too.
    ///
    /// # Errors
    /// `TooLarge` when it cannot be written in one transaction or could not be listed; `Busy` when `patience` ends first.
    pub async fn upsert_credential(
        &self,
        learner: &LearnerId,
        submitted: &SubmittedCredential<'_>,
        patience: Patience<'_>,
    ) -> Result<Upserted, TableError> {
        let body = Body::of(submitted.text)?;
        if body.escaped_length + ENVELOPE_BYTES + SEPARATOR_BYTES > MAX_PAGE_BYTES {
            return Err(TableError::TooLarge);
        }
        let mut attempts = patience.attempts();
        loop {
            let known = self.look_up(learner, submitted.clr_credential_id, patience).await?;
            let (actions, outcome) = match &known.identity {
                None => (
                    self.insertion(learner, submitted, &body, known.count)?,
                    Upserted::Created,
                ),
                Some(current) if current.digest == body.digest && current.is_in_state_of(submitted) => {
                    return Ok(Upserted::Identical);
                }
                Some(current) if current.digest == body.digest => {
                    let next = Identity::of(submitted, &body, current.ordinal);
                    (
                        vec![self.identity(learner, submitted, &next, current)?],
                        Upserted::Identical,
                    )
                }
                Some(current) if submitted.issued < current.version => return Ok(Upserted::Older),
                Some(current) => (
                    self.replacement(learner, submitted, &body, current)?,
                    Upserted::Replaced,
                ),
            };
            if !fits(actions.len(), &body) {
                return Err(TableError::TooLarge);
            }
            if self.transact(actions).await? == Transacted::Committed {
                return Ok(outcome);
            }
            attempts.pause().await?;
        }
    }

    async fn look_up(
        &self,
        learner: &LearnerId,
        clr_credential_id: &str,
        patience: Patience<'_>,
    ) -> Result<Known, TableError> {
        let identity_key = keys::credential_identity(&self.tenant, learner, clr_credential_id);
        let count_key = keys::credential_count(&self.tenant, learner);
        let mut known = Known {
            identity: None,
            count: 0,
        };
        for item in self.read_all(&[identity_key, count_key.clone()], patience).await? {
            if Key::of_item(&item)? == count_key {
                known.count = item::read_count(Some(&item))?;
            } else {
                known.identity = Some(Identity::from_item(&item)?);
            }
        }
        Ok(known)
    }

    /// The next free place, if it is still free.
    fn insertion(
        &self,
        learner: &LearnerId,
        submitted: &SubmittedCredential<'_>,
        body: &Body,
        count: u64,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let counted = Update::builder()
            .table_name(&self.name)
            .set_key(Some(keys::credential_count(&self.tenant, learner).attributes()))
            .update_expression("SET #count = :next")
            .condition_expression(if count == 0 {
                "attribute_not_exists(#count) OR #count = :count"
            } else {
                "#count = :count"
            })
            .expression_attribute_names("#count", COUNT)
            .expression_attribute_values(":count", item::number_value(count))
            .expression_attribute_values(":next", item::number_value(count + 1))
            .build()
            .map_err(incomplete)?;
        let key = keys::credential_identity(&self.tenant, learner, submitted.clr_credential_id);
        let identity = self
            .put(Identity::of(submitted, body, count).to_item(&key))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .build()
            .map_err(incomplete)?;
        let mut actions = vec![
            TransactWriteItem::builder().update(counted).build(),
            TransactWriteItem::builder().put(identity).build(),
        ];
        actions.extend(self.body_items(learner, submitted, body, count)?);
        Ok(actions)
    }

    /// The place of the version that is there, if it is still that version. Parts that a longer body leaves over go.
    fn replacement(
        &self,
        learner: &LearnerId,
        submitted: &SubmittedCredential<'_>,
        body: &Body,
        current: &Identity,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let ordinal = current.ordinal;
        let next = Identity::of(submitted, body, ordinal);
        let mut actions = vec![self.identity(learner, submitted, &next, current)?];
        actions.extend(self.body_items(learner, submitted, body, ordinal)?);
        for part in next.parts..current.parts {
            let stale = Delete::builder()
                .table_name(&self.name)
                .set_key(Some(
                    keys::credential_part(&self.tenant, learner, ordinal, part).attributes(),
                ))
                .build()
                .map_err(incomplete)?;
            actions.push(TransactWriteItem::builder().delete(stale).build());
        }
        Ok(actions)
    }

    /// The identity item in place of the one that is there, if it is still that one.
    fn identity(
        &self,
        learner: &LearnerId,
        submitted: &SubmittedCredential<'_>,
        next: &Identity,
        current: &Identity,
    ) -> Result<TransactWriteItem, TableError> {
        let key = keys::credential_identity(&self.tenant, learner, submitted.clr_credential_id);
        let identity = self
            .put(next.to_item(&key))
            .condition_expression("#ordinal = :ordinal AND #digest = :digest")
            .expression_attribute_names("#ordinal", ORDINAL)
            .expression_attribute_names("#digest", DIGEST)
            .expression_attribute_values(":ordinal", item::number_value(current.ordinal))
            .expression_attribute_values(":digest", item::bytes_value(&current.digest))
            .build()
            .map_err(incomplete)?;
        Ok(TransactWriteItem::builder().put(identity).build())
    }

    /// The head and the further parts. What guards them is the condition on the identity item in the same transaction.
    fn body_items(
        &self,
        learner: &LearnerId,
        submitted: &SubmittedCredential<'_>,
        body: &Body,
        ordinal: u64,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let head = item::head_item(&keys::credential_at(&self.tenant, learner, ordinal), submitted, body);
        let further = body.parts().into_iter().enumerate().skip(1);
        let further = further.map(|(number, part)| {
            part_item(
                &keys::credential_part(&self.tenant, learner, ordinal, number),
                &body.digest,
                part,
            )
        });
        std::iter::once(head)
            .chain(further)
            .map(|item| {
                Ok(TransactWriteItem::builder()
                    .put(self.put(item).build().map_err(incomplete)?)
                    .build())
            })
            .collect()
    }

    fn put(&self, item: Item) -> aws_sdk_dynamodb::types::builders::PutBuilder {
        Put::builder().table_name(&self.name).set_item(Some(item))
    }
}
