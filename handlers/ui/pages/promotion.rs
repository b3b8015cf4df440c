//! One promotion: where it is and why, its gates, people, traffic, measurements, plan and history, and what can be done about it.

use jiff::Timestamp;
use maud::{Markup, html};
use promotion::{Fact, Line, Pinned, Promotion, Route, Stage};

use super::kept::Kept;
use super::layout::{Frame, Refresh, Reviewed, Viewer, badge, moment, overridden_badge, problem};
use super::verbs::Offer;
use super::{chart, gates, people, plan, stepper, timeline, traffic};
use crate::ui::links::{Links, safe};
use crate::ui::messages::{
    HoldText, because, candidate, overridden, stage_name, stopped_now, unreviewed, why,
};
use crate::ui::text::{REASON, name};

/// What the page of one promotion shows.
pub struct PromotionView<'a> {
    /// The promotion as it is now.
    pub promotion: &'a Promotion,
    /// Its route as configured now; absent: none of its name is any more.
    pub configured: Option<&'a Route>,
    /// Its whole journal.
    pub lines: &'a [Line<Fact>],
    /// Who looks at it, if they are signed in.
    pub viewer: Option<&'a Viewer>,
    /// The forms' token.
    pub csrf: Option<&'a str>,
    /// Why the verb just used was refused.
    pub problem: Option<&'a str>,
    /// The form that was refused.
    pub kept: Option<&'a Kept<'a>>,
    /// What stands against its next act, where it is on its way.
    pub stopped: Option<&'a str>,
    /// What holds its target, where it has yet to get there.
    pub held_ahead: Option<&'a str>,
    /// What holds its target, where it was taken back from there.
    pub held: Option<&'a HoldText>,
    /// Now.
    pub now: Timestamp,
    /// The app's addresses.
    pub links: &'a Links,
}

/// The complete page.
pub fn promotion_page(view: &PromotionView<'_>) -> String {
    let promotion = view.promotion;
    let title = format!(
        "{}: {}",
        candidate(promotion.candidate()),
        promotion.stage().name()
    );
    let path = view.links.promotion(promotion.id());
    let frame = Frame {
        title: &title,
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
        (heading(view))
        (problem(view.problem))
        (stepper::row(promotion))
        p.why { (why(promotion, view.now)) }
        @if let Some(said) = overridden(promotion) { p.notice.bad { (said) } }
        @for owed in promotion.unreviewed() {
            p.notice.bad {
                (unreviewed(owed)) " "
                a href=(Links::approval_path(promotion.id(), owed.attempt, &owed.permit.pinned().digest)) { "Review it" }
            }
        }
        @if let Some(stopped) = view.stopped { p.notice { (stopped_now(stopped)) } }
        @if let Some(held) = view.held_ahead { p.notice { (held) } }
        (held(view))
        (open_question(view))
        (traffic::section(promotion))
        (chart::section(view.lines))
        @if !gates::verdicts(promotion).is_empty() {
            section aria-labelledby="gates" { h2 #gates { "Gates" } (gates::table(gates::verdicts(promotion))) }
        }
        div.columns {
            section aria-labelledby="people" { h2 #people { "People" } (people::list(promotion, view.lines, view.now)) }
            (offer(view))
        }
        section aria-labelledby="timeline" {
            h2 #timeline { "Timeline" }
            (timeline::timeline(view.lines, view.now))
        }
        @if let Some(pinned) = promotion.stage().pinned() {
            section aria-labelledby="plan" { h2 #plan { "Plan" } (plan::plan(pinned)) (plan::calls(promotion)) }
            section aria-labelledby="manifest" { h2 #manifest { "Files" } (plan::manifest(&pinned.manifest)) }
        }
    })
}

fn heading(view: &PromotionView<'_>) -> Markup {
    let promotion = view.promotion;
    let route = promotion.route();
    html! {
        div.heading {
            h1 { (candidate(promotion.candidate())) " " span.arrow { "→" } " " (name(route.target.stage.as_str())) }
            (badge(stage_name(promotion)))
            @if promotion.is_overridden() { (overridden_badge(Reviewed::of(promotion))) }
        }
        p.lead {
            "Route " strong { (name(route.name.as_str())) } ", attempt " (promotion.attempt())
            ", last change " (moment(promotion.last_at(), view.now)) ". "
            @if let Some(job) = job(view) { a href=(job) rel="noopener noreferrer" { "Training job" } }
        }
        p.quiet { code { (promotion.id()) } }
    }
}

/// That nothing is promoted there now.
fn held(view: &PromotionView<'_>) -> Markup {
    let endpoint = &view.promotion.route().rollout.endpoint.name;
    html! {
        @if let Some(hold) = view.held {
            p.notice {
                "Nothing is promoted to endpoint " (name(endpoint.as_str())) ": it is held since " (moment(hold.since, view.now))
                " " (because(hold, REASON)) ". " a href={ (view.links.board()) "#held" } { "Lift the hold on the board" } "."
            }
        }
    }
}

fn job<'a>(view: &PromotionView<'a>) -> Option<&'a str> {
    let source = people::source(view.promotion, view.lines)?;
    source.lineage.job_link.as_deref().and_then(safe)
}

/// The way to the approval page, while it asks, and while what was agreed to may be taken back.
fn open_question(view: &PromotionView<'_>) -> Markup {
    let promotion = view.promotion;
    let page =
        |pinned: &Pinned| Links::approval_path(promotion.id(), promotion.attempt(), &pinned.digest);
    html! {
        @match promotion.stage() {
            Stage::AwaitingApproval { pinned, .. } => p { a.button.primary href=(page(pinned)) { "Review and decide" } },
            Stage::Copying(copy) => p { a.button href=(page(copy.permit.pinned())) { "What was agreed to" } },
            _ => {},
        }
    }
}

fn offer(view: &PromotionView<'_>) -> Markup {
    Offer {
        promotion: view.promotion,
        configured: view.configured,
        viewer: view.viewer,
        csrf: view.csrf,
        kept: view.kept,
        now: view.now,
        links: view.links,
    }
    .render()
}
