//! Pages: complete HTML documents, rendered from values.
//!
//! The invariant: a page works without JavaScript and under a content security policy without anything inline; reading
//! one changes nothing. One file per page; `layout.rs` is what they share, the others are parts.

mod approval;
mod board;
mod brought;
mod chart;
mod freezes;
mod gates;
mod held;
mod kept;
mod layout;
mod message;
mod other_answers;
mod people;
mod plan;
mod promotion;
mod stepper;
mod timeline;
mod traffic;
mod verbs;

pub use approval::{ApprovalView, approval_page};
pub use board::{BoardRow, BoardView, EventRow, HeldRow, board_page};
pub use freezes::{FreezeRow, FrozenView};
pub use kept::{Kept, Unsent, unsent_page};
pub use layout::{SCRIPT, STYLE, Viewer};
pub use message::message_page;
pub use promotion::{PromotionView, promotion_page};
