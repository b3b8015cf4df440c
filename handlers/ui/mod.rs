//! What people see: cards in the channel, pages in the browser, and every sentence on them.
//!
//! Pure rendering: values in, text out; no IO, no clock, nothing of ours but the core. The invariant: whatever comes from
//! outside (names, comments, metrics, what Azure said) is cleaned in `text.rs` and escaped by whoever renders it, so no
//! model can be named into somebody's browser. Start in `messages/` for the words, `cards/` and `pages/` for their places.

mod asked;
mod cards;
mod dossier;
mod figures;
mod links;
mod messages;
mod moment;
mod pages;
mod text;

#[cfg(test)]
mod tests;

pub use asked::Asked;
pub use cards::card;
pub use dossier::Dossier;
pub use links::{Links, parse_approval_id};
pub use messages::{
    DifferenceText, Fit, Flaw, HoldText, Mended, RepairTally, Trace, UNREADABLE, VerdictText,
    WAY_BACK_HEADING, another_reason, audit_line, call_so_far, candidate, difference, differs,
    effect, ending, exported, fact, follows_no_more, follows_now, foreseen, goes_on, held, ignored,
    journal_proves_it, laid_out_otherwise, listed_and_not_here, marked, no_event, no_journal,
    no_plan, no_text, not_exported, not_replayed, nothing_listed, other_release, outcome,
    places_only, plan_heading, planned_call, progress, proof, proven_by, refusal, repair_forecast,
    repair_line, repair_tally, rolled_back, route_has_changed, stage_name, turn_foreseen,
    unforeseen, unreadable, unreadable_journal, unreadable_state, unwritten, verdict, waits_for,
    was_never_opened, why,
};
pub use pages::{
    ApprovalView, BoardRow, BoardView, EventRow, HeldRow, PromotionView, SCRIPT, STYLE, Viewer,
    approval_page, board_page, message_page, promotion_page,
};
pub use text::clean;
pub(crate) use text::{capped, sentence};
