//! Model containers and versions.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::arm::{AssetUri, Created, Model, Pairs, Refusal, Version, VersionSpec, Workspace};
use crate::world::World;
use crate::{eventgrid, scoring};

use super::answer::system_data;
use super::paging::page;
use super::{Answer, Call};

#[derive(Deserialize)]
struct ContainerBody {
    properties: ContainerProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContainerProperties {
    description: Option<String>,
    tags: Option<Pairs>,
    properties: Option<Pairs>,
    is_archived: Option<bool>,
}

#[derive(Deserialize)]
struct VersionBody {
    properties: VersionProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionProperties {
    model_uri: Option<String>,
    model_type: Option<String>,
    job_name: Option<String>,
    description: Option<String>,
    stage: Option<String>,
    tags: Option<Pairs>,
    properties: Option<Pairs>,
    is_archived: Option<bool>,
    is_anonymous: Option<bool>,
}

pub(crate) fn container(
    world: &World,
    call: &Call,
    at: usize,
    name: &str,
) -> Result<Answer, Refusal> {
    let mut estate = world.estate();
    let workspace = &mut estate.workspaces[at];
    if call.method == Method::GET {
        let model = workspace.model(name)?;
        return Ok(Answer::ok(render_container(workspace, model)));
    }
    if call.method != Method::PUT {
        return Err(call.not_allowed());
    }
    let asked = call.parse::<ContainerBody>()?.properties;
    let (model, created) = workspace.put_model(name, call.now, &call.by);
    model.description = asked.description;
    model.tags = asked.tags.unwrap_or_default();
    model.properties = asked.properties.unwrap_or_default();
    model.is_archived = asked.is_archived.unwrap_or(false);
    let body = render_container(workspace, workspace.model(name)?);
    Ok(match created {
        Created::Yes => Answer::created(body),
        Created::No => Answer::ok(body),
    })
}

pub(crate) fn list(world: &World, call: &Call, at: usize, name: &str) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let estate = world.estate();
    let workspace = &estate.workspaces[at];
    let model = workspace.model(name)?;
    let view = call.query("listViewType").unwrap_or("ActiveOnly");
    let shown = |archived: bool| match view {
        "All" => true,
        "ArchivedOnly" => archived,
        _ => !archived,
    };
    let mut versions: Vec<&Version> = model
        .versions
        .iter()
        .filter(|v| shown(v.spec.is_archived))
        .collect();
    let ascending = call
        .query("$orderBy")
        .is_some_and(|o| o.to_ascii_lowercase().ends_with("asc"));
    if !ascending {
        versions.reverse();
    }
    page(
        call,
        versions
            .into_iter()
            .map(|v| render_version(workspace, model, v))
            .collect(),
    )
}

pub(crate) fn version(
    world: &World,
    call: &Call,
    at: usize,
    (name, version): (&str, &str),
) -> Result<Answer, Refusal> {
    if call.method == Method::PUT {
        return put(world, call, at, (name, version));
    }
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let estate = world.estate();
    let workspace = &estate.workspaces[at];
    let found = workspace.version(name, version)?;
    Ok(Answer::ok(render_version(
        workspace,
        workspace.model(name)?,
        found,
    )))
}

fn put(
    world: &World,
    call: &Call,
    at: usize,
    (name, version): (&str, &str),
) -> Result<Answer, Refusal> {
    let asked = call.parse::<VersionBody>()?.properties;
    let uri = asked
        .model_uri
        .ok_or_else(|| Refusal::invalid("The model's path (modelUri) is missing."))?;
    let spec = VersionSpec {
        uri,
        model_type: asked.model_type,
        job: asked.job_name,
        description: asked.description,
        stage: asked.stage,
        tags: asked.tags.unwrap_or_default(),
        properties: asked.properties.unwrap_or_default(),
        is_archived: asked.is_archived.unwrap_or(false),
        is_anonymous: asked.is_anonymous.unwrap_or(false),
        ..VersionSpec::default()
    };
    let created = register(world, at, (name, version), spec, call)?;
    let estate = world.estate();
    let workspace = &estate.workspaces[at];
    let body = render_version(
        workspace,
        workspace.model(name)?,
        workspace.version(name, version)?,
    );
    Ok(match created {
        Created::Yes => Answer::created(body),
        Created::No => Answer::ok(body),
    })
}

fn register(
    world: &World,
    at: usize,
    (name, version): (&str, &str),
    mut spec: VersionSpec,
    call: &Call,
) -> Result<Created, Refusal> {
    let mut estate = world.estate();
    let workspace = &mut estate.workspaces[at];
    let folder = workspace.locate(&AssetUri::parse(&spec.uri, workspace)?)?;
    let mlmodel = world.read_blob(&folder.account, &folder.container, &folder.blob("MLmodel"));
    spec.flavors = scoring::flavors(mlmodel.as_ref());
    let created = workspace.put_version(name, version, spec, call.now, &call.by)?;
    if created == Created::Yes {
        world.ml.events.publish(eventgrid::model_registered(
            workspace,
            name,
            version,
            world.new_id(),
            call.now,
        ));
    }
    Ok(created)
}

fn render_container(workspace: &Workspace, model: &Model) -> Value {
    json!({
        "id": format!("{}/models/{}", workspace.id.arm_id(), model.name),
        "name": model.name,
        "type": "Microsoft.MachineLearningServices/workspaces/models",
        "properties": {
            "description": model.description,
            "tags": model.tags,
            "properties": model.properties,
            "isArchived": model.is_archived,
            "latestVersion": model.latest().map(|v| &v.number),
            "nextVersion": model.next_version().to_string(),
            "provisioningState": "Succeeded",
        },
        "systemData": system_data(&model.stamp),
    })
}

fn render_version(workspace: &Workspace, model: &Model, version: &Version) -> Value {
    let spec = &version.spec;
    json!({
        "id": format!("{}/models/{}/versions/{}", workspace.id.arm_id(), model.name, version.number),
        "name": version.number,
        "type": "Microsoft.MachineLearningServices/workspaces/models/versions",
        "properties": {
            "modelUri": version.uri.to_string(),
            "modelType": spec.model_type.as_deref().unwrap_or("custom_model"),
            "jobName": spec.job,
            "description": spec.description,
            "stage": spec.stage,
            "tags": spec.tags,
            "properties": spec.properties,
            "flavors": spec.flavors,
            "isArchived": spec.is_archived,
            "isAnonymous": spec.is_anonymous,
            "provisioningState": "Succeeded",
        },
        "systemData": system_data(&version.stamp),
    })
}
