//! Processor time of the emulator and of the functions it runs. Linux only; 0 elsewhere.

use crate::Run;
use std::{fs, time::Duration};

/// How long processors were busy.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cpu {
    pub(super) emulator: Duration,
    pub(super) functions: Duration,
}

const FUNCTIONS: [&str; 6] = [
    "PurchaseFunction",
    "EnqueueHttpFunction",
    "EnqueueUploadsFunction",
    "StampFunction",
    "RefundFunction",
    "SweepFunction",
];
/// Linux counts processor time in hundredths of a second (`USER_HZ`).
const TICK_MS: u64 = 10;

impl Cpu {
    pub(super) fn now(run: &Run) -> Self {
        let pids = FUNCTIONS.iter().flat_map(|f| run.stack.bootstraps(f));
        Self {
            emulator: run.stack.emulator_pid().map(of).unwrap_or_default(),
            functions: pids.map(of).sum(),
        }
    }

    /// What came since. Processes that ended meanwhile are missing: the functions' time is then too small.
    pub(super) const fn since(self, before: Self) -> Self {
        Self {
            emulator: self.emulator.saturating_sub(before.emulator),
            functions: self.functions.saturating_sub(before.functions),
        }
    }
}

/// A process's time in user and kernel mode: the 14th and 15th field of its `stat`
/// (<https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>).
fn of(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * TICK_MS)
}
