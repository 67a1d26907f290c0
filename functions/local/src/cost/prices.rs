//! AWS's list prices: those that were looked up, or those of a file.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::dollars::Price;
use crate::failure::Failure;

/// What AWS asks for. Unit prices of the first tier; nothing free is subtracted.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prices {
    /// When they were looked up, `2026-11-24`.
    pub(super) date: String,
    pub(super) region: String,
    pub(super) sources: Vec<String>,
    pub(super) lambda_request: Price,
    pub(super) lambda_gb_second: Price,
    /// Of an HTTP API, up to 512 KB of answer.
    pub(super) gateway_request: Price,
    pub(super) read_unit: Price,
    pub(super) write_unit: Price,
    pub(super) storage_gb_month: Price,
    /// Point-in-time recovery, by the size of the table.
    pub(super) recovery_gb_month: Price,
    /// With an elliptic curve key.
    pub(super) kms_request: Price,
    pub(super) kms_key_month: Price,
    pub(super) log_gb: Price,
    /// A metric that an alarm looks at once a minute.
    pub(super) alarm_metric_month: Price,
    pub(super) dashboard_month: Price,
    /// From AWS to the internet.
    pub(super) transfer_gb: Price,
}

impl Prices {
    /// Those of a file in the form of `prices.json` beside this source; none: those.
    pub(super) fn read(file: Option<&Path>) -> Result<Self, Failure> {
        let Some(file) = file else {
            return Ok(serde_json::from_str(include_str!("prices.json"))?);
        };
        let unreadable = |error: &dyn std::fmt::Display| Failure::unreadable(format!("{}: {error}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| unreadable(&error))?;
        serde_json::from_str(&text).map_err(|error| unreadable(&error))
    }
}
