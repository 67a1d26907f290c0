//! Reading credentials: a page of the list, or one by its identity.
//!
//! A page costs what is on it, wherever it is: its ordinals are read by key, beside the counter. Whatever a concurrent
//! write makes inconsistent is noticed (a missing ordinal, a part of another body) and read again.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::{
    FoundCredential, MAX_PAGE_BYTES, MAX_PAGE_ITEMS, StoredCredential,
    item::{self, Head, Identity},
};
use crate::{
    learners::LearnerId,
    table::{
        Patience, Table, TableError, body,
        definition::{ISSUED_ATTRIBUTE, ISSUED_INDEX, PARTITION_KEY},
        item::fixed_width,
        keys::{self, Key},
    },
};

/// What stands around the bodies of a page, at most: `{"credential":[],"compactJwsString":[]}`, escaped, and headers.
pub(super) const ENVELOPE_BYTES: u64 = 1_000;
/// What stands around one body: the quotes of a JWS, escaped, and a comma.
pub(super) const SEPARATOR_BYTES: u64 = 8;

/// Which part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// At most this many; more than [`MAX_PAGE_ITEMS`] are never given.
    pub limit: u32,
    /// This many are skipped.
    pub offset: u64,
    /// Only credentials issued later than this.
    pub since: Option<Timestamp>,
}

/// A page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialPage {
    /// In list order. Fewer than asked for where the list ends or the page would pass [`MAX_PAGE_BYTES`].
    pub credentials: Vec<StoredCredential>,
    /// How many there are on all pages.
    pub total: u64,
}

/// Places in the list, and how many there are on all pages.
struct Places {
    ordinals: Vec<u64>,
    total: u64,
}

impl Table {
    /// A page of a learner's credentials, as they were submitted, in the order in which they first came.
    ///
    /// # Errors
    /// `Busy` when `patience` ends before a consistent page was seen.
    pub async fn list_credentials(
        &self,
        learner: &LearnerId,
        request: PageRequest,
        patience: Patience<'_>,
    ) -> Result<CredentialPage, TableError> {
        let mut attempts = patience.attempts();
        loop {
            let (places, mut heads) = self.places_and_heads(learner, request, patience).await?;
            if let Some(heads) = on_the_page(&places, request.since, &mut heads)
                && let Some(credentials) = self.with_bodies(learner, heads, patience).await?
            {
                return Ok(CredentialPage {
                    credentials,
                    total: places.total,
                });
            }
            attempts.pause().await?;
        }
    }

    /// One credential of a learner.
    ///
    /// # Errors
    /// As [`Table::list_credentials`].
    pub async fn find_credential(
        &self,
        learner: &LearnerId,
        clr_credential_id: &str,
        patience: Patience<'_>,
    ) -> Result<Option<FoundCredential>, TableError> {
        let identity_key = keys::credential_identity(&self.tenant, learner, clr_credential_id);
        let mut attempts = patience.attempts();
        loop {
            let Some(item) = self.read_item(&identity_key).await? else {
                return Ok(None);
            };
            let Identity {
                ordinal,
                digest,
                judgement,
                ..
            } = Identity::from_item(&item)?;
            let head = self
                .read_item(&keys::credential_at(&self.tenant, learner, ordinal))
                .await?;
            let head = head.as_ref().map(Head::from_item).transpose()?;
            if let Some(head) = head.filter(|head| head.digest == digest)
                && let Some(mut credentials) = self.with_bodies(learner, vec![head], patience).await?
            {
                let found = |credential| FoundCredential { credential, judgement };
                return Ok(credentials.pop().map(found));
            }
            attempts.pause().await?;
        }
    }

    async fn places_and_heads(
        &self,
        learner: &LearnerId,
        request: PageRequest,
        patience: Patience<'_>,
    ) -> Result<(Places, HashMap<u64, Head>), TableError> {
        let limit = u64::from(request.limit.min(MAX_PAGE_ITEMS));
        if let Some(since) = request.since {
            let mut ordinals = self.ordinals_since(learner, since).await?;
            let total = ordinals.len() as u64;
            let skipped = usize::try_from(request.offset)
                .unwrap_or(usize::MAX)
                .min(ordinals.len());
            ordinals.drain(..skipped);
            ordinals.truncate(limit as usize);
            let heads = self.heads(learner, &ordinals, patience).await?;
            return Ok((Places { ordinals, total }, heads));
        }
        let ordinals: Vec<u64> = (request.offset..request.offset.saturating_add(limit)).collect();
        let count_key = keys::credential_count(&self.tenant, learner);
        let (count, heads) = tokio::try_join!(self.read_item(&count_key), self.heads(learner, &ordinals, patience))?;
        let total = item::read_count(count.as_ref())?;
        let ordinals = ordinals.into_iter().filter(|ordinal| *ordinal < total).collect();
        Ok((Places { ordinals, total }, heads))
    }

