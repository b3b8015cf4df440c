//! The command line of whoever works with a running app: its state read, its questions answered, its verbs said, over the
//! app's own API.
//!
//! The invariants: nothing is judged here, the app does; nobody approves what they were not shown; the token goes to the
//! app's own address and nowhere else. Start at [`run`].

mod address;
mod answer;
mod client;
mod command;
mod deciding;
mod freezes;
mod known;
mod outcome;
mod reading;
mod run;
mod sign_in;
mod table;
mod targets;
mod telling;
mod typed;
mod whoami;

pub use command::Command;
pub use outcome::{Outcome, Said};
pub use run::{Reply, run};
