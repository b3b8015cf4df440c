//! Measuring a candidate while its rollout goes on: which analyses run, and what their measurements change.
//!
//! The invariant: from the step on that the one beside the steps begins with, it is measured at every moment, also while a
//! person is asked about it. Analyses begin by themselves where their step does, so no record of their beginning can be lost.

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
pub(crate) struct Unsure {
    /// The one that could not tell.
    pub(crate) watch: Watch,
    /// Since when people know.
    pub(crate) asked: Option<Timestamp>,
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
    /// The analysis beside the steps that could not tell, while a person is asked about it.
    pub fn unsure(&self) -> Option<&Watch> {
        self.unsure.as_ref().map(|unsure| &unsure.watch)
    }

    /// The analysis that the current step is, where it could not tell.
    pub fn unsure_step(&self) -> Option<&Watch> {
        let watch = self.step_watch.as_ref();
        watch.filter(|watch| watch.run.verdict() == Some(Verdict::Inconclusive))
    }

    /// Since when people are asked what this step asks.
    pub(crate) fn asked_at(&self, step: usize) -> Option<Timestamp> {
        let asked = self.asked_to_resume.filter(|(at, _)| *at == step);
        asked.map(|(_, asked)| asked)
    }

    /// Begins what begins with this step.
    pub(crate) fn begin_watching(&mut self, step: usize, at: Timestamp) {
        let plan = &self.permit.pinned().plan;
        let metrics = plan.steps.get(step).and_then(PlannedStep::metrics);
        self.step_watch = metrics.map(|metrics| Watch::begin(AnalysisId::Step(step), metrics, at));
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

/// What an analysis measures.
pub(crate) fn metrics_of(plan: &Plan, analysis: AnalysisId) -> &[MetricSpec] {
    let metrics = match analysis {
        AnalysisId::Beside(_) => plan.beside.as_ref().map(|beside| beside.metrics.as_slice()),
        AnalysisId::Step(step) => plan.steps.get(step).and_then(PlannedStep::metrics),
    };
    metrics.unwrap_or_default()
}
