//! Long-running operations: accepted now, done when their time has come.

use jiff::Timestamp;

use super::{DeploymentSpec, EndpointSpec, Failure};

/// The resource that an operation works on.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) workspace: usize,
    pub(crate) endpoint: String,
    pub(crate) deployment: Option<String>,
}

/// What is done to the subject at the end.
#[derive(Debug)]
pub(crate) enum Work {
    PutEndpoint(EndpointSpec),
    PutDeployment(DeploymentSpec),
    Delete,
}

#[derive(Debug)]
pub(crate) enum Progress {
    /// With the failure that it is going to end with, if it was told to.
    Running(Work, Option<Failure>),
    Succeeded,
    Failed(Failure),
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) subject: Subject,
    pub(crate) resource_id: String,
    pub(crate) started: Timestamp,
    pub(crate) due: Timestamp,
    pub(crate) progress: Progress,
}

impl Operation {
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.progress, Progress::Running(..))
    }
}
