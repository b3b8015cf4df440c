//! What a plan comes to: every call before it is made, every wait before it begins, and why there is no plan.
//!
//! One instruction a line, as an operator would type it: the HTTP method where there is one, what it is sent to, what value.

use promotion::analysis::{AnalysisId, MetricSpec};
use promotion::{
    BlobPlace, Effect, EndpointName, PlannedCall, Progress, Promotion, Serving, Stage, TargetId,
    Traffic, Wait, WorkspaceId,
};

use super::assets;
use super::batch;
use super::effects::{files, folder, machines};
use super::endings::{ending, remedy};
use super::facts::notice;
use super::loading::load;
use super::measurements::{metrics, names};
use super::subjects::{candidate, deployment, mirrored, on_compute, traffic, version};
use crate::ui::figures::length;
use crate::ui::text::{SENTENCE, capped, clause, name};

/// One line of a plan.
pub fn planned_call(call: &PlannedCall) -> String {
    match call {
        PlannedCall::Perform(effect) => instruction(effect),
        PlannedCall::Wait(wait) => waiting(*wait),
        PlannedCall::Watch { analysis, metrics } => watched(*analysis, metrics),
    }
}

/// How far it is.
pub fn progress(progress: Progress) -> &'static str {
    match progress {
        Progress::Open => "open",
        Progress::UnderWay => "under way",
        Progress::Done => "done",
    }
}

/// The same line once it is known how far it is; what is open goes without saying.
pub fn call_so_far(call: &PlannedCall, so_far: Progress) -> String {
    match so_far {
        Progress::Open => planned_call(call),
        Progress::UnderWay | Progress::Done => {
            format!("{} ({})", planned_call(call), progress(so_far))
        }
    }
}

/// What the list is, as long as the promotion is where it is.
pub fn plan_heading(promotion: &Promotion) -> String {
    let stage = promotion.stage();
    match (stage, stage.ending()) {
        (Stage::AwaitingApproval { .. }, _) => {
            "This is done once enough people have approved, in this order, as long as nothing goes wrong.".to_owned()
        }
        (Stage::RollingBack { .. }, _) => {
            "It is on its way back. This was its plan.".to_owned()
        }
        (_, Some(end)) => format!("{} This was its plan.", ending(end)),
        (_, None) => {
            "People have approved this. It is done in this order, as long as nothing goes wrong.".to_owned()
        }
    }
}

/// What the second list is.
pub const WAY_BACK_HEADING: &str =
    "If it is taken back once traffic has moved, this is done instead of what is left.";

/// Why there is no plan, and what to do to get one.
pub fn no_plan(promotion: &Promotion) -> String {
    match promotion.stage().ending() {
        Some(end) => {
            let remedy = remedy(end).map_or_else(String::new, |remedy| format!(" {remedy}"));
            format!("There is no plan, for nobody was asked. {}{remedy}", ending(end))
        }
        None if promotion.waits_for_turn() => "There is no plan yet: it waits for its turn at the target, and is judged \
             anew then. The plan is made once its gates have passed."
            .to_owned(),
        None => "There is no plan yet: its gates have not judged it. The plan is made once they have passed.".to_owned(),
    }
}

