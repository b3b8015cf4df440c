//! The board: what is where, what waits for whom, what was closed, what came in.

use jiff::Timestamp;
use maud::{Markup, html};
use promotion::{EndpointName, Party, PromotionId, StageName, TargetId};

use super::freezes::FrozenView;
use super::kept::Kept;
use super::layout::{
    Frame, Refresh, Reviewed, Viewer, badge, earlier_override_badge, moment, overridden_badge,
    problem, scrolling,
};
use super::{freezes, held, stepper};
use crate::ui::links::Links;
use crate::ui::messages::{HoldText, frozen_scope};
use crate::ui::text::{SENTENCE, capped, name};

/// One promotion, from its marker alone.
#[derive(Debug, Clone)]
pub struct BoardRow {
    /// Which.
    pub id: PromotionId,
    /// The model's name.
    pub model: String,
    /// Its version.
    pub version: String,
    /// The route's name.
    pub route: String,
    /// The source stage.
    pub from: String,
    /// The target stage.
    pub to: String,
    /// The stage's or the ending's name.
    pub stage: String,
    /// What or whom it waits for, or how it ended.
    pub waits_for: String,
    /// Whether people went past its quorum.
    pub overridden: bool,
    /// Whether somebody has looked at that afterwards.
    pub reviewed: bool,
    /// Whether people went past the quorum of an earlier attempt, and nobody has looked at that.
    pub earlier_unreviewed: bool,
    /// When it is looked at next.
    pub due: Option<Timestamp>,
    /// When it was opened; of an ended one, when it ended.
    pub since: Option<Timestamp>,
    /// Wake-ups without progress.
    pub stuck: u32,
}

/// One event as it was stored.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// Its key in the event store.
    pub key: String,
    /// Its type.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// When it happened.
    pub time: Option<Timestamp>,
    /// What became of it.
    pub what: String,
}

/// A target to which nothing is promoted.
#[derive(Debug, Clone)]
pub struct HeldRow {
    /// Which.
    pub id: TargetId,
    /// Its endpoint.
    pub endpoint: EndpointName,
    /// Its stage.
    pub stage: StageName,
    /// Who may lift that.
    pub operators: Vec<Party>,
    /// Why, newest last.
    pub holds: Vec<HoldText>,
}

/// What the board shows.
pub struct BoardView<'a> {
    /// What is frozen, and what the viewer may freeze.
    pub frozen: &'a FrozenView,
    /// Targets that are held.
    pub held: &'a [HeldRow],
    /// The forms' token, where there are forms.
    pub csrf: Option<&'a str>,
    /// Why the verb just used was refused.
    pub problem: Option<&'a str>,
    /// The form that was refused.
    pub kept: Option<&'a Kept<'a>>,
    /// Open promotions.
    pub open: &'a [BoardRow],
    /// Closed ones, newest first.
    pub closed: &'a [BoardRow],
    /// Recent events, newest first.
    pub events: &'a [EventRow],
    /// The address of older closed ones.
    pub more_closed: Option<String>,
    /// Who looks at it, if they are signed in.
    pub viewer: Option<&'a Viewer>,
    /// Now.
    pub now: Timestamp,
    /// The app's addresses.
    pub links: &'a Links,
}

/// From how many wake-ups without progress on a row says so.
const STUCK: u32 = 5;

