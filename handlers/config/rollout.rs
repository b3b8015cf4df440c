//! `routes[].rollout`: how a candidate is brought to serve.

use promotion::{
    ComputeType, DeploymentSpec, EndpointSpec, OnDrift, RolloutSpec, Seconds, Serving, TargetKind,
    WorkspaceId,
};

use super::analysis::Beside;
use super::analysis_templates::Templates;
use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};
use super::{
    analysis, batch_deployment_yaml, batch_endpoint_yaml, batch_test, deployment_yaml,
    endpoint_yaml, load_test, smoke_test, steps,
};

const ONLINE: &str = "onlineEndpoint";
const BATCH: &str = "batchEndpoint";

pub(super) static ROLLOUT: Shape = Shape::new(
    "how a candidate is brought to serve",
    &[
        Key::optional(
            "onlineEndpoint",
            Holds::File,
            "the online endpoint's `az ml` file; the endpoint is created if it is absent. Either this or `batchEndpoint`",
        ),
        Key::optional(
            "batchEndpoint",
            Holds::File,
            "the batch endpoint's `az ml` file; the endpoint is created if it is absent. Either this or `onlineEndpoint`",
        ),
        Key::required(
            "deployment",
            Holds::File,
            "the deployment's `az ml` file, without name and model, which Liftlock sets",
        ),
        Key::optional(
            "smokeTest",
            Holds::Mapping(&smoke_test::SMOKE_TEST),
            "one request to the candidate before it has traffic; of an online endpoint",
        ),
        Key::optional(
            "batchTest",
            Holds::Mapping(&batch_test::BATCH_TEST),
            "a job on sample data before the candidate's deployment becomes the default; of a batch endpoint",
        ),
        Key::required(
            "steps",
            Holds::List(&[
                &steps::SET_WEIGHT,
                &steps::MIRROR,
                &steps::PAUSE,
                &steps::ANALYSIS,
                &steps::BAKE,
                &load_test::LOAD_TEST,
            ]),
            "weights, pauses and analyses, in order",
        ),
        Key::optional(
            "analysis",
            Holds::Mapping(&analysis::BESIDE),
            "what is measured beside the steps while they go on",
        ),
        Key::default(
            "keepPrevious",
            Holds::Duration { least: 0 },
            "24h",
            "how long the previous deployment stays, as the way back, after the candidate is live",
        ),
        Key::default(
            "onDrift",
            Holds::Word(&["pause", "restore", "abort"]),
            "pause",
            "where somebody else changes the endpoint meanwhile: ask a person, set the traffic again as it was, or take the \
             candidate back; a candidate's deployment that is gone or serves something else is taken back in any case, and \
             a mirror that was dropped is set again unless this is `abort`",
        ),
    ],
);

/// `target` is the workspace that it is in, where that is known, `resume` how long a pause that has no duration may last.
pub(super) fn read(
    reader: &Reader<'_>,
    templates: &Templates,
    target: Option<&WorkspaceId>,
    resume: Read<Seconds>,
) -> Read<RolloutSpec> {
    let endpoint = endpoint(reader, target);
    let kind = endpoint.as_ref().ok().map(TargetKind::from);
    let deployment = match (&endpoint, reader.has(ONLINE), reader.has(BATCH)) {
        // What kind it ought to be of nobody can tell, and that is told already.
        (Err(reported), true, true) | (Err(reported), false, false) => Err(*reported),
        (_, false, true) => reader.required("deployment", |field| {
            batch_deployment_yaml::read(field, target)
        }),
        (_, true, false) | (Ok(_), _, _) => reader.required("deployment", deployment_yaml::read),
    };
    let deployment = match (&endpoint, deployment) {
        (Ok(endpoint), Ok(deployment)) => of_one_kind(reader, endpoint, deployment),
        (_, deployment) => deployment,
    };
    let smoke_test = reader.optional("smokeTest", |field| field.mapping(smoke_test::read));
    let batch_test = reader.optional("batchTest", |field| field.mapping(batch_test::read));
    let fits = only_what_fits(reader, kind);
    let watched = if reader.has("analysis") {
        Beside::Given
    } else {
        Beside::Absent
    };
    let steps = reader.required("steps", |field| {
        steps::read(field, templates, kind, watched)
    });
    let watch = |field: &Field<'_>| {
        let steps = steps.as_deref().map_err(|reported| *reported);
        field.mapping(|beside| analysis::beside(beside, templates, steps, resume))
    };
    let beside = match kind {
        Some(TargetKind::BatchEndpoint) => Ok(None),
        Some(TargetKind::ManagedOnlineEndpoint | TargetKind::KubernetesOnlineEndpoint) | None => {
            reader.optional("analysis", watch)
        }
    };
    let keep_previous = reader.required("keepPrevious", Field::duration);
    let on_drift = reader.required("onDrift", |field| field.word(on_drift));
    fits?;
    Ok(RolloutSpec {
        endpoint: endpoint?,
        deployment: deployment?,
        smoke_test: smoke_test?,
        steps: steps?,
        beside: beside?,
        keep_previous: keep_previous?,
        on_drift: on_drift?,
        batch_test: batch_test?,
    })
}

