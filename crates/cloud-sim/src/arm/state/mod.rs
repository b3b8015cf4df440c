//! What the workspaces of the subscription hold: models, jobs, endpoints, deployments, running operations.
//!
//! Knows no HTTP and no clock: time and file access come in as arguments. **Invariant:** a long-running operation
//! changes a resource only when it is settled, so whoever reads [`Estate`] settles it first (`World::estate` does).
//! Start with [`Estate`]; the rules of traffic stand in `endpoint.rs`, what a deployment loads in `deployment.rs`,
//! what it refers to in `asset.rs`.

mod asset;
mod asset_uri;
mod batch;
mod batch_estate;
mod deployment;
mod endpoint;
mod estate;
mod ids;
mod job;
mod model;
mod operation;
mod refusal;
mod runs_on;
mod settle;
mod workspace;

pub(crate) use asset::{Asset, AssetContent, AssetKind, AssetSpec};
pub(crate) use asset_uri::{AssetUri, Location};
pub use batch::JobFault;
pub(crate) use batch::{
    BatchDeployment, BatchDeploymentSpec, BatchEndpoint, BatchEndpointSpec, BatchJob, BatchJobAsked,
};
pub(crate) use deployment::{Deployment, DeploymentSpec};
pub(crate) use endpoint::{AskedTraffic, AuthMode, Endpoint, EndpointSpec};
pub(crate) use estate::{Created, Estate, Failure, Occasion};
pub use estate::{OperationKind, Timings};
pub use ids::WorkspaceId;
pub use job::JobFate;
pub(crate) use job::{Job, JobOutput, Person};
pub(crate) use model::{Model, Pairs, Version, VersionSpec};
pub(crate) use operation::{Operation, Plane, Progress, Subject};
pub(crate) use refusal::Refusal;
pub(crate) use runs_on::RunsOn;
pub(crate) use workspace::{Actor, ActorKind, Datastore, ProvisioningState, Stamp, Workspace};
