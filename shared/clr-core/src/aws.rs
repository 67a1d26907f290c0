//! The clients of AWS, made in one way: metered, with bounds on time and on repetitions.
//!
//! A request has 28 seconds under Lambda, and API Gateway waits for 30. The SDK repeats what was throttled, failed or lost, with
//! exponential back-off and jitter; what takes longer than [`OPERATION`] is given up and told as busy.

use std::time::Duration;

use aws_sdk_dynamodb::config::{SharedInterceptor, retry::RetryConfig, timeout::TimeoutConfig};

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
