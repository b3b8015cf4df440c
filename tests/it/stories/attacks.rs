//! What an approval callback must survive, by number: each through the real HTTP surface, with the behaviour that follows.
//!
//! The numbers are a list's that is older than this code: 1 to 25 are attacks and mishaps of callbacks, 26 to 32 what
//! surrounds them. `cargo test --test it attack_` runs them all.

mod directory;
mod doors;
mod elsewhere;
mod extras;
mod forms;
mod keys;
mod members;
mod mishaps;
mod people;
mod race;
mod stale;
mod texts;
mod time;
mod traces;
mod votes;
