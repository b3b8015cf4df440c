//! Measuring a candidate while its rollout goes on: which analyses run, and what their measurements change.
//!
//! The invariant: from the step on that the one beside the steps begins with, it is measured at every moment, also while
//! a person is asked about it. Analyses begin by themselves where their step does, so no record of
//! their beginning can be lost.

use jiff::Timestamp;

use crate::analysis::{AnalysisId, AnalysisRun, MetricSpec, Taken, Verdict};
use crate::plan::{Plan, PlannedStep};
use crate::stage::Rollout;

/// An analysis under way, or at its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// Which.
    pub id: AnalysisId,
    /// Since when; nothing before it is measured.
    pub began: Timestamp,
    /// Its measurements so far.
    pub run: AnalysisRun,
    /// Whether a person has said to go on without a successful measurement.
    pub accepted: bool,
}

/// The analysis beside the steps could not tell, and a person is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsure {
    /// The one that could not tell.
    pub watch: Watch,
    /// Since when people know.
    pub asked: Option<Timestamp>,
}

impl Watch {
    fn begin(id: AnalysisId, metrics: &[MetricSpec], at: Timestamp) -> Self {
        let rules = metrics
            .iter()
            .map(|metric| (metric.name.clone(), metric.rule.clone()));
        Self {
            id,
            began: at,
            run: AnalysisRun::begin(rules, at),
            accepted: false,
        }
    }

    /// Under the next number, with everything that could be told.
    fn going_on(&self) -> Self {
        let id = match self.id {
            AnalysisId::Beside(number) => AnalysisId::Beside(number + 1),
            AnalysisId::Step(step) => AnalysisId::Step(step),
        };
        let mut next = Self { id, ..self.clone() };
        next.run.go_on();
        next
    }

    /// Whether every metric that decides has been as it should be at least once, or a person goes without.
    pub(crate) fn has_succeeded(&self) -> bool {
        self.accepted
            || self
                .run
                .metrics()
                .all(|(_, metric)| metric.rule().dry_run || metric.tally().successful > 0)
    }
}

impl Rollout {
    /// Whether the analysis that the current step is, or the one beside the steps, could not tell.
    pub fn unsure(&self) -> Option<&Watch> {
        self.unsure.as_ref().map(|unsure| &unsure.watch)
    }

    /// Begins what begins with this step.
    pub(crate) fn begin_watching(&mut self, step: usize, at: Timestamp) {
        let plan = &self.permit.pinned().plan;
        self.step_watch = match plan.steps.get(step) {
            Some(PlannedStep::Analysis(metrics)) => {
                Some(Watch::begin(AnalysisId::Step(step), metrics, at))
            }
            Some(
                PlannedStep::SetTraffic(_)
                | PlannedStep::Mirror(_)
                | PlannedStep::Pause(_)
                | PlannedStep::PauseUntilResumed
                | PlannedStep::Bake(_),
            )
            | None => None,
        };
        if let (None, Some(beside)) = (&self.beside, &plan.beside)
            && step >= beside.starting_step
        {
            let watch = Watch::begin(AnalysisId::Beside(1), &beside.metrics, at);
            self.beside = Some(watch);
        }
    }

    /// Takes measurements in. Those of an analysis that has ended meanwhile change nothing.
    pub(crate) fn measured(&mut self, analysis: AnalysisId, taken: &[Taken]) {
        let running = [self.step_watch.as_mut(), self.beside.as_mut()];
        let watch = running
            .into_iter()
            .flatten()
            .find(|watch| watch.id == analysis);
        if let Some(watch) = watch {
            watch.run.take(taken);
        }
        self.ask_and_go_on();
    }

    /// The one beside the steps never ends for want of an answer: it goes on at its next interval, and a person is asked, once.
    fn ask_and_go_on(&mut self) {
        let Some(watch) = &mut self.beside else {
            return;
        };
        if watch.run.verdict() == Some(Verdict::Inconclusive) {
            let next = watch.going_on();
            let ended = std::mem::replace(watch, next);
            // Whoever has said to go on without an answer is not asked again; what turns out worse goes back all the same.
            if ended.accepted {
                return;
            }
            self.unsure.get_or_insert_with(|| {
                Box::new(Unsure {
                    watch: ended,
                    asked: None,
                })
            });
        }
    }

    /// A person goes on without an answer, and has from now on all the time there is for what the step asks.
    pub(crate) fn accept_unsure(&mut self, at: Timestamp) {
        self.unsure = None;
        if let Some((_, asked)) = &mut self.asked_to_resume {
            *asked = at;
        }
        if let Some(watch) = &mut self.beside {
            watch.accepted = true;
        }
    }
}

/// What the analysis beside the steps measures.
pub(crate) fn beside_metrics(plan: &Plan) -> &[MetricSpec] {
    plan.beside
        .as_ref()
        .map_or(&[], |beside| beside.metrics.as_slice())
}

/// What an analysis measures.
pub(crate) fn metrics_of(plan: &Plan, analysis: AnalysisId) -> &[MetricSpec] {
    match analysis {
        AnalysisId::Beside(_) => beside_metrics(plan),
        AnalysisId::Step(step) => match plan.steps.get(step) {
            Some(PlannedStep::Analysis(metrics)) => metrics,
            Some(
                PlannedStep::SetTraffic(_)
                | PlannedStep::Mirror(_)
                | PlannedStep::Pause(_)
                | PlannedStep::PauseUntilResumed
                | PlannedStep::Bake(_),
            )
            | None => &[],
        },
    }
}
