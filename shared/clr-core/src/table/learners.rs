//! Learners.

use std::collections::BTreeSet;

use super::{
    Table, TableError,
    definition::{PARTITION_KEY, SORT_KEY},
    item,
    keys::{self, Key},
};
use crate::learners::{Learner, LearnerId};

impl Table {
    /// The learner of this id; none before the first sign-in.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn learner(&self, id: &LearnerId) -> Result<Option<Learner>, TableError> {
        self.read("learner", &keys::learner(&self.tenant, id)).await
    }

    /// The learners who have one of these credentials, each with its `clrCredentialId`. Reads the whole table: for the operator, in
    /// an emergency.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn learners_with(
        &self,
        clr_credential_ids: &BTreeSet<&str>,
    ) -> Result<Vec<(LearnerId, String)>, TableError> {
        let mut items = self
            .client
            .scan()
            .table_name(&self.name)
            .consistent_read(true)
            .filter_expression("begins_with(#sk, :identity)")
            .projection_expression("#pk, #sk")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_names("#sk", SORT_KEY)
            .expression_attribute_values(":identity", item::text(keys::IDENTITY.to_owned()))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            let Key { pk, sk } = Key::of_item(&item.map_err(|error| TableError::of("Scan", error))?)?;
            let id = sk.strip_prefix(keys::IDENTITY).unwrap_or_default();
            if let Some(learner) = keys::learner_in(&self.tenant, &pk)
                && clr_credential_ids.contains(id)
            {
                found.push((LearnerId::from_key(learner), id.to_owned()));
            }
        }
        Ok(found)
    }

    /// All learners who ever signed in. Reads the whole table: for the operator.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn learners(&self) -> Result<Vec<Learner>, TableError> {
        let mut items = self
            .client
            .scan()
            .table_name(&self.name)
            .consistent_read(true)
            .filter_expression("#sk = :learner")
            .expression_attribute_names("#sk", SORT_KEY)
            .expression_attribute_values(":learner", item::text(keys::LEARNER.to_owned()))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| TableError::of("Scan", error))?;
            if keys::learner_in(&self.tenant, &Key::of_item(&item)?.pk).is_some() {
                found.push(item::read("learner", item)?);
            }
        }
        Ok(found)
    }
}
