//! Holds: what stands against promoting to an endpoint, and what to do about it.

use jiff::Timestamp;
use promotion::{Candidate, EndpointName, Person, Stage, StageKind, WayBackCause};

use super::endings::way_back;
use super::people::short_person;
use super::subjects::candidate;
use crate::ui::moment::utc;
use crate::ui::text::{capped, name, quoted};

/// How much of a reason stands in a sentence that goes on behind it.
const REASON: usize = 240;

/// A hold that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldText {
    /// Since when.
    pub since: Timestamp,
    /// Who set it; absent: a promotion that was rolled back, and its reason says so.
    pub by: Option<Person>,
    /// Why.
    pub reason: String,
}

/// The reason that a promotion gives for its hold.
pub fn rolled_back(of: &Candidate, cause: &WayBackCause) -> String {
    format!("{} was rolled back: {}", candidate(of), way_back(cause))
}

/// What one waits for whose target is held, as the end of a sentence.
pub fn held(endpoint: &EndpointName, hold: &HoldText) -> String {
    format!(
        "endpoint {} is held since {} {}; lift it on the board",
        name(endpoint.as_str()),
        utc(hold.since),
        because(hold, REASON)
    )
}

/// `because diabetes 3 was rolled back: …`, or `by Ada Approver, “…”`, with at most so many characters of the reason.
pub(crate) fn because(hold: &HoldText, most: usize) -> String {
    let reason = capped(&hold.reason, most);
    let reason = reason.trim_end_matches('.');
    match &hold.by {
        None => format!("because {reason}"),
        Some(person) => {
            let said = quoted(reason).map_or_else(String::new, |said| format!(", {said}"));
            format!("by {}{said}", short_person(person))
        }
    }
}

/// What whoever is asked about a promotion, or will be, is to know whose target is held; `more` holds stand there beside this one.
pub(crate) fn held_ahead(
    stage: &Stage,
    endpoint: &EndpointName,
    hold: &HoldText,
    more: usize,
) -> String {
    let goes_on = match stage.kind() {
        StageKind::Proposed | StageKind::Gating => {
            "Nobody is asked about it until somebody lifts it on the board."
        }
        StageKind::AwaitingApproval => {
            "That keeps nobody from answering; what is approved is copied and registered, and not deployed until somebody lifts it on the board."
        }
        _ => "It is copied and registered, and not deployed until somebody lifts it on the board.",
    };
    let more = match more {
        0 => String::new(),
        1 => ", and 1 more hold stands there".to_owned(),
        more => format!(", and {more} more holds stand there"),
    };
    format!(
        "Endpoint {} is held since {} {}{more}. {goes_on}",
        name(endpoint.as_str()),
        utc(hold.since),
        because(hold, REASON)
    )
}

/// What a rollback means for whoever comes next.
pub(crate) fn held_from_now_on(endpoint: &EndpointName) -> String {
    format!(
        "Nothing is promoted to endpoint {} until somebody lifts the hold on the board.",
        name(endpoint.as_str())
    )
}
