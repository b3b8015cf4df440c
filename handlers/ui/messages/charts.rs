//! What the pictures of measurements say to whoever does not see them, and what stands beside them.

use jiff::Timestamp;
use promotion::analysis::{AnalysisId, Measured, Measurement, MetricSpec};

use super::measurements::{came_to, measurement};
use crate::ui::figures::{counted, number};
use crate::ui::moment::utc;
use crate::ui::text::{SENTENCE, capped, clause, name};

/// `error-rate, beside the steps`.
pub(crate) fn measured_metric(analysis: AnalysisId, metric: &MetricSpec) -> String {
    let of = match analysis {
        AnalysisId::Step(step) => format!("step {}", step + 1),
        AnalysisId::Beside(_) => "beside the steps".to_owned(),
    };
    let dry = if metric.rule.dry_run {
        ", deciding nothing"
    } else {
        ""
    };
    format!("{}, {of}{dry}", name(&metric.name))
}

/// `last 0.002 of 500 requests: as it should be (result < 0.01)`.
pub(crate) fn last_measured(metric: &MetricSpec, measurements: &[&Measurement]) -> String {
    let Some(last) = measurements.last() else {
        return String::new();
    };
    let against = match (&last.message, clause(&metric.threshold()).as_str()) {
        (None, _) | (Some(_), "") => String::new(),
        (Some(_), threshold) => format!(", held against {threshold}"),
    };
    format!("last {}{against}", measurement(last))
}

/// A metric's picture as a few sentences.
pub(crate) fn measured_sentence(
    analysis: AnalysisId,
    metric: &MetricSpec,
    measurements: &[&Measurement],
) -> String {
    let what = measured_metric(analysis, metric);
    let (Some(first), Some(last)) = (measurements.first(), measurements.last()) else {
        return what;
    };
    let when = if first.at == last.at {
        format!("at {}", utc(first.at))
    } else {
        format!("from {} to {}", utc(first.at), utc(last.at))
    };
    let count = counted(measurements.len() as u64, "measurement");
    let against = match clause(&metric.threshold()).as_str() {
        "" => String::new(),
        threshold => format!(" Held against: {threshold}."),
    };
    format!(
        "{what}: {count} {when}, {}; {}.{against}",
        range(measurements),
        tally(measurements)
    )
}

fn range(measurements: &[&Measurement]) -> String {
    let values = || {
        let values = measurements.iter().filter_map(|measured| measured.value);
        values.filter(|value| value.is_finite())
    };
    let least = values().reduce(f64::min);
    match least.zip(values().reduce(f64::max)) {
        None => "without a value".to_owned(),
        Some((least, most)) if least < most => {
            format!("values from {} to {}", number(least), number(most))
        }
        Some((value, _)) => format!("value {}", number(value)),
    }
}

/// `8 as it should be, 1 failed`.
fn tally(measurements: &[&Measurement]) -> String {
    let all = [
        Measured::Successful,
        Measured::Failed,
        Measured::Inconclusive,
        Measured::Error,
    ];
    let told = all.into_iter().filter_map(|kind| {
        let count = measurements
            .iter()
            .filter(|measured| measured.came_to == kind)
            .count();
        (count > 0).then(|| format!("{count} {}", came_to(kind)))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The candidate's traffic as a sentence, from each change on.
pub(crate) fn traffic_sentence(changes: &[(Timestamp, u8)]) -> String {
    let told = changes
        .iter()
        .map(|(at, percent)| format!(", {percent} % from {} on", utc(*at)));
    let told: String = told.collect();
    format!("The candidate's share of traffic: 0 % at first{told}.")
}

/// A condition beside its line.
pub(crate) fn condition(condition: &str, fails: bool) -> String {
    let condition = clause(condition);
    if fails {
        format!("fails if {condition}")
    } else {
        condition
    }
}

/// What a measurement was held against, or why it came to what it did.
pub(crate) fn threshold(text: &str) -> String {
    clause(text)
}

/// What was asked.
pub(crate) fn query(query: &str) -> String {
    capped(query, SENTENCE)
}

/// In a value's place.
pub(crate) fn without_value() -> String {
    "–".to_owned()
}

/// How much of it a table shows.
pub(crate) fn shown_of(shown: usize, all: usize) -> String {
    let count = counted(all as u64, "measurement");
    match all {
        0 | 1 => format!("{count}."),
        _ if shown < all => format!("The last {shown} of {count}, the newest first."),
        _ => format!("{count}, the newest first."),
    }
}

/// That not all of them are drawn.
pub(crate) fn thinned(drawn: usize, all: usize) -> String {
    format!(
        "{drawn} of {} are drawn, every failed one among them.",
        counted(all as u64, "measurement")
    )
}

/// How many notes of a history are not shown.
pub(crate) fn notes_before(count: usize) -> String {
    format!("and {count} before")
}
