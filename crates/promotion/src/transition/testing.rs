//! Testing: the candidate is asked by name while it has no traffic; a batch deployment does a job on the sample data, and
//! the champion's does the same one beside it.

use super::{go_back, once};
use crate::batch::{PlannedBatchTest, shortfall};
use crate::effect::Effect;
use crate::ending::WayBackCause;
use crate::promotion::Promotion;
use crate::record::{Fact, Phase};
use crate::stage::Rollout;

pub(super) fn next(p: &Promotion, rollout: &Rollout) -> Vec<Fact> {
    let plan = &rollout.permit.pinned().plan;
    if let Some(planned) = &plan.batch_test {
        return by_job(p, rollout, planned);
    }
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

/// One job after the other: where the candidate's own comes to nothing, the champion's is not asked for.
fn by_job(p: &Promotion, rollout: &Rollout, planned: &PlannedBatchTest) -> Vec<Fact> {
    let Some((candidate, beside)) = rollout.jobs.split_first() else {
        return job(p, planned, 0);
    };
    let failed = |shortfall| go_back(p, WayBackCause::JobTestFailed { shortfall });
    if candidate.problem.is_some()
        && let Some(shortfall) = shortfall(&planned.test, candidate, None)
    {
        return failed(shortfall);
    }
    if rollout.jobs.len() < planned.jobs.len() {
        return job(p, planned, rollout.jobs.len());
    }
    match shortfall(&planned.test, candidate, beside.first()) {
        Some(shortfall) => failed(shortfall),
        None => vec![Fact::Entered {
            phase: Phase::Shifting,
        }],
    }
}

fn job(p: &Promotion, planned: &PlannedBatchTest, number: usize) -> Vec<Fact> {
    let Some(job) = planned.jobs.get(number) else {
        return vec![];
    };
    once(
        p,
        Effect::TestJob {
            workspace: p.route.target.workspace.clone(),
            endpoint: p.route.rollout.endpoint.name.clone(),
            test: planned.test.clone(),
            job: job.clone(),
        },
    )
}
