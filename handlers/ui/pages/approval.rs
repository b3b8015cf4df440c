//! The approval page: what is asked, everything known about it, and the form to answer.

use jiff::Timestamp;
use maud::{Markup, html};
use promotion::{
    EarlierOverride, Event, FROZEN, Failure, Pinned, Promotion, Refused, Stage, VoteKind,
};

use super::layout::{Frame, Refresh, Reviewed, Viewer, badge, moment, overridden_badge, problem};
use super::other_answers::{self, Others};
use super::{gates, people, plan};
use crate::ui::asked::Asked;
use crate::ui::links::{Links, safe};
use crate::ui::messages::{
    SAID_TO_BE_TRAINED_BY, after_sign_in, asked, asked_again, asked_since, author, before_sign_in,
    candidate, cannot_start, champion, needs, overridden, refusal, stage_with_workspace,
    starts_later, trained_by, unreviewed, voted, wants_override,
};
use crate::ui::text::{COMMENT, name};

/// What the approval page shows.
pub struct ApprovalView<'a> {
    /// The promotion as it is now.
    pub promotion: &'a Promotion,
    /// Whether the address still asks something: [`Asked::of`].
    pub asked: Asked,
    /// The override of an earlier attempt that it is about, where nobody has looked at that yet.
    pub unreviewed: Option<&'a EarlierOverride>,
    /// Who looks at it, if they are signed in.
    pub viewer: Option<&'a Viewer>,
    /// The form's token.
    pub csrf: Option<&'a str>,
    /// Why the answer just given was not taken.
    pub problem: Option<&'a str>,
    /// What stands against starting at once, where it would be approved now.
    pub stopped: Option<&'a Failure>,
    /// What holds its target, where it has yet to get there.
    pub held: Option<&'a str>,
    /// The comment just given, so that it need not be typed again.
    pub comment: &'a str,
    /// The form that it was typed into, by the decision that it sends; empty where none was.
    pub into: &'a str,
    /// The token of a form that came from nobody who is signed in any more: it is shown again with what was typed.
    pub again: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
    /// The app's addresses.
    pub links: &'a Links,
}

/// The complete page. The form posts to the page's own address.
pub fn approval_page(view: &ApprovalView<'_>) -> String {
    let promotion = view.promotion;
    let what = candidate(promotion.candidate());
    let title = format!("Approve {what}?");
    let path = path(view);
    let frame = Frame {
        title: &title,
        path: &path,
        viewer: view.viewer,
        links: view.links,
        refresh: if view.problem.is_none() && view.comment.is_empty() {
            Refresh::Often
        } else {
            Refresh::Never
        },
        now: Some(view.now),
    };
    if view.viewer.is_none() {
        return frame.page(&to_strangers(view, &what, &path));
    }
    frame.page(&html! {
        (heading(view, &what))
        (problem(view.problem))
        @if view.asked != Asked::Superseded && let Some(said) = overridden(promotion) { p.notice.bad { (said) } }
        (question(view))
        @if view.asked != Asked::Superseded && let Some(pinned) = promotion.stage().pinned() {
            (details(view, pinned))
        }
    })
}

/// Where signing in comes back to.
fn path(view: &ApprovalView<'_>) -> String {
    let promotion = view.promotion;
    promotion.stage().pinned().map_or_else(
        || view.links.promotion(promotion.id()),
        |pinned| Links::approval_path(promotion.id(), promotion.attempt(), &pinned.digest),
    )
}

/// For whoever is not signed in: that there is a question, about what, and where to sign in. Nobody's name, no numbers.
fn to_strangers(view: &ApprovalView<'_>, what: &str, path: &str) -> Markup {
    html! {
        h1 { (what) }
        (problem(view.problem))
        section.question.ask {
            p {
                @match view.asked {
                    Asked::Current => "This asks for an approval",
                    Asked::Superseded | Asked::Expired { .. } | Asked::Decided => "This asked for an approval",
                }
                " by route " strong { (name(view.promotion.route().name.as_str())) } "."
            }
            @match view.again.filter(|_| view.asked == Asked::Current || !is_vote(view.into)) {
                Some(csrf) => {
                    p { a.button href=(view.links.sign_in(path)) target="_blank" rel="noopener" { "Sign in in a new tab" }
                        " " span.quiet { (after_sign_in()) } }
                    @if is_vote(view.into) { (fields(Some(csrf), view.comment, None, Offered::Both)) }
                    @else { (other_answers::again(view.into, csrf, view.comment)) }
                }
                None => p { a.button.primary href=(view.links.sign_in(path)) { "Sign in" } " " span.quiet { (before_sign_in()) } }
            }
        }
    }
}