    /// The heads at these ordinals, as many as there are; those at the end may be left out when the ones before them fill
    /// a page.
    async fn heads(
        &self,
        learner: &LearnerId,
        ordinals: &[u64],
        patience: Patience<'_>,
    ) -> Result<HashMap<u64, Head>, TableError> {
        let mut unread: Vec<Key> = ordinals
            .iter()
            .map(|ordinal| keys::credential_at(&self.tenant, learner, *ordinal))
            .collect();
        let mut heads = HashMap::new();
        let mut attempts = patience.attempts();
        loop {
            let batch = self.read_batch(&unread).await?;
            for item in &batch.items {
                let head = Head::from_item(item)?;
                heads.insert(head.ordinal, head);
            }
            unread = batch.unprocessed;
            if unread.is_empty() || fitting(ordinals, &heads) < present(ordinals, &heads) {
                return Ok(heads);
            }
            if batch.items.is_empty() {
                attempts.pause().await?;
            }
        }
    }

    /// The ordinals of all credentials issued later than this, ascending.
    async fn ordinals_since(&self, learner: &LearnerId, since: Timestamp) -> Result<Vec<u64>, TableError> {
        let partition = keys::credential_count(&self.tenant, learner).pk;
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(ISSUED_INDEX)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk AND #issued > :since")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_names("#issued", ISSUED_ATTRIBUTE)
            .expression_attribute_values(":pk", AttributeValue::S(partition))
            .expression_attribute_values(":since", AttributeValue::S(fixed_width(since)))
            .into_paginator()
            .items()
            .send();
        let mut ordinals = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| TableError::of("Query", error))?;
            let Key { sk, .. } = Key::of_item(&item)?;
            ordinals.push(keys::ordinal_of(&sk).ok_or_else(|| TableError::Corrupt("an index entry".to_owned()))?);
        }
        ordinals.sort_unstable();
        Ok(ordinals)
    }

    /// Adds the further parts of long bodies; none when a body changed while it was read.
    async fn with_bodies(
        &self,
        learner: &LearnerId,
        heads: Vec<Head>,
        patience: Patience<'_>,
    ) -> Result<Option<Vec<StoredCredential>>, TableError> {
        let part_keys = |head: &Head| {
            let ordinal = head.ordinal;
            (1..head.parts)
                .map(move |part| keys::credential_part(&self.tenant, learner, ordinal, part))
                .collect::<Vec<_>>()
        };
        let wanted: Vec<Key> = heads.iter().flat_map(part_keys).collect();
        let mut parts = HashMap::new();
        for item in self.read_all(&wanted, patience).await? {
            parts.insert(Key::of_item(&item)?.sk, body::read_part(&item)?);
        }
        let mut credentials = Vec::with_capacity(heads.len());
        for head in heads {
            let mut further = Vec::new();
            for key in part_keys(&head) {
                match parts.remove(&key.sk) {
                    Some((bytes, digest)) if digest == head.digest => further.push(bytes),
                    _ => return Ok(None),
                }
            }
            credentials.push(StoredCredential {
                form: head.form,
                text: head.into_text(further)?,
            });
        }
        Ok(Some(credentials))
    }
}

/// The heads that go on the page; none when one is missing or not what the index promised: a write went between.
fn on_the_page(places: &Places, since: Option<Timestamp>, heads: &mut HashMap<u64, Head>) -> Option<Vec<Head>> {
    let page = &places.ordinals[..fitting(&places.ordinals, heads)];
    let cut_by_size = page.len() < present(&places.ordinals, heads);
    if page.len() < places.ordinals.len() && !cut_by_size {
        return None;
    }
    let page: Option<Vec<Head>> = page.iter().map(|ordinal| heads.remove(ordinal)).collect();
    page.filter(|page| page.iter().all(|head| since.is_none_or(|since| head.issued > since)))
}

/// How many of these, from the first on, are there.
fn present(ordinals: &[u64], heads: &HashMap<u64, Head>) -> usize {
    ordinals
        .iter()
        .take_while(|ordinal| heads.contains_key(ordinal))
        .count()
}

/// How many of these, from the first on, are there and fit on a page.
fn fitting(ordinals: &[u64], heads: &HashMap<u64, Head>) -> usize {
    let mut bytes = ENVELOPE_BYTES;
    let fits = |ordinal: &&u64| {
        heads.get(ordinal).is_some_and(|head| {
            bytes += head.escaped_length + SEPARATOR_BYTES;
            bytes <= MAX_PAGE_BYTES
        })
    };
    ordinals.iter().take_while(fits).count()
}
