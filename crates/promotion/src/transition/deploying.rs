//! Deploying: the destination is looked at once more, and the candidate's deployment is made beside the others.

use super::{go_back, once};
use crate::effect::Effect;
use crate::ending::WayBackCause;
use crate::promotion::Promotion;
use crate::record::{Fact, Phase};
use crate::stage::{Deployed, Rollout};

pub(super) fn next(p: &Promotion, rollout: &Rollout) -> Vec<Fact> {
    if let Some(facts) = landed_unchanged(p, rollout) {
        return facts;
    }
    if rollout.deployment == Deployed::Ready {
        return vec![Fact::Entered {
            phase: Phase::Testing,
        }];
    }
    let plan = &rollout.permit.pinned().plan;
    once(
        p,
        Effect::CreateDeployment {
            workspace: p.route.target.workspace.clone(),
            location: plan.location.clone(),
            endpoint: plan.endpoint.name.clone(),
            deployment: plan.deployment.clone(),
            model: p.candidate.model.clone(),
            version: p.candidate.version.clone(),
            spec: plan.deployment_spec.clone(),
        },
    )
}

/// What has to happen before the copied files may be trusted in this phase; `None`: they may.
pub(super) fn landed_unchanged(p: &Promotion, rollout: &Rollout) -> Option<Vec<Fact>> {
    let place = &rollout.permit.pinned().plan.destination;
    match &rollout.landed_seen {
        None => Some(once(
            p,
            Effect::ObserveManifest {
                place: place.clone(),
            },
        )),
        Some(seen) if *seen == rollout.landed => None,
        Some(seen) => {
            let path = rollout.landed.first_difference(seen).unwrap_or("a file");
            let detail = format!(
                "`{path}` under `{}` changed after it was copied",
                place.prefix
            );
            Some(go_back(p, WayBackCause::Voided { detail }))
        }
    }
}
