//! `liftlock test`: a user's own configuration run against what their tests say happens, and its decisions compared.
//!
//! The invariant: nothing of the rules is here. An event goes the way of `ml_event`, gates and steps are the core's,
//! measurements and answers are judged by the code of `effects/`, and every reason is a sentence of `ui/`; only the world
//! that answers, the people in it and its time are made up. Start in `command.rs` for what is asked, in `story.rs` for how a
//! promotion is told to its end.

mod command;
mod opening;
mod report;
mod story;
mod timeline;
mod verdict;
mod world;

pub use command::{Answer, Outcome, Test, test};
