//! A run as run history keeps it: with the object ids of whoever started it and changed it last.

use serde_json::{Map, Value, json};

use crate::arm::{Job, Person};

pub(super) fn record(job: &Job) -> Value {
    let outputs: Map<String, Value> = job
        .outputs
        .iter()
        .map(|(name, output)| {
            (
                name.clone(),
                json!({"assetId": output.uri, "type": output.kind}),
            )
        })
        .collect();
    json!({"runMetadata": {
        "runId": job.name,
        "runUuid": job.name,
        "parentRunId": job.fate.parent(),
        "rootRunId": job.fate.parent().unwrap_or(&job.name),
        "experimentId": job.experiment_id,
        "displayName": job.display_name,
        "status": job.fate.status(),
        "runType": "azureml.scriptrun",
        "createdUtc": format!("{:.7}", job.started),
        "startTimeUtc": format!("{:.7}", job.started),
        "endTimeUtc": format!("{:.7}", job.ended),
        "createdBy": user(&job.trained_by),
        "lastModifiedBy": user(&job.changed_by),
        "tags": job.tags,
        "properties": job.properties,
        "inputs": {},
        "outputs": outputs,
    }})
}

fn user(person: &Person) -> Value {
    json!({
        "userObjectId": person.object_id,
        "userTenantId": person.tenant_id,
        "userName": person.name,
        "upn": person.upn,
        "userPuId": null,
        "userIdp": null,
        "userIss": format!("https://sts.windows.net/{}/", person.tenant_id),
        "userAltSecId": null,
    })
}
