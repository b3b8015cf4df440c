//! What a candidate is loaded with, and how it bore that.

use promotion::{LoadReply, LoadTest, Requests};

use super::measurements::requested;
use crate::ui::figures::{counted, length, number};
use crate::ui::text::clause;

/// `20 requests a second for 30 seconds`.
pub(crate) fn load(test: &LoadTest) -> String {
    let of = match &test.requests {
        Requests::Given(_) => String::new(),
        Requests::Collected(_) => format!(", of {}", requested(&test.requests)),
    };
    format!(
        "{} a second for {}{of}",
        counted(u64::from(test.rate), "request"),
        length(test.duration)
    )
}

/// `passed, 600 requests at 20 a second, 0 errors, p50 12 ms, p95 30 ms, p99 50 ms`.
pub(super) fn loaded(reply: &LoadReply) -> String {
    let verdict = if reply.passed { "passed" } else { "not passed" };
    format!("{verdict}, {}", figures(reply))
}

/// Why the candidate goes back, as the end of a sentence.
pub(super) fn not_borne(reply: &LoadReply) -> String {
    let why = reply.problem.as_deref().map(clause).unwrap_or_default();
    format!("the load test failed: {why} ({})", figures(reply))
}

fn figures(reply: &LoadReply) -> String {
    format!(
        "{} at {} a second, {}, p50 {} ms, p95 {} ms, p99 {} ms",
        counted(u64::from(reply.sent), "request"),
        number(reply.rate),
        counted(u64::from(reply.errors), "error"),
        reply.p50_ms,
        reply.p95_ms,
        reply.p99_ms
    )
}
