//! What is measured beside the steps has to fit into a promotion's journal.
//!
//! A journal is an append blob, which takes 50,000 appends, and a measurement takes several. What cannot be known before (how
//! long people are asked, how often measuring fails and is tried again) has the rest.

use promotion::analysis::{BesideSpec, Count, MetricRule};
use promotion::{Seconds, Step};

use super::analysis_templates::MOST_MEASUREMENTS;
use super::diagnostics::Complaint;
use super::duration::written;

const MOST: u64 = MOST_MEASUREMENTS as u64;

/// How often one metric is measured.
struct Rhythm {
    interval: Seconds,
    count: Count,
}

/// Whether `beside` fits while `steps` go on. `resume` is how long a pause that has no duration may last.
pub(super) fn fits(beside: &BesideSpec, steps: &[Step], resume: Seconds) -> Result<(), Complaint> {
    let length: u64 = steps.iter().map(|step| longest(step, resume)).sum();
    let rhythms = rhythms(beside);
    let total: u64 = rhythms.iter().map(|rhythm| rhythm.times(length)).sum();
    if total <= MOST {
        return Ok(());
    }
    let what = format!(
        "would be measured {total} times in the {} that the steps may take, and a journal has room for {MOST}",
        written(seconds(length.next_multiple_of(60 * 60)))
    );
    let all = length.saturating_mul(rhythms.len() as u64);
    let interval = written(seconds(all.div_ceil(MOST).next_multiple_of(60)));
    let people = if steps.contains(&Step::PauseUntilResumed) {
        ": a pause without a duration may take as long as `deadlines.resume`"
    } else {
        ""
    };
    let help = format!(
        "write at least `interval: {interval}` in these templates, or let the steps take less{people}"
    );
    Err(Complaint::new(what, help))
}

fn rhythms(beside: &BesideSpec) -> Vec<Rhythm> {
    let rules = beside.metrics.iter().map(|metric| &metric.rule);
    rules.filter_map(Rhythm::of).collect()
}

impl Rhythm {
    /// A metric without an interval is measured once and has none.
    fn of(rule: &MetricRule) -> Option<Self> {
        Some(Self {
            interval: rule.interval?,
            count: rule.count,
        })
    }

    /// How often in so many seconds.
    fn times(&self, length: u64) -> u64 {
        let all = length / u64::from(self.interval.0.max(1));
        match self.count {
            Count::Times(times) => all.min(u64::from(times.get())),
            Count::UntilTheEnd => all,
        }
    }
}

/// How many seconds a step waits at most, as far as the configuration says.
fn longest(step: &Step, resume: Seconds) -> u64 {
    match step {
        Step::SetWeight(_) | Step::Mirror(_) => 0,
        Step::Pause(length) | Step::Bake(length) => u64::from(length.0),
        Step::PauseUntilResumed => u64::from(resume.0),
        Step::LoadTest(test) => u64::from(test.duration.0),
        Step::Analysis(metrics) => metrics
            .iter()
            .map(|metric| measuring(&metric.rule))
            .max()
            .unwrap_or(0),
    }
}

/// How many seconds a metric with an end is measured.
fn measuring(rule: &MetricRule) -> u64 {
    let intervals = match rule.count {
        Count::Times(times) => u64::from(times.get() - 1),
        Count::UntilTheEnd => 0,
    };
    let interval = rule.interval.map_or(0, |interval| u64::from(interval.0));
    u64::from(rule.initial_delay.0) + intervals * interval
}

fn seconds(length: u64) -> Seconds {
    Seconds(u32::try_from(length).unwrap_or(u32::MAX))
}
