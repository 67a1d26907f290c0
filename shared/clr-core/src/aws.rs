//! The clients of AWS, made in one way: metered, with bounds on time and on repetitions.
//!
//! A request has 28 seconds under Lambda, and API Gateway waits for 30. The SDK repeats what was throttled, failed or lost, with
//! exponential back-off and jitter; what takes longer than [`OPERATION`] is given up and told as busy.

use std::time::Duration;

use aws_sdk_dynamodb::{
    config::{
        SharedInterceptor,
        interceptors::InterceptorContext,
        retry::{ClassifyRetry, RetryAction, RetryConfig},
        timeout::TimeoutConfig,
    },
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        delete_item::DeleteItemError, put_item::PutItemError, transact_write_items::TransactWriteItemsError,
        update_item::UpdateItemError,
    },
    types::error::TransactionCanceledException,
};

use crate::metering::{KmsMeter, TableMeter};

/// A connection takes no longer.
pub const CONNECT: Duration = Duration::from_secs(2);
/// One attempt takes no longer.
pub const ATTEMPT: Duration = Duration::from_secs(4);
/// All attempts of one operation take no longer.
pub const OPERATION: Duration = Duration::from_secs(10);
/// The first attempt and its repetitions.
const ATTEMPTS: u32 = 4;
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
const LONGEST_BACKOFF: Duration = Duration::from_secs(1);

/// A client of DynamoDB.
#[must_use]
pub fn table_client(mut config: aws_sdk_dynamodb::config::Builder) -> aws_sdk_dynamodb::Client {
    config.push_interceptor(SharedInterceptor::new(TableMeter));
    let config = config.retry_classifier(Conflicts);
    aws_sdk_dynamodb::Client::from_conf(config.timeout_config(timeouts()).retry_config(retries()).build())
}

/// A client of KMS.
#[must_use]
pub fn kms_client(mut config: aws_sdk_kms::config::Builder) -> aws_sdk_kms::Client {
    config.push_interceptor(SharedInterceptor::new(KmsMeter));
    aws_sdk_kms::Client::from_conf(config.timeout_config(timeouts()).retry_config(retries()).build())
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(FIRST_BACKOFF)
        .with_max_backoff(LONGEST_BACKOFF)
}

/// Whether trying again later is sensible: throttled, failed at their end, or lost on the way.
pub(crate) fn is_transient<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        // Anything but I/O here is a client that cannot send at all, such as one without credentials.
        SdkError::DispatchFailure(failure) => failure.is_io() || failure.is_timeout(),
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            status >= 500 || status == 429 || answer.err().code().is_some_and(|code| TRANSIENT_CODES.contains(&code))
        }
        _ => false,
    }
}

/// Errors of DynamoDB and KMS that a later attempt may not meet, whatever their HTTP status.
const TRANSIENT_CODES: [&str; 11] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "LimitExceededException",
    "InternalServerError",
    "ServiceUnavailable",
    "TransactionConflictException",
    "TransactionInProgressException",
    "DependencyTimeoutException",
    "KeyUnavailableException",
    "KMSInternalException",
];

/// What the SDK does not repeat by itself: writes that met another transaction. A transaction is repeated with the same token, so
/// that one whose answer was lost is found written, not refused by the conditions that it made untrue itself.
#[derive(Debug)]
struct Conflicts;

impl ClassifyRetry for Conflicts {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(Result::err);
        let Some(error) = error.and_then(|error| error.as_operation_error()) else {
            return RetryAction::NoActionIndicated;
        };
        let transaction = error.downcast_ref::<TransactWriteItemsError>();
        let conflicts = transaction.is_some_and(|error| match error {
            TransactWriteItemsError::TransactionCanceledException(canceled) => only_conflicts(canceled),
            error => error.is_transaction_in_progress_exception(),
        }) || error
            .downcast_ref::<PutItemError>()
            .is_some_and(PutItemError::is_transaction_conflict_exception)
            || error
                .downcast_ref::<UpdateItemError>()
                .is_some_and(UpdateItemError::is_transaction_conflict_exception)
            || error
                .downcast_ref::<DeleteItemError>()
                .is_some_and(DeleteItemError::is_transaction_conflict_exception);
        if conflicts {
            RetryAction::transient_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "conflicts of transactions"
    }
}

/// Whether a transaction met others or a throttle, and none of its conditions was untrue.
pub(crate) fn only_conflicts(canceled: &TransactionCanceledException) -> bool {
    const PASSING: [&str; 4] = [
        "None",
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    ];
    let reasons = canceled.cancellation_reasons();
    !reasons.is_empty()
        && reasons
            .iter()
            .all(|reason| PASSING.contains(&reason.code().unwrap_or("None")))
}
