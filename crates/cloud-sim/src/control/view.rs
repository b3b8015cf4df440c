//! The cloud at a glance, for its page, for tests and for scenarios.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::arm::{
    Asset, AssetKind, BatchDeployment, BatchEndpoint, Deployment, Endpoint, Estate, Job, Operation,
    Version, Workspace,
};
use crate::eventgrid::DeliveryReport;
use crate::monitor::ServingFault;
use crate::scoring::Row;
use crate::world::World;

/// How many sample rows are predicted.
const SAMPLES: usize = 3;

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CloudView {
    pub now: Timestamp,
    pub rate: f64,
    /// Requests that each endpoint with traffic gets in a minute.
    pub callers: f64,
    /// How deployments answer them badly.
    pub serving_faults: Vec<ServingFault>,
    pub workspaces: Vec<WorkspaceView>,
    pub operations: Vec<OperationView>,
    pub deliveries: Vec<DeliveryReport>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceView {
    pub name: String,
    /// ARM id.
    pub id: String,
    pub region: String,
    pub account: String,
    pub models: Vec<ModelView>,
    pub jobs: Vec<JobView>,
    pub endpoints: Vec<EndpointView>,
    /// Oldest first.
    pub code: Vec<AssetView>,
    /// Oldest first.
    pub environments: Vec<AssetView>,
}

/// A version of code or of an environment.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetView {
    pub name: String,
    pub version: String,
    pub created_by: String,
    pub created_at: Timestamp,
    pub properties: BTreeMap<String, Option<String>>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelView {
    pub name: String,
    /// Newest first.
    pub versions: Vec<VersionView>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionView {
    pub version: String,
    pub uri: String,
    pub job: Option<String>,
    pub created_by: String,
    pub created_at: Timestamp,
    pub tags: BTreeMap<String, Option<String>>,
    pub properties: BTreeMap<String, Option<String>>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobView {
    pub name: String,
    pub experiment: String,
    pub trained_by: String,
    pub ended: Timestamp,
    pub metrics: BTreeMap<String, f64>,
    /// Path by output.
    pub outputs: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointView {
    pub name: String,
    pub state: String,
    pub auth_mode: String,
    /// ARM id of its Kubernetes cluster.
    pub compute: Option<String>,
    pub deployments: Vec<DeploymentView>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentView {
    pub name: String,
    /// `diabetes:1`
    pub model: String,
    /// `Managed` or `Kubernetes`.
    pub compute_type: String,
    pub instance_type: String,
    pub instances: u64,
    pub state: String,
    pub failure: Option<String>,
    /// `liftlock-0123…:1`; absent: the model brings its own.
    pub code: Option<String>,
    /// The same of what that runs in, or a registry's.
    pub environment: Option<String>,
    /// Percentage of the endpoint's traffic.
    pub weight: u32,
    /// How many of the endpoint's requests are copied to it, in percent.
    pub copied: u32,
    /// Requests that it answered.
    pub served: u64,
    /// Of the sample rows, by the model that it really loaded.
    pub predictions: Vec<f64>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationView {
    pub resource: String,
    pub started: Timestamp,
    pub due: Timestamp,
}

/// Everything as it is now.
pub(crate) fn view(world: &World) -> CloudView {
    let estate = world.estate();
    let samples = samples(world);
    let now = world.clock.now();
    CloudView {
        now,
        rate: world.clock.rate(),
        callers: estate.load.callers(now),
        serving_faults: estate.load.planted().cloned().collect(),
        workspaces: estate
            .workspaces
            .iter()
            .map(|w| workspace(w, &samples))
            .collect(),
        operations: operations(&estate),
        deliveries: world.ml.events.deliveries(),
    }
}

fn samples(world: &World) -> Vec<Row> {
    let Some(example) = &world.ml.example else {
        return Vec::new();
    };
    let columns = &example.sample.columns;
    let row = |values: &Vec<f64>| {
        columns
            .iter()
            .cloned()
            .zip(values.iter().copied())
            .collect()
    };
    example.sample.data.iter().take(SAMPLES).map(row).collect()
}

fn operations(estate: &Estate) -> Vec<OperationView> {
    let view = |o: &Operation| OperationView {
        resource: o.resource_id.clone(),
        started: o.started,
        due: o.due,
    };
    estate.running().map(view).collect()
}

fn workspace(workspace: &Workspace, samples: &[Row]) -> WorkspaceView {
    let model = |m: &crate::arm::Model| ModelView {
        name: m.name.clone(),
        versions: m.versions.iter().rev().map(version).collect(),
    };
    WorkspaceView {
        name: workspace.id.name.clone(),
        id: workspace.id.arm_id(),
        region: workspace.region.clone(),
        account: workspace.account.clone(),
        models: workspace.models.values().map(model).collect(),
        jobs: workspace.jobs.values().rev().map(job).collect(),
        endpoints: workspace
            .endpoints
            .values()
            .map(|e| endpoint(e, samples))
            .chain(
                workspace
                    .batch_endpoints
                    .values()
                    .map(|e| batch_endpoint(e, samples)),
            )
            .collect(),
        code: assets(workspace, AssetKind::Code),
        environments: assets(workspace, AssetKind::Environment),
    }
}

fn assets(workspace: &Workspace, kind: AssetKind) -> Vec<AssetView> {
    let view = |asset: &Asset| AssetView {
        name: asset.name.clone(),
        version: asset.version.clone(),
        created_by: asset.stamp.created_by.name.clone(),
        created_at: asset.stamp.created_at,
        properties: asset.spec.properties.clone(),
    };
    let assets = workspace.assets.iter();
    assets.filter(|a| a.kind == kind).map(view).collect()
}

fn version(version: &Version) -> VersionView {
    VersionView {
        version: version.number.clone(),
        uri: version.uri.to_string(),
        job: version.spec.job.clone(),
        created_by: version.stamp.created_by.name.clone(),
        created_at: version.stamp.created_at,
        tags: version.spec.tags.clone(),
        properties: version.spec.properties.clone(),
    }
}

fn job(job: &Job) -> JobView {
    JobView {
        name: job.name.clone(),
        experiment: job.experiment.clone(),
        trained_by: job.trained_by.name.clone(),
        ended: job.ended,
        metrics: job.metrics.clone(),
        outputs: job
            .outputs
            .iter()
            .map(|(name, output)| (name.clone(), output.uri.clone()))
            .collect(),
    }
}

fn endpoint(endpoint: &Endpoint, samples: &[Row]) -> EndpointView {
    EndpointView {
        name: endpoint.name.clone(),
        state: endpoint.state.word().into(),
        auth_mode: endpoint.spec.auth_mode.word().into(),
        compute: endpoint.spec.compute.clone(),
        deployments: endpoint
            .deployments
            .values()
            .map(|d| deployment(endpoint, d, samples))
            .collect(),
    }
}

/// As an endpoint whose default deployment has all of the traffic.
fn batch_endpoint(endpoint: &BatchEndpoint, samples: &[Row]) -> EndpointView {
    let deployment = |deployment: &BatchDeployment| {
        let predict = |row: &Row| deployment.loaded.as_ref().and_then(|p| p.predict(row).ok());
        DeploymentView {
            name: deployment.name.clone(),
            model: short_model(&deployment.spec.model),
            compute_type: "Batch".into(),
            instance_type: String::new(),
            instances: 1,
            state: deployment.state.word().into(),
            failure: deployment
                .failure
                .as_ref()
                .map(|f| format!("{}: {}", f.code, f.message)),
            code: None,
            environment: None,
            weight: if endpoint.is_default(&deployment.name) {
                100
            } else {
                0
            },
            copied: 0,
            served: 0,
            predictions: samples.iter().filter_map(predict).collect(),
        }
    };
    EndpointView {
        name: endpoint.name.clone(),
        state: endpoint.state.word().into(),
        auth_mode: "AADToken".into(),
        compute: None,
        deployments: endpoint.deployments.values().map(deployment).collect(),
    }
}

fn deployment(endpoint: &Endpoint, deployment: &Deployment, samples: &[Row]) -> DeploymentView {
    let predict = |row: &Row| deployment.loaded.as_ref().and_then(|p| p.predict(row).ok());
    DeploymentView {
        name: deployment.name.clone(),
        model: short_model(&deployment.spec.model),
        compute_type: deployment.spec.runs_on.word().into(),
        instance_type: deployment.spec.instance_type().into(),
        instances: deployment.spec.instances,
        state: deployment.state.word().into(),
        failure: deployment
            .failure
            .as_ref()
            .map(|f| format!("{}: {}", f.code, f.message)),
        code: deployment.spec.code().map(short_model),
        environment: deployment.spec.environment().map(short_model),
        weight: endpoint.weight(&deployment.name),
        copied: endpoint.copied(&deployment.name),
        served: deployment.served,
        predictions: samples.iter().filter_map(predict).collect(),
    }
}

/// Every job of a batch endpoint, the oldest first.
pub(crate) fn batch_jobs(estate: &Estate) -> Vec<String> {
    let workspaces = estate.workspaces.iter();
    let mut jobs: Vec<_> = workspaces
        .flat_map(|found| found.batch_jobs.values())
        .collect();
    jobs.sort_by_key(|job| job.stamp.created_at);
    let told = jobs.into_iter().map(|job| {
        let asked = job.calls;
        format!("{} {} {asked}", job.deployment, job.status())
    });
    told.collect()
}

/// `…/models/diabetes/versions/1` as `diabetes:1`.
fn short_model(arm_id: &str) -> String {
    let mut words = arm_id.rsplit('/');
    match (words.next(), words.next(), words.next()) {
        (Some(version), Some(_), Some(name)) => format!("{name}:{version}"),
        _ => arm_id.to_owned(),
    }
}
