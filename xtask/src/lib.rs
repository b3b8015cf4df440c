//! The deployable folder and its zip. The local launcher stages with the same code, so what runs on a laptop is what is
//! deployed.
//!
//! **Invariant:** an app folder holds exactly what the Functions host and the handler read: `host.json`, the handler's
//! executable, `liftlock.yaml` with the files that it names, and one folder a function. Start at [`stage`].

mod archive;
mod repository;
mod staging;

pub use archive::archive;
pub use repository::{handler, repository};
pub use staging::{Staged, stage};
