//! Rolling back: running operations end first, then the champion gets its traffic back, the candidate's deployment goes,
//! and the traffic is read once more when no delayed call of ours can land any more.

use super::{finish, go_back, not_now, once, shifting};
use crate::effect::Effect;
use crate::ids::PromotionId;
use crate::outcome::WayBackCause;
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::refused::Refused;
use crate::stage::{Deployed, Lease, Rollout};

pub(super) fn next(p: &Promotion, rollout: &Rollout, cause: &WayBackCause) -> Vec<Fact> {
    if p.ledger.has(runs_to_its_end) {
        return vec![];
    }
    if rollout.untouched() {
        return finish(p, cause.ending());
    }
    if rollout.lease != Lease::Held {
        let urgent = matches!(cause, WayBackCause::ByHand { .. });
        return once(
            p,
            Effect::TakeLease {
                target: p.route.target_id(),
                urgent,
            },
        );
    }
    let plan = &rollout.permit.pinned().plan;
    let back = &plan.way_back;
    match (&rollout.traffic, rollout.deployment) {
        (Some(_), _) if !shifting::is_set(rollout, back) => shifting::set(p, back),
        (_, Deployed::Asked | Deployed::Ready) => once(
            p,
            Effect::DeleteDeployment {
                workspace: p.route.target.workspace.clone(),
                endpoint: plan.endpoint.name.clone(),
                deployment: plan.deployment.clone(),
            },
        ),
        (Some(write), Deployed::No | Deployed::Gone) => match &rollout.verified {
            None => shifting::verify(p, write.at),
            Some(found) if found != back => shifting::set(p, back),
            Some(_) => finish(p, cause.ending()),
        },
        (None, Deployed::No | Deployed::Gone) => finish(p, cause.ending()),
    }
}

/// Makes way for a rollback by hand of another promotion, as long as no traffic has moved here.
pub(super) fn displace(p: &Promotion, by: &PromotionId) -> Result<Vec<Fact>, Refused> {
    if p.stage
        .rollout()
        .is_none_or(|rollout| rollout.traffic.is_some())
    {
        return Err(not_now(p, "displaced", ", when traffic has moved"));
    }
    let detail = format!(
        "`{by}` is rolled back, so another model serves than the one this candidate was compared with"
    );
    Ok(go_back(p, WayBackCause::Voided { detail }))
}

/// What Azure works on cannot be called back: its end is waited for.
fn runs_to_its_end(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::CreateEndpoint { .. }
            | Effect::CreateDeployment { .. }
            | Effect::SetTraffic { .. }
            | Effect::ReleaseLease { .. }
    )
}
