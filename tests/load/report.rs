//! What was measured, as Markdown.

use std::{fmt, fs, path::Path, time::Duration};

use clr_core::{Clock as _, SystemClock};

use crate::{memory::Memory, operations::MIX};

/// The promise.
const P99: Duration = Duration::from_millis(50);

/// By this much the mean of the last fifth of the samples may be above that of the second.
const GROWTH: f64 = 1.10;

/// A shorter run shows that nothing fails, and no more: what is made at first use is still being made.
const LONG_ENOUGH_SECONDS: u64 = 120;

/// What came of one request.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) operation: usize,
    pub(crate) latency: Duration,
    pub(crate) fault: Option<String>,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Report {
    seconds: u64,
    rate: u64,
    outcomes: Vec<Outcome>,
    memory: Memory,
    table_bytes: u64,
}

impl Report {
    pub(crate) fn new(seconds: u64, rate: u64, outcomes: Vec<Outcome>, memory: Memory, folder: &Path) -> Self {
        let files = fs::read_dir(folder.join(".clr")).into_iter().flatten().flatten();
        let table = files.filter(|file| file.file_name().to_string_lossy().starts_with("table"));
        Self {
            table_bytes: table.filter_map(|file| Some(file.metadata().ok()?.len())).sum(),
            seconds,
            rate,
            outcomes,
            memory,
        }
    }

    /// What is not as promised.
    pub(crate) fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        let faults: Vec<_> = self
            .outcomes
            .iter()
            .filter_map(|outcome| outcome.fault.as_ref())
            .collect();
        if let Some(first) = faults.first() {
            failures.push(format!("{} requests failed, the first: {first}", faults.len()));
        }
        if self.seconds < LONG_ENOUGH_SECONDS {
            return failures;
        }
        let p99 = quantile(&self.latencies(None), 0.99);
        if p99 >= P99 {
            failures.push(format!("p99 is {} ms", millis(p99)));
        }
        let (before, after) = self.growth();
        if after > before * GROWTH {
            failures.push(format!("memory grew from {before:.1} to {after:.1} MB"));
        }
        failures
    }

    fn growth(&self) -> (f64, f64) {
        (self.memory.mean(20, 40), self.memory.mean(80, 100))
    }

    fn latencies(&self, operation: Option<usize>) -> Vec<Duration> {
        let wanted = |outcome: &&Outcome| operation.is_none_or(|operation| operation == outcome.operation);
        let mut latencies: Vec<_> = self
            .outcomes
            .iter()
            .filter(wanted)
            .map(|outcome| outcome.latency)
            .collect();
        latencies.sort();
        latencies
    }

    fn row(&self, formatter: &mut fmt::Formatter<'_>, name: &str, operation: Option<usize>) -> fmt::Result {
        let latencies = self.latencies(operation);
        let wanted = |outcome: &&Outcome| operation.is_none_or(|operation| operation == outcome.operation);
        let faults = self
            .outcomes
            .iter()
            .filter(wanted)
            .filter(|outcome| outcome.fault.is_some());
        write!(formatter, "| {name} | {} | {} |", latencies.len(), faults.count())?;
        for part in [0.5, 0.9, 0.99, 0.999, 1.0] {
            write!(formatter, " {} |", millis(quantile(&latencies, part)))?;
        }
        writeln!(formatter)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seconds, rate, .. } = self;
        let day = SystemClock.now().to_string();
        writeln!(formatter, "# `clr serve` under load\n")?;
        writeln!(
            formatter,
            "{}: {rate} requests a second for {seconds} seconds on loopback, a table file, {}. The generator runs on the same\n\
             cores. Requests are sent when they are due, whether the ones before were answered or not, and latency counts from\n\
             that moment. Made by `bash tests/load/run {seconds}`.\n",
            &day[..10],
            machine()
        )?;
        writeln!(formatter, "## Latency, in milliseconds\n")?;
        writeln!(
            formatter,
            "| operation | requests | failed | p50 | p90 | p99 | p99.9 | max |"
        )?;
        writeln!(formatter, "|---|--:|--:|--:|--:|--:|--:|--:|")?;
        for (place, share) in MIX.iter().enumerate() {
            self.row(formatter, share.name, Some(place))?;
        }
        self.row(formatter, "**all**", None)?;
        let (before, after) = self.growth();
        writeln!(formatter, "\n## Resident memory of the server, in MB\n")?;
        writeln!(formatter, "| part of the time | mean |\n|---|--:|")?;
        for tenth in 0..10 {
            let mean = self.memory.mean(tenth * 10, tenth * 10 + 10);
            writeln!(formatter, "| {} to {} % | {mean:.1} |", tenth * 10, tenth * 10 + 10)?;
        }
        writeln!(
            formatter,
            "\nFrom the second fifth to the last: {before:.1} to {after:.1}. The table file had {:.1} MB at the end.\n",
            bytes_as_mb(self.table_bytes)
        )?;
        writeln!(formatter, "## What is asked, and why\n")?;
        writeln!(formatter, "| operation | of 100 | because |\n|---|--:|---|")?;
        for share in &MIX {
            writeln!(
                formatter,
                "| {} | {} | {} |",
                share.name, share.hundredths, share.reason
            )?;
        }
        let failures = self.failures();
        if !failures.is_empty() {
            write!(formatter, "\n**Not as promised: {}.**", failures.join("; "))
        } else if self.seconds < LONG_ENOUGH_SECONDS {
            write!(formatter, "\nNo failure; too short a time to say more.")
        } else {
            write!(
                formatter,
                "\nAs promised: no failure, p99 below {} ms, memory flat.",
                P99.as_millis()
            )
        }
    }
}

/// The latency that this part of the requests does not exceed.
fn quantile(sorted: &[Duration], part: f64) -> Duration {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list"
    )]
    let place = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(place.max(1) - 1).copied().unwrap_or_default()
}

fn millis(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}

fn bytes_as_mb(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "files have less than 2^52 bytes")]
    let bytes = bytes as f64;
    bytes / 1e6
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model
        .and_then(|line| line.split(':').nth(1))
        .unwrap_or("unknown")
        .trim();
    format!("{cores} cores ({model})")
}
