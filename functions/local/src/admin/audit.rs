//! `clr admin audit`: what was done in the institution's name, from the table.

use std::process::ExitCode;

use clr_core::{
    Clock as _, SystemClock,
    audit::AuditEntry,
    table::{AuditPage, AuditPosition},
};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::Offset,
};

use super::TableChoice;
use crate::failure::Failure;

/// Arguments of `clr admin audit`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// From this time on, or from the beginning of this day in UTC; a week ago, if nothing is said.
    #[arg(long, value_parser = time)]
    since: Option<Timestamp>,
    /// What was done before this time; now, if nothing is said.
    #[arg(long, value_parser = time)]
    until: Option<Timestamp>,
    /// One JSON object for each act, with every document that was signed.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    table: TableChoice,
}

/// So many acts are read at once.
const PAGE: usize = 200;

/// Tells the acts, the earliest first.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let (table, _) = arguments.table.open().await?;
    let now = SystemClock.now();
    let until = arguments.until.unwrap_or(now);
    let since = arguments.since.unwrap_or(now - SignedDuration::from_hours(7 * 24));
    let mut next = Some(AuditPosition::since(since));
    while let Some(position) = next {
        let page: AuditPage = table.audit(position, until, PAGE).await?;
        for entry in &page.entries {
            if arguments.json {
                anstream::println!("{}", serde_json::to_string(entry)?);
            } else {
                tell(entry);
            }
        }
        next = page.next;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(entry: &AuditEntry) {
    let AuditEntry {
        at,
        act,
        actor,
        subject,
        digest,
        keys,
        signed,
        note,
        ..
    } = entry;
    anstream::println!("{at}  {act}  {subject}\n  by        {actor}");
    let line = |name: &str, text: &str| anstream::println!("  {name:<9} {text}");
    digest.iter().for_each(|digest| line("digest", digest));
    keys.iter().for_each(|key| line("key", key));
    if let Some((document, nested)) = signed.split_last() {
        if !nested.is_empty() {
            line("nested", &format!("{} signed with it", nested.len()));
        }
        document.kms_requests.iter().for_each(|request| line("KMS", request));
    }
    note.iter().for_each(|note| line("note", note));
}

pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    let day = |text: &str| {
        Offset::UTC
            .to_timestamp(text.parse::<Date>().ok()?.to_datetime(Time::midnight()))
            .ok()
    };
    text.parse()
        .ok()
        .or_else(|| day(text))
        .ok_or_else(|| "a time is written 2026-01-15T09:30:00Z or 2026-01-15".to_owned())
}
