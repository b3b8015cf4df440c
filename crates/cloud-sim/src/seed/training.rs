//! A training job that has run: its files in the workspace's storage account, its record in the workspace.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::arm::{Job, JobFate, JobOutput, Person, Stamp, Workspace};
use crate::blob::Store;

use super::actor;
use super::example::Trained;

/// All jobs of the example belong to one experiment.
const EXPERIMENT: &str = "diabetes-train";
const EXPERIMENT_ID: &str = "5f6c1c0e-2a55-4b0e-9d7e-0d1abe7e5000";

/// Where the job leaves its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// Logged to the run, as `mlflow.log_model` does: among its artifacts.
    Artifact,
    /// The declared output `best_model`, at the path that Azure gives it by default.
    BestModel,
}

/// Runs a training job to its end. Returns its name and the path of its model.
pub(crate) fn train(
    workspace: &mut Workspace,
    blobs: &Store,
    model: &Trained,
    output: Output,
    by: &Person,
    ended: Timestamp,
) -> (String, String) {
    let run = format!("diabetes_train_{:04}", workspace.jobs.len() + 1);
    let (store, path) = match output {
        Output::Artifact => (
            "workspaceartifactstore",
            format!("ExperimentRun/dcid.{run}/model"),
        ),
        Output::BestModel => ("workspaceblobstore", format!("azureml/{run}/best_model")),
    };
    let container = workspace
        .datastores
        .iter()
        .find(|d| d.name == store)
        .map(|d| d.container.clone());
    let container = container.expect("every workspace has both stores");
    for (file, bytes) in &model.files {
        blobs.put(
            &workspace.account,
            &container,
            &format!("{path}/{file}"),
            bytes.clone(),
        );
    }
    let id = &workspace.id;
    let uri = format!(
        "azureml://subscriptions/{}/resourceGroups/{}/workspaces/{}/datastores/{store}/paths/{path}",
        id.subscription, id.group, id.name
    );
    let outputs = match output {
        Output::Artifact => BTreeMap::new(),
        Output::BestModel => [(
            "best_model".to_owned(),
            JobOutput {
                kind: "mlflow_model",
                uri: uri.clone(),
            },
        )]
        .into(),
    };
    let job = record(&run, outputs, model, by, ended);
    workspace.jobs.insert(run.clone(), job);
    (run, uri)
}

fn record(
    run: &str,
    outputs: BTreeMap<String, JobOutput>,
    model: &Trained,
    by: &Person,
    ended: Timestamp,
) -> Job {
    let started = ended - SignedDuration::from_mins(4);
    Job {
        name: run.into(),
        fate: JobFate::Completed,
        display_name: run.replace('_', "-"),
        experiment: EXPERIMENT.into(),
        experiment_id: EXPERIMENT_ID.into(),
        outputs,
        metrics: model.metrics.clone(),
        params: [("data".to_owned(), "diabetes".to_owned())].into(),
        properties: [(
            "azureml.runsource".to_owned(),
            "azureml.scriptrun".to_owned(),
        )]
        .into(),
        tags: BTreeMap::new(),
        trained_by: by.clone(),
        changed_by: by.clone(),
        started,
        ended,
        stamp: Stamp::new(started, &actor(by)),
    }
}
