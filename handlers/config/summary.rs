//! A route in one line, for whoever has just checked it.

use promotion::Step;

use super::diagnostics::counted;
use super::duration;
use super::resolved::ConfiguredRoute;

/// `diabetes-to-prod: diabetes, dev to prod; 2 gates; 1 approval; 10 %, pause 10m, 100 % of diabetes`.
pub(super) fn of(configured: &ConfiguredRoute) -> String {
    let route = &configured.route;
    let steps: Vec<String> = route.rollout.steps.iter().map(step).collect();
    format!(
        "{}: {}, {} to {}; {}; {}; {} of endpoint {}",
        route.name,
        route.model,
        route.source.stage,
        route.target.stage,
        counted(route.gates.len(), "gate"),
        counted(route.approval.min_approvals as usize, "approval"),
        steps.join(", "),
        route.rollout.endpoint.name,
    )
}

fn step(step: &Step) -> String {
    match step {
        Step::SetWeight(weight) => format!("{weight} %"),
        Step::Pause(length) => format!("pause {}", duration::written(*length)),
    }
}
