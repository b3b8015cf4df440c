//! Batch endpoints: where jobs are asked for, and which deployment does them when none is named.
//!
//! The default cannot be patched: it changes by a PUT of the whole endpoint, read before, and ARM has no `ETag`. So, as with
//! an online endpoint's traffic, such a call is short, sent once, and read back by the caller.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    error::{Error, Result},
    json::{drop_nulls, or_default},
    ml::{
        arm::{MachineLearning, ProvisioningState, Resource, SystemData},
        endpoints::writable,
        operations::{Submitted, submitted},
        workspace::WorkspaceRef,
    },
};

/// An overwriting call never lasts longer.
const OVERWRITE_DEADLINE: Duration = Duration::from_mins(1);

/// A batch endpoint as the service shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchEndpoint {
    /// Its name.
    pub name: String,
    /// Where to ask for jobs.
    pub scoring_uri: Option<String>,
    /// The deployment that does the jobs that name none.
    pub default_deployment: Option<String>,
    /// Whether an operation runs.
    pub provisioning_state: Option<ProvisioningState>,
    /// Who made and who changed it.
    pub system: SystemData,
    /// Everything, as sent.
    pub raw: Value,
}

/// A batch endpoint to create. Its callers sign with Entra tokens, as those of all batch endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchEndpointSpec {
    /// The workspace's region.
    pub location: String,
    /// For people.
    pub description: Option<String>,
    /// Free.
    pub tags: BTreeMap<String, String>,
}

/// The body of a batch endpoint's PUT. Made of a spec or of an endpoint as read.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchEndpointBody(Value);

impl BatchEndpoint {
    /// The endpoint as it was read, with another default; what the service alone may write is left out.
    ///
    /// That a `null` takes the default away is from memory of the API's `x-nullable`, not verified against Azure.
    pub fn with_default(&self, deployment: Option<&str>) -> BatchEndpointBody {
        let mut body = writable(&self.raw);
        body["properties"]["defaults"] = json!({ "deploymentName": deployment });
        BatchEndpointBody(body)
    }
}

impl BatchEndpointBody {
    /// What is sent.
    pub fn as_json(&self) -> &Value {
        &self.0
    }
}

impl From<&BatchEndpointSpec> for BatchEndpointBody {
    fn from(spec: &BatchEndpointSpec) -> Self {
        let mut body = json!({
            "location": spec.location,
            "tags": spec.tags,
            "identity": { "type": "SystemAssigned" },
            "properties": { "authMode": "AADToken", "description": spec.description, "properties": {} },
        });
        drop_nulls(&mut body);
        BatchEndpointBody(body)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    scoring_uri: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    defaults: Defaults,
    provisioning_state: Option<ProvisioningState>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Defaults {
    deployment_name: Option<String>,
}

impl MachineLearning {
    /// A batch endpoint by name.
    pub async fn batch_endpoint(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
    ) -> Result<Option<BatchEndpoint>> {
        let operation = "batchEndpoints.get";
        let raw: Option<Value> = self
            .find(operation, workspace, &["batchEndpoints", name])
            .await?;
        raw.map(|raw| read(operation, raw)).transpose()
    }

    /// Creates or overwrites a batch endpoint. At most 60 s, whatever the deadline.
    pub async fn put_batch_endpoint(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
        body: &BatchEndpointBody,
    ) -> Result<Submitted> {
        let operation = "batchEndpoints.put";
        let url = self.url(operation, workspace, &["batchEndpoints", name], &[])?;
        let short = self.within(self.azure.deadline().min(OVERWRITE_DEADLINE));
        Ok(submitted(&short.arm_put(operation, url, &body.0).await?))
    }
}

fn read(operation: &'static str, raw: Value) -> Result<BatchEndpoint> {
    let resource = Resource::<Details>::deserialize(&raw)
        .map_err(|error| Error::malformed(operation, error))?;
    let properties = resource.properties;
    let named = |name: &String| !name.is_empty();
    Ok(BatchEndpoint {
        name: resource.name,
        scoring_uri: properties.scoring_uri,
        default_deployment: properties.defaults.deployment_name.filter(named),
        provisioning_state: properties.provisioning_state,
        system: resource.system_data.unwrap_or_default(),
        raw,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw() -> Value {
        json!({
            "id": "/subscriptions/s/…/batchEndpoints/heart", "name": "heart", "type": "t", "location": "westeurope",
            "tags": {"team": "a"}, "systemData": {"createdBy": "x"}, "kind": null,
            "identity": {"type": "SystemAssigned", "principalId": "p", "tenantId": "t"},
            "properties": {"authMode": "aadToken", "defaults": {"deploymentName": "blue"}, "description": "d",
                           "scoringUri": "https://e/jobs", "swaggerUri": "s", "provisioningState": "Succeeded",
                           "properties": {"createdBy": "x"}}
        })
    }

    #[test]
    fn the_default_changes_and_all_else_goes_back_as_it_came() {
        let endpoint = read("test", raw()).unwrap();
        assert_eq!(endpoint.default_deployment.as_deref(), Some("blue"));
        let mut expected = json!({
            "location": "westeurope", "tags": {"team": "a"}, "identity": {"type": "SystemAssigned"},
            "properties": {"authMode": "aadToken", "defaults": {"deploymentName": "green"}, "description": "d",
                           "properties": {"createdBy": "x"}}
        });
        assert_eq!(endpoint.with_default(Some("green")).as_json(), &expected);
        expected["properties"]["defaults"] = json!({ "deploymentName": null });
        assert_eq!(endpoint.with_default(None).as_json(), &expected);
    }

    #[test]
    fn one_without_a_default_is_read() {
        for defaults in [
            json!(null),
            json!({}),
            json!({"deploymentName": null}),
            json!({"deploymentName": ""}),
        ] {
            let mut raw = raw();
            raw["properties"]["defaults"] = defaults;
            assert_eq!(read("test", raw).unwrap().default_deployment, None);
        }
    }
}
