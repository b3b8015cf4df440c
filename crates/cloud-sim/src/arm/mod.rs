//! Azure Resource Manager for machine learning: `/arm/subscriptions/…`, api-version 2024-04-01 and whatever is near it;
//! under an endpoint also Azure Monitor's metrics, 2024-02-01.
//!
//! State and rules in `state`, the wire in `routes`. **Invariant:** every body satisfies Microsoft's OpenAPI documents;
//! `systemData` carries display names, as Azure gives them, never object ids.

mod routes;
mod state;

pub(crate) use routes::{PLANE, routes};
pub(crate) use state::*;
pub use state::{JobFate, JobFault, OperationKind, Timings, WorkspaceId};
