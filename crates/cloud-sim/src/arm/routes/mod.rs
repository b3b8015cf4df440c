//! The wire of ARM: one catch-all route, since ARM ignores the case of ids and axum does not.
//!
//! A request is parsed into an [`Address`] and a [`Call`]; one file a kind of resource answers it. Start with `dispatch`.

mod address;
mod answer;
mod assets;
mod batch_deployments;
mod batch_endpoints;
mod call;
mod datastores;
mod deployments;
mod dispatch;
mod endpoints;
mod filter;
mod jobs;
mod metrics;
mod models;
mod operations;
mod paging;
mod workspaces;

pub(crate) use address::{Address, Resource};
pub(crate) use answer::Answer;
pub(crate) use call::Call;
pub(crate) use dispatch::{PLANE, routes};
