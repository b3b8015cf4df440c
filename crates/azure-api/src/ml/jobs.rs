//! Jobs: what ran, and what came out of it. Metrics are not here; see [`MachineLearning::run`].

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    error::Result,
    json::{or_default, texts},
    ml::{
        arm::{MachineLearning, Resource, SystemData},
        workspace::WorkspaceRef,
    },
};

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its name, which is its run's id too.
    pub name: String,
    /// `Command`, `Pipeline`, `Sweep`, `AutoML`, `Spark`.
    pub job_type: String,
    /// `Completed`, `Failed`, `Running`, …
    pub status: String,
    /// For people.
    pub display_name: Option<String>,
    /// The experiment it belongs to.
    pub experiment_name: Option<String>,
    /// By the outputs' names.
    pub outputs: BTreeMap<String, JobOutput>,
    /// Free.
    pub tags: BTreeMap<String, String>,
    /// Free, by custom for machines.
    pub properties: BTreeMap<String, String>,
    /// Its page in the studio.
    pub studio_url: Option<String>,
    /// Who started it, by display name.
    pub system: SystemData,
}

/// What a job left behind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobOutput {
    /// `mlflow_model`, `custom_model`, `uri_folder`, …
    #[serde(rename = "jobOutputType", default, deserialize_with = "or_default")]
    pub output_type: String,
    /// Where it is; absent where the service chose the place.
    pub uri: Option<String>,
    /// The asset that the job itself registered it as.
    pub asset_name: Option<String>,
    /// Of that asset.
    pub asset_version: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(default, deserialize_with = "or_default")]
    job_type: String,
    #[serde(default, deserialize_with = "or_default")]
    status: String,
    display_name: Option<String>,
    experiment_name: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    outputs: BTreeMap<String, Option<JobOutput>>,
    #[serde(default, deserialize_with = "texts")]
    tags: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "texts")]
    properties: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "or_default")]
    services: BTreeMap<String, Option<Service>>,
}

#[derive(Debug, Deserialize)]
struct Service {
    endpoint: Option<String>,
}

impl MachineLearning {
    /// A job by its name, which is its run's id.
    pub async fn job(&self, workspace: &WorkspaceRef, id: &str) -> Result<Option<Job>> {
        let found = self
            .find::<Resource<Details>>("jobs.get", workspace, &["jobs", id])
            .await?;
        Ok(found.map(Job::from))
    }
}

impl From<Resource<Details>> for Job {
    fn from(resource: Resource<Details>) -> Self {
        let mut properties = resource.properties;
        let outputs = properties
            .outputs
            .into_iter()
            .filter_map(|(name, output)| Some((name, output?)));
        Job {
            name: resource.name,
            job_type: properties.job_type,
            status: properties.status,
            display_name: properties.display_name,
            experiment_name: properties.experiment_name,
            outputs: outputs.collect(),
            tags: properties.tags,
            properties: properties.properties,
            studio_url: properties
                .services
                .remove("Studio")
                .flatten()
                .and_then(|studio| studio.endpoint),
            system: resource.system_data.unwrap_or_default(),
        }
    }
}
