//! `create-deployment`: the candidate beside the others, without traffic.
//!
//! Its name belongs to this attempt alone, so what is there by that name is ours, in progress or done, and adopted; a
//! second PUT during an operation answers 409 and means the same. What is ours and failed counts as failed.

use azure_api::Error;
use azure_api::ml::{ComputeType, DeploymentSpec};
use promotion::{
    AssetVersion, CodeSpec, Effect, Entry, EnvironmentSpec, Failure, Outcome, Promotion, Report,
};
use serde_json::{Value, json};

use super::operation::{arrived, submitted_report};
use super::ownership::{self, Maker};
use super::perform::{Effects, workspace};
use super::policy::{or_report, report, settle};

impl Effects {
    pub(super) async fn create_deployment(&self, promotion: &Promotion, entry: &Entry) -> Report {
        let Effect::CreateDeployment { spec, .. } = &entry.effect else {
            unreachable!("only create-deployment is sent here");
        };
        settle(match &spec.batch {
            None => self.deployment(promotion, entry).await,
            Some(batch) => self.create_batch_deployment(promotion, entry, batch).await,
        })
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
        if let Some(found) = or_report(self.ml.deployment(&at, endpoint, name).await)? {
            return Ok(match ownership::maker(&found.tags, promotion) {
                Maker::ThisAttempt => arrived(
                    "deployment",
                    name,
                    found.provisioning_state.as_ref(),
                    Outcome::DeploymentReady,
                ),
                Maker::Liftlock | Maker::Others => Report::Failed(Failure::new(
                    "DeploymentNameTaken",
                    format!("somebody else has made a deployment named `{name}`"),
                )),
            });
        }
        let mut wire = wire(spec, location);
        wire.model = format!(
            "{}/models/{model}/versions/{version}",
            id.as_str().trim_end_matches('/')
        );
        let workspace = id.as_str().trim_end_matches('/');
        wire.environment_id = spec
            .environment
            .as_ref()
            .map(|from| environment_id(workspace, from));
        wire.code_configuration = spec.code.as_ref().map(|code| {
            let CodeSpec {
                asset,
                scoring_script,
                ..
            } = code;
            json!({ "codeId": asset_id(workspace, "codes", asset), "scoringScript": scoring_script })
        });
        wire.tags.extend(ownership::tags(promotion));
        match self.ml.put_deployment(&at, endpoint, name, &wire).await {
            Ok(submitted) => Ok(submitted_report(submitted.operation)),
            Err(Error::Conflict(_)) => Ok(Report::StillRunning),
            Err(error) => Err(report(&error)),
        }
    }
}

fn wire(spec: &promotion::DeploymentSpec, location: &str) -> DeploymentSpec {
    let (compute_type, scale_settings) = compute(spec.compute_type);
    DeploymentSpec {
        location: location.to_owned(),
        compute_type,
        model: String::new(),
        instance_type: spec.instance_type.clone(),
        capacity: spec.instance_count,
        description: spec.description.clone(),
        app_insights_enabled: Some(spec.app_insights_enabled),
        environment_id: None,
        code_configuration: None,
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
