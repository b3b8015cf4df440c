//! Adaptive Cards 1.4 for a channel: one for each thing that people are told.
//!
//! The invariant: a workflow's card only tells and links (`Action.OpenUrl`); a bot's has buttons besides, which carry what
//! they are about and no authority. None ever exceeds 20 KB, however much there is to tell. Start in `notices.rs`.

mod buttons;
mod design;
mod notices;
mod overriding;
mod progress;

pub use buttons::{bot_card, state_card};
pub use notices::card;
pub use progress::progress_card;
