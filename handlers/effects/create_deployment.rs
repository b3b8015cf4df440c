//! `create-deployment`: the candidate beside the others, without traffic.
//!
//! Its name belongs to this attempt alone, so what is there by that name is ours, in progress or done, and adopted; a
//! second PUT during an operation answers 409 and means the same. What is ours and failed counts as failed.

use azure_api::Error;
use azure_api::ml::{ComputeType, DeploymentSpec};
use promotion::{
    AssetVersion, Effect, Entry, EnvironmentSpec, Failure, Outcome, Promotion, Report, Serving,
};
use serde_json::{Value, json};

use super::batch::batch_wire;
use super::found;
use super::operation::{arrived, submitted_report};
use super::ownership::{self, Maker};
use super::perform::{Effects, workspace};
use super::policy::{or_report, report, settle};

impl Effects {
    pub(super) async fn create_deployment(&self, promotion: &Promotion, entry: &Entry) -> Report {
        settle(self.deployment(promotion, entry).await)
    }

    async fn deployment(&self, promotion: &Promotion, entry: &Entry) -> Result<Report, Report> {
        let Effect::CreateDeployment {
            workspace: id,
            location,
            endpoint,
            deployment,
            model,
            version,
            spec,
        } = &entry.effect
        else {
            unreachable!("only create-deployment is sent here");
        };
        let at = workspace(id)?;
        if let Some(unfinished) = self.unfinished(entry).await? {
            return Ok(unfinished);
        }
        let (endpoint, name) = (endpoint.as_str(), deployment.as_str());
        let serving = match spec.batch {
            None => Serving::Online,
            Some(_) => Serving::Batch,
        };
        let found = found::deployment(&self.ml, &at, endpoint, name, serving).await;
        if let Some(found) = or_report(found)? {
            return Ok(match ownership::maker(&found.tags, promotion) {
                Maker::ThisAttempt => {
                    let state = found.state.as_ref();
                    arrived("deployment", name, state, Outcome::DeploymentReady)
                }
                Maker::Liftlock | Maker::Others => Report::Failed(Failure::new(
                    "DeploymentNameTaken",
                    format!("somebody else has made a deployment named `{name}`"),
                )),
            });
        }
        let workspace = id.as_str().trim_end_matches('/');
        let model = format!("{workspace}/models/{model}/versions/{version}");
        let tags = ownership::tags(promotion);
        let put = match &spec.batch {
            None => {
                let mut wire = wire(spec, workspace, location, model);
                wire.tags.extend(tags);
                self.ml.put_deployment(&at, endpoint, name, &wire).await
            }
            Some(batch) => {
                let mut wire = batch_wire(spec, batch, location, model);
                wire.tags.extend(tags);
                let put = self.ml.put_batch_deployment(&at, endpoint, name, &wire);
                put.await
            }
        };
        match put {
            Ok(submitted) => Ok(submitted_report(submitted.operation)),
            Err(Error::Conflict(_)) => Ok(Report::StillRunning),
            Err(error) => Err(report(&error)),
        }
    }
}

fn wire(
    spec: &promotion::DeploymentSpec,
    workspace: &str,
    location: &str,
    model: String,
) -> DeploymentSpec {
    let (compute_type, scale_settings) = compute(spec.compute_type);
    DeploymentSpec {
        location: location.to_owned(),
        compute_type,
        model,
        instance_type: spec.instance_type.clone(),
        capacity: spec.instance_count,
        description: spec.description.clone(),
        app_insights_enabled: Some(spec.app_insights_enabled),
        environment_id: spec
            .environment
            .as_ref()
            .map(|from| environment_id(workspace, from)),
        code_configuration: spec.code.as_ref().map(|code| {
            json!({
                "codeId": asset_id(workspace, "codes", &code.asset),
                "scoringScript": code.scoring_script,
            })
        }),
        environment_variables: spec.environment_variables.clone(),
        tags: spec.tags.clone(),
        properties: std::collections::BTreeMap::new(),
        request_settings: spec.request_settings.as_ref().map(request_settings),
        liveness_probe: None,
        readiness_probe: None,
        scale_settings,
        egress_public_network_access: None,
        model_mount_path: None,
        data_collector: None,
    }
}

/// A registry's asset id stands for an ARM id (the API's document,
/// `EndpointDeploymentPropertiesBase.environmentId`).
fn environment_id(workspace: &str, environment: &EnvironmentSpec) -> String {
    match environment {
        EnvironmentSpec::Registered { asset } | EnvironmentSpec::Defined { asset, .. } => {
            asset_id(workspace, "environments", asset)
        }
        EnvironmentSpec::Registry { uri } => uri.clone(),
    }
}

fn asset_id(workspace: &str, kind: &str, asset: &AssetVersion) -> String {
    let AssetVersion { name, version } = asset;
    format!("{workspace}/{kind}/{name}/versions/{version}")
}

/// What it runs on, and whether anybody but the file's `instance_count` says on how many instances: left out, Azure scales
/// a managed deployment by hand and one on Kubernetes by its load, where the count means nothing (the API's document,
/// `OnlineDeployment.scaleSettings`).
fn compute(compute_type: promotion::ComputeType) -> (ComputeType, Option<Value>) {
    match compute_type {
        promotion::ComputeType::Managed => (ComputeType::Managed, None),
        promotion::ComputeType::Kubernetes => (
            ComputeType::Kubernetes,
            Some(json!({ "scaleType": "Default" })),
        ),
    }
}

/// ARM writes lengths of time as ISO 8601.
fn request_settings(settings: &promotion::RequestSettings) -> Value {
    let iso = |milliseconds: u32| format!("PT{}.{:03}S", milliseconds / 1000, milliseconds % 1000);
    let mut wire = json!({});
    if let Some(most) = settings.max_concurrent_requests_per_instance {
        wire["maxConcurrentRequestsPerInstance"] = json!(most);
    }
    if let Some(length) = settings.request_timeout_ms {
        wire["requestTimeout"] = json!(iso(length));
    }
    if let Some(length) = settings.max_queue_wait_ms {
        wire["maxQueueWait"] = json!(iso(length));
    }
    wire
}
