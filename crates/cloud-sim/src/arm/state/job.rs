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

/// How a job ended, and what it was a part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobFate {
    /// It completed.
    Completed,
    /// It failed.
    Failed,
    /// It completed as a step of this pipeline job.
    StepOf(String),
}

impl JobFate {
    pub(crate) fn status(&self) -> &'static str {
        match self {
            Self::Completed | Self::StepOf(_) => "Completed",
            Self::Failed => "Failed",
        }
    }

    pub(crate) fn parent(&self) -> Option<&str> {
        match self {
            Self::StepOf(pipeline) => Some(pipeline),
            Self::Completed | Self::Failed => None,
        }
    }
}

/// A training job that has ended.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) name: String,
    pub(crate) fate: JobFate,
    pub(crate) display_name: String,
    pub(crate) experiment: String,
    pub(crate) experiment_id: String,
    pub(crate) outputs: BTreeMap<String, JobOutput>,
    pub(crate) metrics: BTreeMap<String, f64>,
    pub(crate) params: BTreeMap<String, String>,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) trained_by: Person,
    /// Who changed its record last.
    pub(crate) changed_by: Person,
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) stamp: Stamp,
}
