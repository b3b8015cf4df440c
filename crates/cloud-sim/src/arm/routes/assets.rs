//! Versions of code and of environments.

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::arm::{
    Asset, AssetContent, AssetKind, AssetSpec, Created, Estate, Pairs, Refusal, Workspace,
};
use crate::world::World;

use super::answer::system_data;
use super::paging::page;
use super::{Answer, Call};

/// What makes an environment: everything else of it may be changed.
const DEFINITION: [&str; 4] = ["image", "condaFile", "inferenceConfig", "osType"];

#[derive(Deserialize)]
struct Body {
    properties: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Common {
    description: Option<String>,
    tags: Option<Pairs>,
    properties: Option<Pairs>,
    is_anonymous: Option<bool>,
}

pub(crate) fn version(
    world: &World,
    call: &Call,
    at: usize,
    kind: AssetKind,
    (name, version): (&str, &str),
) -> Result<Answer, Refusal> {
    let mut estate = world.estate();
    let workspace = &mut estate.workspaces[at];
    if call.method == Method::GET {
        let found = workspace.asset(kind, name, version)?;
        return Ok(Answer::ok(render(workspace, found)));
    }
    if call.method != Method::PUT {
        return Err(call.not_allowed());
    }
    let spec = spec(kind, call.parse::<Body>()?.properties)?;
    let created = workspace.put_asset((name, version), spec, call.now, &call.by)?;
    let body = render(workspace, workspace.asset(kind, name, version)?);
    Ok(match created {
        Created::Yes => Answer::created(body),
        Created::No => Answer::ok(body),
    })
}

/// The most recently created first.
pub(crate) fn list(
    estate: &Estate,
    call: &Call,
    at: usize,
    kind: AssetKind,
    name: &str,
) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let workspace = &estate.workspaces[at];
    let mut versions: Vec<Value> = workspace
        .versions_of(kind, name)
        .map(|found| render(workspace, found))
        .collect();
    if versions.is_empty() {
        return Err(Refusal::not_found(kind.word(), name));
    }
    versions.reverse();
    page(call, versions)
}

fn spec(kind: AssetKind, properties: Map<String, Value>) -> Result<AssetSpec, Refusal> {
    let content = match kind {
        AssetKind::Code => {
            let uri = properties.get("codeUri").and_then(Value::as_str);
            AssetContent::Code {
                uri: uri
                    .ok_or_else(|| Refusal::invalid("The code's path (codeUri) is missing."))?
                    .into(),
            }
        }
        AssetKind::Environment => {
            if properties.get("image").and_then(Value::as_str).is_none() {
                return Err(Refusal::invalid(
                    "Environments are simulated with an image only.",
                ));
            }
            let mut definition = properties.clone();
            definition
                .retain(|name, value| DEFINITION.contains(&name.as_str()) && !value.is_null());
            AssetContent::Environment { definition }
        }
    };
    let common: Common =
        serde_json::from_value(Value::Object(properties)).map_err(|e| Refusal::Invalid {
            code: "InvalidRequestContent",
            message: format!("The request content was invalid: {e}."),
        })?;
    Ok(AssetSpec {
        content,
        description: common.description,
        tags: common.tags.unwrap_or_default(),
        properties: common.properties.unwrap_or_default(),
        is_anonymous: common.is_anonymous.unwrap_or(false),
    })
}

fn render(workspace: &Workspace, asset: &Asset) -> Value {
    let (word, spec) = (asset.kind.word(), &asset.spec);
    let mut properties = match &spec.content {
        AssetContent::Code { uri } => json!({ "codeUri": uri }),
        AssetContent::Environment { definition } => {
            let mut shown = Value::Object(definition.clone());
            shown["environmentType"] = json!("UserCreated");
            shown["autoRebuild"] = json!("Disabled");
            shown
        }
    };
    properties["description"] = json!(spec.description);
    properties["tags"] = json!(spec.tags);
    properties["properties"] = json!(spec.properties);
    properties["isAnonymous"] = json!(spec.is_anonymous);
    properties["isArchived"] = json!(false);
    properties["provisioningState"] = json!("Succeeded");
    json!({
        "id": format!("{}/{word}/{}/versions/{}", workspace.id.arm_id(), asset.name, asset.version),
        "name": asset.version,
        "type": format!("Microsoft.MachineLearningServices/workspaces/{word}/versions"),
        "properties": properties,
        "systemData": system_data(&asset.stamp),
    })
}
