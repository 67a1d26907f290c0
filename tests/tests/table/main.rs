//! What the table promises, one function per promise, races included, against every engine that speaks DynamoDB's wire
//! protocol: the embedded one always, another endpoint when `CLR_DYNAMODB_ENDPOINT` names one (with `AWS_REGION` and
//! credentials in the environment, as the SDK reads them).

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on stops, and says what it skips"
)]

mod audit;
mod credentials;
mod engine;
mod status;

/// Makes a test of each promise for each engine.
macro_rules! promises {
    ($($promise:ident),* $(,)?) => {
        mod embedded_engine {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    super::$promise(crate::engine::embedded().await).await;
                }
            )*
        }

        mod other_endpoint {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    if let Some(table) = crate::engine::other_endpoint().await {
                        super::$promise(table).await;
                    }
                }
            )*
        }
    };
}

use promises;
