//! `clr cost`: what a month costs in AWS, from what each operation was measured to take and AWS's list prices.

mod dollars;
mod estimate;
mod memory;
mod operations;
mod prices;

use std::{fmt::Write as _, path::PathBuf, process::ExitCode};

use serde::Serialize;
use serde_json::json;

use self::{
    dollars::Dollars,
    estimate::{Line, Quantities},
    prices::Prices,
};
pub use self::{
    memory::memory,
    operations::{OPERATIONS, Operation, operation},
};
use crate::failure::Failure;

/// Arguments of `clr cost`: what happens in the month.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    month: Month,
    /// Prices of another day or region: a JSON file as `clr cost --json` has them under `prices`.
    #[arg(long)]
    prices: Option<PathBuf>,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

/// How much of what.
#[derive(Clone, Copy, Debug, clap::Args, Serialize)]
#[serde(rename_all = "camelCase")]
struct Month {
    /// Records issued.
    #[arg(long, default_value_t = 1000)]
    records: u64,
    /// Nested credentials in each of them.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    nested: u32,
    /// Records delivered to their learners.
    #[arg(long, default_value_t = 1000)]
    upserts: u64,
    /// List calls, each answered with one record.
    #[arg(long, default_value_t = 5000)]
    lists: u64,
    /// Applications that register.
    #[arg(long, default_value_t = 10)]
    registrations: u64,
    /// Learners who sign in and consent, and the code's redemption.
    #[arg(long, default_value_t = 1000)]
    sign_ins: u64,
    /// Refreshed access tokens.
    #[arg(long, default_value_t = 4000)]
    refreshes: u64,
    /// Verified records.
    #[arg(long, default_value_t = 1000)]
    verifications: u64,
    /// Revocations and suspensions, each with the list signed anew.
    #[arg(long, default_value_t = 10)]
    status_changes: u64,
    /// Records that are kept at the end of the month, those of before too: with their delivery and their audit.
    #[arg(long, default_value_t = 1000)]
    stored: u64,
    /// KMS keys that sign each record: P-256, or Ed25519 and P-256.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=2))]
    keys: u32,
}

/// The metrics that the alarms of `template.yaml` look at, an alarm over several counting each.
pub const ALARM_METRICS: u64 = 17;

/// What is not in the sum.
const NOT_INCLUDED: [&str; 8] = [
    "free tiers (of CloudWatch's: 10 alarms, 3 dashboards, 5 GB of logs) and tiers of volume, taxes, support, savings plans",
    "what CloudFront, WAF, Cognito and X-Ray cost where they are deployed; domain names",
    "what is paid where something fails: two metrics, $0.30 each if they had a value in every hour of the month; mails of alarms; what \
     the dashboard's queries read of the logs while somebody looks at it, $0.005 for a GB",
    "more keys than those that sign records (status lists, RSA); RSA keys longer than 2048 bits cost as these, RSA_2048 less",
    "starts: Lambda charges their time too, and a process asks KMS once for each public key and the table once for their history",
    "retries, refused requests, lists of other lengths (a page asks for `limit` records and pays a read unit also for each that is \
     not there: say `limit`)",
    "tokens, codes and idempotent answers until they expire; logs after they were taken in; backups other than point-in-time recovery",
    "what Lambda waits for was not measured in AWS but is assumed: 5 ms a call to DynamoDB, 20 ms a round of signing; the time of the \
     processor was measured, on another processor than Lambda's",
];

/// A million of an operation, by service.
#[derive(Clone, Debug, Serialize)]
struct Million {
    operation: &'static str,
    nested: Option<u32>,
    gateway: Dollars,
    lambda: Dollars,
    dynamodb: Dollars,
    kms: Dollars,
    logs: Dollars,
    transfer: Dollars,
    total: Dollars,
}

/// Prints it on standard output.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let prices = Prices::read(arguments.prices.as_deref())?;
    let month = arguments.month;
    let lines = month.quantities()?.lines(&prices);
    let total: Dollars = lines.iter().map(|line| line.dollars).sum();
    let each = total.each_of(month.records);
    let millions: Vec<_> = OPERATIONS
        .iter()
        .map(|operation| million(operation, month.keys, &prices))
        .collect();
    if arguments.json {
        let told = json!({
            "month": month, "lines": lines, "total": total, "perRecord": each, "perMillion": millions,
            "notIncluded": NOT_INCLUDED, "prices": prices,
        });
        anstream::println!("{}", serde_json::to_string_pretty(&told)?);
    } else {
        anstream::print!("{}", text(&month, &lines, total, &millions, &prices)?);
    }
    Ok(ExitCode::SUCCESS)
}

