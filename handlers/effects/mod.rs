//! Effects: one file per kind. Each turns one effect of the core into calls to Azure and says what came of it.
//!
//! The invariant: performing an effect a second time, also after a crash in the middle or an answer that was lost, does
//! nothing twice; how is said at the head of each file. Start at [`Effects::perform`].

mod assets;
mod batch;
mod channel;
mod collected;
mod compare;
mod compute;
mod copy_files;
mod create_deployment;
mod create_endpoint;
mod delete_deployment;
mod drift;
mod found;
mod load_test;
mod look;
mod measure;
mod measurement;
mod model_uri;
mod notify;
mod observe_candidate;
mod observe_job;
mod observe_manifest;
mod observe_target;
mod operation;
mod ownership;
mod perform;
mod placeholders;
mod policy;
mod predictions;
mod progress;
mod prove_way_back;
mod register_code;
mod register_environment;
mod register_model;
mod register_output;
mod registered_versions;
mod see_voters;
mod set_traffic;
mod smoke_test;
mod verify_traffic;
mod web;

pub(crate) use load_test::{Figures, reply as load_reply};
pub(crate) use measure::too_early;
pub(crate) use measurement::{Found, measurement};
pub use perform::{Effects, Performed, Subject};
pub use progress::Shown;
pub use registered_versions::{Registered, RegisteredVersion, VersionPage};
pub(crate) use smoke_test::reply;
