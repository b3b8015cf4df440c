//! What a process has taken of the machine. Linux only (`/proc`).

use anyhow::Context as _;
use std::time::Duration;

/// Clock ticks a second in `/proc/<pid>/stat`: the same on every Linux.
const TICKS: u64 = 100;

/// A process's memory, in MB.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    /// Resident now.
    pub(super) now: f64,
    /// The most that ever was.
    pub(super) peak: f64,
}

impl Memory {
    pub(super) fn of(pid: u32) -> anyhow::Result<Self> {
        let status = read(pid, "status")?;
        let kib = |key: &str| {
            let line = status.lines().find(|line| line.starts_with(key))?;
            line.split_whitespace().nth(1)?.parse::<u32>().ok()
        };
        let megabytes = |key: &str| {
            let kib = kib(key).with_context(|| format!("/proc/{pid}/status has no {key}"))?;
            anyhow::Ok(f64::from(kib) * 1024.0 / 1e6)
        };
        Ok(Self {
            now: megabytes("VmRSS:")?,
            peak: megabytes("VmHWM:")?,
        })
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1} MB, peak {:.1} MB", self.now, self.peak)
    }
}

/// How long the process has computed, on all cores.
pub(super) fn computed(pid: u32) -> anyhow::Result<Duration> {
    let stat = read(pid, "stat")?;
    // The program's name, in parentheses, may hold anything; user and system time are the 12th and 13th behind it.
    let (_, behind) = stat
        .rsplit_once(')')
        .with_context(|| format!("/proc/{pid}/stat cannot be read"))?;
    let ticks: u64 = behind
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    Ok(Duration::from_millis(ticks * 1000 / TICKS))
}

fn read(pid: u32, file: &str) -> anyhow::Result<String> {
    let path = format!("/proc/{pid}/{file}");
    std::fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory_and_has_computed() {
        let memory = Memory::of(std::process::id()).unwrap();
        assert!(memory.now > 1.0 && memory.peak >= memory.now, "{memory}");
        assert!(computed(std::process::id()).unwrap() < Duration::from_hours(1));
    }
}
