//! Transactions: all or nothing, and what to do about the nothing.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{Put, TransactWriteItem, error::TransactionCanceledException},
};

use super::{Table, TableError, body::Body, incomplete, item};
use crate::aws::only_conflicts;

/// DynamoDB's bounds on one transaction: 100 actions, 4 MB. Each item is counted with its names and keys, generously.
pub(crate) const MAX_ACTIONS: usize = 100;
const MAX_BYTES: usize = 4 * 1024 * 1024;
const ITEM_OVERHEAD_BYTES: usize = 1_000;

/// Whether so many actions, a body in them, fit into one transaction.
pub(super) fn fits(actions: usize, body: &Body) -> bool {
    let bytes: usize = body.parts().iter().map(|part| part.len()).sum();
    actions <= MAX_ACTIONS && bytes + actions * ITEM_OVERHEAD_BYTES <= MAX_BYTES
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transacted {
    /// All of it is written.
    Committed,
    /// None of it is: a condition does not hold. Read again.
    Refused,
    /// None of it is: others were at the same items all the time. Try again.
    Conflicted,
}

impl Table {
    /// The action that stores an item, whatever was there.
    pub(super) fn put_action(&self, item: item::Item) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder().table_name(&self.name).set_item(Some(item));
        Ok(TransactWriteItem::builder()
            .put(put.build().map_err(incomplete)?)
            .build())
    }

    /// Writes all or nothing. The SDK sends a token with it, so that its own repetitions after a lost answer write once.
    pub(crate) async fn transact(&self, actions: Vec<TransactWriteItem>) -> Result<Transacted, TableError> {
        match self
            .client
            .transact_write_items()
            .set_transact_items(Some(actions))
            .send()
            .await
        {
            Ok(_) => Ok(Transacted::Committed),
            Err(error) => ending(&error).ok_or_else(|| TableError::of("TransactWriteItems", error)),
        }
    }

    /// The same where nothing is to be decided anew: whether the conditions held.
    pub(crate) async fn transact_if(&self, actions: Vec<TransactWriteItem>) -> Result<bool, TableError> {
        match self.transact(actions).await? {
            Transacted::Committed => Ok(true),
            Transacted::Refused => Ok(false),
            Transacted::Conflicted => Err(TableError::Busy(None)),
        }
    }
}

fn ending(error: &SdkError<TransactWriteItemsError>) -> Option<Transacted> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(canceled) if only_conflicts(canceled) => {
            Some(Transacted::Conflicted)
        }
        TransactWriteItemsError::TransactionCanceledException(canceled) if all_pass(canceled) => {
            Some(Transacted::Refused)
        }
        TransactWriteItemsError::TransactionInProgressException(_) => Some(Transacted::Conflicted),
        _ => None,
    }
}

/// Whether every reason is one that time or reading again cures.
fn all_pass(canceled: &TransactionCanceledException) -> bool {
    const CURABLE: [&str; 5] = [
        "None",
        "ConditionalCheckFailed",
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    ];
    let reasons = canceled.cancellation_reasons();
    !reasons.is_empty()
        && reasons
            .iter()
            .all(|reason| CURABLE.contains(&reason.code().unwrap_or("None")))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::CancellationReason;

    use super::*;

    fn canceled(codes: &[&str]) -> TransactionCanceledException {
        let reasons = codes
            .iter()
            .map(|code| CancellationReason::builder().code(*code).build())
            .collect();
        TransactionCanceledException::builder()
            .set_cancellation_reasons(Some(reasons))
            .build()
    }

    #[test]
    fn a_failed_condition_and_a_conflict_are_worth_another_look() {
        assert!(all_pass(&canceled(&["None", "ConditionalCheckFailed"])));
        assert!(all_pass(&canceled(&["TransactionConflict", "ThrottlingError"])));
    }

    #[test]
    fn a_conflict_alone_says_nothing_of_the_conditions() {
        assert!(only_conflicts(&canceled(&["None", "TransactionConflict"])));
        assert!(only_conflicts(&canceled(&["ThrottlingError"])));
        assert!(!only_conflicts(&canceled(&[
            "ConditionalCheckFailed",
            "TransactionConflict"
        ])));
        assert!(!only_conflicts(&canceled(&[])));
    }

    #[test]
    fn an_invalid_transaction_stays_invalid() {
        assert!(!all_pass(&canceled(&["ConditionalCheckFailed", "ValidationError"])));
        assert!(!all_pass(&canceled(&["ItemCollectionSizeLimitExceeded"])));
        assert!(!all_pass(&canceled(&[])));
    }
}
