//! Holds: nothing is promoted to a target from which a candidate was taken back, until a person has looked and lifts that.
//!
//! The hold itself stands outside, beside the lease: the write that releases the lease sets it, so that nobody slips in
//! between. Here stands which ends set one, and whom one stops. Start at [`Promotion::holds_target`].

use crate::ending::{Ending, WayBackCause};
use crate::promotion::Promotion;
use crate::stage::Stage;

impl Promotion {
    /// Why its end holds its target: the candidate was taken back, and may have answered callers before. What never had
    /// traffic, what a person stopped and what was voided holds nothing.
    pub fn holds_target(&self) -> Option<&WayBackCause> {
        let stage = self.stage();
        stage.ending().and_then(|ending| holds(ending, stage))
    }

    /// Whether a hold keeps it from the lease: it has changed nothing yet. Whoever goes back, or tidies up, is never kept.
    pub fn waits_while_held(&self) -> bool {
        matches!(self.stage(), Stage::WaitingForTarget(_))
    }
}

/// The same of an end and the stage that was left for it, or is it.
pub(crate) fn holds<'a>(ending: &'a Ending, before: &Stage) -> Option<&'a WayBackCause> {
    let had_traffic = before.rollout().is_some_and(|rollout| rollout.had_traffic);
    match ending {
        Ending::RolledBack { cause } => Some(cause).filter(|_| had_traffic),
        Ending::Blocked { .. }
        | Ending::Rejected { .. }
        | Ending::Expired
        | Ending::Superseded { .. }
        | Ending::Refused { .. }
        | Ending::Held { .. }
        | Ending::Voided { .. }
        | Ending::Aborted { .. }
        | Ending::Failed { .. }
        | Ending::Finished { .. } => None,
    }
}
