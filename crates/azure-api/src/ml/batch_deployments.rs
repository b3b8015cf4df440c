//! Batch deployments: a model version, and the cluster that it scores on when a job asks for it.

use std::collections::BTreeMap;

use azure_core::http::Method;
use bytes::Bytes;
use serde::Deserialize;
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

/// A batch deployment as the service shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchDeployment {
    /// Its name.
    pub name: String,
    /// The ARM id of the model version, or what its maker wrote.
    pub model: Option<String>,
    /// Whether it is usable, or an operation runs.
    pub provisioning_state: Option<ProvisioningState>,
    /// Free.
    pub tags: BTreeMap<String, String>,
}

/// A batch deployment to create. Of an `MLflow` model, which needs no environment and no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchDeploymentSpec {
    /// The workspace's region.
    pub location: String,
    /// The ARM id of the model version.
    pub model: String,
    /// The ARM id of the cluster.
    pub compute: String,
    /// How many of its machines a job takes.
    pub instance_count: u32,
    /// Files or rows that one call takes.
    pub mini_batch_size: Option<u32>,
    /// Processes at once on one machine.
    pub max_concurrency_per_instance: Option<u32>,
    /// Failures that a job bears; absent: any number, which Azure writes as -1.
    pub error_threshold: Option<u32>,
    /// The file that predictions are appended to.
    pub output_file_name: String,
    /// How often a mini batch is tried again.
    pub max_retries: Option<u32>,
    /// How long one may take, as ISO 8601.
    pub retry_timeout: Option<String>,
    /// `Info`, `Warning` or `Debug`.
    pub logging_level: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// For the scoring process.
    pub environment_variables: BTreeMap<String, String>,
    /// Free.
    pub tags: BTreeMap<String, String>,
}

impl BatchDeploymentSpec {
    fn as_json(&self) -> Value {
        let mut body = json!({
            "location": self.location,
            "tags": self.tags,
            "properties": {
                "model": { "referenceType": "Id", "assetId": self.model },
                "compute": self.compute,
                "resources": { "instanceCount": self.instance_count },
                "miniBatchSize": self.mini_batch_size,
                "maxConcurrencyPerInstance": self.max_concurrency_per_instance,
                "errorThreshold": self.error_threshold.map_or(-1, i64::from),
                "outputAction": "AppendRow",
                "outputFileName": self.output_file_name,
                "retrySettings": { "maxRetries": self.max_retries, "timeout": self.retry_timeout },
                "loggingLevel": self.logging_level,
                "description": self.description,
                "environmentVariables": self.environment_variables,
                "properties": {},
            },
        });
        drop_nulls(&mut body);
        body
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    model: Option<Reference>,
    provisioning_state: Option<ProvisioningState>,
}

/// By id, or by the path that its files lie at, which names no version.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    asset_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Outer {
    #[serde(deserialize_with = "texts")]
    tags: BTreeMap<String, String>,
    #[serde(deserialize_with = "or_default")]
    name: String,
}

impl MachineLearning {
    /// A batch deployment by name.
    pub async fn batch_deployment(
        &self,
        workspace: &WorkspaceRef,
        endpoint: &str,
        name: &str,
    ) -> Result<Option<BatchDeployment>> {
        let operation = "batchDeployments.get";
        let found: Option<Value> = self
            .find(operation, workspace, &path(endpoint, name))
            .await?;
        found.map(|raw| read(operation, &raw)).transpose()
    }

    /// Creates a batch deployment, or overwrites one of that name. While an operation on it runs ARM answers 409.
    pub async fn put_batch_deployment(
        &self,
        workspace: &WorkspaceRef,
        endpoint: &str,
        name: &str,
        spec: &BatchDeploymentSpec,
    ) -> Result<Submitted> {
        let operation = "batchDeployments.put";
        let url = self.url(operation, workspace, &path(endpoint, name), &[])?;
        let reply = self.arm_put(operation, url, &spec.as_json()).await?;
        Ok(submitted(&reply))
    }

    /// Deletes a batch deployment.
    pub async fn delete_batch_deployment(
        &self,
        workspace: &WorkspaceRef,
        endpoint: &str,
        name: &str,
    ) -> Result<Submitted> {
        let operation = "batchDeployments.delete";
        let url = self.url(operation, workspace, &path(endpoint, name), &[])?;
        let auth = Auth::Scope(ARM_SCOPE);
        let call = Call::write(operation, Method::Delete, url, auth, Bytes::new());
        let reply = absent_as_none(workspace, self.azure.call(call).await)?;
        Ok(reply.as_ref().map_or_else(absent, submitted))
    }
}

fn path<'a>(endpoint: &'a str, name: &'a str) -> [&'a str; 4] {
    ["batchEndpoints", endpoint, "deployments", name]
}

fn read(operation: &'static str, raw: &Value) -> Result<BatchDeployment> {
    let malformed = |error| Error::malformed(operation, error);
    let resource = Resource::<Details>::deserialize(raw).map_err(malformed)?;
    let outer = Outer::deserialize(raw).map_err(malformed)?;
    Ok(BatchDeployment {
        name: outer.name,
        model: resource.properties.model.and_then(|model| model.asset_id),
        provisioning_state: resource.properties.provisioning_state,
        tags: outer.tags,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_sends_only_what_it_says() {
        let spec = BatchDeploymentSpec {
            location: "westeurope".into(),
            model: "/…/models/heart/versions/2".into(),
            compute: "/…/computes/cpu".into(),
            instance_count: 2,
            mini_batch_size: Some(10),
            max_concurrency_per_instance: None,
            error_threshold: None,
            output_file_name: "predictions.csv".into(),
            max_retries: None,
            retry_timeout: Some("PT30S".into()),
            logging_level: None,
            description: None,
            environment_variables: BTreeMap::new(),
            tags: BTreeMap::new(),
        };
        let expected = json!({
            "location": "westeurope", "tags": {},
            "properties": {
                "model": {"referenceType": "Id", "assetId": "/…/models/heart/versions/2"},
                "compute": "/…/computes/cpu", "resources": {"instanceCount": 2}, "miniBatchSize": 10,
                "errorThreshold": -1, "outputAction": "AppendRow", "outputFileName": "predictions.csv",
                "retrySettings": {"timeout": "PT30S"}, "environmentVariables": {}, "properties": {}
            }
        });
        assert_eq!(spec.as_json(), expected);
    }

    #[test]
    fn a_model_by_id_is_read_and_one_by_path_names_none() {
        let raw = |model: Value| json!({"name": "blue", "properties": {"model": model, "provisioningState": "Succeeded"}});
        let id = json!({"referenceType": "Id", "assetId": "/…/models/heart/versions/2"});
        let by_id = read("test", &raw(id)).unwrap();
        assert_eq!(
            (by_id.name.as_str(), by_id.model.as_deref()),
            ("blue", Some("/…/models/heart/versions/2"))
        );
        let by_path = read(
            "test",
            &raw(json!({"referenceType": "OutputPath", "jobId": "j"})),
        )
        .unwrap();
        assert_eq!(by_path.model, None);
    }
}
