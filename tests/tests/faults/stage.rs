//! A service behind a wire that fails as planned, and what a request on it must come to.

use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::config::{IntoShared as _, retry::RetryConfig, timeout::TimeoutConfig};
use axum::body::Body;
use clr_core::TableError;
use http::Request;
use serde_json::Value;
use tests::{Answer, TestApp, Wired};

use crate::wire::{Plan, Wire};

/// No attempt takes longer on this wire.
pub(crate) const ATTEMPT: Duration = Duration::from_millis(700);

/// How often a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    /// The first attempt.
    Once,
    /// And each repetition.
    Always,
}

/// The service, and the wire to its table and keys.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) app: Arc<TestApp>,
    pub(crate) wire: Wire,
}

/// What a request came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The first answer.
    pub(crate) first: Answer,
    /// The answer after which the client is content, or knows that it never will be: the first, or that to its repetition.
    pub(crate) last: Answer,
}

impl Outcome {
    /// Whether the client had to send it again.
    pub(crate) fn was_repeated(&self) -> bool {
        self.first.status == 503
    }

    /// The last answer, which has this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> &Answer {
        assert_eq!(self.last.status, status, "{}", self.last.text());
        &self.last
    }
}

impl Stage {
    pub(crate) async fn start(plan: Option<Plan>) -> Self {
        let wire = Wire::planned(plan);
        let wired = Wired {
            http: wire.clone().into_shared(),
            timeouts: TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(ATTEMPT * 5)
                .build(),
            retries: RetryConfig::standard()
                .with_max_attempts(3)
                .with_initial_backoff(Duration::from_millis(1)),
        };
        let app = Arc::new(TestApp::over(wired).await);
        Self { app, wire }
    }

    /// Sends a request on the failing wire; when it is told to come again, sends it again on a good one.
    pub(crate) async fn send(&self, request: impl Fn() -> Request<Body>) -> Outcome {
        self.send_to(&self.app, request).await
    }

    /// The same, to a service that shares this wire.
    pub(crate) async fn send_to(&self, app: &TestApp, request: impl Fn() -> Request<Body>) -> Outcome {
        self.wire.watch();
        let path = request().uri().path().to_owned();
        let first = app.send(request()).await;
        self.wire.heal();
        assert!(!first.header("x-request-id").is_empty(), "{first:?}");
        if first.status.as_u16() < 500 {
            let last = first.clone();
            return Outcome { first, last };
        }
        told_to_come_again(&first, &path);
        let last = app.send(request()).await;
        assert_ne!(last.status.as_u16() / 100, 5, "again: {}", last.text());
        Outcome { first, last }
    }

    /// Asks the table on the failing wire, again when it was busy.
    pub(crate) async fn ask<T, F: Future<Output = Result<T, TableError>>>(&self, ask: impl Fn() -> F) -> T {
        self.wire.watch();
        let first = ask().await;
        self.wire.heal();
        match first {
            Ok(answer) => answer,
            Err(error) => {
                assert!(matches!(error, TableError::Busy(_)), "{error:?}");
                ask().await.unwrap()
            }
        }
    }
}

/// 503 with `Retry-After`, in the dialect of the path.
#[track_caller]
fn told_to_come_again(answer: &Answer, path: &str) {
    assert_eq!(answer.status, 503, "{path}: {}", answer.text());
    assert!(answer.header("retry-after").parse::<u32>().is_ok(), "{answer:?}");
    if answer.header("content-type").starts_with("text/html") {
        assert!(["/oauth/authorize", "/oauth/grants"].contains(&path));
        return;
    }
    let body: Value = answer.json();
    if path.starts_with("/oauth/") {
        assert_eq!(body["error"], "temporarily_unavailable", "{path}: {body}");
    } else {
        assert_eq!(body["imsx_codeMajor"], "failure", "{path}: {body}");
    }
}
