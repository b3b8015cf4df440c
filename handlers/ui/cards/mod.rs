//! Adaptive Cards 1.4 for a channel: one for each thing that people are told.
//!
//! The invariant: a card only tells and links (`Action.OpenUrl`), never takes an answer, and never exceeds 20 KB, however
//! much there is to tell. Start in `notices.rs`.

mod design;
mod notices;
mod overriding;

pub use notices::card;
