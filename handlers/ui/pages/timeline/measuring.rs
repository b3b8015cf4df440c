//! The same measurements again and again as one entry of the history: their last results, the earlier ones as notes.
//!
//! The invariant: an entry is of one analysis at one weight, so that what was measured at 5 % never reads as measured at 50 %.

use std::collections::BTreeMap;

use jiff::Timestamp;
use promotion::analysis::{AnalysisId, Measurement, Taken};
use promotion::{DeploymentName, Effect, Fact, Line};

use super::{Entry, Mark};
use crate::ui::messages::{measure, measured, notes_before};
use crate::ui::moment::utc;
use crate::ui::pages::chart::whole;

/// So many earlier results are told.
const NOTES: usize = 20;

/// What an entry of measurements holds.
pub(super) struct Measuring<'a> {
    analysis: AnalysisId,
    deployment: &'a DeploymentName,
    /// What is measured, in the order of the first time.
    metrics: Vec<&'a str>,
    /// The last of each, and when it was told.
    last: BTreeMap<&'a str, (Timestamp, &'a Measurement)>,
    /// How many of its notes are left out.
    left_out: usize,
}

/// An entry of the first of several; nothing, where it measures nothing.
pub(super) fn begin(effect: &Effect) -> Option<Measuring<'_>> {
    let Effect::Measure {
        analysis,
        deployment,
        metrics,
        ..
    } = effect
    else {
        return None;
    };
    Some(Measuring {
        analysis: whole(*analysis),
        deployment,
        metrics: metrics.iter().map(|metric| metric.name.as_str()).collect(),
        last: BTreeMap::new(),
        left_out: 0,
    })
}

/// Goes on with the entry of the same analysis, if there is one since the weight was set last; says whether it did.
pub(super) fn goes_on<'a>(entries: &mut [Entry<'a>], line: &'a Line<Fact>) -> bool {
    let Fact::Planned { key, effect } = &line.fact else {
        return false;
    };
    let Some(next) = begin(effect) else {
        return false;
    };
    let since = entries.iter_mut().rev().take_while(|entry| !entry.anew);
    for entry in since {
        if let Some(measuring) = &mut entry.measuring
            && measuring.analysis == next.analysis
        {
            measuring.also(&next.metrics);
            entry.text = measuring.text();
            (entry.key, entry.mark) = (Some(key), Mark::Running);
            return true;
        }
    }
    false
}

/// Whether what was measured before it stays apart from what is measured after it.
pub(super) fn is_anew(fact: &Fact) -> bool {
    match fact {
        Fact::Planned { effect, .. } => matches!(effect.as_ref(), Effect::SetTraffic { .. }),
        Fact::Reopened { .. } => true,
        Fact::Opened { .. }
        | Fact::Replayed { .. }
        | Fact::Submitted { .. }
        | Fact::Waiting { .. }
        | Fact::Retrying { .. }
        | Fact::Done { .. }
        | Fact::Failed { .. }
        | Fact::Dropped { .. }
        | Fact::Pinned { .. }
        | Fact::Voted { .. }
        | Fact::Entered { .. }
        | Fact::StepDone { .. }
        | Fact::Resumed { .. }
        | Fact::WentOnUnsure { .. }
        | Fact::WentOnDrifted { .. }
        | Fact::KeepPreviousEnded { .. }
        | Fact::Revoked { .. }
        | Fact::Overrode { .. }
        | Fact::ApprovedAutomatically { .. }
        | Fact::Denied { .. }
        | Fact::Reviewed { .. }
        | Fact::Closed { .. } => false,
    }
}

impl<'a> Measuring<'a> {
    /// Whether anything has come of it.
    pub(super) fn has_results(&self) -> bool {
        !self.last.is_empty()
    }

    /// Takes results in, and gives those back that they take the place of.
    fn take(&mut self, at: Timestamp, taken: &'a [Taken]) -> Vec<String> {
        let mut before = Vec::new();
        for one in taken {
            let metric = one.metric.as_str();
            let old = self.last.insert(metric, (at, &one.measurement));
            before.extend(
                old.map(|(at, old)| format!("{}: {}.", utc(at), measured([(metric, old)]))),
            );
        }
        self.also(
            &taken
                .iter()
                .map(|one| one.metric.as_str())
                .collect::<Vec<_>>(),
        );
        before
    }

    /// The last of each metric.
    fn found(&self) -> String {
        let last = self.metrics.iter().filter_map(|metric| {
            let (_, measurement) = self.last.get(metric)?;
            Some((*metric, *measurement))
        });
        measured(last)
    }

    /// Leaves out what nobody would read, oldest first.
    fn cap(&mut self, notes: &mut Vec<String>) {
        let over = notes.len().saturating_sub(NOTES);
        notes.drain(..over);
        self.left_out += over;
    }

    /// That notes are left out.
    pub(super) fn said_before(&self) -> Option<String> {
        (self.left_out > 0).then(|| notes_before(self.left_out))
    }

    fn also(&mut self, metrics: &[&'a str]) {
        for metric in metrics {
            if !self.metrics.contains(metric) {
                self.metrics.push(metric);
            }
        }
    }

    fn text(&self) -> String {
        measure(&self.metrics, self.deployment)
    }
}

/// What came of the newest of them.
pub(super) fn done<'a>(entry: &mut Entry<'a>, at: Timestamp, taken: &'a [Taken]) {
    if let Some(measuring) = &mut entry.measuring {
        entry.notes.extend(measuring.take(at, taken));
        measuring.cap(&mut entry.notes);
        entry.found = Some(measuring.found());
    }
}
