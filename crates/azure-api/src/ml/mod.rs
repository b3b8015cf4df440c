//! Azure Machine Learning: workspaces, models, code, environments, jobs, datastores, online and batch endpoints and deployments
//! over ARM, a run's metrics over `MLflow`, who ran it over run history, and scoring.
//!
//! **Invariant:** ARM's token goes to ARM's origin only, a stored operation URL of another origin is refused. What is
//! absent is `None`; everything else that ARM refuses is an error with its code.

mod arm;
mod batch_deployments;
mod batch_endpoints;
mod batch_jobs;
mod code;
mod datastores;
mod deployments;
mod endpoints;
mod environments;
mod history;
mod jobs;
mod mlflow;
mod models;
mod operations;
mod scoring;
mod workspace;

pub use arm::{API_VERSION, MachineLearning, ProvisioningState, SystemData};
pub use batch_deployments::{BatchDeployment, BatchDeploymentSpec};
pub use batch_endpoints::{BatchEndpoint, BatchEndpointBody, BatchEndpointSpec};
pub use batch_jobs::BatchJobSpec;
pub use code::{CodeVersion, NewCodeVersion};
pub use datastores::Datastore;
pub use deployments::{ComputeType, DeploymentSpec, OnlineDeployment};
pub use endpoints::{AuthMode, EndpointBody, EndpointIdentity, EndpointSpec, OnlineEndpoint};
pub use environments::{EnvironmentVersion, NewEnvironmentVersion};
pub use history::{RunAuthor, RunRecord};
pub use jobs::{Job, JobOutput};
pub use mlflow::Run;
pub use models::{ModelContainer, ModelVersion, ModelVersionPage, NewModelVersion};
pub use operations::{OperationState, OperationUrl, SubmissionState, Submitted};
pub use scoring::{Scored, ScoringToken};
pub use workspace::{NotAWorkspace, Workspace, WorkspaceRef};
