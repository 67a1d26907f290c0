//! From operations to quantities, from quantities to lines of a bill.

use serde::Serialize;

use super::{
    dollars::Dollars,
    memory::{WHOLE_PROCESSOR, memory, stretched},
    operations::{OPERATIONS, Operation},
    prices::Prices,
};

/// What is written to the log for a request: one line of ours, at most 350 bytes, which a test holds it to; reckoned, three of Lambda
/// (270), one of the API's access log (450), and 26 for each line, which CloudWatch adds.
pub(super) const LOG_BYTES_PER_REQUEST: u128 = 1_200;
const GB: u128 = 1 << 30;
const GATEWAY_STEP: u128 = 512 * 1024;

/// What is used of AWS, by what it is billed by.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quantities {
    pub(super) requests: u128,
    pub(super) gateway_requests: u128,
    pub(super) megabyte_milliseconds: u128,
    pub(super) read_units: u128,
    pub(super) write_units: u128,
    pub(super) kms_requests: u128,
    pub(super) log_bytes: u128,
    pub(super) answer_bytes: u128,
    pub(super) stored_bytes: u128,
    pub(super) keys: u128,
    pub(super) alarm_metrics: u128,
    pub(super) dashboards: u128,
}

/// A line of the bill.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    pub(super) service: &'static str,
    pub(super) item: &'static str,
    pub(super) quantity: String,
    pub(super) price: String,
    pub(super) dollars: Dollars,
}

impl Operation {
    /// How long its function runs in all its requests, in milliseconds, rounded up: what a processor was measured to take, in the
    /// share of one that the function has, and the time of AWS, which is an assumption, for nothing here was ever measured there: 5 ms
    /// for each call to DynamoDB, as if none were made at once, 20 for each round of signing (the nested credentials, then the record).
    pub(super) fn milliseconds(&self) -> u64 {
        let rounds = u64::from(self.signatures.min(2));
        let waited = 5 * u64::from(self.table_calls) + 20 * rounds;
        waited + stretched(self.processor, self.memory()).div_ceil(1000)
    }

    /// MB of its function.
    fn memory(&self) -> u32 {
        memory(self.function).unwrap_or(WHOLE_PROCESSOR)
    }

    /// The same with a record of so many nested credentials: on the line through the two that were measured, each quantity
    /// rounded up.
    pub(super) fn with_nested(name: &str, nested: u32) -> Option<Self> {
        let mut rows = OPERATIONS.iter().filter(|row| row.name == name);
        let few = rows.next()?;
        let (Some(many), Some(at_few)) = (rows.next(), few.nested) else {
            return Some(*few);
        };
        let between = |value: fn(&Self) -> u32| {
            let (low, high) = (i64::from(value(few)), i64::from(value(many)));
            let span = i64::from(many.nested.unwrap_or(at_few + 1) - at_few);
            let rise = (high - low) * (i64::from(nested) - i64::from(at_few));
            // Rounded up, also below zero.
            let rise = rise.div_euclid(span) + i64::from(rise.rem_euclid(span) > 0);
            u32::try_from(low + rise).unwrap_or_default()
        };
        Some(Self {
            nested: Some(nested),
            table_calls: between(|row| row.table_calls),
            signatures: between(|row| row.signatures),
            read_units: between(|row| row.read_units),
            write_units: between(|row| row.write_units),
            stored_bytes: between(|row| row.stored_bytes),
            answer_bytes: between(|row| row.answer_bytes),
            processor: between(|row| row.processor),
            ..*few
        })
    }
}

impl Quantities {
    /// Adds an operation that is done so often, with so many signing keys. What it stores is not in it.
    pub(super) fn add(&mut self, operation: &Operation, times: u64, keys: u32) {
        let times = u128::from(times);
        let requests = u128::from(operation.requests);
        let answer = u128::from(operation.answer_bytes);
        self.requests += times * requests;
        self.gateway_requests += times * requests.max(answer.div_ceil(GATEWAY_STEP));
        self.megabyte_milliseconds += times * u128::from(operation.milliseconds() * u64::from(operation.memory()));
        self.read_units += times * u128::from(operation.read_units);
        self.write_units += times * u128::from(operation.write_units);
        self.kms_requests += times * u128::from(operation.signatures) * u128::from(keys);
        self.log_bytes += times * requests * LOG_BYTES_PER_REQUEST;
        self.answer_bytes += times * answer;
    }

    /// The bill.
    pub(super) fn lines(&self, prices: &Prices) -> Vec<Line> {
        let line = |service, item, quantity: String, price: String, dollars| Line {
            service,
            item,
            quantity,
            price,
            dollars,
        };
        let count = |service, item, quantity: u128, price: super::dollars::Price| {
            line(
                service,
                item,
                quantity.to_string(),
                price.to_string(),
                price.of(quantity),
            )
        };
        // Parts of a unit: so many parts make one.
        let parts = |service, item, quantity: u128, parts: u128, price: super::dollars::Price| {
            let dollars = price.of_parts(quantity, parts);
            line(service, item, decimal(quantity, parts), price.to_string(), dollars)
        };
        vec![
            count("API Gateway", "requests", self.gateway_requests, prices.gateway_request),
            count("Lambda", "requests", self.requests, prices.lambda_request),
            parts(
                "Lambda",
                "GB-seconds",
                self.megabyte_milliseconds,
                1024 * 1000,
                prices.lambda_gb_second,
            ),
            count("DynamoDB", "read units", self.read_units, prices.read_unit),
            count("DynamoDB", "write units", self.write_units, prices.write_unit),
            parts("DynamoDB", "GB stored", self.stored_bytes, GB, prices.storage_gb_month),
            parts(
                "DynamoDB",
                "GB recoverable",
                self.stored_bytes,
                GB,
                prices.recovery_gb_month,
            ),
            count("KMS", "keys", self.keys, prices.kms_key_month),
            count("KMS", "requests", self.kms_requests, prices.kms_request),
            parts("CloudWatch", "GB of logs", self.log_bytes, GB, prices.log_gb),
            count(
                "CloudWatch",
                "metrics of alarms",
                self.alarm_metrics,
                prices.alarm_metric_month,
            ),
            count("CloudWatch", "dashboard", self.dashboards, prices.dashboard_month),
            parts(
                "Transfer",
                "GB to the internet",
                self.answer_bytes,
                GB,
                prices.transfer_gb,
            ),
        ]
    }
}

/// A quotient with three decimal places, half a step rounded up.
fn decimal(quantity: u128, parts: u128) -> String {
    let thousandths = (quantity * 1000 + parts / 2) / parts;
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_between_the_measured_ones_lie_on_their_line_rounded_up() {
        let [few, many] = [1, 62].map(|nested| Operation::with_nested("issue", nested).unwrap());
        let rows: Vec<_> = OPERATIONS.iter().filter(|row| row.name == "issue").collect();
        assert_eq!([&few, &many], [rows[0], rows[1]]);
        let ten = Operation::with_nested("issue", 10).unwrap();
        assert_eq!(ten.signatures, 11, "each nested credential and the record");
        let exact = f64::from(few.write_units) + f64::from(many.write_units - few.write_units) * 9.0 / 61.0;
        assert_eq!(ten.write_units, exact.ceil() as u32);
        assert_eq!(
            Operation::with_nested("register", 10).unwrap(),
            *super::super::operations::operation("register").unwrap()
        );
        assert!(Operation::with_nested("no such thing", 1).is_none());
    }
}
