//! The workspace itself, with the addresses that lead on from it.

use serde_json::json;

use crate::arm::Estate;
use crate::identity::Identity;

use super::answer::system_data;
use super::{Answer, Call};

pub(crate) fn get(estate: &Estate, call: &Call, at: usize) -> Answer {
    let workspace = &estate.workspaces[at];
    let id = workspace.id.arm_id();
    let group = format!(
        "/subscriptions/{}/resourceGroups/{}/providers",
        workspace.id.subscription, workspace.id.group
    );
    let name = &workspace.id.name;
    let host = call.base_url.trim_start_matches("http://");
    Answer::ok(json!({
        "id": id,
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces",
        "location": workspace.region,
        "tags": {},
        "kind": "Default",
        "identity": {"type": "SystemAssigned", "principalId": workspace.guid, "tenantId": Identity::TENANT_ID},
        "sku": {"name": "Basic", "tier": "Basic"},
        "properties": {
            "workspaceId": workspace.guid,
            "friendlyName": name,
            "storageAccount": format!("{group}/Microsoft.Storage/storageAccounts/{}", workspace.account),
            "keyVault": format!("{group}/Microsoft.KeyVault/vaults/kv-{name}"),
            "applicationInsights": format!("{group}/Microsoft.Insights/components/ai-{name}"),
            "discoveryUrl": format!("{}/region/discovery", call.base_url),
            "mlFlowTrackingUri": format!("azureml://{host}/region/mlflow/v1.0{id}"),
            "publicNetworkAccess": "Enabled",
            "provisioningState": "Succeeded",
            "tenantId": Identity::TENANT_ID,
            "hbiWorkspace": false,
            "v1LegacyMode": false,
        },
        "systemData": system_data(&workspace.stamp),
    }))
}