#[expect(clippy::too_many_lines, reason = "one line for each effect")]
fn instruction(effect: &Effect) -> String {
    match effect {
        Effect::ObserveCandidate { candidate: what } => format!(
            "GET model version {} in {}, its files and its run",
            candidate(what),
            name(what.workspace.name())
        ),
        Effect::ObserveTarget {
            workspace,
            endpoint: at,
            ..
        } => format!("GET {}: who serves now", endpoint(at, workspace)),
        Effect::SeeVoters { .. } => "GET what those hold who agreed".to_owned(),
        Effect::RecallEvidence { promotion } => {
            format!("GET the journal of promotion {}", name(promotion.as_str()))
        }
        Effect::ObserveManifest { place } => {
            format!("GET the list of blobs in {}", folder(place))
        }
        Effect::CopyFiles { from, to, manifest } => format!(
            "PUT {} into {}, by the storage service from {}",
            files(manifest),
            folder(to),
            account(from)
        ),
        Effect::RegisterModel {
            workspace,
            model,
            version: number,
            uri,
            ..
        } => format!(
            "PUT model version {} in {}: files {}",
            version(model.as_str(), number.as_str()),
            name(workspace.name()),
            capped(uri, SENTENCE)
        ),
        Effect::TakeTurn { target, .. } => {
            format!("PUT {}: the turn is this promotion's", state_of(target))
        }
        Effect::TakeLease { target, .. } => {
            format!("PUT {}: the lease is this promotion's", state_of(target))
        }
        Effect::ReleaseLease { target, hold: None } => {
            format!("PUT {}: the lease is anybody's", state_of(target))
        }
        Effect::ReleaseLease {
            target,
            hold: Some(_),
        } => format!(
            "PUT {}: the lease is anybody's, and nothing is promoted until somebody lifts the hold",
            state_of(target)
        ),
        Effect::CreateEndpoint {
            workspace,
            location,
            spec,
        } => format!(
            "PUT {}: region {}{}, {}",
            endpoint(&spec.name, workspace),
            name(location),
            on_compute(spec),
            batch::served(spec.serving, &Traffic::default())
        ),
        Effect::CreateDeployment {
            workspace,
            endpoint: at,
            deployment: called,
            model,
            version: number,
            spec,
            ..
        } => format!(
            "PUT deployment {} of {}: model {}, {}{}, {}",
            deployment(called),
            endpoint(at, workspace),
            version(model.as_str(), number.as_str()),
            machines(spec),
            assets::brought(spec),
            match spec.batch {
                None => "no traffic",
                Some(_) => "not the default",
            }
        ),
        Effect::SmokeTest {
            workspace,
            endpoint: at,
            deployment: called,
            test,
        } => format!(
            "POST the smoke test to deployment {} of {}; it passes if {}",
            deployment(called),
            endpoint(at, workspace),
            clause(&test.success_condition)
        ),
        Effect::TestJob {
            workspace,
            endpoint: at,
            test,
            job,
        } => format!(
            "POST a job to deployment {} of {}: score {}",
            deployment(&job.deployment),
            endpoint(at, workspace),
            capped(&test.input, SENTENCE)
        ),
        Effect::LoadTest {
            workspace,
            endpoint: at,
            deployment: called,
            test,
            ..
        } => format!(
            "POST {} to deployment {} of {}; it passes if {}",
            load(test),
            deployment(called),
            endpoint(at, workspace),
            clause(&test.success_condition)
        ),
        Effect::Measure {
            workspace,
            endpoint: at,
            deployment: called,
            metrics,
            ..
        } => format!(
            "GET the metrics of deployment {} of {}: {}",
            deployment(called),
            endpoint(at, workspace),
            names(metrics)
        ),
        Effect::SetTraffic {
            workspace,
            endpoint: at,
            traffic: wanted,
            serving: Serving::Batch,
            ..
        } => format!(
            "PUT {}: {}",
            endpoint(at, workspace),
            batch::served(Serving::Batch, wanted)
        ),
        Effect::SetTraffic {
            workspace,
            endpoint: at,
            traffic: wanted,
            ..
        } if wanted.is_empty() => format!("PUT {}: no traffic", endpoint(at, workspace)),
        Effect::SetTraffic {
            workspace,
            endpoint: at,
            traffic: wanted,
            mirror,
            serving: Serving::Online,
            ..
        } => format!(
            "PUT {}: traffic {}{}",
            endpoint(at, workspace),
            traffic(wanted),
            mirrored(mirror.as_ref())
        ),
        Effect::VerifyTraffic {
            workspace,
            endpoint: at,
            serving,
            ..
        } => format!(
            "GET {}: its {} is still as it was set",
            endpoint(at, workspace),
            match serving {
                Serving::Online => "traffic",
                Serving::Batch => "default deployment",
            }
        ),
        Effect::ProveWayBack {
            workspace,
            endpoint: at,
            back,
            request,
            ..
        } => format!(
            "GET the deployments of {} that would serve again{}: {}",
            endpoint(at, workspace),
            if request.is_some() {
                ", and POST the smoke test's request to them by name"
            } else {
                ""
            },
            traffic(back)
        ),
        Effect::DeleteDeployment {
            workspace,
            endpoint: at,
            deployment: called,
            not_before: None,
            ..
        } => format!(
            "DELETE deployment {} of {}",
            deployment(called),
            endpoint(at, workspace)
        ),
        Effect::DeleteDeployment {
            workspace,
            endpoint: at,
            deployment: called,
            not_before: Some(_),
            ..
        } => format!(
            "GET deployment {} of {}: it is still gone, else DELETE it",
            deployment(called),
            endpoint(at, workspace)
        ),
        Effect::EndKeepPrevious { promotion } => format!(
            "Tell promotion {} that its way back is no longer needed",
            name(promotion.as_str())
        ),
        Effect::Notify { notice: about } => {
            format!("POST the card “{}” to the channel", notice(*about))
        }
        Effect::ObserveJob { workspace, run, .. } => format!(
            "GET job {} in {}",
            name(run.as_str()),
            name(workspace.name())
        ),
        Effect::RegisterOutput {
            workspace,
            run,
            model,
            version: number,
            ..
        } => format!(
            "PUT model version {} in {}: the output of job {}",
            version(model.as_str(), number.as_str()),
            name(workspace.name()),
            name(run.as_str())
        ),
        Effect::OpenPromotions {
            model,
            version: number,
            ..
        } => format!(
            "Open the promotions of {}",
            version(model.as_str(), number.as_str())
        ),
        Effect::RegisterCode {
            workspace,
            place,
            code,
            ..
        } => assets::put_code(workspace, place, code),
        Effect::RegisterEnvironment {
            workspace,
            environment,
            ..
        } => assets::put_environment(workspace, environment),
    }
}

