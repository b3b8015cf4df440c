//! Freezes on the board: which stand, with a form that lifts each; and a form that sets one.

use maud::{Markup, html};
use promotion::Party;

use super::board::BoardView;
use super::kept::{self, Kept};
use super::layout::moment;
use crate::ui::messages::{FreezeText, NEVER_STOPS, by_whom, frozen_scope, with_any};
use crate::ui::text::{REASON, name, sentence};

/// One freeze that stands.
#[derive(Debug, Clone)]
pub struct FreezeRow {
    /// What it is called in addresses.
    pub id: String,
    /// What it says.
    pub text: FreezeText,
    /// Who may lift it.
    pub operators: Vec<Party>,
}

/// What the board shows of freezes.
#[derive(Debug, Clone)]
pub struct FrozenView {
    /// Those that stand, oldest first; nothing, where that cannot be read.
    pub standing: Option<Vec<FreezeRow>>,
    /// What the viewer may freeze: as forms name it, and as people do.
    pub offered: Vec<(String, String)>,
}

/// Nothing, where nothing is frozen.
pub(super) fn banner(view: &BoardView<'_>) -> Markup {
    let standing = view.frozen.standing.as_deref();
    html! {
        @match standing {
            Some([]) => {}
            Some(rows) => {
                section aria-labelledby="frozen" {
                    h2 #frozen { "Frozen" }
                    p.quiet {
                        "Nothing that is covered here is copied or gets more traffic until the freeze ends, unless two people override it while it stands. " (NEVER_STOPS)
                    }
                    @for row in rows { (freeze(view, row)) }
                }
            }
            None => {
                div.notice.bad role="alert" {
                    "What is frozen cannot be read: the blob control/freezes.json does not hold what it should. Until it does, nothing is copied and no candidate gets more traffic. "
                    (NEVER_STOPS)
                }
            }
        }
    }
}

fn freeze(view: &BoardView<'_>, row: &FreezeRow) -> Markup {
    let text = &row.text;
    html! {
        div.notice.bad {
            p { strong { (sentence(&frozen_scope(&text.frozen))) " is frozen" } " by " (by_whom(text, REASON)) "." }
            p {
                "Since " (moment(text.since, view.now)) ", "
                @if let Some(since) = text.longer_since { "made longer " (moment(since, view.now)) ", " }
                @match text.until {
                    Some(until) => { "until " (moment(until, view.now)) }
                    None => { "until somebody lifts it" }
                }
                "."
            }
        }
        @if view.viewer.is_some_and(|viewer| viewer.held.is_of_any(&row.operators)) {
            div.verbs { (lift(view, row)) }
        } @else {
            p.quiet { "It is lifted by somebody " (with_any(&row.operators)) "." }
        }
    }
}

fn lift(view: &BoardView<'_>, row: &FreezeRow) -> Markup {
    let field = format!("reason-{}", row.id);
    let form = format!("lift-{}", row.id);
    let kept = Kept::of(view.kept, &form);
    html! {
        details id=(form) open[kept.is_some()] {
            summary { "Lift the freeze" }
            form method="post" action=(view.links.lift_freeze(&row.id)) {
                p.quiet { "What waits for it goes on within half a minute, unless another freeze or its route's windows stop it." }
                @if let Some(csrf) = view.csrf { input type="hidden" name="csrf" value=(csrf); }
                (kept::reason(&field, kept))
                button type="submit" { "Lift the freeze" }
            }
        }
    }
}

/// A form for whoever may freeze anything.
pub(super) fn offer(view: &BoardView<'_>) -> Markup {
    let kept = Kept::of(view.kept, "freeze");
    let chosen = |value: &str| kept.is_some_and(|kept| kept.scope == value);
    html! {
        @if !view.frozen.offered.is_empty() && view.frozen.standing.is_some() {
            div.verbs {
                details id="freeze" open[kept.is_some()] {
                    summary { "Freeze" }
                    form method="post" action=(view.links.freezes()) {
                        p.quiet {
                            "Nothing new is copied, and no candidate gets more traffic, for what you choose. What is measured is measured on. "
                            (NEVER_STOPS)
                        }
                        @if let Some(csrf) = view.csrf { input type="hidden" name="csrf" value=(csrf); }
                        label for="freeze-scope" { "What" }
                        // Nothing is chosen for anybody: the widest would be the dearest slip.
                        select id="freeze-scope" name="scope" required {
                            option value="" disabled selected[kept.is_none()] { "Choose what to freeze" }
                            @for (value, label) in &view.frozen.offered { option value=(value) selected[chosen(value)] { (name(label)) } }
                        }
                        (kept::reason("freeze-reason", kept))
                        label for="freeze-for" { "For how long (like 4h or 2d; empty: until somebody lifts it)" }
                        input type="text" id="freeze-for" name="for" maxlength="10" autocomplete="off" value=[kept.map(|kept| kept.lasting)];
                        button type="submit" { "Freeze" }
                    }
                }
            }
        }
    }
}
