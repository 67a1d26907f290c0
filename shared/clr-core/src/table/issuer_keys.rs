//! Public keys of the deployment's issuers. Recorded at their first use, never deleted.

use std::fmt;

use data_integrity::PublicKey;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Table, TableError, is_contention, item, keys};

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyUse {
    /// Records and credentials.
    Credentials,
    /// Status lists.
    StatusLists,
}

impl fmt::Display for KeyUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Credentials => "credentials",
            Self::StatusLists => "status-lists",
        })
    }
}

/// A public key of an issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyRecord {
    /// `z…`.
    pub multikey: String,
    /// What it signs.
    #[serde(rename = "use")]
    pub key_use: KeyUse,
    /// When it was first used here, RFC 3339.
    pub since: String,
    /// From when on it is no longer trusted, RFC 3339: nothing that it signed counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<String>,
}

impl KeyRecord {
    /// A key that is used from now on.
    #[must_use]
    pub fn new(multikey: String, key_use: KeyUse, now: Timestamp) -> Self {
        Self {
            multikey,
            key_use,
            since: now.to_string(),
            revoked: None,
        }
    }

    /// The key.
    ///
    /// # Errors
    /// A later version of the program knows more kinds of keys.
    pub fn public_key(&self) -> Result<PublicKey, TableError> {
        PublicKey::from_multikey(&self.multikey)
            .map_err(|error| TableError::Corrupt(format!("an issuer's key: {error}")))
    }
}

impl Table {
    /// The keys of an issuer that were recorded, as they are now.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn issuer_keys(&self, issuer: &str) -> Result<Vec<KeyRecord>, TableError> {
        let (pk, prefix) = keys::issuer_keys(&self.tenant, issuer);
        let items = self.items_beginning_with(pk, prefix).await?;
        items
            .into_iter()
            .map(|item| item::read("an issuer's key", item))
            .collect()
    }

    /// Records a key. One that is there stays as it is.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub(crate) async fn record_issuer_key(&self, issuer: &str, record: &KeyRecord) -> Result<(), TableError> {
        let key = keys::issuer_key(&self.tenant, issuer, &record.multikey);
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item::write(&key, record, None)?))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", super::definition::PARTITION_KEY);
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_contention(&error) => Ok(()),
            Err(error) => Err(TableError::of("PutItem", error)),
        }
    }

    /// Takes the trust from a key, for good. Tells whether there is such a key.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn revoke_issuer_key(&self, issuer: &str, multikey: &str, from: Timestamp) -> Result<bool, TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(keys::issuer_key(&self.tenant, issuer, multikey).attributes()))
            .update_expression("SET #revoked = if_not_exists(#revoked, :from)")
            .condition_expression("attribute_exists(#pk)")
            .expression_attribute_names("#revoked", "revoked")
            .expression_attribute_names("#pk", super::definition::PARTITION_KEY)
            .expression_attribute_values(":from", item::text(from.to_string()));
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_contention(&error) => Ok(false),
            Err(error) => Err(TableError::of("UpdateItem", error)),
        }
    }
}
