//! The things that sentences speak of.

use promotion::{
    Candidate, Champion, DeploymentName, PlannedStep, Promotion, Traffic, WorkspaceId,
};

use crate::ui::figures::length;
use crate::ui::text::name;

/// `diabetes 2`.
pub(crate) fn candidate(candidate: &Candidate) -> String {
    version(candidate.model.as_str(), candidate.version.as_str())
}

pub(super) fn version(model: &str, version: &str) -> String {
    format!("{} {}", name(model), name(version))
}

/// `dev → prod`.
pub(crate) fn route(promotion: &Promotion) -> String {
    let route = promotion.route();
    format!(
        "{} → {}",
        name(route.source.stage.as_str()),
        name(route.target.stage.as_str())
    )
}

/// `prod (ml-prod)`.
pub(crate) fn stage_with_workspace(stage: &str, workspace: &WorkspaceId) -> String {
    format!("{} ({})", name(stage), name(workspace.name()))
}

/// Who serves now.
pub(crate) fn champion(champion: &Champion) -> String {
    match champion {
        Champion::None => "nothing serves yet".to_owned(),
        Champion::Serving(serving) => format!(
            "{}, deployment {}",
            version(serving.model.as_str(), serving.version.as_str()),
            deployment(&serving.deployment)
        ),
        Champion::Unclear { detail } => {
            format!("unclear: {}", crate::ui::text::clause(detail))
        }
    }
}

/// A deployment's name.
pub(crate) fn deployment(deployment: &DeploymentName) -> String {
    name(deployment.as_str())
}

/// `10 % ll-diabetes-2-…, 90 % champion-v1`.
pub(crate) fn traffic(traffic: &Traffic) -> String {
    if traffic.is_empty() {
        return "no traffic".to_owned();
    }
    let shares: Vec<String> = traffic
        .shares()
        .map(|(name, percent)| format!("{percent} % {}", deployment(name)))
        .collect();
    shares.join(", ")
}

/// One step of a plan.
pub(crate) fn step(step: &PlannedStep) -> String {
    match step {
        PlannedStep::SetTraffic(shares) => format!("Traffic: {}", traffic(shares)),
        PlannedStep::Pause(pause) => format!("Pause for {}", length(*pause)),
    }
}
