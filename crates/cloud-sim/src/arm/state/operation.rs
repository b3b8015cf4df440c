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

impl Subject {
    pub(crate) fn endpoint(workspace: usize, endpoint: &str) -> Self {
        Self {
            workspace,
            endpoint: endpoint.into(),
            deployment: None,
        }
    }

    pub(crate) fn deployment(workspace: usize, endpoint: &str, deployment: &str) -> Self {
        Self {
            deployment: Some(deployment.into()),
            ..Self::endpoint(workspace, endpoint)
        }
    }

    pub(crate) fn same_endpoint(&self, other: &Self) -> bool {
        self.workspace == other.workspace && self.endpoint.eq_ignore_ascii_case(&other.endpoint)
    }

    /// Its ARM id below the workspace's.
    pub(crate) fn path(&self) -> String {
        match &self.deployment {
            None => format!("/onlineEndpoints/{}", self.endpoint),
            Some(name) => format!("/onlineEndpoints/{}/deployments/{name}", self.endpoint),
        }
    }
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
