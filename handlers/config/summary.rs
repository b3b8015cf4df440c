//! A route in one line, for whoever has just checked it, and how often lost events are looked for.

use promotion::{Concurrency, Seconds, Step};

use super::diagnostics::counted;
use super::duration;
use super::resolved::ConfiguredRoute;

/// `diabetes-to-prod: diabetes, dev to prod; 2 gates; 1 approval; 10 %, pause 10m, 100 % of endpoint diabetes; concurrency
/// supersede, turn within 14d, expiresAfter 3d, keepPrevious 1d`.
pub(super) fn of(configured: &ConfiguredRoute) -> String {
    let route = &configured.route;
    let steps: Vec<String> = route.rollout.steps.iter().map(step).collect();
    format!(
        "{}: {}, {} to {}; {}; {}; {} of endpoint {}; concurrency {}, turn within {}, expiresAfter {}, keepPrevious {}",
        route.name,
        route.model,
        route.source.stage,
        route.target.stage,
        counted(route.gates.len(), "gate"),
        counted(route.approval.min_approvals as usize, "approval"),
        steps.join(", "),
        route.rollout.endpoint.name,
        concurrency(route.concurrency),
        duration::written(route.deadlines.turn),
        duration::written(route.approval.expires_after),
        duration::written(route.rollout.keep_previous),
    )
}

/// `reconcileEvery 15m: so often lost events are looked for`.
pub(super) fn of_reconciling(every: Seconds) -> String {
    let every = duration::written(every);
    format!("reconcileEvery {every}: so often lost events are looked for")
}

/// The word that the file says it in.
fn concurrency(rule: Concurrency) -> &'static str {
    match rule {
        Concurrency::Supersede => "supersede",
        Concurrency::Queue => "queue",
        Concurrency::Reject => "reject",
    }
}

fn step(step: &Step) -> String {
    match step {
        Step::SetWeight(weight) => format!("{weight} %"),
        Step::Mirror(percent) => format!("mirror {percent} %"),
        Step::Pause(length) => format!("pause {}", duration::written(*length)),
        Step::PauseUntilResumed => "pause until somebody resumes it".to_owned(),
        Step::Analysis(_) => "analysis".to_owned(),
        Step::Bake(length) => format!("bake {}", duration::written(*length)),
    }
}
