//! `*.test.yaml`: what a user's test says happens, and what is expected to come of it.
//!
//! Read with the shapes and the reader of `liftlock.yaml`, so that a slip is told in the same words, with its line; what a
//! test needs and that file does not (numbers by name, `none`, free JSON) is in `free.rs`. Start in `case.rs`.

mod borne;
mod candidate;
mod case;
mod event;
mod expected;
mod free;
mod measurements;
mod people;

pub use borne::Borne;
pub use candidate::{Answer, FakeCandidate, FakeChampion};
pub(super) use case::USER_TEST;
#[cfg(test)]
pub(super) use case::case;
pub use case::{UserTest, read_test};
pub use event::FakeEvent;
pub use expected::Expected;
pub use measurements::{Reading, Shown};
pub use people::{Act, At, FakeVote, Verb};
