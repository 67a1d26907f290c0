//! The audit: a partition for each day, in the order of time. Acts are added, never changed or deleted.

use aws_sdk_dynamodb::types::{AttributeValue, Put, builders::PutBuilder};
use jiff::Timestamp;

use super::{
    Table, TableError,
    definition::{PARTITION_KEY, SORT_KEY},
    item::{self, Item, fixed_width, utc_date},
    keys,
};
use crate::{
    audit::AuditEntry,
    secret::{Digest, Secret},
};

/// DynamoDB's bound on an item is 400 KB.
const MAX_ENTRY_BYTES: usize = 350_000;
/// Nothing that is there is overwritten.
const NEW: &str = "attribute_not_exists(#pk)";

/// Some acts, in the order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// The acts.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins; none: this was the last.
    pub next: Option<AuditPosition>,
}

/// A place in the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPosition {
    at: Timestamp,
    sk: String,
}

/// By which an act knows itself.
fn mark_of(entry: &AuditEntry) -> Result<Digest, TableError> {
    let written = serde_json::to_string(entry).map_err(|error| TableError::Corrupt(error.to_string()))?;
    Ok(Secret::presented(&written).digest())
}

impl AuditPosition {
    /// Before the acts of this instant.
    #[must_use]
    pub fn since(at: Timestamp) -> Self {
        Self {
            at,
            sk: fixed_width(at),
        }
    }

    fn after(entry: &AuditEntry) -> Self {
        let (at, id) = (entry.at, entry.id);
        // Sort keys have one length, so nothing lies between a key and the same with a letter more.
        let sk = format!("{}#{id}#", fixed_width(at));
        Self { at, sk }
    }
}

impl Table {
    /// Adds an act. Nothing that is there is ever overwritten; adding the same act again does no harm.
    ///
    /// # Errors
    /// `TooLarge` when more documents were signed than one item can name; the table is busy or refuses.
    pub async fn append_audit(&self, entry: &AuditEntry) -> Result<(), TableError> {
        let mut item = self.audit_item(entry)?;
        // The answer to our own write may be lost, and the SDK write again; functions may not read here.
        let mark = AttributeValue::S(mark_of(entry)?.as_str().to_owned());
        item.insert("mark".to_owned(), mark.clone());
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(format!("{NEW} OR mark = :mark"))
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_values(":mark", mark);
        put.send().await.map_err(|error| TableError::of("PutItem", error))?;
        Ok(())
    }

    /// The acts from a position on, earlier than `until`: `limit` at most, fewer only on the last page.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn audit(&self, from: AuditPosition, until: Timestamp, limit: usize) -> Result<AuditPage, TableError> {
        let mut entries: Vec<AuditEntry> = Vec::new();
        let (mut day, mut from) = (utc_date(from.at), from.sk);
        while day <= utc_date(until) {
            let partition = keys::audit_day(&self.tenant, day);
            let mut items = self
                .client
                .query()
                .table_name(&self.name)
                .consistent_read(true)
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :until")
                .expression_attribute_names("#pk", PARTITION_KEY)
                .expression_attribute_names("#sk", SORT_KEY)
                .expression_attribute_values(":pk", AttributeValue::S(partition))
                .expression_attribute_values(":from", AttributeValue::S(from.clone()))
                .expression_attribute_values(":until", AttributeValue::S(fixed_width(until)))
                .limit(i32::try_from(limit).unwrap_or(i32::MAX))
                .into_paginator()
                .items()
                .send();
            // An empty range is an error of the request.
            while from < fixed_width(until)
                && let Some(item) = items.next().await
            {
                let item = item.map_err(|error| TableError::of("Query", error))?;
                entries.push(item::read("an audit entry", item)?);
                if entries.len() == limit {
                    let next = entries.last().map(AuditPosition::after);
                    return Ok(AuditPage { entries, next });
                }
            }
            match day.tomorrow() {
                Ok(tomorrow) => day = tomorrow,
                Err(_) => break,
            }
            from = String::from("0");
        }
        Ok(AuditPage { entries, next: None })
    }

    /// [`Table::append_audit`] as part of a transaction.
    pub(super) fn audit_put(&self, entry: &AuditEntry) -> Result<PutBuilder, TableError> {
        Ok(Put::builder()
            .table_name(&self.name)
            .set_item(Some(self.audit_item(entry)?))
            .condition_expression(NEW)
            .expression_attribute_names("#pk", PARTITION_KEY))
    }

    fn audit_item(&self, entry: &AuditEntry) -> Result<Item, TableError> {
        let written = serde_json::to_vec(entry).map_err(|error| TableError::Corrupt(error.to_string()))?;
        if written.len() > MAX_ENTRY_BYTES {
            return Err(TableError::TooLarge);
        }
        item::write(&keys::audit_entry(&self.tenant, entry.at, entry.id), entry, None)
    }
}
