//! Acts: what changes production forwards, and so needs clearance before it begins: no freeze, and an open window.
//!
//! The invariant: whatever goes back, sets right or tidies up is none, so nothing that protects production ever waits. While
//! an act waits for clearance its deadline stands still, and begins anew with the act.

use crate::effect::Effect;
use crate::ledger::{EffectState, Entry, Failure};
use crate::plan::{Plan, PlannedStep};
use crate::promotion::Promotion;
use crate::stage::Stage;
use crate::traffic::Traffic;

/// What a report says whose promotion waits for a freeze to be lifted or to end.
pub const FROZEN: &str = "Frozen";

/// What a report says whose promotion waits for a window of its route.
pub const OUTSIDE_WINDOW: &str = "OutsideWindow";

/// What a report says of an act that was not begun, for nobody could tell at the moment whether it may.
pub const CLEARANCE_UNKNOWN: &str = "State";

/// What a report says of a change of traffic that was not sent, for another one of its endpoint is under way: nothing has begun.
pub const ENDPOINT_BUSY: &str = "EndpointBusy";

/// What a report says of a file that is not any more what was judged: copied, it would be another model.
pub const SOURCE_CHANGED: &str = "SourceChanged";

impl Promotion {
    /// Whether performing this now would begin an act: the copy, or a step that gives the candidate more traffic or copies
    /// of requests. What has begun goes on.
    pub fn begins_an_act(&self, entry: &Entry) -> bool {
        let running = matches!(entry.state, EffectState::Running { .. });
        if entry.begun || running {
            return false;
        }
        match (&self.stage, &entry.effect) {
            (Stage::Copying(_), Effect::CopyFiles { .. }) => true,
            (
                Stage::Shifting { rollout, step, .. },
                Effect::SetTraffic {
                    traffic, mirror, ..
                },
            ) => {
                let plan = &rollout.permit.pinned().plan;
                let share = traffic.of(&plan.deployment);
                let copied = mirror.as_ref().map_or(0, |mirror| mirror.percent);
                if let Some(shown) = rollout.shows_instead() {
                    let has = shown.traffic.of(&plan.deployment);
                    // Somebody has given it more: whatever else that write sets right, nothing holds up that it is taken away.
                    if has > share {
                        return false;
                    }
                    // Somebody has given it less: that is not taken back past a freeze.
                    if share > has || copied > shown.copied {
                        return true;
                    }
                }
                match plan.steps.get(*step) {
                    Some(PlannedStep::SetTraffic(wanted)) => {
                        traffic == wanted && share > share_before(plan, *step)
                    }
                    Some(PlannedStep::Mirror(percent)) => *percent > 0 && copied == *percent,
                    // In these, and behind the last step, traffic is only set right.
                    Some(
                        PlannedStep::Pause(_)
                        | PlannedStep::PauseUntilResumed
                        | PlannedStep::Analysis(_)
                        | PlannedStep::Bake(_)
                        | PlannedStep::LoadTest(_),
                    )
                    | None => false,
                }
            }
            _ => false,
        }
    }

    /// Whether this has waited for clearance, so that voters and files, on which it rests, were looked at long ago. Once the
    /// candidate serves, nobody is asked after again; what is only given back is tried as it was planned.
    pub fn looks_again_before(&self, entry: &Entry) -> bool {
        if entry.begun || !entry.has_waited {
            return false;
        }
        match (&self.stage, &entry.effect) {
            (Stage::Copying(_), Effect::CopyFiles { .. }) => true,
            (Stage::Shifting { rollout, .. }, Effect::SetTraffic { .. }) => {
                !rollout.has_served()
                    && rollout.shows_instead().is_none()
                    && self.begins_an_act(entry)
            }
            _ => false,
        }
    }

    /// What its endpoint has shown when it was looked at last, where the last change of its traffic waits for clearance.
    pub fn shows_while_held_up(&self) -> Option<&Traffic> {
        let rollout = self.stage.rollout()?;
        let write = rollout.traffic.as_ref()?;
        if write.settled || write.withdrawn || !self.traffic_is_held_up() {
            return None;
        }
        let instead = write.instead_of.as_ref().map(|found| &found.traffic);
        let before = write.before.as_ref().map(|before| &before.traffic);
        Some(
            instead
                .or(before)
                .unwrap_or(&rollout.permit.pinned().plan.way_back),
        )
    }

    /// Whether a change of its traffic is kept from beginning.
    fn traffic_is_held_up(&self) -> bool {
        self.ledger
            .undone()
            .iter()
            .any(|entry| matches!(entry.effect, Effect::SetTraffic { .. }) && entry.is_held_up())
    }

    /// Whether its candidate answers callers, or a call that makes it so may be under way, as far as its journal tells: a step that
    /// waits for clearance, or was withdrawn, counts as not sent. Whoever sent it all the same and died is found by the way back.
    pub fn may_serve(&self) -> bool {
        let Some(rollout) = self.stage.rollout() else {
            return false;
        };
        let ours = &rollout.permit.pinned().plan.deployment;
        rollout.traffic.as_ref().is_some_and(|write| {
            let waits = !write.settled && self.traffic_is_held_up();
            if write.withdrawn || waits {
                rollout.has_served()
            } else {
                write.traffic.of(ours) > 0
            }
        })
    }
}

impl Failure {
    /// Whether it says that an act waits for clearance.
    pub(crate) fn is_lack_of_clearance(&self) -> bool {
        matches!(self.code.as_str(), FROZEN | OUTSIDE_WINDOW)
    }
}

impl Entry {
    /// Whether it is kept from beginning: it waits for clearance, or for somebody who can tell.
    pub(crate) fn is_held_up(&self) -> bool {
        let trouble = self.trouble.as_ref();
        let unknown = trouble.is_some_and(|trouble| trouble.code == CLEARANCE_UNKNOWN);
        unknown || self.waits_for_clearance()
    }

    /// Whether it waits for clearance.
    pub(crate) fn waits_for_clearance(&self) -> bool {
        let trouble = self.trouble.as_ref();
        trouble.is_some_and(Failure::is_lack_of_clearance)
    }
}

/// The candidate's share before this step.
fn share_before(plan: &Plan, step: usize) -> u8 {
    let set = plan.steps.iter().take(step).rev();
    let mut shares = set.filter_map(|step| match step {
        PlannedStep::SetTraffic(traffic) => Some(traffic.of(&plan.deployment)),
        PlannedStep::Mirror(_)
        | PlannedStep::Pause(_)
        | PlannedStep::PauseUntilResumed
        | PlannedStep::Analysis(_)
        | PlannedStep::Bake(_)
        | PlannedStep::LoadTest(_) => None,
    });
    shares.next().unwrap_or_default()
}
