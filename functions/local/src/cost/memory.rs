//! How much memory each function gets, from what was measured: the sizes in `template.yaml` are those that [`memory`] says.
//!
//! No function needs 128 MB. What is bought with memory is processor time: Lambda gives a share of a processor by memory, a whole
//! one at [`WHOLE_PROCESSOR`], so that what a processor works for t takes t × 1769 / memory. A duration is that and the time that is
//! waited for DynamoDB and KMS; charged is duration × memory. So work costs the same whatever the size, and waiting costs more
//! with more memory: the smallest size is always the cheapest, and a larger one buys nothing but time.

use super::operations::OPERATIONS;

/// MB of memory with which Lambda gives one processor.
pub(super) const WHOLE_PROCESSOR: u32 = 1769;

/// The sizes that are chosen from, in MB.
const SIZES: [u32; 5] = [128, 256, 512, 1024, WHOLE_PROCESSOR];

/// A processor may work no longer for a process's start and its first answer, in microseconds.
const LONGEST_START: u64 = 50_000;
/// The same for an operation in a process that is warm, with no record or one of one nested credential.
const LONGEST_WORK: u64 = 25_000;
/// The same with a record of 62 nested credentials.
const LONGEST_WORK_ON_A_LARGE_RECORD: u64 = 150_000;
/// Memory is at least so many times the most that was seen.
const SPARE_MEMORY: u32 = 2;

/// What a process of a function took.
struct Process {
    function: &'static str,
    /// Microseconds of a processor from the start to the first answer.
    start: u32,
    /// The most memory, in MB, of whatever it did: of those that take or give records, with one of 3.8 MB.
    memory: u32,
}

#[rustfmt::skip]
/// The medians of five runs of `tests/runtime/run` on 24 November 2026.
const PROCESSES: [Process; 10] = [
    Process { function: "discovery", start: 6500, memory: 9 },
    Process { function: "registration", start: 4600, memory: 9 },
    Process { function: "authorize", start: 9300, memory: 10 },
    Process { function: "token", start: 4700, memory: 9 },
    Process { function: "upsert-credential", start: 9100, memory: 31 },
    Process { function: "get-credentials", start: 5100, memory: 27 },
    Process { function: "profile", start: 4700, memory: 8 },
    Process { function: "issue", start: 8400, memory: 41 },
    Process { function: "status", start: 4900, memory: 9 },
    Process { function: "verify", start: 8300, memory: 26 },
];

/// MB for a function: the smallest size that keeps the bounds above; none for what was not measured.
#[must_use]
pub fn memory(function: &str) -> Option<u32> {
    let process = PROCESSES.iter().find(|process| process.function == function)?;
    SIZES.into_iter().find(|&size| {
        let in_time = OPERATIONS
            .iter()
            .filter(|operation| operation.function == function)
            .all(|operation| {
                let longest = match operation.nested {
                    Some(62) => LONGEST_WORK_ON_A_LARGE_RECORD,
                    _ => LONGEST_WORK,
                };
                stretched(operation.processor, size) <= longest
            });
        stretched(process.start, size) <= LONGEST_START && in_time && size >= SPARE_MEMORY * process.memory
    })
}

/// How long a function of so many MB works for what takes a whole processor this long.
pub(super) fn stretched(processor: u32, memory: u32) -> u64 {
    (u64::from(processor) * u64::from(WHOLE_PROCESSOR)).div_ceil(u64::from(memory.min(WHOLE_PROCESSOR)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_processor_takes_twice_as_long_and_no_more_than_one_is_given() {
        assert_eq!(stretched(1_000, WHOLE_PROCESSOR), 1_000);
        assert_eq!(stretched(884, 884), 1_769);
        assert_eq!(stretched(1_000, 10_240), 1_000);
    }

    #[test]
    fn the_next_smaller_size_breaks_a_bound() {
        for process in &PROCESSES {
            let size = memory(process.function).expect("a size is large enough");
            let operations = OPERATIONS
                .iter()
                .filter(|operation| operation.function == process.function);
            let works: Vec<_> = operations
                .map(|operation| stretched(operation.processor, size / 2))
                .collect();
            let start = stretched(process.start, size / 2);
            assert!(
                size == SIZES[0] || start > LONGEST_START || works.iter().any(|work| *work > LONGEST_WORK),
                "{}: {start} {works:?}",
                process.function
            );
        }
    }
}
