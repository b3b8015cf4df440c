//! Managed identity as App Service gives it, and the check of its tokens that the other planes make.
//!
//! Invariant: a token opens only the audience that it was asked for. State in `tokens`, wire in `routes`.

mod routes;
mod tokens;

pub(crate) use routes::{PLANE, routes};
pub use tokens::{Caller, Identity, Refusal};
