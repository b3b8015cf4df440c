//! Why something may not happen, to the person who asked for it.

use promotion::{Question, Refused, RouteName};

use super::people::the_any_of;
use crate::ui::moment::utc;
use crate::ui::text::{capped, name};

/// That it cannot be asked again by a route that is not configured any more; no sentence yet.
pub fn route_gone(route: &RouteName) -> String {
    format!(
        "the route `{}` is not in liftlock.yaml any more, so this cannot be asked again",
        name(route.as_str())
    )
}

/// One sentence or two: what was asked, why not, what to do instead.
pub fn refusal(refused: &Refused) -> String {
    match refused {
        Refused::NotNow {
            event,
            stage,
            remedy,
        } => format!("“{event}” is not possible while the promotion is {stage}{remedy}.")
            .replace('`', ""),
        // Only who may override may be nobody: `override` is a route's to give.
        Refused::RoleMissing { needed, .. } if needed.is_empty() => {
            "This route allows no override: it names nobody who may.".to_owned()
        }
        Refused::RoleMissing { needed, held } => format!(
            "This needs {}; your roles: {}.",
            the_any_of(needed),
            held_roles(held)
        ),
        Refused::OwnWork => {
            "You trained, registered, changed or asked for this model, so somebody else has to judge it.".to_owned()
        }
        Refused::AlreadyVoted => {
            "You have already voted on this approval; more approvals have to come from other people."
                .to_owned()
        }
        Refused::Expired { at } => format!(
            "This approval expired at {}. Reopen the promotion to ask again.",
            utc(*at)
        ),
        Refused::Superseded => {
            "This approval is superseded: what it asked about has changed since. Open the newest card."
                .to_owned()
        }
        Refused::AnotherAttempt { shown, now } => format!(
            "This was said of attempt {shown}, and attempt {now} is on{}. Look at it again, then say it anew.",
            if shown < now {
                ": it has been asked again since"
            } else {
                ""
            }
        ),
        Refused::Outranked { by } => format!(
            "This approval is closed: {} has taken this candidate's place. Decide about that one.",
            name(by.as_str())
        ),
        Refused::Decided { stage } => {
            format!("This approval is already decided: the promotion is {stage}.")
        }
        Refused::Overtaken { newer } => format!(
            "Roll back is not possible: {} has replaced this candidate since; roll that one back.",
            name(newer.as_str())
        ),
        Refused::Frozen { by, reason, until } => format!(
            "The line is frozen by {}{}: {}. Nothing can be approved until {}.",
            name(by),
            until.map_or_else(String::new, |until| format!(" until {}", utc(until))),
            sentence_end(reason),
            until.map_or("somebody lifts it", |_| "then")
        ),
        Refused::NothingToRevoke => "You have no approval here to take back.".to_owned(),
        Refused::TooLateToRevoke => {
            "The copy has started, so what you have said cannot be taken back any more; abort the promotion instead, or roll it back once it is live."
                .to_owned()
        }
        Refused::AlreadyOverridden => {
            "You want this overridden already; the second person has to be somebody else.".to_owned()
        }
        Refused::ReasonMissing { event } => {
            format!("“{event}” needs a reason: it is kept for whoever asks later.")
        }
        Refused::Heard => {
            "This very click was heard before, so it changes nothing. Answer anew where the question is asked."
                .to_owned()
        }
        Refused::TakenBackSince => {
            "You have taken your word back since you were shown this, so it changes nothing. Look at the question again, then answer."
                .to_owned()
        }
        Refused::OwnOverride => {
            "You are one of those who overrode it, so somebody else has to review it.".to_owned()
        }
        Refused::ReviewedAlready { by } => {
            format!("This override is already reviewed by {}.", name(by))
        }
        Refused::OverriddenAlready => {
            "Two people have overridden this already, so nothing more is needed.".to_owned()
        }
        Refused::TakenBackTooOften => format!(
            "You have taken your word back {} times on this approval, so you cannot agree to it any more. Somebody else has to.",
            Question::MOST_TAKEN_BACK
        ),
        Refused::VotesExpired { at } => format!(
            "The approval of this attempt expired at {}, so it cannot go on. Reopen the promotion to ask again.",
            utc(*at)
        ),
    }
}

/// Somebody's reason within a sentence of ours.
fn sentence_end(reason: &str) -> String {
    let reason = capped(reason, 200);
    reason.trim_end_matches(['.', ' ']).to_owned()
}

/// A token may carry hundreds of roles; nobody reads them.
fn held_roles(held: &[promotion::Role]) -> String {
    const SHOWN: usize = 8;
    let (shown, rest) = held.split_at(held.len().min(SHOWN));
    let names: Vec<String> = shown.iter().map(|role| name(&role.0)).collect();
    match (names.is_empty(), rest.len()) {
        (true, _) => "none".to_owned(),
        (false, 0) => names.join(", "),
        (false, more) => format!("{} and {more} more", names.join(", ")),
    }
}
