//! What the present attempt has measured, and who had how much traffic meanwhile, read from its journal.
//!
//! The invariant: only what a journal says is done counts. What an earlier attempt had planned is of another picture.

use std::collections::BTreeMap;

use jiff::Timestamp;
use promotion::analysis::{AnalysisId, Measured, Measurement, MetricSpec, Taken};
use promotion::{DeploymentName, Effect, Fact, Line, Outcome, Traffic};

/// So many measurements of a metric are drawn, unless more than these have failed.
const DRAWN: usize = 500;

/// One metric of one analysis.
pub(super) struct Series<'a> {
    pub(super) analysis: AnalysisId,
    /// What it is and what it is held against, as it was asked for last.
    pub(super) metric: &'a MetricSpec,
    /// Oldest first; never empty.
    pub(super) measurements: Vec<&'a Measurement>,
}

/// The candidate has this share from then on.
#[derive(Clone, Copy)]
pub(super) struct Share {
    pub(super) at: Timestamp,
    pub(super) percent: u8,
}

/// Everything of an attempt that can be drawn.
#[derive(Default)]
pub(super) struct Attempt<'a> {
    /// In the order in which they were first measured.
    pub(super) series: Vec<Series<'a>>,
    /// Each change of the candidate's share, oldest first.
    pub(super) shares: Vec<Share>,
}

/// The analysis beside the steps begins anew whenever it cannot tell: to a reader it is one all the same.
pub(in crate::ui::pages) fn whole(analysis: AnalysisId) -> AnalysisId {
    match analysis {
        AnalysisId::Step(step) => AnalysisId::Step(step),
        AnalysisId::Beside(_) => AnalysisId::Beside(1),
    }
}

impl<'a> Attempt<'a> {
    /// The present one.
    pub(super) fn of(lines: &'a [Line<Fact>]) -> Self {
        let mut attempt = Self::default();
        let mut planned = BTreeMap::new();
        let mut candidate = None;
        let mut seen = Vec::new();
        for line in present(lines) {
            if let Fact::Planned { key, effect } = &line.fact {
                planned.insert(key, effect.as_ref());
            } else if let Fact::Done { key, outcome } = &line.fact
                && let Some(effect) = planned.get(key)
            {
                seen.extend(traffic(effect, outcome).map(|traffic| (line.at, traffic)));
                if let Effect::Measure {
                    deployment,
                    analysis,
                    metrics,
                    ..
                } = effect
                    && let Outcome::Measured { taken, .. } = outcome.as_ref()
                {
                    candidate = Some(deployment);
                    attempt.take(whole(*analysis), metrics, taken);
                }
            }
        }
        for series in &mut attempt.series {
            series.measurements.sort_by_key(|measured| measured.at);
        }
        attempt.shares = candidate.map_or_else(Vec::new, |candidate| shares(&seen, candidate));
        attempt
    }

    fn take(&mut self, analysis: AnalysisId, metrics: &'a [MetricSpec], taken: &'a [Taken]) {
        for one in taken {
            let Some(metric) = metrics.iter().find(|metric| metric.name == one.metric) else {
                continue;
            };
            let known = self
                .series
                .iter_mut()
                .find(|series| series.analysis == analysis && series.metric.name == metric.name);
            match known {
                Some(series) => {
                    series.metric = metric;
                    series.measurements.push(&one.measurement);
                }
                None => self.series.push(Series {
                    analysis,
                    metric,
                    measurements: vec![&one.measurement],
                }),
            }
        }
    }
}

impl<'a> Series<'a> {
    /// The ones to draw: all that failed, and of the others as many as there is room for, evenly, the first and the last
    /// among them.
    pub(super) fn drawn(&self) -> Vec<&'a Measurement> {
        let failed = |measured: &Measurement| measured.came_to == Measured::Failed;
        let failures = self.measurements.iter().filter(|m| failed(m)).count();
        let others = self.measurements.len() - failures;
        let room = DRAWN.saturating_sub(failures).max(2);
        let slot = |index: usize| index * (room - 1) / (others.max(2) - 1);
        let mut index = 0;
        let kept = self.measurements.iter().filter(|measured| {
            if failed(measured) {
                return true;
            }
            let fits = others <= room || index == 0 || slot(index) != slot(index - 1);
            index += 1;
            fits
        });
        kept.copied().collect()
    }
}

/// From the last time on that a person asked again.
fn present(lines: &[Line<Fact>]) -> &[Line<Fact>] {
    let again = lines
        .iter()
        .rposition(|line| matches!(line.fact, Fact::Reopened { .. }));
    &lines[again.unwrap_or(0)..]
}

/// The endpoint's traffic, where an outcome tells it.
fn traffic<'a>(effect: &'a Effect, outcome: &'a Outcome) -> Option<&'a Traffic> {
    if let Outcome::TrafficSeen { traffic, .. } | Outcome::DeploymentMissing { traffic, .. } =
        outcome
    {
        return Some(traffic);
    }
    if let (Effect::SetTraffic { traffic, .. }, Outcome::TrafficSet) = (effect, outcome) {
        return Some(traffic);
    }
    None
}

/// The candidate's part of it, where it changes.
fn shares(seen: &[(Timestamp, &Traffic)], candidate: &DeploymentName) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    for (at, traffic) in seen {
        let percent = traffic.of(candidate);
        if shares.last().map_or(0, |last| last.percent) != percent {
            shares.push(Share { at: *at, percent });
        }
    }
    shares
}
