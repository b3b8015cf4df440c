//! The world that the demo starts with: two workspaces, a champion in production, and the people who work there.
//!
//! Start with [`plant`]; what the buttons add later comes from the same [`Example`].

mod batch;
mod example;
mod people;
mod plant;
mod training;

pub(crate) use batch::serve_in_batch;
pub(crate) use example::Example;
pub use example::ModelKind;
pub(crate) use people::{actor, everybody, operator, trainer};
pub(crate) use plant::{DEV, MODEL, PROD, dev, plant, prod, serve_on_kubernetes};
pub(crate) use training::{Output, train};
