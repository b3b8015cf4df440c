//! An analysis: several metrics, measured side by side until one decides or all have ended.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::metric::{Measurement, MetricRun, Taken};
use super::rule::MetricRule;

/// What a metric, or an analysis of several, comes to; the better before the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// On to the next step.
    Successful,
    /// Nobody can tell: a person is asked.
    Inconclusive,
    /// It could not be measured: the rollout goes back.
    Error,
    /// It is worse: the rollout goes back.
    Failed,
}

/// Metrics measured side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisRun {
    metrics: Vec<(String, MetricRun)>,
    verdict: Option<Verdict>,
}

impl AnalysisRun {
    /// Before the first measurement of any.
    pub fn begin(rules: impl IntoIterator<Item = (String, MetricRule)>, at: Timestamp) -> Self {
        let metrics: Vec<_> = rules
            .into_iter()
            .map(|(name, rule)| (name, MetricRun::begin(rule, at)))
            .collect();
        // Nothing to measure is nothing to object to.
        let verdict = metrics.is_empty().then_some(Verdict::Successful);
        Self { metrics, verdict }
    }

    /// Each metric by its name, in the order of the rules.
    pub fn metrics(&self) -> impl Iterator<Item = (&str, &MetricRun)> {
        self.metrics
            .iter()
            .map(|(name, metric)| (name.as_str(), metric))
    }

    /// What it has come to; nothing, while it goes on.
    pub fn verdict(&self) -> Option<Verdict> {
        self.verdict
    }

    /// Takes a measurement of a metric in, as [`take`](Self::take) does.
    pub fn measured(&mut self, metric: &str, measurement: Measurement) {
        self.take(&[Taken {
            metric: metric.to_owned(),
            measurement,
        }]);
    }

    /// Takes in what was measured in one go: the worst of it decides, whatever its place. One of a metric that is not in it, or
    /// that comes after the verdict, changes nothing.
    pub fn take(&mut self, taken: &[Taken]) {
        if self.verdict.is_some() {
            return;
        }
        for one in taken {
            let named = self
                .metrics
                .iter_mut()
                .find(|(name, _)| *name == one.metric);
            if let Some((_, metric)) = named {
                metric.measured(one.measurement.clone());
            }
        }
        self.verdict = self.judge();
    }

    /// Goes on though it could not tell: the metrics that could not are asked anew, what the others have come to stays.
    pub fn go_on(&mut self) {
        for (_, metric) in &mut self.metrics {
            metric.go_on();
        }
        self.verdict = self.judge();
    }

    /// Ends it from outside, as the end of a rollout does to what is measured beside its steps.
    pub fn end(&mut self) -> Verdict {
        for (_, metric) in &mut self.metrics {
            metric.end();
        }
        let worst = self.deciding().filter_map(MetricRun::verdict).max();
        *self
            .verdict
            .get_or_insert(worst.unwrap_or(Verdict::Successful))
    }

    /// Which metrics are to be measured at `now`.
    pub fn due(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let open = self.verdict.is_none();
        self.metrics()
            .filter(move |(_, metric)| open && metric.next_due().is_some_and(|due| due <= now))
            .map(|(name, _)| name)
    }

    /// When the next of them is to be measured; never again after the verdict.
    pub fn next_due(&self) -> Option<Timestamp> {
        if self.verdict.is_some() {
            return None;
        }
        self.metrics
            .iter()
            .filter_map(|(_, metric)| metric.next_due())
            .min()
    }

    /// The first that is not successful ends it; else the last one does. Dry runs decide nothing, and are waited for.
    fn judge(&self) -> Option<Verdict> {
        let worst = self.deciding().filter_map(MetricRun::verdict).max();
        let all_ended = self
            .metrics
            .iter()
            .all(|(_, metric)| metric.verdict().is_some());
        match worst.unwrap_or(Verdict::Successful) {
            Verdict::Successful => all_ended.then_some(Verdict::Successful),
            other @ (Verdict::Inconclusive | Verdict::Error | Verdict::Failed) => Some(other),
        }
    }

    fn deciding(&self) -> impl Iterator<Item = &MetricRun> {
        self.metrics
            .iter()
            .map(|(_, metric)| metric)
            .filter(|metric| !metric.rule().dry_run)
    }
}
