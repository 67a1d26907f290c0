//! The one table. All key formats are in `keys`, its shape in [`definition`].
//!
//! Methods promise outcomes, not table operations. What decides access is read strongly consistently.

mod audit;
mod authorizations;
mod batch;
mod body;
mod clients;
pub mod credentials;
pub mod definition;
mod erasure;
mod grants;
mod idempotency;
pub mod issuer_keys;
mod item;
mod keys;
mod learners;
mod patience;
mod profiles;
mod pushed_requests;
mod rate_limit;
pub mod status;
mod transaction;

use aws_sdk_dynamodb::{
    Client,
    error::{BuildError, ProvideErrorMetadata, SdkError},
};
use serde::de::DeserializeOwned;

use crate::aws::is_transient;

pub use self::{
    audit::{AuditPage, AuditPosition},
    authorizations::SignInState,
    erasure::Erased,
    idempotency::{Attempt, Begun, IdempotencyKey, Idempotent},
    patience::Patience,
    profiles::MAX_PROFILE_BYTES,
};

/// A customer of the deployment; part of every key. One letter, digit, `-` or `_` at least, 64 at most.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantId(String);

/// The table as one tenant sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
    tenant: TenantId,
}

/// Why the table could not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// Throttled, unreachable, or contended until the deadline: trying again later is sensible.
    #[error("the table is busy")]
    Busy(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// Anything else that the table refuses: a defect or a wrong deployment.
    #[error("the table refused {operation}")]
    Refused {
        /// The DynamoDB operation.
        operation: &'static str,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An item that this version of the program cannot read.
    #[error("an item cannot be read: {0}")]
    Corrupt(String),
    /// What should be stored does not fit into one transaction (100 actions, 4 MB).
    #[error("too large to be stored")]
    TooLarge,
}

impl TenantId {
    /// Reads a tenant's id.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        ((1..=64).contains(&id.len()) && id.bytes().all(allowed)).then(|| Self(id.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Table {
    /// The table `name`, seen by `tenant`.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>, tenant: TenantId) -> Self {
        Self {
            client,
            name: name.into(),
            tenant,
        }
    }

    /// The same table, seen by another tenant.
    #[must_use]
    pub fn seen_by(&self, tenant: TenantId) -> Self {
        Self { tenant, ..self.clone() }
    }

    /// Whose view of the table this is.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// One item as it is now, as a value.
    async fn read<T: DeserializeOwned>(&self, kind: &str, key: &keys::Key) -> Result<Option<T>, TableError> {
        self.read_item(key)
            .await?
            .map(|item| item::read(kind, item))
            .transpose()
    }

    /// All items of a partition whose sort keys begin so, as they are now.
    async fn items_beginning_with(&self, pk: String, prefix: String) -> Result<Vec<item::Item>, TableError> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
            .expression_attribute_names("#pk", definition::PARTITION_KEY)
            .expression_attribute_names("#sk", definition::SORT_KEY)
            .expression_attribute_values(":pk", item::text(pk))
            .expression_attribute_values(":prefix", item::text(prefix));
        let items = query.into_paginator().items().send().try_collect().await;
        items.map_err(|error| TableError::of("Query", error))
    }

    /// One item as it is now.
    async fn read_item(&self, key: &keys::Key) -> Result<Option<item::Item>, TableError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .consistent_read(true);
        Ok(get.send().await.map_err(|error| TableError::of("GetItem", error))?.item)
    }
}

impl TableError {
    /// Sorts an SDK error into what a caller can act on.
    pub(crate) fn of<E>(operation: &'static str, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        if is_transient(&error) {
            Self::Busy(Some(Box::new(error)))
        } else {
            Self::Refused {
                operation,
                source: Box::new(error),
            }
        }
    }
}

/// Whether somebody else changed the item first: read it again, then try again.
fn is_contention<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    code == Some("ConditionalCheckFailedException")
}

/// A request that lacks a member which it needs: a defect of ours.
fn incomplete(source: BuildError) -> TableError {
    TableError::Refused {
        operation: "a request",
        source: Box::new(source),
    }
}
