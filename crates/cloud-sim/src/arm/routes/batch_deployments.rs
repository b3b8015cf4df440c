//! Deployments of a batch endpoint.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::arm::{
    BatchDeployment, BatchDeploymentSpec, BatchEndpoint, Estate, Occasion, Refusal, Subject,
    Workspace,
};
use crate::world::World;

use super::answer::system_data;
use super::endpoints::{check_name, check_region, delete, operation_url};
use super::operations::retry_after;
use super::paging::page;
use super::{Answer, Call};

#[derive(Deserialize)]
struct Body {
    location: String,
    tags: Option<BTreeMap<String, String>>,
    properties: Map<String, Value>,
}

pub(crate) fn deployment(
    world: &World,
    call: &Call,
    at: usize,
    (endpoint, name): (&str, &str),
) -> Result<Answer, Refusal> {
    if call.method == Method::PUT {
        return put(world, call, at, (endpoint, name));
    }
    if call.method == Method::DELETE {
        let subject = Subject::deployment(at, endpoint, name).in_batch();
        return delete(world, call, subject);
    }
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let estate = world.estate();
    let workspace = &estate.workspaces[at];
    let parent = workspace.batch_endpoint(endpoint)?;
    let found = parent.deployment(name)?;
    Ok(Answer::ok(render(workspace, parent, found)))
}

pub(crate) fn list(
    estate: &Estate,
    call: &Call,
    at: usize,
    endpoint: &str,
) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let workspace = &estate.workspaces[at];
    let parent = workspace.batch_endpoint(endpoint)?;
    let deployments = parent.deployments.values();
    page(
        call,
        deployments
            .map(|found| render(workspace, parent, found))
            .collect(),
    )
}

fn put(
    world: &World,
    call: &Call,
    at: usize,
    (endpoint, name): (&str, &str),
) -> Result<Answer, Refusal> {
    check_name("deployment", name)?;
    let body: Body = call.parse()?;
    let mut estate = world.estate();
    check_region(&estate.workspaces[at], &body.location)?;
    let occasion = Occasion {
        now: call.now,
        by: &call.by,
        new_id: &|| world.new_id(),
    };
    let subject = Subject::deployment(at, endpoint, name).in_batch();
    let accepted = estate.put_batch_deployment(subject, spec(body)?, &occasion)?;
    let url = operation_url(call, &estate.workspaces[at], &accepted.operation);
    let wait = retry_after(estate.operation(&accepted.operation)?, call.now);
    let workspace = &mut estate.workspaces[at];
    let made = workspace
        .batch_endpoint_mut(endpoint)?
        .deployment_mut(name)?;
    made.operation_uri = Some(url.clone());
    let parent = workspace.batch_endpoint(endpoint)?;
    let resource = render(workspace, parent, parent.deployment(name)?);
    Ok(Answer::accepted(accepted.created, url, wait, resource))
}

fn spec(body: Body) -> Result<BatchDeploymentSpec, Refusal> {
    let mut properties = body.properties;
    let is_given = |name: &str| properties.get(name).is_some_and(|value| !value.is_null());
    if is_given("environmentId") || is_given("codeConfiguration") {
        return Err(Refusal::invalid(
            "Custom environments and code are not simulated, only MLflow models.",
        ));
    }
    if !is_given("compute") {
        return Err(Refusal::invalid("The deployment names no compute."));
    }
    let model = properties.get("model").and_then(|model| {
        let by_id = model.get("referenceType").and_then(Value::as_str) == Some("Id");
        model.get("assetId")?.as_str().filter(|_| by_id)
    });
    let model = model.map(str::to_owned);
    let model = model
        .ok_or_else(|| Refusal::invalid("The deployment names no model by the id of a version."))?;
    properties.remove("provisioningState");
    Ok(BatchDeploymentSpec {
        model,
        tags: body.tags.unwrap_or_default(),
        properties,
    })
}

fn render(workspace: &Workspace, endpoint: &BatchEndpoint, deployment: &BatchDeployment) -> Value {
    let spec = &deployment.spec;
    let mut properties = spec.properties.clone();
    let own = properties.entry("properties").or_insert(Value::Null);
    if !own.is_object() {
        *own = json!({});
    }
    if let Some(url) = &deployment.operation_uri {
        own["AzureAsyncOperationUri"] = json!(url);
    }
    properties.insert("provisioningState".into(), json!(deployment.state));
    json!({
        "id": format!("{}/batchEndpoints/{}/deployments/{}", workspace.id.arm_id(), endpoint.name, deployment.name),
        "name": deployment.name,
        "type": "Microsoft.MachineLearningServices/workspaces/batchEndpoints/deployments",
        "location": workspace.region,
        "tags": spec.tags,
        "properties": properties,
        "systemData": system_data(&deployment.stamp),
    })
}
