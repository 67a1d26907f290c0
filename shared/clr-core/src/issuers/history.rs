//! The public keys that an issuer ever signed with, kept in the table: what was signed before a key was replaced stays
//! verifiable, and what a compromised key signed does not.

use std::sync::Arc;

use data_integrity::PublicKey;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::{
    Clock, Table, TableError,
    table::issuer_keys::{KeyRecord, KeyUse},
};

/// A process learns of another one's act on a key after this long.
const STALE: SignedDuration = SignedDuration::from_secs(60);

/// The history of an issuer's keys, read when it is needed and kept for a minute.
#[derive(Debug)]
pub(super) struct History {
    table: Table,
    clock: Arc<dyn Clock>,
    read: Mutex<Option<(Timestamp, Arc<[KeyRecord]>)>>,
}

impl History {
    pub(super) fn new(table: Table, clock: Arc<dyn Clock>) -> Self {
        Self {
            table,
            clock,
            read: Mutex::new(None),
        }
    }

    /// All keys that were recorded.
    pub(super) async fn keys(&self, issuer: &str) -> Result<Arc<[KeyRecord]>, TableError> {
        let now = self.clock.now();
        let mut read = self.read.lock().await;
        if let Some((at, keys)) = read.as_ref()
            && now.duration_since(*at) < STALE
        {
            return Ok(Arc::clone(keys));
        }
        let keys: Arc<[KeyRecord]> = self.table.issuer_keys(issuer).await?.into();
        *read = Some((now, Arc::clone(&keys)));
        Ok(keys)
    }

    /// Records what is not recorded yet: before a key signs for the first time.
    pub(super) async fn record(&self, issuer: &str, keys: &[(PublicKey, KeyUse)]) -> Result<(), TableError> {
        let known = self.keys(issuer).await?;
        let mut added = false;
        for (key, key_use) in keys {
            let multikey = key.to_multikey();
            if !known.iter().any(|record| record.multikey == multikey) {
                let record = KeyRecord::new(multikey, *key_use, self.clock.now());
                self.table.record_issuer_key(issuer, &record).await?;
                added = true;
            }
        }
        if added {
            *self.read.lock().await = None;
        }
        Ok(())
    }
}
