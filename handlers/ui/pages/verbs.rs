//! The verbs that a person may use now, each as a form.
//!
//! Which are possible is asked of the core, with everything that a POST would bring: the page offers what would be done,
//! and says why it does not offer the rest.

use jiff::Timestamp;
use maud::{Markup, html};
use promotion::{Event, Held, Operator, Person, PersonId, Promotion, Refused};

use super::kept::{self, Kept};
use super::layout::Viewer;
use crate::ui::links::Links;
use crate::ui::messages::{cannot_tell, drift_question, refusal};

/// A verb of the API.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Resume,
    Abort,
    RollBack,
    Replay,
    Reopen,
}

const VERBS: [Verb; 5] = [
    Verb::Resume,
    Verb::Abort,
    Verb::RollBack,
    Verb::Replay,
    Verb::Reopen,
];

/// What people are asked beside a pause.
enum Question {
    Drift,
    CannotTell,
}

fn question(promotion: &Promotion) -> Option<Question> {
    let drift = drift_question(promotion).map(|_| Question::Drift);
    drift.or_else(|| cannot_tell(promotion).map(|_| Question::CannotTell))
}

/// Whether whoever has it asked about again loses their vote by that.
fn keeps_out_who_asks(promotion: &Promotion) -> bool {
    let rule = &promotion.route().approval;
    rule.prevent_self_review && rule.consent.is_of_people()
}

impl Verb {
    /// In the address.
    fn path(self) -> &'static str {
        match self {
            Self::Resume => "resume",
            Self::Abort => "abort",
            Self::RollBack => "roll-back",
            Self::Replay => "replay",
            Self::Reopen => "reopen",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Resume => "Resume",
            Self::Abort => "Abort",
            Self::RollBack => "Roll back",
            Self::Replay => "Replay",
            Self::Reopen => "Reopen",
        }
    }

    /// Resuming does another thing for each question.
    fn explained_for(self, promotion: &Promotion) -> &'static str {
        match (self, question(promotion)) {
            (Self::Resume, Some(Question::Drift)) => {
                "Sets the traffic again as it was, over what somebody else has changed, and goes on."
            }
            (Self::Resume, Some(Question::CannotTell)) => {
                "Goes on though it cannot be told whether the candidate is worse; what turns out worse still goes back."
            }
            (Self::Reopen, _) if keeps_out_who_asks(promotion) => {
                "Starts the next attempt: new evidence, new approval, and not yours: whoever asks for it again does not count \
                 among its approvers."
            }
            (
                Self::Resume | Self::Abort | Self::RollBack | Self::Replay | Self::Reopen,
                Some(Question::Drift | Question::CannotTell) | None,
            ) => self.explained(),
        }
    }

    fn explained(self) -> &'static str {
        match self {
            Self::Resume => "Ends the pause that the rollout is in: the next step follows.",
            Self::Abort => "Stops it here and undoes what it has changed on the endpoint.",
            Self::RollBack => "Gives the traffic back to the deployment that served before.",
            Self::Replay => "Goes on where it failed, within this attempt and with its approval.",
            Self::Reopen => "Starts the next attempt: new evidence, new approval.",
        }
    }

    fn is_dangerous(self) -> bool {
        matches!(self, Self::Abort | Self::RollBack)
    }

    /// What a POST would bring; nothing, where there is nothing to tell it of.
    fn event(self, promotion: &Promotion, by: Operator) -> Option<Event> {
        let reason = "asked whether it is possible".to_owned();
        Some(match self {
            Self::Resume => Event::Resume {
                by,
                reason,
                pause: promotion.pause()?,
            },
            Self::Abort => Event::Abort { by, reason },
            Self::RollBack => Event::RollBack { by, reason },
            Self::Replay => Event::Replay { by, reason },
            Self::Reopen => Event::Reopen {
                by,
                reason,
                route: Box::new(promotion.route().clone()),
            },
        })
    }

    fn is_possible(self, promotion: &Promotion, by: Operator, now: Timestamp) -> bool {
        let event = self.event(promotion, by);
        event.is_some_and(|event| promotion.decide(event, now).is_ok())
    }

    fn refused(self, promotion: &Promotion, by: Operator, now: Timestamp) -> Option<Refused> {
        promotion.decide(self.event(promotion, by)?, now).err()
    }
}

/// What a page needs to offer verbs.
pub(super) struct Offer<'a> {
    pub(super) promotion: &'a Promotion,
    pub(super) viewer: Option<&'a Viewer>,
    pub(super) csrf: Option<&'a str>,
    pub(super) kept: Option<&'a Kept<'a>>,
    pub(super) now: Timestamp,
    pub(super) links: &'a Links,
}

impl Offer<'_> {
    /// A form for each verb that is possible now; a sentence where this viewer may not.
    pub(super) fn render(&self) -> Markup {
        let possible: Vec<Verb> = VERBS
            .into_iter()
            .filter(|verb| verb.is_possible(self.promotion, self.anybody_allowed(), self.now))
            .collect();
        html! {
            section #actions aria-labelledby="act" {
                h2 #act { "Actions" }
                @match (possible.as_slice(), self.viewer) {
                    ([], _) => p.quiet { "Nothing can be done about it by hand now." },
                    (verbs, None) => (self.before_sign_in(verbs)),
                    (verbs, Some(viewer)) => (self.forms(verbs, viewer)),
                }
            }
        }
    }

    fn before_sign_in(&self, verbs: &[Verb]) -> Markup {
        let names: Vec<&str> = verbs.iter().map(|verb| verb.label()).collect();
        let back = self.links.promotion(self.promotion.id());
        html! {
            p { "Possible now: " (names.join(", ")) "." }
            p { a.button href=(self.links.sign_in(&back)) { "Sign in to act" } }
        }
    }

    fn forms(&self, verbs: &[Verb], viewer: &Viewer) -> Markup {
        let refused = verbs
            .iter()
            .find_map(|verb| verb.refused(self.promotion, viewer.operator(), self.now));
        html! {
            @match refused {
                Some(refused) => p.notice { (refusal(&refused)) },
                None => div.verbs { @for verb in verbs { (self.form(*verb)) } },
            }
        }
    }

    fn form(&self, verb: Verb) -> Markup {
        let action = self.links.verb(self.promotion.id(), verb.path());
        let field = format!("reason-{}", verb.path());
        let form = format!("verb-{}", verb.path());
        let kept = Kept::of(self.kept, &form);
        html! {
            details id=(form) open[kept.is_some()] {
                summary { (verb.label()) }
                form method="post" action=(action) {
                    p.quiet { (verb.explained_for(self.promotion)) }
                    @if let (Verb::Resume, Some(pause)) = (verb, self.promotion.pause()) {
                        input type="hidden" name="pause" value=(pause.to_string());
                    }
                    @if let Some(csrf) = self.csrf { input type="hidden" name="csrf" value=(csrf); }
                    (kept::reason(&field, kept))
                    button.danger[verb.is_dangerous()] type="submit" { (verb.label()) }
                }
            }
        }
    }

    /// Somebody with every role that the route asks for.
    fn anybody_allowed(&self) -> Operator {
        Operator {
            person: Person {
                id: PersonId::new("anybody"),
                name: "anybody".to_owned(),
            },
            held: Held::all(&self.promotion.route().operators),
        }
    }
}
