//! Held targets, each with why and a form that lifts that.

use maud::{Markup, html};
use promotion::TargetId;

use super::board::{BoardView, HeldRow};
use super::kept::{self, Kept};
use super::layout::moment;
use crate::ui::messages::{because, with_any};
use crate::ui::text::{REASON, name, sentence};

/// Nothing, where nothing is held.
pub(super) fn section(view: &BoardView<'_>) -> Markup {
    html! {
        @if !view.held.is_empty() {
            section aria-labelledby="held" {
                h2 #held { "Held targets" }
                p.quiet { "Nothing new is promoted to these until somebody lifts the hold. What is under way there, and every way back, goes on." }
                @for row in view.held { (target(view, row)) }
            }
        }
    }
}

fn target(view: &BoardView<'_>, row: &HeldRow) -> Markup {
    html! {
        div.notice {
            p { strong { "Endpoint " (name(row.endpoint.as_str())) } " in " (name(row.stage.as_str())) }
            @for hold in &row.holds {
                p { "Since " (moment(hold.since, view.now)) ": " (sentence(&because(hold, REASON))) "." }
            }
        }
        (offer(view, row))
    }
}

/// A form for whoever may; a sentence for whoever may not.
fn offer(view: &BoardView<'_>, row: &HeldRow) -> Markup {
    let may = view
        .viewer
        .is_some_and(|viewer| viewer.held.is_of_any(&row.operators));
    html! {
        @if may {
            div.verbs { (form(view, &row.id, row)) }
        } @else {
            p.quiet { "It is lifted by somebody " (with_any(&row.operators)) "." }
        }
    }
}

fn form(view: &BoardView<'_>, id: &TargetId, row: &HeldRow) -> Markup {
    let field = format!("reason-{id}");
    let form = format!("unhold-{id}");
    let kept = Kept::of(view.kept, &form);
    html! {
        details id=(form) open[kept.is_some()] {
            summary { "Lift the hold" }
            form method="post" action=(view.links.target_verb(id, "unhold")) {
                p.quiet { "Whoever waits for this endpoint goes on within half a minute." }
                @if let Some(newest) = row.holds.iter().map(|hold| hold.since).max() { input type="hidden" name="seen" value=(newest); }
                @if let Some(csrf) = view.csrf { input type="hidden" name="csrf" value=(csrf); }
                (kept::reason(&field, kept))
                button type="submit" { "Lift the hold" }
            }
        }
    }
}
