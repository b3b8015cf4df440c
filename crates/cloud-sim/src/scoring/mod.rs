//! Serving: what a deployment loads from its workspace's storage account, and the endpoint's scoring URL.
//!
//! **Invariant:** predictions come from the bytes that lie in the workspace, never from what a test knows about the
//! model. Start with [`load`]; the HTTP side stands in `routes.rs`, that of batch endpoints
//! in `jobs.rs`.

mod csv;
mod input;
mod jobs;
mod load;
mod predictor;
mod routes;

pub(crate) use csv::csv_rows;
pub(crate) use load::{flavors, load, load_with_script};
pub(crate) use predictor::{Predictor, Row};
pub(crate) use routes::{PLANE, routes};
