//! The things that sentences speak of.

use promotion::{
    Candidate, Champion, DeploymentName, EndpointSpec, Mirror, Plan, PlannedStep, Promotion,
    Serving, Stage, Traffic, WorkspaceId,
};

use super::loading::load;
use super::measurements;
use crate::ui::figures::length;
use crate::ui::text::{capped, name};

/// What becomes of a route's steps where there is nobody to compare with.
pub(crate) const NOTHING_SERVES_YET: &str = "Nothing serves yet, so all traffic goes over at once; of the route's other steps only load tests are done.";

/// What one is called that is through its gates and not asked about yet.
pub(crate) const WAITING: &str = "waiting for its turn";

/// `diabetes 2`.
pub fn candidate(candidate: &Candidate) -> String {
    version(candidate.model.as_str(), candidate.version.as_str())
}

/// Of what cannot be a model's version, as a sentence without its end.
pub(crate) fn no_version(text: &str) -> String {
    format!(
        "`{}` is no version of a model: it has up to 60 letters, digits, `.`, `_` and `-`, and does not begin with `.`",
        capped(text, 80)
    )
}

pub(super) fn version(model: &str, version: &str) -> String {
    format!("{} {}", name(model), name(version))
}

/// Its stage's name, and where it waits for its turn, that.
pub fn stage_name(promotion: &Promotion) -> &'static str {
    match promotion.stage() {
        Stage::Gating(_) if promotion.waits_for_turn() => WAITING,
        stage => stage.name(),
    }
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

/// `, on the Kubernetes compute aks-prod`; nothing for a managed endpoint.
pub(crate) fn on_compute(endpoint: &EndpointSpec) -> String {
    endpoint
        .compute
        .as_ref()
        .map_or_else(String::new, |compute| {
            format!(", on the Kubernetes compute {}", name(compute.name()))
        })
}

/// What is copied to a deployment besides; nothing, where nothing is.
pub(super) fn mirrored(mirror: Option<&Mirror>) -> String {
    mirror
        .filter(|mirror| mirror.percent > 0)
        .map_or_else(String::new, |mirror| {
            format!(
                ", {} % of the requests copied to {}",
                mirror.percent,
                deployment(&mirror.deployment)
            )
        })
}

/// One step of a plan: `10 % to the candidate, 90 % to champion-v1`.
pub(crate) fn step(step: &PlannedStep, candidate: &DeploymentName) -> String {
    match step {
        PlannedStep::Mirror(percent) => {
            format!("copy {percent} % of the requests to the candidate")
        }
        PlannedStep::Pause(pause) => format!("pause for {}", length(*pause)),
        PlannedStep::PauseUntilResumed => "pause until somebody resumes it".to_owned(),
        PlannedStep::Analysis(metrics) => format!("measure {}", measurements::metrics(metrics)),
        PlannedStep::Bake(bake) => format!("bake for {}", length(*bake)),
        PlannedStep::LoadTest(test) => format!(
            "send the candidate {}, which it bears if {}",
            load(test),
            crate::ui::text::clause(&test.success_condition)
        ),
        PlannedStep::SetTraffic(traffic) => {
            let own = format!("{} % to the candidate", traffic.of(candidate));
            let others = traffic
                .shares()
                .filter(|(name, _)| *name != candidate)
                .map(|(name, percent)| format!("{percent} % to {}", deployment(name)));
            std::iter::once(own)
                .chain(others)
                .collect::<Vec<_>>()
                .join(", ")
        }
    }
}

/// All steps of a plan in one line: `10 %, pause for 10 minutes, 100 %`.
pub(crate) fn steps(plan: &Plan) -> String {
    let steps = plan.steps.iter().map(|planned| match planned {
        PlannedStep::Mirror(percent) => format!("{percent} % copied"),
        PlannedStep::Pause(_)
        | PlannedStep::PauseUntilResumed
        | PlannedStep::Bake(_)
        | PlannedStep::LoadTest(_) => step(planned, &plan.deployment),
        PlannedStep::Analysis(metrics) => format!("measure {}", measurements::names(metrics)),
        PlannedStep::SetTraffic(_) if plan.endpoint.serving == Serving::Batch => {
            "the default switched".to_owned()
        }
        PlannedStep::SetTraffic(traffic) => format!("{} %", traffic.of(&plan.deployment)),
    });
    let beside = plan.beside.as_ref();
    let beside = beside.map(|beside| {
        format!(
            "beside them measured: {}",
            measurements::names(&beside.metrics)
        )
    });
    steps.chain(beside).collect::<Vec<_>>().join(", ")
}
