//! Counts what the service asks of DynamoDB.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use aws_sdk_dynamodb::{
    Client,
    config::{ConfigBag, Intercept, interceptors::BeforeSerializationInterceptorContextRef},
};

use crate::{Answer, TestApp};

/// Operations sent so far, whatever they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct StorageCalls(Arc<AtomicUsize>);

impl StorageCalls {
    /// The same client, counted.
    pub(crate) fn of(&self, client: &Client) -> Client {
        Client::from_conf(client.config().to_builder().interceptor(self.clone()).build())
    }
}

impl Intercept for StorageCalls {
    fn name(&self) -> &'static str {
        "storage calls"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _settings: &mut ConfigBag,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

impl TestApp {
    /// An answer, and how many calls to DynamoDB it took.
    pub async fn counted(&self, answer: impl Future<Output = Answer>) -> (Answer, usize) {
        let before = self.storage_calls.0.load(Ordering::SeqCst);
        let answer = answer.await;
        (answer, self.storage_calls.0.load(Ordering::SeqCst) - before)
    }
}
