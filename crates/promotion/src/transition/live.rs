//! Live: the target is let go, the promotion before this one is told, and the way back stays warm for a while.

use jiff::Timestamp;

use super::{finish, once};
use crate::champion::Champion;
use crate::effect::Effect;
use crate::ending::Ending;
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::stage::{Lease, Previous, Rollout};

pub(super) fn next(
    p: &Promotion,
    rollout: &Rollout,
    until: Timestamp,
    previous: &Previous,
    now: Timestamp,
) -> Vec<Fact> {
    match previous {
        Previous::Warm => stay(p, rollout, until, now),
        Previous::Unneeded { by } => match rollout.permit.pinned().champion.deployment() {
            None => finish(p, Ending::Finished { by: by.clone() }),
            // Whoever has deleted it may have made it anew: then it is theirs.
            Some(deployment) if rollout.missing().contains(deployment) => {
                finish(p, Ending::Finished { by: by.clone() })
            }
            // A release that is under way ends first, or it would take what is asked for next.
            Some(_)
                if p.ledger
                    .has(|effect| matches!(effect, Effect::ReleaseLease { .. })) =>
            {
                vec![]
            }
            Some(_) if rollout.lease != Lease::Held => once(
                p,
                Effect::TakeLease {
                    target: p.route.target_id(),
                    urgent: false,
                },
            ),
            Some(deployment) => once(
                p,
                Effect::DeleteDeployment {
                    workspace: p.route.target.workspace.clone(),
                    endpoint: p.route.rollout.endpoint.name.clone(),
                    deployment: deployment.clone(),
                    not_before: None,
                    serving: p.route.rollout.endpoint.serving,
                },
            ),
        },
        Previous::Gone { by } => finish(p, Ending::Finished { by: by.clone() }),
    }
}

/// When the way back closes; not before the target is let go.
pub(super) fn wakes_at(rollout: &Rollout, until: Timestamp) -> Option<Timestamp> {
    (rollout.lease == Lease::Free).then_some(until)
}

fn stay(p: &Promotion, rollout: &Rollout, until: Timestamp, now: Timestamp) -> Vec<Fact> {
    if rollout.lease != Lease::Free {
        return once(
            p,
            Effect::ReleaseLease {
                target: p.route.target_id(),
                hold: None,
            },
        );
    }
    if let (false, Champion::Serving(before)) =
        (rollout.predecessor_told, &rollout.permit.pinned().champion)
        && let Some(promotion) = before
            .deployed_by
            .clone()
            .filter(|promotion| *promotion != p.id)
    {
        let told = once(p, Effect::EndKeepPrevious { promotion });
        if !told.is_empty() {
            return told;
        }
    }
    if until <= now {
        vec![Fact::KeepPreviousEnded { by: None }]
    } else {
        vec![]
    }
}
