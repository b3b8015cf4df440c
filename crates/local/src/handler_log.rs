//! What host and handler logged: kept for whoever asks why, and added up into the handler's own time.

use functions_host::{Level, LogLine, LogSink};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Lines that are kept.
const KEPT: usize = 400;

/// The log of all hosts of one app.
#[derive(Debug, Clone, Default)]
pub(crate) struct HandlerLog(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<LogLine>,
    invocations: BTreeMap<String, (u32, Duration)>,
}

impl HandlerLog {
    /// Where a host writes to.
    pub(crate) fn sink(&self) -> LogSink {
        let log = self.clone();
        LogSink::new(move |line| log.take(line))
    }

    /// By function: how often it was invoked, and how long that took together.
    pub(crate) fn invocations(&self) -> BTreeMap<String, (u32, Duration)> {
        self.lock().invocations.clone()
    }

    /// The newest warnings and errors, oldest first.
    pub(crate) fn complaints(&self, most: usize) -> Vec<String> {
        let kept = self.lock();
        let complaints = kept.lines.iter().filter(|line| complains(line));
        let mut newest: Vec<_> = complaints
            .rev()
            .take(most)
            .map(|line| line.text.clone())
            .collect();
        newest.reverse();
        newest
    }

    fn take(&self, line: LogLine) {
        let mut kept = self.lock();
        if let Some((function, took)) = executed(&line.text) {
            let (times, total) = kept.invocations.entry(function.to_owned()).or_default();
            *times += 1;
            *total += took;
        }
        if kept.lines.len() == KEPT {
            kept.lines.pop_front();
        }
        kept.lines.push_back(line);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The handler's lines are JSON on stdout, which the host rates as Information.
fn complains(line: &LogLine) -> bool {
    line.level != Level::Information
        || line.text.contains("\"WARN\"")
        || line.text.contains("\"ERROR\"")
}

/// `Executed 'Functions.advance' (Succeeded, Id=…, Duration=12ms)`.
fn executed(text: &str) -> Option<(&str, Duration)> {
    let (function, rest) = text
        .strip_prefix("Executed 'Functions.")?
        .split_once('\'')?;
    let (_, took) = rest.split_once("Duration=")?;
    let (milliseconds, _) = took.split_once("ms")?;
    Some((function, Duration::from_millis(milliseconds.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invocation_is_read_from_the_hosts_line() {
        let line = "Executed 'Functions.advance' (Succeeded, Id=7, Duration=12ms)";
        assert_eq!(executed(line), Some(("advance", Duration::from_millis(12))));
        assert_eq!(executed("Executing 'Functions.advance' (Id=7)"), None);
    }
}
