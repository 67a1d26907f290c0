//! How much memory the server holds, over time.

use std::{fs, time::Duration};

use tokio::time::{Instant, sleep_until};

/// Resident memory in KiB, measured once a second.
#[derive(Debug)]
pub(crate) struct Memory(pub(crate) Vec<u64>);

impl Memory {
    /// Looks at this process for so long.
    pub(crate) async fn watch(process: u32, time: Duration) -> Self {
        let start = Instant::now();
        let mut samples = Vec::new();
        for second in 0..time.as_secs() {
            sleep_until(start + Duration::from_secs(second)).await;
            let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
            let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            let resident = resident.unwrap().trim().trim_end_matches("kB").trim();
            samples.push(resident.parse().unwrap());
        }
        Self(samples)
    }

    /// Mean of the samples of the part from this hundredth to that one of the time, in MB.
    pub(crate) fn mean(&self, from: usize, to: usize) -> f64 {
        let samples = &self.0[self.0.len() * from / 100..(self.0.len() * to / 100).max(1)];
        #[expect(clippy::cast_precision_loss, reason = "memory is less than 2^52 KiB")]
        let mean = samples.iter().sum::<u64>() as f64 / samples.len().max(1) as f64;
        mean * 1_024.0 / 1e6
    }
}
