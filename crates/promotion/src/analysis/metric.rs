//! One metric of an analysis: its measurements so far, counted, and what they come to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rule::{Count, ERROR_RETRY, MetricRule};
use super::run::Verdict;

/// How many measurements are kept for whoever asks; the counts are of all.
const KEPT: usize = 10;

/// What one measurement came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Measured {
    /// It is as it should be.
    Successful,
    /// It is not.
    Failed,
    /// Nobody can tell: no value, too few samples, or neither condition is true.
    Inconclusive,
    /// It could not be measured.
    Error,
}

impl Measured {
    /// What two conditions on a value come to. One that is not there (`None`) is made up for by the other; where both are there
    /// and neither is true, nobody can tell. A value fails where it does both.
    pub fn judge(success: Option<bool>, failure: Option<bool>) -> Self {
        match (success, failure) {
            (_, Some(true)) | (Some(false), None) => Self::Failed,
            (Some(true), _) | (None, Some(false) | None) => Self::Successful,
            (Some(false), Some(false)) => Self::Inconclusive,
        }
    }
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Measurement {
    /// When it was taken.
    pub at: Timestamp,
    /// What it came to.
    pub came_to: Measured,
    /// What was measured, where it is a number.
    #[serde(with = "crate::number::optional")]
    pub value: Option<f64>,
    /// Of how many requests, where that is known.
    pub samples: Option<u64>,
    /// What it was held against, in words.
    pub threshold: String,
    /// What was asked.
    pub query: String,
    /// Why it came to that, where the value does not say it.
    pub message: Option<String>,
}

/// A measurement and its metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// The metric's name.
    pub metric: String,
    /// What was measured.
    pub measurement: Measurement,
}

/// How many measurements came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// As it should be.
    pub successful: u32,
    /// Not as it should be.
    pub failed: u32,
    /// Nobody could tell.
    pub inconclusive: u32,
    /// Could not be measured.
    pub errors: u32,
    /// Errors since the last one that could be.
    pub errors_in_a_row: u32,
    /// Successes since the last one that was not.
    pub successes_in_a_row: u32,
}

impl Tally {
    /// Measurements that could be taken: these are what a rule's count counts.
    pub fn taken(&self) -> u32 {
        self.successful + self.failed + self.inconclusive
    }

    fn add(&mut self, measured: Measured) {
        match measured {
            Measured::Successful => self.successful += 1,
            Measured::Failed => self.failed += 1,
            Measured::Inconclusive => self.inconclusive += 1,
            Measured::Error => self.errors += 1,
        }
        self.errors_in_a_row = match measured {
            Measured::Error => self.errors_in_a_row + 1,
            Measured::Successful | Measured::Failed | Measured::Inconclusive => 0,
        };
        self.successes_in_a_row = match measured {
            Measured::Successful => self.successes_in_a_row + 1,
            Measured::Failed | Measured::Inconclusive | Measured::Error => 0,
        };
    }
}

/// A metric under way.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricRun {
    rule: MetricRule,
    began: Timestamp,
    tally: Tally,
    kept: Vec<Measurement>,
    verdict: Option<Verdict>,
}

impl MetricRun {
    /// Before its first measurement.
    pub fn begin(rule: MetricRule, at: Timestamp) -> Self {
        Self {
            rule,
            began: at,
            tally: Tally::default(),
            kept: vec![],
            verdict: None,
        }
    }

    /// The rule.
    pub fn rule(&self) -> &MetricRule {
        &self.rule
    }

    /// All measurements, counted.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// The last ten measurements, oldest first.
    pub fn measurements(&self) -> &[Measurement] {
        &self.kept
    }

    /// What it has come to; nothing, while it is measured.
    pub fn verdict(&self) -> Option<Verdict> {
        self.verdict
    }

    /// Takes a measurement in. One that comes after the verdict changes nothing.
    pub fn measured(&mut self, measurement: Measurement) {
        if self.verdict.is_some() {
            return;
        }
        self.tally.add(measurement.came_to);
        self.kept.push(measurement);
        if self.kept.len() > KEPT {
            self.kept.remove(0);
        }
        self.verdict = self.judge();
    }

    /// Goes on after it could not tell, from its next interval on: what it has borne of the worse stays counted.
    pub(super) fn go_on(&mut self) {
        if self.verdict == Some(Verdict::Inconclusive) {
            self.tally.inconclusive = 0;
            self.verdict = None;
        }
    }

    /// Ends it from outside: what is not decided by now has succeeded, if it ever did.
    pub fn end(&mut self) -> Verdict {
        *self.verdict.get_or_insert(success_of(self.tally))
    }

    /// When it is to be measured next; never again after its verdict.
    pub fn next_due(&self) -> Option<Timestamp> {
        if self.verdict.is_some() {
            return None;
        }
        let Some(last) = self.kept.last() else {
            return Some(self.rule.initial_delay.after(self.began));
        };
        let pause = match last.came_to {
            Measured::Error => ERROR_RETRY,
            Measured::Successful | Measured::Failed | Measured::Inconclusive => {
                self.rule.interval?
            }
        };
        Some(pause.after(last.at))
    }

    /// Limits come first, then a row of successes, then the count.
    fn judge(&self) -> Option<Verdict> {
        let (rule, tally) = (&self.rule, &self.tally);
        if rule.failure_limit.is_some_and(|limit| tally.failed > limit) {
            return Some(Verdict::Failed);
        }
        if tally.inconclusive > rule.inconclusive_limit {
            return Some(Verdict::Inconclusive);
        }
        if tally.errors_in_a_row > rule.consecutive_error_limit {
            return Some(Verdict::Error);
        }
        let row = rule.consecutive_success_limit;
        if row.is_some_and(|row| tally.successes_in_a_row >= row.get()) {
            return Some(Verdict::Successful);
        }
        match rule.count {
            Count::Times(times) if tally.taken() >= times.get() => Some(match row {
                Some(_) => Verdict::Inconclusive,
                None => success_of(*tally),
            }),
            Count::Times(_) | Count::UntilTheEnd => None,
        }
    }
}

/// No success without one successful measurement: there is nothing to trust it on.
fn success_of(tally: Tally) -> Verdict {
    if tally.successful > 0 {
        Verdict::Successful
    } else {
        Verdict::Inconclusive
    }
}
