//! A load test, as a step of a rollout: the candidate is asked by name, before it has traffic.

use super::{go_back, once};
use crate::champion::Champion;
use crate::effect::Effect;
use crate::ending::WayBackCause;
use crate::load_test::LoadTest;
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::requests::Requests;
use crate::stage::Rollout;

pub(super) fn next(p: &Promotion, rollout: &Rollout, step: usize, test: &LoadTest) -> Vec<Fact> {
    let plan = &rollout.permit.pinned().plan;
    match &rollout.load {
        Some(reply) if reply.passed => vec![Fact::StepDone { step }],
        Some(reply) => go_back(
            p,
            WayBackCause::LoadTestFailed {
                reply: reply.clone(),
            },
        ),
        None => once(
            p,
            Effect::LoadTest {
                workspace: p.route.target.workspace.clone(),
                endpoint: plan.endpoint.name.clone(),
                deployment: plan.deployment.clone(),
                test: test.clone(),
                collected_of: match (&test.requests, &rollout.permit.pinned().champion) {
                    (Requests::Collected(_), Champion::Serving(champion)) => {
                        Some(champion.deployment.clone())
                    }
                    (Requests::Collected(_) | Requests::Given(_), _) => None,
                },
            },
        ),
    }
}
