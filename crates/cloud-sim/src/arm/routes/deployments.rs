//! Online deployments of an endpoint.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::arm::{
    Deployment, DeploymentSpec, Endpoint, Estate, Occasion, Refusal, RunsOn, Subject, Workspace,
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
    sku: Option<Sku>,
    properties: Map<String, Value>,
}

#[derive(Deserialize)]
struct Sku {
    capacity: Option<u64>,
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
        return delete(world, call, Subject::deployment(at, endpoint, name));
    }
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let estate = world.estate();
    let workspace = &estate.workspaces[at];
    let parent = workspace.endpoint(endpoint)?;
    parent
        .deployment(name)
        .map(|found| Answer::ok(render(workspace, parent, found)))
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
    let parent = workspace.endpoint(endpoint)?;
    page(
        call,
        parent
            .deployments
            .values()
            .map(|d| render(workspace, parent, d))
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
    let spec = spec(body)?;
    let occasion = Occasion {
        now: call.now,
        by: &call.by,
        new_id: &|| world.new_id(),
    };
    let accepted =
        estate.put_deployment(Subject::deployment(at, endpoint, name), spec, &occasion)?;
    let url = operation_url(call, &estate.workspaces[at], &accepted.operation);
    let wait = retry_after(estate.operation(&accepted.operation)?, call.now);
    let workspace = &mut estate.workspaces[at];
    workspace
        .endpoint_mut(endpoint)?
        .deployment_mut(name)?
        .operation_uri = Some(url.clone());
    let parent = workspace.endpoint(endpoint)?;
    let resource = render(workspace, parent, parent.deployment(name)?);
    Ok(Answer::accepted(accepted.created, url, wait, resource))
}

fn spec(body: Body) -> Result<DeploymentSpec, Refusal> {
    let mut properties = body.properties;
    let text = |name: &str| {
        properties
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let asked = text("endpointComputeType");
    let runs_on = asked.as_deref().and_then(RunsOn::parse).ok_or_else(|| {
        Refusal::invalid(format!(
            "The endpointComputeType {asked:?} is not simulated, only Managed and Kubernetes."
        ))
    })?;
    let model = text("model").ok_or_else(|| Refusal::invalid("The deployment names no model."))?;
    properties.remove("provisioningState");
    let instances = body.sku.and_then(|sku| sku.capacity).unwrap_or(1);
    Ok(DeploymentSpec {
        model,
        runs_on,
        instances,
        tags: body.tags.unwrap_or_default(),
        properties,
    })
}

fn render(workspace: &Workspace, endpoint: &Endpoint, deployment: &Deployment) -> Value {
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
        "id": format!("{}/onlineEndpoints/{}/deployments/{}", workspace.id.arm_id(), endpoint.name, deployment.name),
        "name": deployment.name,
        "type": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments",
        "location": workspace.region,
        "kind": spec.runs_on.kind(),
        "tags": spec.tags,
        "sku": {"name": "Default", "capacity": spec.instances},
        "properties": properties,
        "systemData": system_data(&deployment.stamp),
    })
}
