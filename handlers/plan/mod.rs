//! The plan of a promotion, call by call: what `liftlock plan` says and what the API answers, made from its journal alone.
//!
//! The invariant: both show the same calls, and looking changes nothing. Start at [`Planned`].

mod answer;
mod command;

pub use answer::Planned;
pub use command::{NotShown, Plan, plan};
