//! `api`: everything by hand: list, show, why, start, replay, reopen, abort, roll back, events.
//!
//! Answers are JSON; a form of ours is answered with the page that it came from. Errors are sentences with a remedy.

mod answer;
mod read;
mod start;
mod write;

pub use read::{events, list, show, why};
pub use start::start;
pub use write::verb;
