//! The verbs that a person may use now, each as a form.
//!
//! Which are possible is asked of the core, with everything that a POST would bring: the page offers what would be done,
//! and says why it does not offer the rest.

use jiff::Timestamp;
use maud::{Markup, html};
use promotion::{
    Aggregate as _, Event, Held, Operator, Party, Person, PersonId, Promotion, Refused, Route,
};

use super::kept::{self, Kept};
use super::layout::Viewer;
use crate::ui::links::Links;
use crate::ui::messages::{cannot_tell, drift_question, refusal, route_gone};
use crate::ui::text::whole_sentence;

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

/// Whether whoever has it asked about again by this route loses their vote by that.
fn keeps_out_who_asks(route: &Route) -> bool {
    let rule = &route.approval;
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
}

/// What a page needs to offer verbs.
pub(super) struct Offer<'a> {
    pub(super) promotion: &'a Promotion,
    /// The route that it would be asked again by; absent: none of its name is configured any more.
    pub(super) configured: Option<&'a Route>,
    pub(super) viewer: Option<&'a Viewer>,
    pub(super) csrf: Option<&'a str>,
    pub(super) kept: Option<&'a Kept<'a>>,
    pub(super) now: Timestamp,
    pub(super) links: &'a Links,
}

impl Offer<'_> {
    /// A form for each verb that is possible now and that this viewer may use; a sentence where they may not.
    pub(super) fn render(&self) -> Markup {
        let possible: Vec<Verb> = VERBS
            .into_iter()
            .filter(|verb| self.is_possible(*verb))
            .collect();
        html! {
            section #actions aria-labelledby="act" {
                h2 #act { "Actions" }
                @match (possible.as_slice(), self.viewer) {
                    ([], _) => p.quiet { "Nothing can be done about it by hand now." },
                    (verbs, None) => (self.before_sign_in(verbs)),
                    (verbs, Some(viewer)) => (self.forms(verbs, viewer)),
                }
                @if self.promotion.is_closed() && self.configured.is_none() {
                    p.notice { (whole_sentence(&route_gone(&self.promotion.route().name))) }
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
        let mut forms = Vec::new();
        let mut refusals: Vec<(String, Vec<&str>)> = Vec::new();
        for verb in verbs {
            let Some(refused) = self.refused(*verb, viewer.operator()) else {
                forms.push(*verb);
                continue;
            };
            let sentence = refusal(&refused);
            match refusals.iter_mut().find(|(said, _)| *said == sentence) {
                Some((_, labels)) => labels.push(verb.label()),
                None => refusals.push((sentence, vec![verb.label()])),
            }
        }
        // One sentence about everything needs no names.
        let named = !forms.is_empty() || refusals.len() > 1;
        html! {
            @if !forms.is_empty() {
                div.verbs { @for verb in forms { (self.form(verb)) } }
            }
            @for (sentence, labels) in refusals {
                p.notice { @if named { (labels.join(", ")) ": " } (sentence) }
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
                    p.quiet { (self.explained(verb)) }
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

    /// Resuming does another thing for each question, and reopening by each route.
    fn explained(&self, verb: Verb) -> &'static str {
        match (verb, question(self.promotion)) {
            (Verb::Resume, Some(Question::Drift)) => {
                "Sets the traffic again as it was, over what somebody else has changed, and goes on."
            }
            (Verb::Resume, Some(Question::CannotTell)) => {
                "Goes on though it cannot be told whether the candidate is worse; what turns out worse still goes back."
            }
            (Verb::Reopen, _) if self.configured.is_some_and(keeps_out_who_asks) => {
                "Starts the next attempt: new evidence, new approval, and not yours: whoever asks for it again does not count \
                 among its approvers."
            }
            (
                Verb::Resume | Verb::Abort | Verb::RollBack | Verb::Replay | Verb::Reopen,
                Some(Question::Drift | Question::CannotTell) | None,
            ) => verb.explained(),
        }
    }

    /// What a POST would bring; nothing, where there is nothing to tell it of.
    fn event(&self, verb: Verb, by: Operator) -> Option<Event> {
        let reason = "asked whether it is possible".to_owned();
        let attempt = Some(self.promotion.attempt());
        Some(match verb {
            Verb::Resume => Event::Resume {
                by,
                reason,
                pause: self.promotion.pause()?,
                attempt,
            },
            Verb::Abort => Event::Abort {
                by,
                reason,
                attempt,
            },
            Verb::RollBack => Event::RollBack {
                by,
                reason,
                attempt,
            },
            Verb::Replay => Event::Replay {
                by,
                reason,
                attempt,
            },
            Verb::Reopen => Event::Reopen {
                by,
                reason,
                route: Box::new(self.configured?.clone()),
                attempt,
            },
        })
    }

    /// Whether it is for whoever may.
    fn is_possible(&self, verb: Verb) -> bool {
        let event = self.event(verb, self.anybody_allowed(verb));
        event.is_some_and(|event| self.promotion.decide(event, self.now).is_ok())
    }

    fn refused(&self, verb: Verb, by: Operator) -> Option<Refused> {
        self.promotion.decide(self.event(verb, by)?, self.now).err()
    }

    /// Whose word counts: who operates the route that it is judged by.
    fn operators(&self, verb: Verb) -> &[Party] {
        let route = self.promotion.route();
        match verb {
            Verb::Resume | Verb::Abort | Verb::RollBack | Verb::Replay => &route.operators,
            Verb::Reopen => &self.configured.unwrap_or(route).operators,
        }
    }

    /// Somebody with every role that the route asks for.
    fn anybody_allowed(&self, verb: Verb) -> Operator {
        Operator {
            person: Person {
                id: PersonId::new("anybody"),
                name: "anybody".to_owned(),
            },
            held: Held::all(self.operators(verb)),
        }
    }
}