fn waiting(wait: Wait) -> String {
    match wait {
        Wait::Pause(pause) => format!(
            "Wait for {}; a person may end this pause earlier",
            length(pause)
        ),
        Wait::Bake(bake) => format!(
            "Wait for {} with all of the traffic, while it is measured",
            length(bake)
        ),
        Wait::UntilResumed { within } => format!(
            "Wait until a person resumes it; unresumed for {}, it goes back",
            length(within)
        ),
        Wait::NoCallLands(left) => format!(
            "Wait for {}, until no delayed call of ours can land any more",
            length(left)
        ),
        Wait::KeepPrevious(keep) => format!(
            "Wait for {}, while it can be taken back; a newer promotion that goes live ends this earlier",
            length(keep)
        ),
    }
}

fn watched(analysis: AnalysisId, measured: &[MetricSpec]) -> String {
    let measured = metrics(measured);
    match analysis {
        AnalysisId::Step(_) => format!(
            "Measure the candidate: {measured}; it goes on if that is as it should be, and back at once if not"
        ),
        AnalysisId::Beside(_) => format!(
            "From here on, beside everything else, measure the candidate: {measured}; what is worse goes back at once"
        ),
    }
}

/// `endpoint diabetes in ml-prod`.
fn endpoint(endpoint: &EndpointName, workspace: &WorkspaceId) -> String {
    format!(
        "endpoint {} in {}",
        name(endpoint.as_str()),
        name(workspace.name())
    )
}

/// Where Liftlock keeps who may change a target.
fn state_of(target: &TargetId) -> String {
    format!("state/targets/{}.json", name(target.as_str()))
}

fn account(place: &BlobPlace) -> String {
    format!("{}/{}", name(&place.account), name(&place.container))
}
