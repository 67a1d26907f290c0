//! One line for each request: for people on a laptop, for CloudWatch in AWS.
//!
//! In AWS the line is JSON, so that Logs Insights can ask for every member. The line of a request that failed is also in the
//! Embedded Metric Format, so that CloudWatch makes a metric of it for the alarms. No other is: CloudWatch charges for a metric in each
//! hour in which it gets a value, and what else there is to see, Lambda, API Gateway and DynamoDB tell for nothing. The one
//! dimension is the stack, for the same reason. The route is the pattern, never the path: that has ids of learners' credentials in it.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::{
    fmt,
    io::Write,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use clr_core::metering::Usage;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The namespace of the metrics.
pub const NAMESPACE: &str = "clr-serverless";

/// The dimension of all of them.
pub const DIMENSION: &str = "stack";

/// Each metric, a count that is told when it is not zero: requests that were answered 500; keys in KMS that could not be used.
pub const METRICS: [&str; 2] = ["Failures", "KeyErrors"];

/// Where the lines go. Clones share it.
#[derive(Clone)]
pub struct RequestLog {
    form: Form,
    is_warm: Arc<AtomicBool>,
}

#[derive(Clone)]
enum Form {
    /// Events of `tracing`.
    Readable,
    /// Lines of JSON.
    Json {
        stack: Arc<str>,
        function: Arc<str>,
        out: Arc<Mutex<dyn Write + Send>>,
    },
}

/// What is told of a request.
#[derive(Debug)]
pub(crate) struct RequestLine<'a> {
    pub(crate) at: Timestamp,
    pub(crate) id: &'a str,
    pub(crate) tenant: &'a str,
    pub(crate) method: &'a Method,
    pub(crate) route: &'a str,
    pub(crate) status: StatusCode,
    pub(crate) latency: Duration,
    pub(crate) usage: Usage,
}

impl RequestLog {
    /// For people, through `tracing`.
    #[must_use]
    pub fn readable() -> Self {
        Self {
            form: Form::Readable,
            is_warm: Arc::default(),
        }
    }

    /// For CloudWatch: lines of JSON of this function, with metrics of this stack.
    #[must_use]
    pub fn json(stack: &str, function: &str, out: impl Write + Send + 'static) -> Self {
        let (stack, function, out) = (stack.into(), function.into(), Arc::new(Mutex::new(out)));
        Self {
            form: Form::Json { stack, function, out },
            is_warm: Arc::default(),
        }
    }

    pub(crate) fn write(&self, line: &RequestLine<'_>) {
        let cold = !self.is_warm.swap(true, Ordering::Relaxed);
        match &self.form {
            Form::Readable => {
                let RequestLine {
                    method, route, status, ..
                } = line;
                let milliseconds = line.milliseconds();
                let (id, usage) = (line.id, line.usage);
                tracing::info!(id, "{method} {route} {}, {milliseconds} ms, {usage}", status.as_u16());
            }
            Form::Json { stack, function, out } => {
                let mut told = line.json(function, cold);
                if let Value::Object(told) = &mut told {
                    told.append(&mut line.embedded_metrics(stack));
                }
                let text = format!("{told}\n");
                let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
                // A log that cannot be written is no reason to fail a request.
                let _ = out.write_all(text.as_bytes());
            }
        }
    }
}

impl RequestLine<'_> {
    fn json(&self, function: &str, cold: bool) -> Value {
        json!({
            "function": function,
            "requestId": self.id,
            "tenant": self.tenant,
            "method": self.method.as_str(),
            "route": self.route,
            "status": self.status.as_u16(),
            "cold": cold,
            "latency": self.milliseconds(),
            "tableCalls": self.usage.table_calls,
            "kmsCalls": self.usage.kms_calls,
            "readUnits": self.usage.read_units,
            "writeUnits": self.usage.write_units,
        })
    }

    /// The metrics that are not zero, with what makes metrics of them; nothing where all are.
    fn embedded_metrics(&self, stack: &str) -> Map<String, Value> {
        let failures = u32::from(self.status == StatusCode::INTERNAL_SERVER_ERROR);
        let values = METRICS.into_iter().zip([failures, self.usage.key_errors]);
        let mut told: Map<_, _> = values
            .filter(|(_, value)| *value > 0)
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        if told.is_empty() {
            return told;
        }
        let metrics: Vec<_> = told
            .keys()
            .map(|name| json!({ "Name": name, "Unit": "Count" }))
            .collect();
        told.insert(DIMENSION.to_owned(), json!(stack));
        told.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": self.at.as_millisecond(),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [[DIMENSION]],
                    "Metrics": metrics,
                }],
            }),
        );
        told
    }

    /// With one digit after the point.
    fn milliseconds(&self) -> f64 {
        (self.latency.as_secs_f64() * 10_000.0).round() / 10.0
    }
}

impl fmt::Debug for RequestLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.form {
            Form::Readable => "RequestLog::readable",
            Form::Json { .. } => "RequestLog::json",
        })
    }
}
