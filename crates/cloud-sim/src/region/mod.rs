//! The region's API host: service discovery, MLflow runs and run history.
//!
//! **Invariant:** metrics and the person who trained are found here only; ARM shows neither. Start with `routes`.

mod history;
mod mlflow;
mod routes;

pub(crate) use routes::{PLANE, routes};
