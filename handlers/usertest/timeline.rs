//! What was decided, shortly: the lines of the journal that a person would ask for, with how long after the event.

use jiff::Timestamp;
use promotion::{Effect, Fact, Line, Outcome};

use super::story::Told;
use crate::ui;

/// One line.
pub(super) struct Moment {
    /// Seconds after the event.
    pub(super) after: i64,
    pub(super) says: String,
    /// How often the same was measured.
    times: u32,
    measured: bool,
}

impl Moment {
    /// With how often.
    pub(super) fn text(&self) -> String {
        match self.times {
            1 => self.says.clone(),
            times => ui::so_often(&self.says, times),
        }
    }
}

/// Of a whole story.
pub(super) fn of(told: &Told) -> Vec<Moment> {
    let Some(first) = told.lines.first() else {
        return vec![];
    };
    let since = |at: Timestamp| at.duration_since(first.at).as_secs();
    let moment = |at: Timestamp, says: String, measured: bool| Moment {
        after: since(at),
        says,
        times: 1,
        measured,
    };
    let refusals = told.refused.iter();
    let refusals = refusals.map(|no| moment(no.at, ui::was_refused(&no.whom, &no.why), false));
    let mut refusals = refusals.peekable();
    let mut moments: Vec<Moment> = Vec::new();
    for line in &told.lines {
        while let Some(no) = refusals.next_if(|no| no.after < since(line.at)) {
            moments.push(no);
        }
        match shown(line) {
            Some((says, true)) if again(&mut moments, &says) => {}
            Some((says, measured)) => moments.push(moment(line.at, says, measured)),
            None => {}
        }
    }
    moments.extend(refusals);
    moments
}

/// Counts one that says the same, among the measurements before it.
fn again(moments: &mut [Moment], says: &str) -> bool {
    let before = moments
        .iter_mut()
        .rev()
        .take_while(|moment| moment.measured);
    let same = before.into_iter().find(|moment| moment.says == says);
    if let Some(same) = same {
        same.times += 1;
        return true;
    }
    false
}

/// What a line says, and whether it says what was measured; most lines only say how it was done.
fn shown(line: &Line<Fact>) -> Option<(String, bool)> {
    match &line.fact {
        Fact::Planned { effect, .. } => match effect.as_ref() {
            Effect::SetTraffic { .. } | Effect::Notify { .. } => Some((ui::effect(effect), false)),
            _ => None,
        },
        Fact::Done { outcome, .. } => match outcome.as_ref() {
            Outcome::Measured { .. } => Some((ui::outcome(outcome)?, true)),
            Outcome::SmokeTested(_) | Outcome::JobTested(_) | Outcome::LoadTested(_) => {
                Some((ui::fact(line), false))
            }
            _ => None,
        },
        Fact::Opened { .. }
        | Fact::Reopened { .. }
        | Fact::Replayed { .. }
        | Fact::Failed { .. }
        | Fact::Pinned { .. }
        | Fact::Voted { .. }
        | Fact::Revoked { .. }
        | Fact::Overrode { .. }
        | Fact::ApprovedAutomatically { .. }
        | Fact::Denied { .. }
        | Fact::Reviewed { .. }
        | Fact::Entered { .. }
        | Fact::Resumed { .. }
        | Fact::WentOnUnsure { .. }
        | Fact::WentOnDrifted { .. }
        | Fact::KeepPreviousEnded { .. } => Some((ui::fact(line), false)),
        Fact::Submitted { .. }
        | Fact::Waiting { .. }
        | Fact::Retrying { .. }
        | Fact::Dropped { .. }
        | Fact::StepDone { .. }
        | Fact::Closed { .. } => None,
    }
}
