//! Online endpoints: PUT is the only way to change traffic (a PATCH carries none), keys and tokens to score with.

use std::collections::BTreeMap;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::arm::{
    AskedTraffic, AuthMode, Endpoint, EndpointSpec, Estate, Occasion, Refusal, Subject, Workspace,
};
use crate::identity::Identity;
use crate::world::World;

use super::answer::system_data;
use super::operations::retry_after;
use super::paging::page;
use super::{Answer, Call};

/// Lifetime of a scoring token, in seconds.
const TOKEN_SECONDS: i64 = 12 * 3600;

#[derive(Deserialize)]
struct Body {
    /// Azure refuses an endpoint without one.
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
    public_network_access: Option<String>,
    traffic: Option<BTreeMap<String, i64>>,
    mirror_traffic: Option<BTreeMap<String, i64>>,
    compute: Option<String>,
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
        return delete(world, call, Subject::endpoint(at, name));
    }
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let estate = world.estate();
    let workspace = &estate.workspaces[at];
    workspace
        .endpoint(name)
        .map(|endpoint| Answer::ok(render(workspace, endpoint, &call.base_url)))
}

pub(crate) fn list(estate: &Estate, call: &Call, at: usize) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let workspace = &estate.workspaces[at];
    page(
        call,
        workspace
            .endpoints
            .values()
            .map(|e| render(workspace, e, &call.base_url))
            .collect(),
    )
}

pub(crate) fn keys(estate: &Estate, call: &Call, at: usize, name: &str) -> Result<Answer, Refusal> {
    let endpoint = posted(estate, call, at, name)?;
    if endpoint.spec.auth_mode != AuthMode::Key {
        return Err(Refusal::invalid(format!(
            "The endpoint '{name}' does not use keys: its authMode is {}.",
            endpoint.spec.auth_mode.word()
        )));
    }
    let [primary, secondary] = &endpoint.keys;
    Ok(Answer::ok(
        json!({"primaryKey": primary, "secondaryKey": secondary}),
    ))
}

pub(crate) fn token(
    estate: &Estate,
    call: &Call,
    at: usize,
    name: &str,
) -> Result<Answer, Refusal> {
    let endpoint = posted(estate, call, at, name)?;
    if endpoint.spec.auth_mode == AuthMode::Key {
        return Err(Refusal::invalid(format!(
            "The endpoint '{name}' does not use tokens: its authMode is Key."
        )));
    }
    let now = call.now.as_second();
    Ok(Answer::ok(json!({
        "accessToken": endpoint.token,
        "expiryTimeUtc": now + TOKEN_SECONDS,
        "refreshAfterTimeUtc": now + TOKEN_SECONDS / 2,
        "tokenType": "Bearer",
    })))
}

fn posted<'a>(
    estate: &'a Estate,
    call: &Call,
    at: usize,
    name: &str,
) -> Result<&'a Endpoint, Refusal> {
    if call.method != Method::POST {
        return Err(call.not_allowed());
    }
    estate.workspaces[at].endpoint(name)
}

fn put(world: &World, call: &Call, at: usize, name: &str) -> Result<Answer, Refusal> {
    check_name("endpoint", name)?;
    let body: Body = call.parse()?;
    let mut estate = world.estate();
    check_region(&estate.workspaces[at], &body.location)?;
    let (spec, traffic) = spec(body)?;
    let occasion = Occasion {
        now: call.now,
        by: &call.by,
        new_id: &|| world.new_id(),
    };
    let accepted = estate.put_endpoint(Subject::endpoint(at, name), spec, &traffic, &occasion)?;
    let url = operation_url(call, &estate.workspaces[at], &accepted.operation);
    let wait = retry_after(estate.operation(&accepted.operation)?, call.now);
    let workspace = &mut estate.workspaces[at];
    workspace.endpoint_mut(name)?.operation_uri = Some(url.clone());
    let resource = render(workspace, workspace.endpoint(name)?, &call.base_url);
    Ok(Answer::accepted(accepted.created, url, wait, resource))
}