impl Month {
    fn quantities(&self) -> Result<Quantities, Failure> {
        let of = |name| {
            Operation::with_nested(name, self.nested).ok_or_else(|| Failure::new(format!("{name} was not measured")))
        };
        let mut quantities = Quantities::default();
        for (name, times) in [
            ("issue", self.records),
            ("upsert: new", self.upserts),
            ("list: a page of one", self.lists),
            ("register", self.registrations),
            ("authorize", self.sign_ins),
            ("token: authorization_code", self.sign_ins),
            ("token: refresh_token", self.refreshes),
            ("verify", self.verifications),
            ("status change", self.status_changes),
            ("status list, signed anew", self.status_changes),
        ] {
            quantities.add(&of(name)?, times, self.keys);
        }
        let kept = u128::from(of("issue")?.stored_bytes) + u128::from(of("upsert: new")?.stored_bytes);
        quantities.stored_bytes = u128::from(self.stored) * kept;
        quantities.keys = u128::from(self.keys);
        quantities.alarm_metrics = u128::from(ALARM_METRICS);
        quantities.dashboards = 1;
        Ok(quantities)
    }
}

fn million(operation: &Operation, keys: u32, prices: &Prices) -> Million {
    let mut quantities = Quantities::default();
    quantities.add(operation, 1_000_000, keys);
    let lines = quantities.lines(prices);
    let of = |service: &str| {
        lines
            .iter()
            .filter(|line| line.service == service)
            .map(|line| line.dollars)
            .sum()
    };
    Million {
        operation: operation.name,
        nested: operation.nested,
        gateway: of("API Gateway"),
        lambda: of("Lambda"),
        dynamodb: of("DynamoDB"),
        kms: of("KMS"),
        logs: of("CloudWatch"),
        transfer: of("Transfer"),
        total: lines.iter().map(|line| line.dollars).sum(),
    }
}

fn text(
    month: &Month,
    lines: &[Line],
    total: Dollars,
    millions: &[Million],
    prices: &Prices,
) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let out = &mut text;
    writeln!(
        out,
        "One month in {}, at the list prices of {}, in US dollars\n",
        prices.region, prices.date
    )?;
    let Month {
        records,
        nested,
        upserts,
        lists,
        registrations,
        sign_ins,
        refreshes,
        verifications,
        status_changes,
        stored,
        keys,
    } = month;
    writeln!(
        out,
        "{records} records of {nested} nested credentials issued, {upserts} delivered, {lists} list calls, {registrations} registrations, {sign_ins} sign-ins,"
    )?;
    writeln!(
        out,
        "{refreshes} refreshes, {verifications} verifications, {status_changes} status changes, {stored} records kept, {keys} signing keys\n"
    )?;
    for Line {
        service,
        item,
        quantity,
        price,
        dollars,
    } in lines
    {
        writeln!(
            out,
            "{service:<12} {item:<19} {quantity:>14}  {price:<20} {:>10}",
            dollars.rounded(2)
        )?;
    }
    writeln!(out, "{:<70} {:>10}", "total", total.rounded(2))?;
    writeln!(
        out,
        "{:<70} {:>10}\n",
        "for each record issued",
        total.each_of(month.records).rounded(6)
    )?;
    writeln!(out, "A million of each, storage not counted")?;
    writeln!(
        out,
        "{:<31} {:>7} {:>8} {:>9} {:>9} {:>7} {:>9} {:>9}",
        "operation (nested credentials)", "gateway", "Lambda", "DynamoDB", "KMS", "logs", "transfer", "together"
    )?;
    for million in millions {
        let nested = million.nested.map_or_else(String::new, |nested| format!(" ({nested})"));
        writeln!(
            out,
            "{:<31} {:>7} {:>8} {:>9} {:>9} {:>7} {:>9} {:>9}",
            format!("{}{nested}", million.operation),
            million.gateway.rounded(2),
            million.lambda.rounded(2),
            million.dynamodb.rounded(2),
            million.kms.rounded(2),
            million.logs.rounded(2),
            million.transfer.rounded(2),
            million.total.rounded(2)
        )?;
    }
    writeln!(out, "\nNot included:")?;
    for item in NOT_INCLUDED {
        writeln!(out, "- {item}")?;
    }
    writeln!(out, "\nPrices from:")?;
    for source in &prices.sources {
        writeln!(out, "- {source}")?;
    }
    Ok(text)
}
