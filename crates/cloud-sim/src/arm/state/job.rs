//! Training jobs. One record serves the ARM job, the MLflow run of the same name and its run-history record.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Stamp;

/// A person as run history knows them: by object id.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) object_id: String,
    pub(crate) tenant_id: String,
    pub(crate) name: String,
    pub(crate) upn: String,
}

/// An output that the job declared.
#[derive(Debug, Clone)]
pub(crate) struct JobOutput {
    pub(crate) kind: &'static str,
    pub(crate) uri: String,
}

/// A completed training job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) experiment: String,
    pub(crate) experiment_id: String,
    pub(crate) outputs: BTreeMap<String, JobOutput>,
    pub(crate) metrics: BTreeMap<String, f64>,
    pub(crate) params: BTreeMap<String, String>,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) trained_by: Person,
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) stamp: Stamp,
}
