//! Training jobs as ARM shows them: no metrics here, and the person only by display name.

use http::Method;
use serde_json::{Map, Value, json};

use crate::arm::{BatchJob, Estate, Job, Refusal, Workspace};

use super::answer::system_data;
use super::{Answer, Call};

pub(crate) fn job(estate: &Estate, call: &Call, at: usize, name: &str) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let workspace = &estate.workspaces[at];
    if let Some(job) = workspace.batch_jobs.get(&name.to_ascii_lowercase()) {
        return Ok(Answer::ok(render_batch(workspace, job)));
    }
    workspace
        .job(name)
        .map(|job| Answer::ok(render(workspace, job, &call.base_url)))
}

/// A job of a batch endpoint is shown as a pipeline of one step (from memory of the studio, not verified).
fn render_batch(workspace: &Workspace, job: &BatchJob) -> Value {
    let id = workspace.id.arm_id();
    let output =
        json!({"jobOutputType": "uri_file", "mode": "ReadWriteMount", "uri": job.asked.output_uri});
    let input =
        json!({"jobInputType": "uri_file", "mode": "ReadOnlyMount", "uri": job.asked.input_uri});
    json!({
        "id": format!("{id}/jobs/{}", job.name),
        "name": job.name,
        "type": "Microsoft.MachineLearningServices/workspaces/jobs",
        "properties": {
            "jobType": "Pipeline",
            "status": job.status(),
            "displayName": job.name,
            "experimentName": job.endpoint,
            "description": null,
            "inputs": {"sample": input},
            "outputs": {"score": output},
            "jobs": {},
            "settings": {},
            "properties": {"azureml.deploymentname": job.deployment},
            "tags": {},
            "isArchived": false,
            "services": {},
        },
        "systemData": system_data(&job.stamp),
    })
}

fn render(workspace: &Workspace, job: &Job, base_url: &str) -> Value {
    let id = workspace.id.arm_id();
    let output = |o: &crate::arm::JobOutput| json!({"jobOutputType": o.kind, "mode": "ReadWriteMount", "uri": o.uri});
    let outputs: Map<String, Value> = job
        .outputs
        .iter()
        .map(|(name, o)| (name.clone(), output(o)))
        .collect();
    json!({
        "id": format!("{id}/jobs/{}", job.name),
        "name": job.name,
        "type": "Microsoft.MachineLearningServices/workspaces/jobs",
        "properties": {
            "jobType": "Command",
            "status": job.fate.status(),
            "displayName": job.display_name,
            "experimentName": job.experiment,
            "description": null,
            "command": "python train.py --data ${{inputs.data}} --model ${{outputs.best_model}}",
            "environmentId": format!("{id}/environments/diabetes-train/versions/1"),
            "computeId": format!("{id}/computes/cpu-cluster"),
            "inputs": {},
            "outputs": outputs,
            "properties": job.properties,
            "tags": job.tags,
            "isArchived": false,
            "services": {
                "Studio": {"jobServiceType": "Studio", "endpoint": format!("{base_url}/#run-{}", job.name), "port": null, "status": null},
            },
        },
        "systemData": system_data(&job.stamp),
    })
}
