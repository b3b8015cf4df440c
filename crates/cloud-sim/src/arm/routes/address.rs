//! What a URL means: which resource of which workspace, whatever the case of its letters.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::arm::{AssetKind, WorkspaceId};

#[derive(Debug)]
pub(crate) enum Address {
    In(WorkspaceId, Resource),
    OperationStatus(String),
    OperationResult(String),
}

#[derive(Debug)]
pub(crate) enum Resource {
    Workspace,
    Model(String),
    Versions(String),
    Version(String, String),
    Job(String),
    Datastores,
    Datastore(String),
    Endpoints,
    Endpoint(String),
    EndpointKeys(String),
    EndpointToken(String),
    EndpointMetrics(String),
    Deployments(String),
    Deployment(String, String),
    BatchEndpoints,
    BatchEndpoint(String),
    BatchDeployments(String),
    BatchDeployment(String, String),
    Assets(AssetKind, String),
    Asset(AssetKind, String, String),
}

impl Address {
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let decoded = path
            .split('/')
            .map(|s| percent_decode_str(s).decode_utf8_lossy())
            .collect::<Vec<_>>()
            .join("/");
        if let Some((workspace, rest)) = WorkspaceId::split(&decoded) {
            return Resource::parse(&rest).map(|resource| Self::In(workspace, resource));
        }
        Self::operation(&decoded)
    }

    /// `/subscriptions/{}/providers/Microsoft.MachineLearningServices/locations/{}/mfeOperationsStatus/{id}`
    fn operation(path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let [_, _, _, _, locations, _, kind, id] = segments.as_slice() else {
            return None;
        };
        let kind = kind.to_ascii_lowercase();
        match kind.as_str() {
            _ if !locations.eq_ignore_ascii_case("locations") => None,
            "mfeoperationsstatus" => Some(Self::OperationStatus((*id).into())),
            "mfeoperationsresults" | "mfeoperationresults" => {
                Some(Self::OperationResult((*id).into()))
            }
            _ => None,
        }
    }

    /// The name under which calls are counted and faults are asked for.
    pub(crate) fn operation_name(&self, method: &Method) -> String {
        let verb = method.as_str().to_ascii_lowercase();
        match self {
            Self::OperationStatus(_) | Self::OperationResult(_) => format!("arm.operations.{verb}"),
            Self::In(_, resource) => resource.operation_name(&verb),
        }
    }
}

impl Resource {
    fn parse(segments: &[&str]) -> Option<Self> {
        let lower: Vec<String> = segments.iter().map(|s| s.to_ascii_lowercase()).collect();
        let words: Vec<&str> = lower.iter().map(String::as_str).collect();
        let own = |at: usize| segments[at].to_owned();
        Some(match words.as_slice() {
            [] => Self::Workspace,
            ["models", _] => Self::Model(own(1)),
            ["models", _, "versions"] => Self::Versions(own(1)),
            ["models", _, "versions", _] => Self::Version(own(1), own(3)),
            ["jobs", _] => Self::Job(own(1)),
            ["datastores"] => Self::Datastores,
            ["datastores", _] => Self::Datastore(own(1)),
            ["onlineendpoints"] => Self::Endpoints,
            ["onlineendpoints", _] => Self::Endpoint(own(1)),
            ["onlineendpoints", _, "listkeys"] => Self::EndpointKeys(own(1)),
            ["onlineendpoints", _, "token"] => Self::EndpointToken(own(1)),
            [
                "onlineendpoints",
                _,
                "providers",
                "microsoft.insights",
                "metrics",
            ] => Self::EndpointMetrics(own(1)),
            ["onlineendpoints", _, "deployments"] => Self::Deployments(own(1)),
            ["onlineendpoints", _, "deployments", _] => Self::Deployment(own(1), own(3)),
            ["batchendpoints"] => Self::BatchEndpoints,
            ["batchendpoints", _] => Self::BatchEndpoint(own(1)),
            ["batchendpoints", _, "deployments"] => Self::BatchDeployments(own(1)),
            ["batchendpoints", _, "deployments", _] => Self::BatchDeployment(own(1), own(3)),
            ["codes", _, "versions"] => Self::Assets(AssetKind::Code, own(1)),
            ["codes", _, "versions", _] => Self::Asset(AssetKind::Code, own(1), own(3)),
            ["environments", _, "versions"] => Self::Assets(AssetKind::Environment, own(1)),
            ["environments", _, "versions", _] => {
                Self::Asset(AssetKind::Environment, own(1), own(3))
            }
            _ => return None,
        })
    }

    fn operation_name(&self, verb: &str) -> String {
        match self {
            Self::Workspace => format!("arm.workspaces.{verb}"),
            Self::Model(_) => format!("arm.models.{verb}"),
            Self::Versions(_) => "arm.versions.list".into(),
            Self::Version(..) => format!("arm.versions.{verb}"),
            Self::Job(_) => format!("arm.jobs.{verb}"),
            Self::Datastores => "arm.datastores.list".into(),
            Self::Datastore(_) => format!("arm.datastores.{verb}"),
            Self::Endpoints => "arm.endpoints.list".into(),
            Self::Endpoint(_) => format!("arm.endpoints.{verb}"),
            Self::EndpointKeys(_) => "arm.endpoints.listKeys".into(),
            Self::EndpointToken(_) => "arm.endpoints.token".into(),
            Self::EndpointMetrics(_) => "arm.metrics.list".into(),
            Self::Deployments(_) => "arm.deployments.list".into(),
            Self::Deployment(..) => format!("arm.deployments.{verb}"),
            Self::BatchEndpoints => "arm.batchEndpoints.list".into(),
            Self::BatchEndpoint(_) => format!("arm.batchEndpoints.{verb}"),
            Self::BatchDeployments(_) => "arm.batchDeployments.list".into(),
            Self::BatchDeployment(..) => format!("arm.batchDeployments.{verb}"),
            Self::Assets(kind, _) => format!("arm.{}.list", kind.word()),
            Self::Asset(kind, ..) => format!("arm.{}.{verb}", kind.word()),
        }
    }
}
