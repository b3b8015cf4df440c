//! What else may be said to a question than yes or no: not any more, and past the quorum.
//!
//! Which of them is possible is asked of the core, as for the verbs: the page offers what a POST would be granted.

use jiff::Timestamp;
use maud::{Markup, html};
use promotion::{Attempt, Event, Pinned, Promotion};

use super::layout::Viewer;
use crate::ui::messages::with_any;
use crate::ui::text::COMMENT;

/// What a page needs to offer them.
pub(super) struct Others<'a> {
    pub(super) promotion: &'a Promotion,
    /// Which attempt they are about: an earlier one may still owe a review.
    pub(super) attempt: Attempt,
    pub(super) pinned: &'a Pinned,
    pub(super) viewer: &'a Viewer,
    pub(super) csrf: Option<&'a str>,
    /// What was typed into one of them, where it was not taken.
    pub(super) comment: &'a str,
    /// Into which, by the decision that it sends.
    pub(super) into: &'a str,
    pub(super) now: Timestamp,
}

impl Others<'_> {
    /// A form for each that this viewer may use now, closed until somebody opens it.
    pub(super) fn render(&self) -> Markup {
        html! {
            div.verbs {
                @if self.may(&self.revocation()) {
                    (self.form("revoke", self.taken_back(), &html! {
                        "It counts no more" @if self.is_over() {
                            ". The time to answer is over, so where what is left is not enough, this ends the promotion as expired."
                        } @else { ", and the question is open again." }
                        " Possible until its files are copied."
                    }))
                }
                @if self.may(&self.review()) {
                    (self.form("review", "Record my review of the override", &html! {
                        "Say what you found: whether it was needed, and what is to follow from it. It is kept with the decision; what "
                        "is on its way is not changed by it."
                    }))
                }
                @if self.may(&self.overriding()) {
                    (self.form("override", "Override the quorum", &html! {
                        strong { "This is no approval." }
                        @if self.overrides() == 1 { " You are the second person: " } @else { " With a second person " (with_any(&self.pinned.quorum.overriders)) " " }
                        "it goes past the quorum, windows and the freezes that "
                        @if self.overrides() == 1 { "stood when the first said so, and have not been made longer since: only these both of you have overridden" } @else { "stand now" }
                        "; its gates, its digest and the separation of duties still hold. Everybody in the channel is told, and somebody has \
                         to review why."
                    }))
                }
            }
        }
    }

    fn overrides(&self) -> usize {
        let question = self.promotion.stage().question();
        question.map_or(0, |question| question.overrides.len())
    }

    /// What this viewer would take back.
    fn taken_back(&self) -> &'static str {
        let stage = self.promotion.stage();
        let person = &self.viewer.person;
        let voted = stage.votes().iter().any(|vote| vote.person == *person);
        let mut overrides = stage
            .question()
            .into_iter()
            .flat_map(|asked| &asked.overrides);
        match (voted, overrides.any(|one| one.person == *person)) {
            (true, true) => "Take my approval and my override back",
            (false, true) => "Take my override back",
            (true | false, false) => "Take my approval back",
        }
    }

    fn is_over(&self) -> bool {
        self.now >= self.pinned.expires_at
    }

    fn may(&self, event: &Event) -> bool {
        self.promotion.decide(event.clone(), self.now).is_ok()
    }

    fn revocation(&self) -> Event {
        Event::Revoke {
            by: self.viewer.person.clone(),
            reason: REASON.to_owned(),
            attempt: self.attempt,
            digest: self.pinned.digest.clone(),
            round: None,
        }
    }

    fn overriding(&self) -> Event {
        Event::Override {
            by: self.viewer.voter(),
            reason: REASON.to_owned(),
            attempt: self.attempt,
            digest: self.pinned.digest.clone(),
            round: None,
        }
    }

    fn review(&self) -> Event {
        Event::Review {
            by: self.viewer.voter(),
            comment: REASON.to_owned(),
            attempt: self.attempt,
            digest: self.pinned.digest.clone(),
        }
    }

    fn form(&self, decision: &str, label: &str, explained: &Markup) -> Markup {
        let typed = if self.into == decision {
            self.comment
        } else {
            ""
        };
        html! {
            details id={ "answer-" (decision) } open[!typed.is_empty()] {
                summary { (label) }
                form method="post" {
                    p.quiet { (explained) }
                    (fields(decision, label, self.csrf, typed))
                }
            }
        }
    }
}

/// One of them once more, for somebody who has to sign in again before it counts; nothing for what is none of them.
pub(super) fn again(decision: &str, csrf: &str, comment: &str) -> Markup {
    let label = match decision {
        "revoke" => "Take my word back",
        "override" => "Override the quorum",
        "review" => "Record my review of the override",
        _ => return html! {},
    };
    html! { form method="post" { (fields(decision, label, Some(csrf), comment)) } }
}

/// What each of these forms sends: why, and which answer it is.
fn fields(decision: &str, label: &str, csrf: Option<&str>, comment: &str) -> Markup {
    let field = format!("reason-{decision}");
    html! {
        @if let Some(csrf) = csrf { input type="hidden" name="csrf" value=(csrf); }
        label for=(field) { "Reason" }
        input type="text" id=(field) name="comment" value=(comment) required maxlength=(COMMENT) autocomplete="off";
        button.danger type="submit" name="decision" value=(decision) { (label) }
    }
}

const REASON: &str = "asked whether it is possible";
