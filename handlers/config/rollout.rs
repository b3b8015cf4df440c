//! `routes[].rollout`: how a candidate is brought to serve.

use promotion::{
    ComputeType, DeploymentSpec, EndpointSpec, RolloutSpec, Seconds, TargetKind, WorkspaceId,
};

use super::analysis::Beside;
use super::analysis_templates::Templates;
use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};
use super::{analysis, deployment_yaml, endpoint_yaml, load_test, smoke_test, steps};

pub(super) static ROLLOUT: Shape = Shape::new(
    "how a candidate is brought to serve",
    &[
        Key::required(
            "onlineEndpoint",
            Holds::File,
            "the endpoint's `az ml` file; the endpoint is created if it is absent",
        ),
        Key::required(
            "deployment",
            Holds::File,
            "the deployment's `az ml` file, without name and model, which Liftlock sets",
        ),
        Key::optional(
            "smokeTest",
            Holds::Mapping(&smoke_test::SMOKE_TEST),
            "one request to the candidate before it has traffic",
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
    ],
);

/// `target` is the workspace that it is in, where that is known, `resume` how long a pause that has no duration may last.
pub(super) fn read(
    reader: &Reader<'_>,
    templates: &Templates,
    target: Option<&WorkspaceId>,
    resume: Read<Seconds>,
) -> Read<RolloutSpec> {
    let endpoint = reader.required("onlineEndpoint", |field| endpoint_yaml::read(field, target));
    let kind = endpoint.as_ref().ok().map(TargetKind::from);
    let deployment = reader.required("deployment", deployment_yaml::read);
    let deployment = match (&endpoint, deployment) {
        (Ok(endpoint), Ok(deployment)) => of_one_kind(reader, endpoint, deployment),
        (_, deployment) => deployment,
    };
    let smoke_test = reader.optional("smokeTest", |field| field.mapping(smoke_test::read));
    let watched = if reader.has("analysis") {
        Beside::Given
    } else {
        Beside::Absent
    };
    let steps = reader.required("steps", |field| {
        steps::read(field, templates, kind, watched)
    });
    let beside = reader.optional("analysis", |field| {
        let steps = steps.as_deref().map_err(|reported| *reported);
        field.mapping(|beside| analysis::beside(beside, templates, steps, resume))
    });
    let keep_previous = reader.required("keepPrevious", Field::duration);
    Ok(RolloutSpec {
        endpoint: endpoint?,
        deployment: deployment?,
        smoke_test: smoke_test?,
        steps: steps?,
        beside: beside?,
        keep_previous: keep_previous?,
    })
}

/// A deployment on Kubernetes for an endpoint there, a managed one for a managed one.
fn of_one_kind(
    reader: &Reader<'_>,
    endpoint: &EndpointSpec,
    deployment: DeploymentSpec,
) -> Read<DeploymentSpec> {
    if deployment.compute_type == endpoint.compute_type() {
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