fn heading(view: &ApprovalView<'_>, what: &str) -> Markup {
    let promotion = view.promotion;
    let route = promotion.route();
    html! {
        div.heading {
            h1 { (what) " " span.arrow { "→" } " " (name(route.target.stage.as_str())) }
            (badge(promotion.stage().name()))
            @if promotion.is_overridden() && view.viewer.is_some() { (overridden_badge(Reviewed::of(promotion))) }
        }
        p.lead {
            "From " (stage_with_workspace(route.source.stage.as_str(), &route.source.workspace))
            " to " (stage_with_workspace(route.target.stage.as_str(), &route.target.workspace))
            ", by route " strong { (name(route.name.as_str())) } ". "
            a href=(view.links.promotion(promotion.id())) { "Timeline of this promotion" }
        }
    }
}

/// The question, with the form where this viewer may answer it.
fn question(view: &ApprovalView<'_>) -> Markup {
    let class = match view.asked {
        Asked::Current => "ask",
        Asked::Superseded | Asked::Expired { .. } => "warn",
        Asked::Decided => "plain",
    };
    html! {
        section.question.(class) aria-labelledby="question" {
            h2 #question {
                @match view.asked {
                    Asked::Current => "Your decision",
                    Asked::Superseded => "Superseded",
                    Asked::Expired { .. } => "Expired",
                    Asked::Decided => "Decided",
                }
            }
            p { (asked(view.asked, view.promotion, view.now)) }
            @if view.asked == Asked::Superseded { (current(view)) }
            @if view.viewer.is_some() && let Some(said) = again(view) { p.notice { (said) } }
            @if let (Some(owed), Some(viewer)) = (view.unreviewed, view.viewer) { (review(view, owed, viewer)) }
            @if view.asked == Asked::Current && let Some(stopped) = view.stopped {
                p.notice {
                    @if is_frozen(view) { (cannot_start(&stopped.message)) } @else { (starts_later(&stopped.message)) }
                }
            }
            @if view.asked == Asked::Current && let Some(held) = view.held { p.notice { (held) } }
            @if let Some(pinned) = view.promotion.stage().pinned() {
                @if view.asked == Asked::Current { (answer(view, pinned)) }
                (overrides(view))
                (others(view, pinned))
            }
        }
    }
}

/// How it came to be asked once more.
fn again(view: &ApprovalView<'_>) -> Option<String> {
    match view.asked {
        Asked::Current => asked_again(view.promotion),
        Asked::Superseded => asked_since(view.promotion),
        Asked::Expired { .. } | Asked::Decided => None,
    }
}

/// The way from a question that is not asked any more to the one that is.
fn current(view: &ApprovalView<'_>) -> Markup {
    let promotion = view.promotion;
    html! {
        @match promotion.stage() {
            Stage::AwaitingApproval { .. } => p { a.button.primary href=(path(view)) { "Go to the current question" } },
            _ => p { a.button href=(view.links.promotion(promotion.id())) { "See where the promotion is" } },
        }
    }
}

/// Whether nobody can approve it now: what is only outside its windows can be approved, and starts later.
fn is_frozen(view: &ApprovalView<'_>) -> bool {
    view.stopped.is_some_and(|stopped| stopped.code == FROZEN)
}

fn answer(view: &ApprovalView<'_>, pinned: &Pinned) -> Markup {
    let Some(viewer) = view.viewer else {
        return html! {};
    };
    match would_be_refused(view, pinned, viewer) {
        Some(Refused::AlreadyVoted) => {
            html! { p.notice { (voted(pinned, view.promotion.stage().votes())) } }
        }
        Some(refused @ Refused::TakenBackTooOften) => html! {
            p.notice { (refusal(&refused)) }
            (form(view, viewer, Offered::Reject))
        },
        Some(refused) => html! { p.notice { (refusal(&refused)) } },
        None if is_frozen(view) => form(view, viewer, Offered::Reject),
        None => form(view, viewer, Offered::Both),
    }
}

/// Who wants it overridden: the second person has to know that they are the second.
fn overrides(view: &ApprovalView<'_>) -> Markup {
    let question = view.promotion.stage().question();
    let wanted = question.map_or(&[][..], |question| question.overrides.as_slice());
    html! {
        @if !wanted.is_empty() && view.viewer.is_some() {
            ul.overrides {
                @for one in wanted { li { (wants_override(view.promotion, one)) } }
            }
            @if let ([_], Asked::Current) = (wanted, view.asked) { p.quiet { "A second person's override makes it so; until then nothing is overridden." } }
        }
    }
}

/// What an earlier attempt still owes, however it went on since.
fn review(view: &ApprovalView<'_>, owed: &EarlierOverride, viewer: &Viewer) -> Markup {
    let pinned = owed.permit.pinned();
    let others = Others {
        promotion: view.promotion,
        attempt: owed.attempt,
        pinned,
        viewer,
        csrf: view.csrf,
        comment: view.comment,
        into: view.into,
        now: view.now,
    };
    html! {
        p.notice.bad { (unreviewed(owed)) }
        (others.render())
    }
}

