//! `api`: everything by hand: list, show, why, plan, start, replay, reopen, abort, roll back, targets, freezes, events, who
//! asks; and what would happen.
//!
//! Answers are JSON; a form of ours is answered with the page that it came from. Errors are sentences with a remedy.

mod address;
pub(super) mod answer;
mod decisions;
mod dry_run;
mod event_replay;
mod freezes;
#[cfg(test)]
pub(super) mod fuzz;
mod me;
mod meant;
mod read;
mod start;
mod targets;
mod what_if;
mod write;

pub use address::{unknown_path, wrong_method};
pub use decisions::{asked, decision};
pub use event_replay::replay_event;
pub use freezes::{freezes, lift_freeze, set_freeze};
pub use me::me;
pub use read::{events, list, plan, show, why};
pub use start::start;
pub use targets::{target_verb, targets};
pub(crate) use write::is_form;
pub use write::verb;
