//! The hands on the cloud: verbs of tests, scenarios and the page's buttons.
//!
//! `verbs` does things, `view` shows what there is, `api` is both on [`Cloud`](crate::Cloud), `routes` both as JSON.

mod api;
mod collecting;
mod routes;
mod verbs;
mod view;

pub use api::ControlHook;
pub use collecting::Kept;
pub(crate) use routes::routes;
pub use verbs::{NotPossible, Registered, Trained};
pub(crate) use verbs::{complete_job, fail_next, register, tamper};
pub(crate) use view::view;
pub use view::{
    AssetView, CloudView, DeploymentView, EndpointView, JobView, ModelView, OperationView,
    VersionView, WorkspaceView,
};
