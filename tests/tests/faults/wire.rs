//! The wire between the SDK and the emulators, on which answers get lost.

use std::{
    backtrace::Backtrace,
    collections::{HashMap, HashSet},
    fmt,
    pin::Pin,
    sync::{Arc, LazyLock, Mutex, MutexGuard},
    task::{Context, Poll},
    time::Duration,
};

use aws_sdk_dynamodb::config::{
    HttpClient, RuntimeComponents,
    http::{HttpRequest, HttpResponse},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame};
use serde_json::json;

use crate::{
    call_sites::{self, Sites},
    stage::{ATTEMPT, Times},
};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Throttled: `ProvisionedThroughputExceededException`, of KMS `ThrottlingException`.
    Throttled,
    /// Throttled: `ThrottlingException`, of KMS `LimitExceededException`, which the SDK does not repeat.
    Limited,
    /// Throttled: `RequestLimitExceeded`, of KMS `KeyUnavailableException`.
    OverLimit,
    /// 500.
    Failed,
    /// 503 from something in between, in HTML.
    Unavailable,
    /// Another transaction is at the items; of what only reads, `ThrottlingException`.
    Conflict,
    /// Later than anybody waits.
    Slow,
    /// The connection is cut before the request arrives.
    CutBefore,
    /// It is done, and the connection is cut in the middle of the answer.
    CutMidway,
    /// It is done, and the answer gets lost.
    Lost,
}

impl Fault {
    pub(crate) const ALL: [Self; 10] = [
        Self::Throttled,
        Self::Limited,
        Self::OverLimit,
        Self::Failed,
        Self::Unavailable,
        Self::Conflict,
        Self::Slow,
        Self::CutBefore,
        Self::CutMidway,
        Self::Lost,
    ];
    /// Those that also come in answer to each repetition.
    pub(crate) const LASTING: [Self; 4] = [Self::Throttled, Self::Failed, Self::Conflict, Self::Lost];
}

/// What is to go wrong, and when: at which call, each with its repetitions.
pub(crate) type Plan = (usize, Fault, Times);

#[derive(Clone, Default)]
pub(crate) struct Wire(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Whether calls are counted, and go wrong: not while a scenario prepares itself.
    watching: bool,
    plan: Option<Plan>,
    /// The operations that were watched, and the ids by which the SDK repeats them.
    calls: Vec<String>,
    invocations: HashMap<String, usize>,
    seen: HashSet<String>,
    struck: bool,
    sites: Sites,
}

impl Wire {
    pub(crate) fn planned(plan: Option<Plan>) -> Self {
        let wire = Self::default();
        wire.state().plan = plan;
        wire
    }

    /// Begins to count and to fail.
    pub(crate) fn watch(&self) {
        self.state().watching = true;
    }

    /// From now on all is well.
    pub(crate) fn heal(&self) {
        let mut state = self.state();
        state.watching = false;
        if state.struck {
            state.plan = None;
        }
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    pub(crate) fn has_struck(&self) -> bool {
        self.state().struck
    }

    pub(crate) fn sites(&self) -> Sites {
        self.state().sites.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// What happens to this request.
    fn fault(&self, request: &HttpRequest) -> Option<Fault> {
        let header = |name| request.headers().get(name).unwrap_or_default().to_owned();
        let mut state = self.state();
        if !state.watching {
            return None;
        }
        let state = &mut *state;
        let calls = &mut state.calls;
        let call = *state
            .invocations
            .entry(header("amz-sdk-invocation-id"))
            .or_insert_with(|| {
                calls.push(header("x-amz-target"));
                calls.len() - 1
            });
        let (at, fault, times) = state.plan?;
        let is_first = state.seen.insert(header("amz-sdk-invocation-id"));
        if at != call || (times == Times::Once && !is_first) {
            return None;
        }
        state.struck = true;
        // Once for each call, since it takes long.
        if fault == Fault::Throttled && times == Times::Once {
            state.sites.extend(call_sites::of(&Backtrace::force_capture()));
        }
        Some(fault)
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let fault = self.fault(&request);
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
            let kms = target.starts_with("TrentService");
            let writes = ["PutItem", "UpdateItem", "DeleteItem"]
                .iter()
                .any(|name| target.ends_with(name));
            let by_service = |of_table: &str, of_kms: &str| if kms { of_kms } else { of_table }.to_owned();
            let refused = |status, code: &str| {
                Ok(response(
                    status,
                    json!({"__type": code, "message": "injected"}).to_string(),
                ))
            };
            match fault {
                None => forward(request).await,
                Some(Fault::Throttled) => refused(
                    400,
                    &by_service("ProvisionedThroughputExceededException", "ThrottlingException"),
                ),
                Some(Fault::Limited) => refused(400, &by_service("ThrottlingException", "LimitExceededException")),
                Some(Fault::OverLimit) => refused(400, &by_service("RequestLimitExceeded", "KeyUnavailableException")),
                Some(Fault::Failed) => refused(500, &by_service("InternalServerError", "KMSInternalException")),
                Some(Fault::Unavailable) => Ok(response(503, "<html>Service Unavailable</html>".to_owned())),
                Some(Fault::Conflict) if target.ends_with("TransactWriteItems") => Ok(response(
                    400,
                    json!({
                        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                        "message": "injected",
                        "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}],
                    })
                    .to_string(),
                )),
                Some(Fault::Conflict) if writes => refused(400, "TransactionConflictException"),
                Some(Fault::Conflict) => refused(400, "ThrottlingException"),
                Some(Fault::Slow) => {
                    tokio::time::sleep(ATTEMPT * 2).await;
                    forward(request).await
                }
                Some(Fault::CutBefore) => Err(cut()),
                Some(Fault::CutMidway) => {
                    let answer = forward(request).await?;
                    let text = answer.body().bytes().unwrap_or_default();
                    let half = Bytes::copy_from_slice(&text[..text.len() / 2]);
                    Ok(HttpResponse::new(
                        answer.status(),
                        SdkBody::from_body_1_x(Half(Some(half))),
                    ))
                }
                Some(Fault::Lost) => {
                    forward(request).await?;
                    Err(cut())
                }
            }
        })
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

/// A body that breaks off.
struct Half(Option<Bytes>);

impl Body for Half {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(match self.0.take() {
            Some(half) => Ok(Frame::data(half)),
            None => Err(std::io::ErrorKind::ConnectionReset.into()),
        }))
    }
}

/// Of all scenarios; without a pool, since each has a runtime of its own.
static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
    client.timeout(Duration::from_secs(20)).build().unwrap()
});

async fn forward(request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let mut forwarded = HTTP.post(request.uri());
    for (name, value) in request.headers() {
        forwarded = forwarded.header(name, value);
    }
    let body = request.body().bytes().unwrap_or_default().to_vec();
    let answer = forwarded
        .body(body)
        .send()
        .await
        .map_err(|error| ConnectorError::io(error.into()))?;
    let status = answer.status().as_u16();
    let text = answer.text().await.map_err(|error| ConnectorError::io(error.into()))?;
    Ok(response(status, text))
}

fn response(status: u16, text: String) -> HttpResponse {
    HttpResponse::new(status.try_into().unwrap(), SdkBody::from(text))
}

fn cut() -> ConnectorError {
    ConnectorError::io("the connection was cut".into())
}
