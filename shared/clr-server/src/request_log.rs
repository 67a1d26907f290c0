//! One line for each request: for people on a laptop, for CloudWatch in AWS.
//!
//! In AWS the line is JSON in the Embedded Metric Format, so that CloudWatch makes metrics of it and Logs Insights can ask for every
//! member. The one dimension is the function: each further one would make more metrics, and CloudWatch charges for each. The
//! route is the pattern, never the path: that has ids of learners' credentials in it.
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
use serde_json::{Value, json};

/// The namespace of the metrics.
pub const NAMESPACE: &str = "clr-serverless";

/// Each metric and its unit.
pub const METRICS: [(&str, &str); 8] = [
    ("Latency", "Milliseconds"),
    ("Errors", "Count"),
    ("Throttles", "Count"),
    ("ColdStarts", "Count"),
    ("TableCalls", "Count"),
    ("KmsCalls", "Count"),
    ("ReadUnits", "Count"),
    ("WriteUnits", "Count"),
];

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
    Metrics {
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

    /// For CloudWatch: metrics of this function, as lines of JSON.
    #[must_use]
    pub fn metrics(function: &str, out: impl Write + Send + 'static) -> Self {
        let (function, out) = (function.into(), Arc::new(Mutex::new(out)));
        Self {
            form: Form::Metrics { function, out },
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
            Form::Metrics { function, out } => {
                let text = format!("{}\n", line.embedded_metrics(function, cold));
                let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
                // A log that cannot be written is no reason to fail a request.
                let _ = out.write_all(text.as_bytes());
            }
        }
    }
}

impl RequestLine<'_> {
    fn embedded_metrics(&self, function: &str, cold: bool) -> Value {
        let metrics = METRICS.map(|(name, unit)| json!({ "Name": name, "Unit": unit }));
        json!({
            "_aws": {
                "Timestamp": self.at.as_millisecond(),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [["function"]],
                    "Metrics": metrics,
                }],
            },
            "function": function,
            "requestId": self.id,
            "tenant": self.tenant,
            "method": self.method.as_str(),
            "route": self.route,
            "status": self.status.as_u16(),
            "cold": cold,
            "Latency": self.milliseconds(),
            "Errors": u8::from(self.status == StatusCode::INTERNAL_SERVER_ERROR),
            "Throttles": u8::from(matches!(self.status.as_u16(), 429 | 503)),
            "ColdStarts": u8::from(cold),
            "TableCalls": self.usage.table_calls,
            "KmsCalls": self.usage.kms_calls,
            "ReadUnits": self.usage.read_units,
            "WriteUnits": self.usage.write_units,
        })
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
            Form::Metrics { .. } => "RequestLog::metrics",
        })
    }
}
