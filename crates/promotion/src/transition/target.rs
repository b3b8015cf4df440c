//! Waiting for the target: it is this one's turn, the lease is taken, the target is looked at again, its endpoint is there.

use super::{finish, gating, once, turn};
use crate::champion::Champion;
use crate::effect::Effect;
use crate::ending::Ending;
use crate::promotion::Promotion;
use crate::record::{Fact, Phase};
use crate::route::Concurrency;
use crate::stage::{Lease, Rollout};

pub(super) fn next(p: &Promotion, rollout: &Rollout) -> Vec<Fact> {
    // What people have agreed to takes nobody's place and is not turned away: it waits. Only never with the lease in its
    // hands, as one begun before turns were taken may have it: whose turn it is could be waiting for that.
    if rollout.lease == Lease::Free
        && let Some(first) = turn::take(p, Concurrency::Queue)
    {
        return first;
    }
    if rollout.lease != Lease::Held {
        return once(
            p,
            Effect::TakeLease {
                target: p.route.target_id(),
                urgent: false,
            },
        );
    }
    let Some((landing, champion)) = &rollout.target_seen else {
        return once(p, gating::observe_target(p));
    };
    let pinned = rollout.permit.pinned();
    if !champion.same(&pinned.champion) {
        let detail = match champion {
            Champion::Unclear { detail } => format!("nobody can tell who serves now: {detail}"),
            Champion::None => "nothing serves any more where a model did".to_owned(),
            Champion::Serving(_) => {
                "another model serves now than the one this candidate was compared with".to_owned()
            }
        };
        return finish(p, Ending::Voided { detail });
    }
    if landing.endpoint_exists || rollout.endpoint_ready {
        return vec![Fact::Entered {
            phase: Phase::Deploying,
        }];
    }
    let workspace = p.route.target.workspace.clone();
    let location = pinned.plan.location.clone();
    once(
        p,
        Effect::CreateEndpoint {
            workspace,
            location,
            spec: pinned.plan.endpoint.clone(),
        },
    )
}
