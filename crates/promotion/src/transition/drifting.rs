//! Drifting: somebody else has changed the target while traffic moves. What of it can be set right is, where the route says so;
//! else a person decides; what was agreed to and is not what serves any more is taken back.

use jiff::Timestamp;

use super::{asking_after, go_back, shifting};
use crate::drift::{Drift, Drifted, Expected, OnDrift};
use crate::effect::Effect;
use crate::ending::WayBackCause;
use crate::ledger::Failure;
use crate::notice::Notice;
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::stage::Rollout;
use crate::traffic::Mirror;

/// How often traffic is set right before people are asked: somebody means it.
const RESTORED: u32 = 3;

/// How many changes of an attempt people are asked about: whoever puts each of them back keeps no candidate half way for ever.
const ASKED: u32 = 10;

/// What becomes of it.
enum Way {
    /// The traffic is set again as it was.
    Restore,
    /// The champion gets its traffic back.
    Back,
    /// A person decides.
    Ask,
}

/// What the steps have to wait for; `None`: nothing.
pub(super) fn next(p: &Promotion, rollout: &Rollout, now: Timestamp) -> Option<Vec<Fact>> {
    let drifted = rollout.drifted.as_deref()?;
    Some(match way(rollout, drifted) {
        Way::Restore => restore(p, rollout, drifted),
        Way::Back => back(p, drifted),
        Way::Ask => ask(p, drifted, now),
    })
}

fn way(rollout: &Rollout, drifted: &Drifted) -> Way {
    let plan = &rollout.permit.pinned().plan;
    let changed = |drift: &Drift| {
        let mut changed = drift.deployments.iter();
        changed.any(|changed| changed.deployment == plan.deployment)
    };
    let can_be_restored = drifted.drift.deployments.is_empty() && drifted.number <= RESTORED;
    match plan.on_drift {
        _ if drifted.ours => Way::Restore,
        _ if changed(&drifted.drift) => Way::Back,
        _ if drifted.went_on => Way::Restore,
        OnDrift::Abort => Way::Back,
        OnDrift::Restore if can_be_restored => Way::Restore,
        OnDrift::Pause if drifted.drift.only_copies() && can_be_restored => Way::Restore,
        OnDrift::Restore | OnDrift::Pause => Way::Ask,
    }
}

/// When nobody's answer is waited for any more.
pub(super) fn wakes_at(p: &Promotion, rollout: &Rollout) -> Option<Timestamp> {
    let drifted = rollout.drifted()?;
    match way(rollout, drifted) {
        Way::Ask => Some(p.answer_within(drifted.asks_since()?)),
        Way::Restore | Way::Back => None,
    }
}

/// The traffic as it was, whatever the endpoint shows. Where the candidate gets anything again, voters are asked after first, unless
/// that was done and it serves; not where callers are taken off it, for that waits for nobody.
fn restore(p: &Promotion, rollout: &Rollout, drifted: &Drifted) -> Vec<Fact> {
    let expected = &drifted.drift.expected;
    let copied = expected.mirror.as_ref().map_or(0, |mirror| mirror.percent);
    let ours = &rollout.permit.pinned().plan.deployment;
    let (has, share) = (drifted.drift.traffic.of(ours), expected.traffic.of(ours));
    let gets_more = share > has || share == has && copied > drifted.drift.copied.of(ours);
    if gets_more && let Some(facts) = asking_after::before_it_gets_more(p, rollout) {
        return facts;
    }
    // A late call of our own is nobody's will; whatever else is there by then was not looked at yet.
    let found = (!drifted.ours).then(|| Expected {
        traffic: drifted.drift.traffic.clone(),
        mirror: expected.mirror.as_ref().map(|mirror| Mirror {
            percent: drifted.drift.copied.of(&mirror.deployment),
            ..mirror.clone()
        }),
        deployments: vec![],
    });
    shifting::set(p, &expected.traffic, expected.mirror.clone(), found)
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
    if drifted.number > ASKED {
        let failure = Failure::new(
            "KeepsChanging",
            format!(
                "somebody else has changed the endpoint {} times",
                drifted.number
            ),
        );
        return go_back(p, WayBackCause::StepFailed { failure });
    }
    let Some(asked) = drifted.asks_since() else {
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
