//! Datastores: identity-based (`credentialsType: None`), so there is no secret to list.

use http::Method;
use serde_json::{Value, json};

use crate::arm::{Datastore, Estate, Refusal, Workspace};

use super::answer::system_data;
use super::paging::page;
use super::{Answer, Call};

pub(crate) fn get(estate: &Estate, call: &Call, at: usize, name: &str) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let workspace = &estate.workspaces[at];
    workspace
        .datastore(name)
        .map(|store| Answer::ok(render(workspace, store)))
}

pub(crate) fn list(estate: &Estate, call: &Call, at: usize) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let only_default = call
        .query("isDefault")
        .is_some_and(|v| v.eq_ignore_ascii_case("true"));
    let workspace = &estate.workspaces[at];
    let stores = workspace
        .datastores
        .iter()
        .filter(|store| store.is_default || !only_default);
    page(call, stores.map(|store| render(workspace, store)).collect())
}

fn render(workspace: &Workspace, store: &Datastore) -> Value {
    json!({
        "id": format!("{}/datastores/{}", workspace.id.arm_id(), store.name),
        "name": store.name,
        "type": "Microsoft.MachineLearningServices/workspaces/datastores",
        "properties": {
            "datastoreType": "AzureBlob",
            "accountName": workspace.account,
            "containerName": store.container,
            "endpoint": "core.windows.net",
            "protocol": "https",
            "subscriptionId": workspace.id.subscription,
            "resourceGroup": workspace.id.group,
            "isDefault": store.is_default,
            "credentials": {"credentialsType": "None"},
            "serviceDataAccessAuthIdentity": "None",
            "description": null,
            "properties": {},
            "tags": {},
        },
        "systemData": system_data(&workspace.stamp),
    })
}
