//! A run as MLflow's tracking API shows it.

use serde_json::{Value, json};

use crate::arm::{Job, JobFate, Workspace};

pub(super) fn run(workspace: &Workspace, job: &Job) -> Value {
    let ended = job.ended.as_millisecond();
    let metrics: Vec<Value> = job
        .metrics
        .iter()
        .map(|(key, value)| json!({"key": key, "value": value, "timestamp": ended, "step": 0}))
        .collect();
    let pairs = |(key, value): (&String, &String)| json!({"key": key, "value": value});
    let mut tags: Vec<Value> = job.tags.iter().map(pairs).collect();
    tags.push(json!({"key": "mlflow.user", "value": job.trained_by.name}));
    tags.push(json!({"key": "mlflow.runName", "value": job.display_name}));
    json!({"run": {
        "info": {
            "run_uuid": job.name,
            "run_id": job.name,
            "run_name": job.display_name,
            "experiment_id": job.experiment_id,
            "user_id": job.trained_by.object_id,
            "status": if job.fate == JobFate::Failed { "FAILED" } else { "FINISHED" },
            "start_time": job.started.as_millisecond(),
            "end_time": ended,
            "artifact_uri": artifact_uri(workspace, job),
            "lifecycle_stage": "active",
        },
        "data": {"metrics": metrics, "params": job.params.iter().map(pairs).collect::<Vec<_>>(), "tags": tags},
        "inputs": {},
    }})
}

/// Everything that the run logged lies below; a model's path inside it proves that the run made the model.
fn artifact_uri(workspace: &Workspace, job: &Job) -> String {
    let id = &workspace.id;
    format!(
        "azureml://subscriptions/{}/resourceGroups/{}/workspaces/{}/datastores/workspaceartifactstore/paths/ExperimentRun/dcid.{}",
        id.subscription, id.group, id.name, job.name
    )
}
