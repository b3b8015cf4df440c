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
mod question;
mod text;

#[cfg(test)]
mod tests;

pub use asked::Asked;
pub use cards::{bot_card, card, progress_card, state_card};
pub use dossier::Dossier;
pub use links::{Links, parse_approval_id};
pub use messages::{
    AGAINST_UNKNOWN, DifferenceText, FREEZES_UNREADABLE, Fit, Flaw, FreezeText, FrozenText,
    HoldText, Mended, NOT_AT_ALL, RepairTally, Trace, UNREADABLE, VerdictText, WAY_BACK_HEADING,
    after, another_reason, another_route, audit_line, call_so_far, candidate, difference, differs,
    effect, ending, exported, fact, follows_no_more, follows_now, foreseen, frozen, goes_on, held,
    ignored, intake_stopped, journal_proves_it, laid_out_otherwise, listed_and_not_here, marked,
    never_came, no_configuration, no_event, no_journal, no_plan, no_tests, no_text, not_exported,
    not_replayed, nothing_listed, other_release, outcome, outside_window, places_only,
    plan_heading, planned_call, progress, proof, proven_by, refusal, repair_forecast, repair_line,
    repair_tally, rolled_back, route_gone, route_has_changed, several_routes, so_often, stage_name,
    takes_too_long, tells_too_much, tests_tally, turn_foreseen, turns_in_circles, unforeseen,
    unreadable, unreadable_journal, unreadable_state, untold_metric, unwritten, verdict, waits_for,
    was_never_opened, was_refused, why,
};
pub(crate) use messages::{
    answered_badly, cannot_start, decided, held_ahead, is_gone, is_unhealthy, no_version,
    overrides_told, starts_later, stopped_now, told as record_told,
};
pub(crate) use moment::utc;
pub use pages::{
    ApprovalView, BoardRow, BoardView, EventRow, FreezeRow, FrozenView, HeldRow, Kept,
    PromotionView, SCRIPT, STYLE, Unsent, Viewer, approval_page, board_page, message_page,
    promotion_page, unsent_page,
};
pub use question::{QuestionText, overrides_to_review};
pub use text::clean;
pub(crate) use text::{COMMENT, REASON, capped, length, sentence, whole_sentence};
