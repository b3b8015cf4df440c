//! What `demo --auto` does: one file a scenario, each played in a cloud of its own.
//!
//! **Invariant:** a scenario acts as people and Azure do, and judges by what they can see; after each the state is audited.
//! `run.rs` is what they share, `table.rs` their list.

mod abort;
mod asks;
mod bake;
mod batch;
mod broken;
mod canary;
mod custom_code;
mod customer;
mod drift;
mod duplicate;
mod freeze;
mod job;
mod kill;
mod kill_at_random;
mod kubernetes;
mod overloaded;
mod promote;
mod quiet;
mod regression;
mod reject;
mod reopen;
mod resume;
mod rollback;
mod run;
mod shifted;
mod slow;
mod table;
mod tamper;
mod watched;
mod worse;

pub(crate) use run::approval_links;
pub use table::{Choice, names, run};
