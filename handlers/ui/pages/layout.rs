//! What all pages share: head, header, footer, style, refresh script, and the small parts that occur everywhere.

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use promotion::{Held, Operator, Person, Promotion, Voter};

use crate::ui::links::Links;
use crate::ui::messages::{WAITING, short_person};
use crate::ui::moment::{machine, relative, utc};

/// Served at `/api/board/style.css`.
pub const STYLE: &str = include_str!("style.css");
/// Served at `/api/board/refresh.js`.
pub const SCRIPT: &str = include_str!("refresh.js");

/// Who looks at a page, as the platform's sign-in says.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Who.
    pub person: Person,
    /// What they hold now.
    pub held: Held,
}

impl Viewer {
    /// Them, as whoever answers a question.
    pub fn voter(&self) -> Voter {
        Voter {
            person: self.person.clone(),
            held: self.held.clone(),
        }
    }

    /// Them, as whoever says a verb.
    pub fn operator(&self) -> Operator {
        Operator {
            person: self.person.clone(),
            held: self.held.clone(),
        }
    }
}

/// Whether a page fetches itself again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Refresh {
    /// Every 1.5 s.
    Often,
    /// Never: it says something that a fetch would take away.
    Never,
}

/// A page's frame.
pub(super) struct Frame<'a> {
    pub(super) title: &'a str,
    /// The path that signing in and out comes back to.
    pub(super) path: &'a str,
    pub(super) viewer: Option<&'a Viewer>,
    pub(super) links: &'a Links,
    pub(super) refresh: Refresh,
    /// When it was rendered; absent where it does not matter.
    pub(super) now: Option<Timestamp>,
}

impl Frame<'_> {
    /// The whole document.
    pub(super) fn page(&self, content: &Markup) -> String {
        html! {
            (DOCTYPE)
            html lang="en" {
                (self.head())
                body {
                    a.skip href="#main" { "Skip to content" }
                    (self.header())
                    main #main data-refresh=[(self.refresh == Refresh::Often).then_some("")] {
                        (content)
                        (self.footer())
                    }
                }
            }
        }
        .into_string()
    }

    fn head(&self) -> Markup {
        html! {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // With `no-referrer` a browser sends `Origin: null` with a form, which nobody could tell from a forgery.
                meta name="referrer" content="same-origin";
                title { (self.title) " · Liftlock" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href={ (self.links.board()) "style.css" };
                @if self.refresh == Refresh::Often {
                    script src={ (self.links.board()) "refresh.js" } defer {}
                }
            }
        }
    }

    fn header(&self) -> Markup {
        html! {
            header.top {
                nav aria-label="Liftlock" {
                    a.brand href=(self.links.board()) { (mark()) "Liftlock" }
                    a href=(self.links.board()) { "Board" }
                }
                p.viewer {
                    @if let Some(viewer) = self.viewer {
                        span { (short_person(&viewer.person)) }
                        a href=(self.links.sign_out(self.path)) { "Sign out" }
                    } @else {
                        span { "Not signed in" }
                        a href=(self.links.sign_in(self.path)) { "Sign in" }
                    }
                }
            }
        }
    }

    fn footer(&self) -> Markup {
        html! {
            footer {
                @if let Some(now) = self.now {
                    p { "As of " time datetime=(machine(now)) { (utc(now)) } "." }
                    noscript { p { a href=(self.path) { "Reload" } " to see what has changed." } }
                }
            }
        }
    }
}

/// Two gates of a lock and a boat between them.
fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false" {
            path d="M3 3v18M21 3v18" {}
            path d="M6 17c2-1.6 4-1.6 6 0s4 1.6 6 0" {}
            path.boat d="M7.5 12.5h9l-1.6 3h-5.800z" {}
            path d="M12 12V5.500l3.500 4H12" {}
        }
    }
}

/// A moment, for people and machines.
pub(super) fn moment(at: Timestamp, now: Timestamp) -> Markup {
    html! {
        time datetime=(machine(at)) { (utc(at)) }
        " "
        span.ago { (relative(at, now)) }
    }
}

/// A stage or ending in a coloured box that also reads without colour.
pub(super) fn badge(stage: &str) -> Markup {
    let (class, mark) = tone(stage);
    html! { span.badge.(class) { span aria-hidden="true" { (mark) } " " (stage) } }
}

/// Whether somebody has looked at an override afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reviewed {
    Yes,
    No,
}

impl Reviewed {
    /// Of a promotion that is overridden.
    pub(super) fn of(promotion: &Promotion) -> Self {
        promotion.review().map_or(Self::No, |_| Self::Yes)
    }
}

/// Loud wherever it is shown: somebody has to review why.
pub(super) fn overridden_badge(reviewed: Reviewed) -> Markup {
    let said = match reviewed {
        Reviewed::Yes => "reviewed",
        Reviewed::No => "not reviewed",
    };
    html! { span.badge.bad { "! OVERRIDDEN" } " " span.quiet { (said) } }
}

/// Of an attempt before the one that is shown.
pub(super) fn earlier_override_badge() -> Markup {
    html! { span.badge.bad { "! earlier OVERRIDE" } " " span.quiet { "not reviewed" } }
}

fn tone(stage: &str) -> (&'static str, &'static str) {
    match stage {
        "live" | "finished" | "passed" => ("good", "✓"),
        "awaiting approval" => ("ask", "◆"),
        "blocked" | "rejected" | "failed" | "rolled back" | "rolling back" | "voided" => {
            ("bad", "✗")
        }
        "expired" | "superseded" | "refused" | "aborted" | "inconclusive" => ("warn", "!"),
        WAITING => ("busy", "○"),
        _ => ("busy", "●"),
    }
}

/// Something that has to be read before anything else.
pub(super) fn problem(problem: Option<&str>) -> Markup {
    html! {
        @if let Some(problem) = problem {
            p.notice.bad role="alert" { strong { "Not done. " } (problem) }
        }
    }
}

/// A table that scrolls by itself where the screen is narrow.
pub(super) fn scrolling(table: &Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label="Table" { (PreEscaped(&table.0)) } }
}
