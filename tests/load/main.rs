//! A constant number of mixed requests a second at `clr serve`, whether it answers in time or not, and a report of what came of
//! it. Latency counts from the moment at which a request was due: one that waits for those before it is slow.
//!
//!     load CLR [SECONDS [REQUESTS A SECOND]] >report.md
//!
//! Ends with 1 when a request failed; after two minutes or more, also when p99 is not below 50 ms or when memory grew.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot go on stops, and prints what it measured"
)]

mod memory;
mod operations;
mod report;

use std::{fs, process::ExitCode, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until, timeout};

use crate::{
    memory::Memory,
    operations::Prepared,
    report::{Outcome, Report},
};

/// Who waits longer than this got no answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Before anything is measured the same is done for a quarter of the time, but not longer than this.
const WARM_UP_SECONDS: u64 = 15;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let clr = fs::canonicalize(arguments.next().expect("the path of clr")).unwrap();
    let seconds: u64 = arguments.next().map_or(300, |seconds| seconds.parse().unwrap());
    let rate: u64 = arguments.next().map_or(200, |rate| rate.parse().unwrap());
    let warm_up = WARM_UP_SECONDS.min(seconds / 4);

    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let (prepared, served) = Prepared::new(&clr, folder.path(), (seconds + warm_up) * rate).await;
    eprintln!("prepared in {} seconds", started.elapsed().as_secs());
    let prepared = Arc::new(prepared);

    drive(&prepared, warm_up, rate, 0).await;
    let memory = tokio::spawn(Memory::watch(served.id(), Duration::from_secs(seconds)));
    let outcomes = drive(&prepared, seconds, rate, warm_up * rate).await;
    let memory = memory.await.unwrap();

    let report = Report::new(seconds, rate, outcomes, memory, folder.path());
    println!("{report}");
    match report.failures() {
        failures if failures.is_empty() => ExitCode::SUCCESS,
        failures => {
            eprintln!("not as promised: {}", failures.join("; "));
            ExitCode::FAILURE
        }
    }
}

/// Starts a request at each moment that is due, waits for the last answer.
async fn drive(prepared: &Arc<Prepared>, seconds: u64, rate: u64, first: u64) -> Vec<Outcome> {
    let start = Instant::now() + Duration::from_millis(100);
    let mut tasks = Vec::new();
    for number in 0..seconds * rate {
        let due = start + Duration::from_nanos(number * 1_000_000_000 / rate);
        sleep_until(due).await;
        let prepared = Arc::clone(prepared);
        tasks.push(tokio::spawn(async move {
            let operation = prepared.operation(first + number);
            let done = timeout(PATIENCE, prepared.run(operation, first + number)).await;
            Outcome {
                operation,
                latency: due.elapsed(),
                fault: done.unwrap_or_else(|_| Err("no answer".to_owned())).err(),
            }
        }));
    }
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}
