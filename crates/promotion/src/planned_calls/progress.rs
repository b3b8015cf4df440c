//! How far a plan is: which of its calls the journal has done.
//!
//! The calls stand in the order in which they are planned, so an effect of the journal is the next open call that it
//! equals, or none of them: what was tried again, or done because something had gone wrong.

use std::collections::BTreeMap;

use super::{PlannedCall, PlannedCalls, Wait};
use crate::analysis::AnalysisId;
use crate::chain::Line;
use crate::effect::{Effect, EffectKey};
use crate::effect_rules::EffectClass;
use crate::record::{Fact, Phase};
use crate::report::Outcome;

/// How far one call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Not begun.
    Open,
    /// Begun.
    UnderWay,
    /// Done.
    Done,
}

impl PlannedCalls {
    /// How far each call of the way forward is, by all records of this promotion.
    pub fn progress(&self, lines: &[Line<Fact>]) -> Vec<Progress> {
        let mut told = Told {
            calls: &self.forward,
            progress: vec![Progress::Open; self.forward.len()],
            keys: BTreeMap::new(),
        };
        for fact in forward(lines) {
            told.by(fact);
        }
        told.settle_waits();
        told.progress
    }
}

/// What the present attempt did on its way forward, from the complete quorum on.
fn forward(lines: &[Line<Fact>]) -> impl Iterator<Item = &Fact> {
    let reopened = |line: &Line<Fact>| matches!(line.fact, Fact::Reopened { .. });
    let begin = lines.iter().rposition(reopened).unwrap_or(0);
    let facts = lines[begin..].iter().map(|line| &line.fact);
    facts
        .skip_while(|fact| !enters(fact, &|phase| matches!(phase, Phase::Copying)))
        .take_while(|fact| !enters(fact, &|phase| matches!(phase, Phase::RollingBack { .. })))
}

fn enters(fact: &Fact, wanted: &dyn Fn(&Phase) -> bool) -> bool {
    matches!(fact, Fact::Entered { phase } if wanted(phase))
}

struct Told<'a> {
    calls: &'a [PlannedCall],
    progress: Vec<Progress>,
    keys: BTreeMap<&'a EffectKey, usize>,
}

impl<'a> Told<'a> {
    fn by(&mut self, fact: &'a Fact) {
        match fact {
            Fact::Planned { key, effect } => {
                if let Some(at) = self.next(effect) {
                    self.progress[at] = Progress::UnderWay;
                    self.keys.insert(key, at);
                }
            }
            // It was not touched.
            Fact::Done { key, outcome } if matches!(**outcome, Outcome::Drifted(_)) => {
                self.set(key, Progress::Open);
            }
            Fact::Done { key, .. } => self.set(key, Progress::Done),
            Fact::Failed { key, .. } | Fact::Dropped { key } => self.set(key, Progress::Open),
            Fact::KeepPreviousEnded { .. } => {
                let waits = self.calls.iter().enumerate();
                for (at, call) in waits {
                    if matches!(call, PlannedCall::Wait(Wait::KeepPrevious(_))) {
                        self.progress[at] = Progress::Done;
                    }
                }
            }
            Fact::Opened { .. }
            | Fact::Reopened { .. }
            | Fact::Replayed { .. }
            | Fact::Submitted { .. }
            | Fact::Waiting { .. }
            | Fact::Retrying { .. }
            | Fact::Pinned { .. }
            | Fact::Voted { .. }
            | Fact::Entered { .. }
            | Fact::StepDone { .. }
            | Fact::Resumed { .. }
            | Fact::WentOnUnsure { .. }
            | Fact::WentOnDrifted { .. }
            | Fact::Closed { .. }
            | Fact::Revoked { .. }
            | Fact::Overrode { .. }
            | Fact::ApprovedAutomatically { .. }
            | Fact::Denied { .. }
            | Fact::Reviewed { .. } => {}
        }
    }

    /// Messages wait for nobody and nobody for them, and earlier releases proved no way back; of all other calls only the first
    /// open one can be next.
    fn next(&self, effect: &Effect) -> Option<usize> {
        for (at, call) in self.calls.iter().enumerate() {
            if self.progress[at] != Progress::Open {
                continue;
            }
            match call {
                PlannedCall::Perform(_) if call.is(effect) => return Some(at),
                PlannedCall::Perform(other)
                    if other.class() != EffectClass::Notify
                        && !matches!(**other, Effect::ProveWayBack { .. }) =>
                {
                    return None;
                }
                PlannedCall::Perform(_) | PlannedCall::Wait(_) | PlannedCall::Watch { .. } => {}
            }
        }
        None
    }

    fn set(&mut self, key: &EffectKey, progress: Progress) {
        if let Some(at) = self.keys.get(key) {
            self.progress[*at] = progress;
        }
    }

    /// Waits leave no record of their own: one is over once something behind it has begun, and under way while nothing before
    /// it is left. The effect behind a wait for calls that may land is planned when that begins, and done at its end.
    fn settle_waits(&mut self) {
        for at in 0..self.calls.len() {
            let after = &self.progress[at + 1..];
            let is_over = match &self.calls[at] {
                PlannedCall::Perform(_) => continue,
                PlannedCall::Wait(Wait::NoCallLands(_)) => {
                    self.progress[at] = after.first().copied().unwrap_or(Progress::Open);
                    continue;
                }
                // It goes on until the target is let go.
                PlannedCall::Watch {
                    analysis: AnalysisId::Beside(_),
                    ..
                } => {
                    let mut later = self.calls[at + 1..].iter().zip(after);
                    later.any(|(call, progress)| lets_go(call) && *progress != Progress::Open)
                }
                PlannedCall::Watch { .. }
                | PlannedCall::Wait(
                    Wait::Pause(_)
                    | Wait::Bake(_)
                    | Wait::UntilResumed { .. }
                    | Wait::KeepPrevious(_),
                ) => {
                    self.progress[at] == Progress::Done
                        || after.iter().any(|later| *later != Progress::Open)
                }
            };
            self.progress[at] = if is_over {
                Progress::Done
            } else if self.is_next(at) {
                Progress::UnderWay
            } else {
                Progress::Open
            };
        }
    }

    /// Whether nothing before it is left but what goes on beside it.
    fn is_next(&self, at: usize) -> bool {
        let mut before = self.calls[..at].iter().zip(&self.progress);
        before.all(|(call, progress)| match call {
            PlannedCall::Watch {
                analysis: AnalysisId::Beside(_),
                ..
            } => *progress != Progress::Open,
            PlannedCall::Watch { .. } | PlannedCall::Perform(_) | PlannedCall::Wait(_) => {
                *progress == Progress::Done
            }
        })
    }
}

fn lets_go(call: &PlannedCall) -> bool {
    match call {
        PlannedCall::Perform(effect) => matches!(**effect, Effect::ReleaseLease { .. }),
        PlannedCall::Wait(_) | PlannedCall::Watch { .. } => false,
    }
}
