//! Long-running operations: accepted now, done when their time has come.

use jiff::Timestamp;

use super::{BatchDeploymentSpec, BatchEndpointSpec, DeploymentSpec, EndpointSpec, Failure};

/// How an endpoint serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plane {
    Online,
    Batch,
}

/// The resource that an operation works on.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) workspace: usize,
    pub(crate) endpoint: String,
    pub(crate) deployment: Option<String>,
    pub(crate) plane: Plane,
}

impl Subject {
    pub(crate) fn endpoint(workspace: usize, endpoint: &str) -> Self {
        Self {
            workspace,
            endpoint: endpoint.into(),
            deployment: None,
            plane: Plane::Online,
        }
    }

    pub(crate) fn deployment(workspace: usize, endpoint: &str, deployment: &str) -> Self {
        Self {
            deployment: Some(deployment.into()),
            ..Self::endpoint(workspace, endpoint)
        }
    }

    /// The same at a batch endpoint.
    pub(crate) fn in_batch(self) -> Self {
        Self {
            plane: Plane::Batch,
            ..self
        }
    }

    pub(crate) fn same_endpoint(&self, other: &Self) -> bool {
        (self.workspace, self.plane) == (other.workspace, other.plane)
            && self.endpoint.eq_ignore_ascii_case(&other.endpoint)
    }

    /// Its ARM id below the workspace's.
    pub(crate) fn path(&self) -> String {
        let kind = match self.plane {
            Plane::Online => "onlineEndpoints",
            Plane::Batch => "batchEndpoints",
        };
        match &self.deployment {
            None => format!("/{kind}/{}", self.endpoint),
            Some(name) => format!("/{kind}/{}/deployments/{name}", self.endpoint),
        }
    }
}

/// What is done to the subject at the end.
#[derive(Debug)]
pub(crate) enum Work {
    PutEndpoint(EndpointSpec),
    PutDeployment(DeploymentSpec),
    PutBatchEndpoint(BatchEndpointSpec),
    PutBatchDeployment(BatchDeploymentSpec),
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
    /// Whether it is a change of a batch endpoint that makes this deployment its default.
    pub(crate) fn makes_default(&self, deployment: &str) -> bool {
        let Progress::Running(Work::PutBatchEndpoint(spec), _) = &self.progress else {
            return false;
        };
        let default = spec.default.as_deref();
        default.is_some_and(|default| default.eq_ignore_ascii_case(deployment))
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self.progress, Progress::Running(..))
    }
}
