//! Counters of attempts: one update each, nothing is read before.

use aws_sdk_dynamodb::{error::SdkError, operation::update_item::UpdateItemError};

use super::{Table, TableError, definition::TTL_ATTRIBUTE, item, keys};
use crate::rate_limit::{RateClass, Window};

impl Table {
    /// Counts an attempt of this source; false when it has had its maximum in this window.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn count_attempt(
        &self,
        class: RateClass,
        source: &str,
        window: Window,
        maximum: u32,
    ) -> Result<bool, TableError> {
        let key = keys::attempts(&self.tenant, class, source, window.start());
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .update_expression("ADD attempts :one SET #expires = :expires")
            .condition_expression("attribute_not_exists(attempts) OR attempts < :maximum")
            .expression_attribute_names("#expires", TTL_ATTRIBUTE)
            .expression_attribute_values(":one", item::number(1))
            .expression_attribute_values(":expires", item::number(window.expires().epoch_seconds()))
            .expression_attribute_values(":maximum", item::number(maximum));
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(TableError::of("UpdateItem", error)),
        }
    }
}

fn is_refused<R>(error: &SdkError<UpdateItemError, R>) -> bool {
    error
        .as_service_error()
        .is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}