fn on_drift(word: &str) -> Option<OnDrift> {
    match word {
        "pause" => Some(OnDrift::Pause),
        "restore" => Some(OnDrift::Restore),
        "abort" => Some(OnDrift::Abort),
        _ => None,
    }
}

/// Exactly one of the two.
fn endpoint(reader: &Reader<'_>, target: Option<&WorkspaceId>) -> Read<EndpointSpec> {
    let online = reader.optional(ONLINE, |field| endpoint_yaml::read(field, target));
    let batch = reader.optional(BATCH, batch_endpoint_yaml::read);
    match (online?, batch?) {
        (Some(endpoint), None) | (None, Some(endpoint)) => Ok(endpoint),
        (None, None) => reader.required(ONLINE, |field| endpoint_yaml::read(field, target)),
        (Some(_), Some(_)) => {
            let what = "is given beside `onlineEndpoint`";
            let help = "remove one of the two: a route rolls out to one endpoint";
            Err(reader.complain(BATCH, Complaint::new(what, help)))
        }
    }
}

/// A test and a watch that the target can do.
fn only_what_fits(reader: &Reader<'_>, target: Option<TargetKind>) -> Read<()> {
    let Some(target) = target else {
        return Ok(());
    };
    let refuse = |name: &'static str, help: &'static str| {
        if !reader.has(name) {
            return Ok(());
        }
        let what = format!("is nothing that {target} can do");
        Err(reader.complain(name, Complaint::new(what, help)))
    };
    match target {
        TargetKind::ManagedOnlineEndpoint | TargetKind::KubernetesOnlineEndpoint => {
            refuse("batchTest", "write `smokeTest`")
        }
        TargetKind::BatchEndpoint => {
            let smoke_test = refuse("smokeTest", "write `batchTest`");
            let analysis = refuse("analysis", "remove it: jobs leave no metrics to measure by");
            smoke_test.and(analysis)
        }
    }
}

/// A deployment on Kubernetes for an endpoint there, a managed one for a managed one.
fn of_one_kind(
    reader: &Reader<'_>,
    endpoint: &EndpointSpec,
    deployment: DeploymentSpec,
) -> Read<DeploymentSpec> {
    if endpoint.serving == Serving::Batch || deployment.compute_type == endpoint.compute_type() {
        return Ok(deployment);
    }
    let of_endpoint = reader.required("onlineEndpoint", Field::text)?;
    let of_deployment = reader.required("deployment", Field::text)?;
    let (makes, help) = match deployment.compute_type {
        ComputeType::Managed => (
            "a managed online deployment",
            format!(
                "write `type: kubernetes` into {of_deployment}, or remove `compute` from {of_endpoint}"
            ),
        ),
        ComputeType::Kubernetes => (
            "a Kubernetes online deployment",
            format!(
                "write `compute: azureml:<name>` into {of_endpoint}, or remove `type` from {of_deployment}"
            ),
        ),
    };
    let kind = TargetKind::from(endpoint);
    let what = format!("`{of_deployment}` is {makes}, and `{of_endpoint}` {kind}");
    Err(reader.complain("deployment", Complaint::new(what, help)))
}
