//! Drifting: somebody else has changed the target while traffic moves. What of it can be set right is, where the route says so;
//! else a person decides; what was agreed to and is not what serves any more is taken back.

use jiff::Timestamp;

use super::{go_back, shifting};
use crate::drift::{Drift, Drifted, OnDrift};
use crate::effect::Effect;
use crate::ending::WayBackCause;
use crate::ledger::Failure;
use crate::notice::Notice;
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::stage::Rollout;

/// How often traffic is set right before people are asked: somebody means it.
const RESTORED: u32 = 3;

/// What the steps have to wait for; `None`: nothing.
pub(super) fn next(p: &Promotion, rollout: &Rollout, now: Timestamp) -> Option<Vec<Fact>> {
    let drifted = rollout.drifted.as_deref()?;
    if drifted.ours || drifted.went_on {
        return Some(restore(p, drifted));
    }
    let plan = &rollout.permit.pinned().plan;
    let changed = |drift: &Drift| {
        let mut changed = drift.deployments.iter();
        changed.any(|changed| changed.deployment == plan.deployment)
    };
    let can_be_restored = drifted.drift.deployments.is_empty() && drifted.number <= RESTORED;
    Some(match plan.on_drift {
        _ if changed(&drifted.drift) => back(p, drifted),
        OnDrift::Abort => back(p, drifted),
        OnDrift::Restore if can_be_restored => restore(p, drifted),
        OnDrift::Pause if drifted.drift.only_copies() && can_be_restored => restore(p, drifted),
        OnDrift::Restore | OnDrift::Pause => ask(p, drifted, now),
    })
}

/// When nobody's answer is waited for any more.
pub(super) fn wakes_at(p: &Promotion, rollout: &Rollout) -> Option<Timestamp> {
    let asked = rollout.drifted.as_ref()?.asked?;
    Some(p.answer_within(asked))
}

/// The traffic as it was, whatever the endpoint shows.
fn restore(p: &Promotion, drifted: &Drifted) -> Vec<Fact> {
    let expected = &drifted.drift.expected;
    shifting::set(p, &expected.traffic, expected.mirror.clone(), None)
}

fn back(p: &Promotion, drifted: &Drifted) -> Vec<Fact> {
    go_back(
        p,
        WayBackCause::Drifted {
            drift: Box::new(drifted.drift.clone()),
        },
    )
}

/// People are asked once; nobody's answer is waited for for ever.
fn ask(p: &Promotion, drifted: &Drifted, now: Timestamp) -> Vec<Fact> {
    let Some(asked) = drifted.asked else {
        return vec![p.plan(Effect::Notify {
            notice: Notice::Drifted,
        })];
    };
    if p.answer_within(asked) > now {
        return vec![];
    }
    let failure = Failure::new(
        "NobodyResumed",
        "somebody else changed the endpoint, and nobody said to go on",
    );
    go_back(p, WayBackCause::StepFailed { failure })
}