/// What is asked for, and the weights apart: they are checked against what exists.
fn spec(body: Body) -> Result<(EndpointSpec, AskedTraffic), Refusal> {
    let Asked {
        auth_mode,
        description,
        properties,
        public_network_access,
        traffic,
        mirror_traffic,
        compute,
    } = body.properties;
    let auth_mode = AuthMode::parse(&auth_mode).ok_or_else(|| {
        Refusal::invalid(format!(
            "The authMode '{auth_mode}' is none of Key, AMLToken, AADToken."
        ))
    })?;
    let identity = body.identity.ok_or_else(|| {
        Refusal::invalid("The endpoint needs an identity, such as SystemAssigned.")
    })?;
    let mut properties = properties.unwrap_or_default();
    properties.remove("AzureAsyncOperationUri");
    let spec = EndpointSpec {
        auth_mode,
        identity: identity.r#type,
        description,
        public_network_access: public_network_access.unwrap_or_else(|| "Enabled".into()),
        tags: body.tags.unwrap_or_default(),
        properties,
        compute,
        traffic: BTreeMap::new(),
        mirror: BTreeMap::new(),
    };
    let asked = AskedTraffic {
        live: traffic.unwrap_or_default(),
        mirror: mirror_traffic.unwrap_or_default(),
    };
    Ok((spec, asked))
}

pub(crate) fn delete(world: &World, call: &Call, subject: Subject) -> Result<Answer, Refusal> {
    let mut estate = world.estate();
    let at = subject.workspace;
    let occasion = Occasion {
        now: call.now,
        by: &call.by,
        new_id: &|| world.new_id(),
    };
    let Some(id) = estate.delete(subject, &occasion)? else {
        return Ok(Answer::empty(StatusCode::NO_CONTENT));
    };
    let workspace = &estate.workspaces[at];
    let url = call.operation_url(&workspace.id, &workspace.region, "mfeOperationResults", &id);
    let wait = retry_after(estate.operation(&id)?, call.now);
    Ok(Answer::empty(StatusCode::ACCEPTED)
        .with("location", url)
        .with("x-ms-async-operation-timeout", "PT1H")
        .with("retry-after", wait.to_string()))
}

pub(crate) fn operation_url(call: &Call, workspace: &Workspace, id: &str) -> String {
    call.operation_url(&workspace.id, &workspace.region, "mfeOperationsStatus", id)
}

/// Azure's rule: 3 to 32 letters, digits and dashes, a letter first, no dash last.
pub(crate) fn check_name(what: &str, name: &str) -> Result<(), Refusal> {
    let inner = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let ends = name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.ends_with('-');
    if (3..=32).contains(&name.len()) && inner && ends {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "The {what} name '{name}' must have 3 to 32 letters, digits or dashes, start with a letter and not end with a dash."
    )))
}

pub(crate) fn check_region(workspace: &Workspace, location: &str) -> Result<(), Refusal> {
    if workspace
        .region
        .eq_ignore_ascii_case(&location.replace(' ', ""))
    {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "The location '{location}' is not the workspace's, {}.",
        workspace.region
    )))
}

fn render(workspace: &Workspace, endpoint: &Endpoint, base_url: &str) -> Value {
    let id = format!(
        "{}/onlineEndpoints/{}",
        workspace.id.arm_id(),
        endpoint.name
    );
    let spec = &endpoint.spec;
    let mut properties = spec.properties.clone();
    properties.insert(
        "azureml.onlineendpointid".into(),
        json!(id.to_ascii_lowercase()),
    );
    if let Some(url) = &endpoint.operation_uri {
        properties.insert("AzureAsyncOperationUri".into(), json!(url));
    }
    json!({
        "id": id,
        "name": endpoint.name,
        "type": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
        "location": workspace.region,
        "tags": spec.tags,
        "kind": endpoint.runs_on().kind(),
        "identity": {"type": spec.identity, "principalId": workspace.guid, "tenantId": Identity::TENANT_ID},
        "properties": {
            "authMode": spec.auth_mode.word(),
            "description": spec.description,
            "properties": properties,
            "publicNetworkAccess": spec.public_network_access,
            "scoringUri": format!("{base_url}/scoring/{}/score", endpoint.name),
            "swaggerUri": format!("{base_url}/scoring/{}/swagger.json", endpoint.name),
            "traffic": spec.traffic,
            "mirrorTraffic": spec.mirror,
            "compute": spec.compute,
            "provisioningState": endpoint.state,
        },
        "systemData": system_data(&endpoint.stamp),
    })
}
