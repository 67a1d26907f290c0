//! The operator's own way to the deployment's parts in AWS, and what it means when a call fails.

use std::{
    error::Error,
    fmt::Debug,
    sync::{Arc, Mutex, PoisonError},
};

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeDeserializationInterceptorContextRef},
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
};

use super::report::Check;

/// Clients with the operator's credentials.
#[derive(Debug)]
pub(super) struct Clients {
    pub(super) dynamodb: aws_sdk_dynamodb::Client,
    pub(super) kms: aws_sdk_kms::Client,
    date: LastDate,
}

/// The `Date` of the last answer.
#[derive(Clone, Debug, Default)]
struct LastDate(Arc<Mutex<Option<String>>>);

impl Clients {
    /// From the operator's environment and profile.
    pub(super) async fn from_env() -> Self {
        let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
        Self::new(
            aws_sdk_dynamodb::config::Builder::from(&aws),
            aws_sdk_kms::Client::new(&aws),
        )
    }

    pub(super) fn new(dynamodb: aws_sdk_dynamodb::config::Builder, kms: aws_sdk_kms::Client) -> Self {
        let date = LastDate::default();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.interceptor(date.clone()).build()),
            kms,
            date,
        }
    }

    /// `Date` of the last answer of DynamoDB; none: there was none.
    pub(super) fn date(&self) -> Option<String> {
        self.date.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Intercept for LastDate {
    fn name(&self) -> &'static str {
        "date of the last answer"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _settings: &mut ConfigBag,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let date = context.response().headers().get("date").map(str::to_owned);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}

/// What it means for a check that this call of AWS failed.
pub(super) fn failed<E, R>(name: &str, call: &str, error: SdkError<E, R>) -> Check
where
    E: ProvideErrorMetadata + Error + 'static,
    R: Debug + 'static,
{
    /// It is there no longer, or not in a state to be used.
    const WRONG: [&str; 5] = [
        "NotFoundException",
        "ResourceNotFoundException",
        "DisabledException",
        "KMSInvalidStateException",
        "ValidationException",
    ];
    let code = error.code().unwrap_or_default();
    if WRONG.contains(&code) {
        let message = error.message().unwrap_or_default();
        return Check::wrong(
            name,
            format!("{call}: {code}: {message}"),
            "see whether its id, the region and the account are those of the deployment",
        );
    }
    if code.starts_with("AccessDenied") {
        return Check::could_not(
            name,
            format!("your AWS credentials may not call {call}"),
            format!("allow them {call} for this resource"),
        );
    }
    Check::could_not(
        name,
        format!("{call}: {}", DisplayErrorContext(error)),
        "see to AWS_REGION, your AWS credentials and the network, then try again",
    )
}
