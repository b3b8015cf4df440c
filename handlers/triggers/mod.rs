//! Triggers: one file each, named like its folder in `function-definitions/`: verify → parse → engine.
//!
//! The invariant: nothing behind a trigger sees wire JSON, and no trigger decides anything.

pub mod advance;
pub mod api;
pub mod approval;
pub mod board;
mod decision;
mod freeze;
#[cfg(test)]
mod fuzz;
pub mod health;
pub mod ml_event;
pub(crate) mod page;
pub mod sweep;
mod target;
pub mod teams;
mod verb;
