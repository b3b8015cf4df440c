//! Microsoft Graph, as far as Liftlock asks it: who is in the directory, what role and which groups they have.
//!
//! State in `directory`, wire in `routes`. Invariant: what a token says of a person is what this directory said when it
//! was issued; a later change is seen here first.

mod directory;
mod routes;

pub use directory::{Directory, Kind, Person};
pub(crate) use routes::{PLANE, routes};
