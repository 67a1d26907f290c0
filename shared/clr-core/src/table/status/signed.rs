//! The signed list credential as it is given out, and who may make a new one.

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};
use learner_record::StatusPurpose;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Randomness,
    table::{Patience, Table, TableError, is_contention, item, keys},
};

/// What is known of a list beside its bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListHead {
    purpose: String,
    opened: String,
    /// How many changes of its bits were finished.
    pub changes: u64,
    /// Until when somebody signs it, in milliseconds since 1970.
    #[serde(default)]
    leased: i64,
}

/// A list credential as it is given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedList {
    /// The credential, JSON.
    pub text: String,
    /// The head's count of changes before its bits were read: it has all of those.
    pub changes: u64,
    /// By whom it was signed: the verification methods.
    pub keys: Vec<String>,
    /// When a new one is due though nothing changed, in seconds since 1970.
    pub renew: i64,
}

/// The right to sign a list, for a while.
#[derive(Debug)]
pub struct Lease {
    list: Uuid,
    holder: Uuid,
}

/// Who holds the right longer than this has stopped.
const LEASE: SignedDuration = SignedDuration::from_secs(10);

impl ListHead {
    pub(super) fn new(purpose: StatusPurpose, now: Timestamp) -> Self {
        Self {
            purpose: purpose.as_str().to_owned(),
            opened: now.to_string(),
            changes: 0,
            leased: 0,
        }
    }

    /// What the bits mean.
    ///
    /// # Errors
    /// A later version of the program knows more purposes.
    pub fn purpose(&self) -> Result<StatusPurpose, TableError> {
        StatusPurpose::named(&self.purpose)
            .ok_or_else(|| TableError::Corrupt("the purpose of a status list".to_owned()))
    }
}

impl Table {
    /// A list's head and the credential that was signed last, as they are now; none: there is no such list.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn status_list(
        &self,
        list: Uuid,
        patience: Patience<'_>,
    ) -> Result<Option<(ListHead, Option<SignedList>)>, TableError> {
        let head = keys::status_list(&self.tenant, list);
        let signed = keys::signed_status_list(&self.tenant, list);
        let mut items = self.read_all(&[head.clone(), signed.clone()], patience).await?;
        let head = item::take("a status list", &head, &mut items)?;
        let signed = item::take("a signed status list", &signed, &mut items)?;
        Ok(head.map(|head| (head, signed)))
    }

    /// The right to sign a list; none: somebody else has it at the moment.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn lease_status_list(
        &self,
        list: Uuid,
        now: Timestamp,
        randomness: &Randomness,
    ) -> Result<Option<Lease>, TableError> {
        let holder = randomness.uuid();
        let until = now.as_millisecond() + i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(keys::status_list(&self.tenant, list).attributes()))
            .update_expression("SET #leased = :until, #holder = :holder")
            // The second: the answer to our own write was lost, and the SDK writes again.
            .condition_expression("#leased < :now OR (#leased = :until AND #holder = :holder)")
            .expression_attribute_names("#leased", "leased")
            .expression_attribute_names("#holder", "holder")
            .expression_attribute_values(":holder", item::text(holder.to_string()))
            .expression_attribute_values(":until", item::number(until))
            .expression_attribute_values(":now", item::number(now.as_millisecond()))
            .return_values(ReturnValue::None);
        match update.send().await {
            Ok(_) => Ok(Some(Lease { list, holder })),
            Err(error) if is_contention(&error) => Ok(None),
            Err(error) => Err(TableError::of("UpdateItem", error)),
        }
    }

    /// Gives the right back.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn end_lease(&self, lease: Lease) -> Result<(), TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(keys::status_list(&self.tenant, lease.list).attributes()))
            .update_expression("SET #leased = :never")
            .condition_expression("#holder = :holder")
            .expression_attribute_names("#leased", "leased")
            .expression_attribute_names("#holder", "holder")
            .expression_attribute_values(":holder", item::text(lease.holder.to_string()))
            .expression_attribute_values(":never", item::number(0));
        match update.send().await {
            Ok(_) => Ok(()),
            // It ran out, and somebody else has it.
            Err(error) if is_contention(&error) => Ok(()),
            Err(error) => Err(TableError::of("UpdateItem", error)),
        }
    }

    /// Keeps a signed list, unless one with later changes is there.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn keep_signed_list(&self, list: Uuid, signed: &SignedList) -> Result<(), TableError> {
        let key = keys::signed_status_list(&self.tenant, list);
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item::write(&key, signed, None)?))
            .condition_expression("attribute_not_exists(#changes) OR #changes <= :changes")
            .expression_attribute_names("#changes", "changes")
            .expression_attribute_values(":changes", item::number(signed.changes));
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_contention(&error) => Ok(()),
            Err(error) => Err(TableError::of("PutItem", error)),
        }
    }
}
