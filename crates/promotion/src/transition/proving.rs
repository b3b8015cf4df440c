//! Proving: before the candidate has its first live percent, what would serve again is looked at and asked by name.

use super::{go_back, once};
use crate::effect::Effect;
use crate::ending::WayBackCause;
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::stage::Rollout;
use crate::traffic::Traffic;

/// What has to happen before the candidate has traffic; `None`: nothing, or it has some already.
pub(super) fn next(p: &Promotion, rollout: &Rollout, wanted: &Traffic) -> Option<Vec<Fact>> {
    let pinned = rollout.permit.pinned();
    let plan = &pinned.plan;
    if wanted.of(&plan.deployment) == 0 || rollout.candidate_serves() || plan.way_back.is_empty() {
        return None;
    }
    match &rollout.way_back_proof {
        None => Some(once(
            p,
            Effect::ProveWayBack {
                workspace: p.route.target.workspace.clone(),
                endpoint: plan.endpoint.name.clone(),
                back: plan.way_back.clone(),
                request: plan.smoke_test.as_ref().map(|test| test.request.clone()),
                serving: plan.endpoint.serving,
            },
        )),
        Some(proof) => proof.problem.as_ref().map(|problem| {
            go_back(
                p,
                WayBackCause::WayBackBroken {
                    deployment: proof.deployment.clone(),
                    problem: problem.clone(),
                },
            )
        }),
    }
}