/// Also once it is decided: what was agreed to may be taken back for a while.
fn others(view: &ApprovalView<'_>, pinned: &Pinned) -> Markup {
    match (view.asked, view.viewer) {
        (Asked::Current | Asked::Decided, Some(viewer)) => Others {
            promotion: view.promotion,
            attempt: view.promotion.attempt(),
            pinned,
            viewer,
            csrf: view.csrf,
            comment: view.comment,
            into: view.into,
            now: view.now,
        }
        .render(),
        (Asked::Superseded | Asked::Expired { .. }, _) | (_, None) => html! {},
    }
}

/// Asks the core, so that the page offers exactly what a POST would be granted.
fn would_be_refused(view: &ApprovalView<'_>, pinned: &Pinned, viewer: &Viewer) -> Option<Refused> {
    let vote = Event::Vote {
        voter: viewer.voter(),
        kind: VoteKind::Approve,
        comment: String::new(),
        attempt: view.promotion.attempt(),
        digest: pinned.digest.clone(),
        frozen: None,
        click: None,
        round: None,
    };
    view.promotion.decide(vote, view.now).err()
}

/// The buttons of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offered {
    Both,
    /// Also whoever has taken their word back too often, or sees it frozen, may say no.
    Reject,
}

/// Whether this decision is sent by the form with the two buttons; also where none was sent.
fn is_vote(decision: &str) -> bool {
    matches!(decision, "approve" | "reject" | "")
}

fn form(view: &ApprovalView<'_>, viewer: &Viewer, offered: Offered) -> Markup {
    // What was typed into another form belongs into that.
    let typed = if is_vote(view.into) { view.comment } else { "" };
    fields(view.csrf, typed, Some(viewer), offered)
}

fn fields(csrf: Option<&str>, comment: &str, viewer: Option<&Viewer>, offered: Offered) -> Markup {
    html! {
        form method="post" {
            @if let Some(csrf) = csrf { input type="hidden" name="csrf" value=(csrf); }
            label for="comment" { "Comment" }
            textarea #comment name="comment" rows="3" maxlength=(COMMENT)
                placeholder="Why? It is kept with your answer; to reject, it is needed." { (comment) }
            div.buttons {
                @if offered == Offered::Both { button.primary type="submit" name="decision" value="approve" { "Approve" } }
                button.danger type="submit" name="decision" value="reject" { "Reject" }
                @if let Some(viewer) = viewer { span.quiet { "as " (name(&viewer.person.name)) } }
            }
        }
    }
}

fn details(view: &ApprovalView<'_>, pinned: &Pinned) -> Markup {
    let promotion = view.promotion;
    html! {
        section aria-labelledby="gates" { h2 #gates { "Gates" } (gates::table(&pinned.verdicts)) }
        div.columns {
            section aria-labelledby="candidate" { h2 #candidate { "Candidate" } (facts(view, pinned)) }
            section aria-labelledby="plan" { h2 #plan { "Plan" } (plan::plan(pinned)) (plan::calls(promotion)) }
        }
        @if !promotion.stage().votes().is_empty() {
            section aria-labelledby="answers" {
                h2 #answers { "Answers so far" }
                (people::votes(promotion.stage().votes(), view.now))
            }
        }
        section aria-labelledby="manifest" { h2 #manifest { "Files" } (plan::manifest(&pinned.manifest)) }
    }
}

fn facts(view: &ApprovalView<'_>, pinned: &Pinned) -> Markup {
    let lineage = &pinned.source.lineage;
    html! {
        dl.facts {
            dt { "Model" } dd { (candidate(view.promotion.candidate())) " " span.quiet { (name(&pinned.source.model_type)) } }
            dt { "Serves now" } dd { (champion(&pinned.champion)) }
            dt { "Trained by" } dd { (author(&lineage.trained_by, &pinned.quorum)) }
            @if let Some(by) = &lineage.registered_by { dt { "Registered by" } dd { (name(by)) } }
            @if let Some(by) = &lineage.run_changed_by { dt { "Run changed by" } dd { (trained_by(by)) } }
            @if let Some(by) = &lineage.claimed_by { dt { (SAID_TO_BE_TRAINED_BY) } dd { (trained_by(by)) } }
            @if let Some(run) = &lineage.run {
                dt { "Job" }
                dd {
                    @match lineage.job_link.as_deref().and_then(safe) {
                        Some(link) => { a href=(link) rel="noopener noreferrer" { (name(run.as_str())) } }
                        None => (name(run.as_str())),
                    }
                }
            }
            dt { "Needs" } dd { (needs(view.promotion, pinned)) }
            dt { "Expires" } dd { (moment(pinned.expires_at, view.now)) }
            dt { "Attempt" } dd { (view.promotion.attempt()) }
            dt { "Decision digest" } dd { code.digest { (pinned.digest) } }
        }
    }
}
