//! Online deployments: a model version running behind an endpoint.

use std::collections::BTreeMap;

use azure_core::http::Method;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    call::{Auth, Call},
    error::{Error, Result},
    json::{drop_nulls, or_default, texts},
    ml::{
        arm::{MachineLearning, ProvisioningState, Resource, absent_as_none},
        operations::{Submitted, absent, submitted},
        workspace::WorkspaceRef,
    },
    tokens::ARM_SCOPE,
};

/// A deployment as the service shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct OnlineDeployment {
    /// Its name.
    pub name: String,
    /// The ARM id of the model version, or what its maker wrote.
    pub model: Option<String>,
    /// Whether it is usable, or an operation runs.
    pub provisioning_state: Option<ProvisioningState>,
    /// The machine's size.
    pub instance_type: Option<String>,
    /// The number of machines.
    pub capacity: Option<u32>,
    /// Free.
    pub tags: BTreeMap<String, String>,
    /// Free; the service notes its own things here too.
    pub properties: BTreeMap<String, String>,
    /// Everything, as sent.
    pub raw: Value,
}

/// On what it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ComputeType {
    /// Machines of Azure ML.
    Managed,
    /// An attached cluster.
    Kubernetes,
}

/// A deployment to create. The `Value`s are in the API's own words.
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentSpec {
    /// The workspace's region.
    pub location: String,
    /// On what it runs.
    pub compute_type: ComputeType,
    /// The ARM id of the model version.
    pub model: String,
    /// The machine's size; managed deployments need one.
    pub instance_type: Option<String>,
    /// The number of machines.
    pub capacity: u32,
    /// For people.
    pub description: Option<String>,
    /// Whether it logs to Application Insights.
    pub app_insights_enabled: Option<bool>,
    /// The ARM id of an environment; `MLflow` models need none.
    pub environment_id: Option<String>,
    /// `codeId`, `scoringScript`; `MLflow` models need none.
    pub code_configuration: Option<Value>,
    /// For the scoring process.
    pub environment_variables: BTreeMap<String, String>,
    /// Free.
    pub tags: BTreeMap<String, String>,
    /// Free.
    pub properties: BTreeMap<String, String>,
    /// `maxConcurrentRequestsPerInstance`, `requestTimeout`, …
    pub request_settings: Option<Value>,
    /// `initialDelay`, `period`, …
    pub liveness_probe: Option<Value>,
    /// `initialDelay`, `period`, …
    pub readiness_probe: Option<Value>,
    /// `scaleType`, …
    pub scale_settings: Option<Value>,
    /// `Enabled` or `Disabled`.
    pub egress_public_network_access: Option<String>,
    /// Where the model's files appear.
    pub model_mount_path: Option<String>,
    /// What of the requests is kept.
    pub data_collector: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    model: Option<String>,
    provisioning_state: Option<ProvisioningState>,
    instance_type: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    properties: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Outer {
    #[serde(deserialize_with = "texts")]
    tags: BTreeMap<String, String>,
    #[serde(deserialize_with = "or_default")]
    sku: Sku,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sku {
    capacity: Option<u32>,
}

impl DeploymentSpec {
    fn as_json(&self) -> Value {
        let mut body = json!({
            "location": self.location,
            "tags": self.tags,
            "sku": { "name": "Default", "capacity": self.capacity },
            "properties": {
                "endpointComputeType": self.compute_type,
                "model": self.model,
                "instanceType": self.instance_type,
                "description": self.description,
                "appInsightsEnabled": self.app_insights_enabled,
                "environmentId": self.environment_id,
                "codeConfiguration": self.code_configuration,
                "environmentVariables": self.environment_variables,
                "properties": self.properties,
                "requestSettings": self.request_settings,
                "livenessProbe": self.liveness_probe,
                "readinessProbe": self.readiness_probe,
                "scaleSettings": self.scale_settings,
                "egressPublicNetworkAccess": self.egress_public_network_access,
                "modelMountPath": self.model_mount_path,
                "dataCollector": self.data_collector,
            },
        });
        drop_nulls(&mut body);
        body
    }
}

impl MachineLearning {
    /// The endpoint's deployments; none where the endpoint is unknown.
    pub async fn deployments(
        &self,
        workspace: &WorkspaceRef,
        endpoint: &str,
    ) -> Result<Vec<OnlineDeployment>> {
        let operation = "deployments.list";
        let url = self.url(
            operation,
            workspace,
            &["onlineEndpoints", endpoint, "deployments"],
            &[],
        )?;
        let found: Vec<Value> = self
            .list_or_none(operation, workspace, url, usize::MAX)
            .await?;
        found.into_iter().map(|raw| read(operation, raw)).collect()
    }

    /// A deployment by name.
    pub async fn deployment(
        &self,
        workspace: &WorkspaceRef,
        endpoint: &str,
        name: &str,
    ) -> Result<Option<OnlineDeployment>> {
        let operation = "deployments.get";
        let found: Option<Value> = self
            .find(operation, workspace, &path(endpoint, name))
            .await?;
        found.map(|raw| read(operation, raw)).transpose()
    }

    /// Creates a deployment, or overwrites one of that name. While an operation on it runs ARM answers 409.
    pub async fn put_deployment(
        &self,
        workspace: &WorkspaceRef,
        endpoint: &str,
        name: &str,
        spec: &DeploymentSpec,
    ) -> Result<Submitted> {
        let operation = "deployments.put";
        let url = self.url(operation, workspace, &path(endpoint, name), &[])?;
        Ok(submitted(
            &self.arm_put(operation, url, &spec.as_json()).await?,
        ))
    }

    /// Deletes a deployment. ARM refuses while it has traffic.
    pub async fn delete_deployment(
        &self,
        workspace: &WorkspaceRef,
        endpoint: &str,
        name: &str,
    ) -> Result<Submitted> {
        let operation = "deployments.delete";
        let url = self.url(operation, workspace, &path(endpoint, name), &[])?;
        let call = Call::write(
            operation,
            Method::Delete,
            url,
            Auth::Scope(ARM_SCOPE),
            Bytes::new(),
        );
        let reply = absent_as_none(workspace, self.azure.call(call).await)?;
        Ok(reply.as_ref().map_or_else(absent, submitted))
    }
}

fn path<'a>(endpoint: &'a str, name: &'a str) -> [&'a str; 4] {
    ["onlineEndpoints", endpoint, "deployments", name]
}

fn read(operation: &'static str, raw: Value) -> Result<OnlineDeployment> {
    let malformed = |error| Error::malformed(operation, error);
    let resource = Resource::<Details>::deserialize(&raw).map_err(malformed)?;
    let outer = Outer::deserialize(&raw).map_err(malformed)?;
    let properties = resource.properties;
    Ok(OnlineDeployment {
        name: resource.name,
        model: properties.model,
        provisioning_state: properties.provisioning_state,
        instance_type: properties.instance_type,
        capacity: outer.sku.capacity,
        tags: outer.tags,
        properties: properties.properties,
        raw,
    })
}
