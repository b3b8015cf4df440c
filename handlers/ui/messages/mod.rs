//! Every sentence that a person reads: functions from values to text.
//!
//! The invariant: what they return is one line, with whatever came from outside cleaned; it is still to be escaped by
//! whoever renders it. One file per kind of thing that is spoken of.

mod assets;
mod audit;
mod batch;
mod calls;
mod charts;
mod differences;
mod drift;
mod effects;
mod endings;
mod facts;
mod freezes;
mod history;
mod holds;
mod loading;
mod measurements;
mod people;
mod questions;
mod quorums;
mod refusals;
mod repairs;
mod replays;
mod subjects;
mod unreadable;
mod user_tests;
mod verdicts;
mod why;

pub use audit::{
    Fit, audit_line, differs, exported, journal_proves_it, laid_out_otherwise, listed_and_not_here,
    marked, no_journal, no_text, not_exported, nothing_listed, other_release, places_only, proof,
    proven_by, unreadable, unwritten,
};
pub use calls::{WAY_BACK_HEADING, call_so_far, no_plan, plan_heading, planned_call, progress};
pub use differences::{DifferenceText, difference, foreseen, goes_on, turn_foreseen, unforeseen};
pub use effects::{effect, outcome};
pub use endings::{ending, ignored};
pub use facts::fact;
pub use freezes::{
    AGAINST_UNKNOWN, FREEZES_UNREADABLE, FreezeText, FrozenText, frozen, outside_window,
};
pub use holds::{HoldText, held, rolled_back};
pub use refusals::{refusal, route_gone};
pub use repairs::{Flaw, Mended, RepairTally, Trace, repair_forecast, repair_line, repair_tally};
pub use replays::{
    another_reason, follows_no_more, follows_now, no_event, not_replayed, route_has_changed,
    was_never_opened,
};
pub use subjects::{candidate, stage_name};
pub use unreadable::{UNREADABLE, unreadable_journal, unreadable_state};
pub use user_tests::{
    NOT_AT_ALL, after, another_route, intake_stopped, never_came, no_configuration, no_tests,
    several_routes, so_often, takes_too_long, tells_too_much, tests_tally, turns_in_circles,
    untold_metric, was_refused,
};
pub use verdicts::{VerdictText, verdict};
pub use why::{waits_for, why};

pub(crate) use assets::brought;
pub(crate) use audit::{deed_on_hidden_ground, hidden_ground, hidden_grounds};
pub(crate) use batch::{planned_step, served, served_by, test};
pub(crate) use charts::{
    condition, last_measured, measured_metric, measured_sentence, notes_before, query, shown_of,
    thinned, threshold, traffic_sentence, without_value,
};
pub(crate) use drift::{
    WAY_BACK_IS_PROVEN, answered_badly, drift_note, drift_question, is_gone, is_unhealthy, on_drift,
};
pub(crate) use effects::{failure, in_the_way, machines};
pub(crate) use endings::{remedy, way_back};
pub(crate) use facts::{cause, taken_back, taken_back_by};
pub(crate) use freezes::{
    NEVER_STOPS, by_whom, cannot_start, frozen_scope, starts_later, stopped_now,
};
pub(crate) use history::{told, took_back};
pub(crate) use holds::{because, held_ahead, held_from_now_on};
pub(crate) use measurements::{came_to, cannot_tell, measure, measured, metrics};
pub(crate) use people::{
    SAID_TO_BE_TRAINED_BY, any_of, asked_again, asked_since, author, is_approved, overridden,
    overrides_told, person, short_person, trained_by, unreviewed, vote, wants_override, with_any,
};
pub(crate) use questions::{after_sign_in, asked, before_sign_in, decided};
pub(crate) use quorums::{approved_by, needs, quorum, voted};
pub(crate) use subjects::{
    NOTHING_SERVES_YET, WAITING, champion, deployment, no_version, on_compute, route,
    stage_with_workspace, steps, traffic,
};
pub(crate) use why::{cause_of, stuck};
