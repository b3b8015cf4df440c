//! Testing: the candidate is asked by name while it has no traffic.

use super::{go_back, once};
use crate::effect::Effect;
use crate::ending::WayBackCause;
use crate::promotion::Promotion;
use crate::record::{Fact, Phase};
use crate::stage::Rollout;

pub(super) fn next(p: &Promotion, rollout: &Rollout) -> Vec<Fact> {
    let plan = &rollout.permit.pinned().plan;
    match (&plan.smoke_test, &rollout.smoke) {
        (None, _) => vec![Fact::Entered {
            phase: Phase::Shifting,
        }],
        (Some(_), Some(reply)) if reply.passed => vec![Fact::Entered {
            phase: Phase::Shifting,
        }],
        (Some(_), Some(reply)) => go_back(
            p,
            WayBackCause::SmokeTestFailed {
                reply: reply.clone(),
            },
        ),
        (Some(test), None) => once(
            p,
            Effect::SmokeTest {
                workspace: p.route.target.workspace.clone(),
                endpoint: plan.endpoint.name.clone(),
                deployment: plan.deployment.clone(),
                test: test.clone(),
            },
        ),
    }
}