/// The complete page.
pub fn board_page(view: &BoardView<'_>) -> String {
    let path = view.links.board();
    let frame = Frame {
        title: "Board",
        path: &path,
        viewer: view.viewer,
        links: view.links,
        refresh: if view.problem.is_none() {
            Refresh::Often
        } else {
            Refresh::Never
        },
        now: Some(view.now),
    };
    frame.page(&html! {
        div.heading { h1 { "Board" } }
        (problem(view.problem))
        (freezes::banner(view))
        (held::section(view))
        (freezes::offer(view))
        (summary(view))
        section aria-labelledby="open" { h2 #open { "Open" } (open(view)) }
        section aria-labelledby="closed" { h2 #closed { "Recently closed" } (closed(view)) }
        section aria-labelledby="events" { h2 #events { "Recent events" } (events(view)) }
    })
}

/// How many are where, in one line.
fn summary(view: &BoardView<'_>) -> Markup {
    let mut stages: Vec<(&str, usize)> = Vec::new();
    for row in view.open {
        match stages.iter_mut().find(|(stage, _)| *stage == row.stage) {
            Some((_, count)) => *count += 1,
            None => stages.push((&row.stage, 1)),
        }
    }
    html! {
        @if !stages.is_empty() {
            ul.summary aria-label="Promotions by stage" {
                @for (stage, count) in stages { li { strong { (count) } " " (badge(&capped(stage, 40))) } }
            }
        }
    }
}

/// Grouped by route, those that wait for people first.
fn open(view: &BoardView<'_>) -> Markup {
    let mut routes: Vec<&str> = view.open.iter().map(|row| row.route.as_str()).collect();
    routes.sort_unstable();
    routes.dedup();
    html! {
        @if routes.is_empty() {
            div.empty {
                p { strong { "Nothing is under way." } }
                p { "Register a model version in a source stage, or complete a training job: its promotion shows here." }
            }
        }
        @for route in routes {
            @let mut rows: Vec<&BoardRow> = view.open.iter().filter(|row| row.route == route).collect();
            @let () = rows.sort_by_key(|row| row.stage != "awaiting approval");
            // What cannot be read knows no stages.
            @let way = rows.iter().find(|row| !row.from.is_empty());
            h3 { (name(route)) @if let Some(row) = way { " " span.quiet { (name(&row.from)) " → " (name(&row.to)) } } }
            (scrolling(&html! {
                table.rows {
                    thead { tr {
                        th.model scope="col" { "Model" } th.stage scope="col" { "Stage" } th scope="col" { "Waits for" }
                        th.at scope="col" { "Opened" } th.at scope="col" { "Next look" }
                    } }
                    tbody { @for row in rows { (open_row(view, row)) } }
                }
            }))
        }
    }
}

fn open_row(view: &BoardView<'_>, row: &BoardRow) -> Markup {
    html! {
        tr {
            th scope="row" { (model(view, row)) }
            td data-label="Stage" { (badge(&capped(&row.stage, 40))) (overridden(row)) (stepper::pips(&row.stage)) }
            td data-label="Waits for" {
                (capped(&row.waits_for, SENTENCE))
                (frozen(view, row))
                @if row.stuck >= STUCK {
                    span.stuck { span.badge.warn { "! no progress for " (row.stuck) " looks" } }
                }
            }
            td data-label="Opened" { (time(row.since, view.now)) }
            td data-label="Next look" { (time(row.due, view.now)) }
        }
    }
}

/// Of what asks: whoever would answer it cannot approve now. What has begun says by itself what it waits for.
fn frozen(view: &BoardView<'_>, row: &BoardRow) -> Markup {
    let asks = row.stage == "awaiting approval";
    let standing = view.frozen.standing.as_deref().unwrap_or_default();
    let covers = |freeze: &&freezes::FreezeRow| freeze.text.frozen.covers(&row.to, &row.model);
    let covering: Vec<_> = standing.iter().filter(covers).collect();
    html! {
        @if asks && let [first, others @ ..] = covering.as_slice() {
            span.stuck {
                span.badge.warn {
                    "! frozen: " (frozen_scope(&first.text.frozen))
                    @if !others.is_empty() { " and " (others.len()) " more" }
                }
            }
        }
    }
}

fn model(view: &BoardView<'_>, row: &BoardRow) -> Markup {
    html! { a href=(view.links.promotion(&row.id)) { (name(&row.model)) " " (name(&row.version)) } }
}

fn overridden(row: &BoardRow) -> Markup {
    let reviewed = if row.reviewed {
        Reviewed::Yes
    } else {
        Reviewed::No
    };
    html! {
        @if row.overridden { " " (overridden_badge(reviewed)) }
        @if row.earlier_unreviewed { " " (earlier_override_badge()) }
    }
}

fn time(at: Option<Timestamp>, now: Timestamp) -> Markup {
    html! { @if let Some(at) = at { (moment(at, now)) } @else { "–" } }
}

fn closed(view: &BoardView<'_>) -> Markup {
    html! {
        @if view.closed.is_empty() {
            p.empty { "Nothing is closed yet: promotions that ended, well or not, are listed here." }
        } @else {
            (scrolling(&html! {
                table.rows {
                    thead { tr {
                        th.model scope="col" { "Model" } th.stage scope="col" { "Route" } th.end scope="col" { "Ended" }
                        th scope="col" { "How" } th.at scope="col" { "When" }
                    } }
                    tbody {
                        @for row in view.closed {
                            tr {
                                th scope="row" { (model(view, row)) }
                                td data-label="Route" { (name(&row.route)) " " span.quiet.way { (name(&row.from)) " → " (name(&row.to)) } }
                                td.result data-label="Ended" { (badge(&capped(&row.stage, 40))) (overridden(row)) }
                                td data-label="How" { (capped(&row.waits_for, SENTENCE)) }
                                td data-label="When" { (time(row.since, view.now)) }
                            }
                        }
                    }
                }
            }))
        }
        @if let Some(more) = &view.more_closed { p { a href=(more) rel="next" { "Older ones" } } }
    }
}

fn events(view: &BoardView<'_>) -> Markup {
    html! {
        @if view.events.is_empty() {
            p.empty { "No event has come in yet. Check that the workspaces' Event Grid subscriptions point here." }
        } @else {
            (scrolling(&html! {
                table.rows {
                    thead { tr {
                        th.kind scope="col" { "Event" } th scope="col" { "About" } th scope="col" { "What became of it" }
                        th.at scope="col" { "When" }
                    } }
                    tbody {
                        @for event in view.events {
                            tr {
                                th scope="row" { (name(&event.kind)) }
                                td data-label="About" { (capped(&event.subject, 120)) }
                                td.result data-label="What became of it" { (capped(&event.what, SENTENCE)) " " code.quiet { (name(&event.key)) } }
                                td data-label="When" { (time(event.time, view.now)) }
                            }
                        }
                    }
                }
            }))
        }
    }
}
