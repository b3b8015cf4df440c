//! Batch endpoints: PUT is the only way to change the default deployment.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::arm::{BatchEndpoint, BatchEndpointSpec, Estate, Occasion, Refusal, Subject, Workspace};
use crate::identity::Identity;
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
    identity: Option<IdentityBody>,
    properties: Asked,
}

#[derive(Deserialize)]
struct IdentityBody {
    r#type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    auth_mode: String,
    description: Option<String>,
    properties: Option<Map<String, Value>>,
    defaults: Option<Defaults>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Defaults {
    deployment_name: Option<String>,
}

pub(crate) fn endpoint(
    world: &World,
    call: &Call,
    at: usize,
    name: &str,
) -> Result<Answer, Refusal> {
    if call.method == Method::PUT {
        return put(world, call, at, name);
    }
    if call.method == Method::DELETE {
        return delete(world, call, Subject::endpoint(at, name).in_batch());
    }
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let estate = world.estate();
    let workspace = &estate.workspaces[at];
    let found = workspace.batch_endpoint(name)?;
    Ok(Answer::ok(render(workspace, found, &call.base_url)))
}

pub(crate) fn list(estate: &Estate, call: &Call, at: usize) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let workspace = &estate.workspaces[at];
    let endpoints = workspace.batch_endpoints.values();
    page(
        call,
        endpoints
            .map(|endpoint| render(workspace, endpoint, &call.base_url))
            .collect(),
    )
}

fn put(world: &World, call: &Call, at: usize, name: &str) -> Result<Answer, Refusal> {
    check_name("endpoint", name)?;
    let body: Body = call.parse()?;
    let mut estate = world.estate();
    check_region(&estate.workspaces[at], &body.location)?;
    let occasion = Occasion {
        now: call.now,
        by: &call.by,
        new_id: &|| world.new_id(),
    };
    let subject = Subject::endpoint(at, name).in_batch();
    let accepted = estate.put_batch_endpoint(subject, spec(body)?, &occasion)?;
    let url = operation_url(call, &estate.workspaces[at], &accepted.operation);
    let wait = retry_after(estate.operation(&accepted.operation)?, call.now);
    let workspace = &mut estate.workspaces[at];
    workspace.batch_endpoint_mut(name)?.operation_uri = Some(url.clone());
    let resource = render(workspace, workspace.batch_endpoint(name)?, &call.base_url);
    Ok(Answer::accepted(accepted.created, url, wait, resource))
}

fn spec(body: Body) -> Result<BatchEndpointSpec, Refusal> {
    let asked = body.properties;
    if !asked.auth_mode.eq_ignore_ascii_case("AADToken") {
        return Err(Refusal::invalid(format!(
            "The authMode '{}' is not AADToken, the only one of a batch endpoint.",
            asked.auth_mode
        )));
    }
    let mut properties = asked.properties.unwrap_or_default();
    properties.remove("AzureAsyncOperationUri");
    let default = asked.defaults.and_then(|defaults| defaults.deployment_name);
    Ok(BatchEndpointSpec {
        identity: body.identity.map(|identity| identity.r#type),
        description: asked.description,
        tags: body.tags.unwrap_or_default(),
        properties,
        default: default.filter(|name| !name.is_empty()),
    })
}

fn render(workspace: &Workspace, endpoint: &BatchEndpoint, base_url: &str) -> Value {
    let spec = &endpoint.spec;
    let mut properties = spec.properties.clone();
    if let Some(url) = &endpoint.operation_uri {
        properties.insert("AzureAsyncOperationUri".into(), json!(url));
    }
    let identity = spec.identity.as_ref();
    let identity = identity.map(|kind| {
        json!({"type": kind, "principalId": workspace.guid, "tenantId": Identity::TENANT_ID})
    });
    let mut body = json!({
        "id": format!("{}/batchEndpoints/{}", workspace.id.arm_id(), endpoint.name),
        "name": endpoint.name,
        "type": "Microsoft.MachineLearningServices/workspaces/batchEndpoints",
        "location": workspace.region,
        "tags": spec.tags,
        "properties": {
            "authMode": "AADToken",
            "description": spec.description,
            "properties": properties,
            "defaults": {"deploymentName": spec.default},
            "scoringUri": format!("{base_url}/scoring/{}/jobs", endpoint.name),
            "provisioningState": endpoint.state,
        },
        "systemData": system_data(&endpoint.stamp),
    });
    if let Some(identity) = identity {
        body["identity"] = identity;
    }
    body
}
