//! Who did what, each person once, by object id.

use promotion::{Cause, Ending, Fact, Line, Person, Phase, Promotion, WayBackCause};
use serde::Serialize;

use super::grounds::Grounds;
use crate::ui::messages::told;
use crate::ui::moment::utc;
use crate::ui::text::name;

#[derive(Debug, Serialize)]
pub(super) struct PersonPart {
    name: String,
    id: String,
    did: Vec<String>,
}

/// In the order in which they first acted.
pub(super) fn people(
    promotion: &Promotion,
    lines: &[Line<Fact>],
    grounds: Grounds<'_>,
) -> Vec<PersonPart> {
    let mut all: Vec<(&Person, Vec<String>)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(person) = actor(promotion, &line.fact) else {
            continue;
        };
        let deed = grounds.deed(line, format!("{}: {}", utc(line.at), told(lines, index)));
        match all.iter_mut().find(|(known, _)| *known == person) {
            Some((_, deeds)) => deeds.push(deed),
            None => all.push((person, vec![deed])),
        }
    }
    let part = |(person, did): (&Person, Vec<String>)| PersonPart {
        name: name(&person.name),
        id: name(person.id.as_str()),
        did,
    };
    all.into_iter().map(part).collect()
}

/// Whose doing a fact is; none where nobody but the app did it.
fn actor<'a>(promotion: &'a Promotion, fact: &'a Fact) -> Option<&'a Person> {
    match fact {
        Fact::Opened { .. } => match promotion.cause() {
            Cause::Person { by, .. } => Some(by),
            Cause::Event { again, .. } | Cause::Intake { again, .. } => {
                again.as_ref().map(|asked| &asked.by)
            }
            Cause::Reconciled { .. } => None,
        },
        Fact::Reopened { by, .. }
        | Fact::Replayed { by, .. }
        | Fact::Resumed { by, .. }
        | Fact::WentOnUnsure { by, .. }
        | Fact::WentOnDrifted { by, .. }
        | Fact::Revoked { by, .. }
        | Fact::Denied { by, .. }
        | Fact::Reviewed { by, .. } => Some(by),
        Fact::Overrode { by } => Some(&by.person),
        Fact::Voted { vote } => Some(&vote.person),
        Fact::Entered { phase } => entered(phase),
        Fact::Planned { .. }
        | Fact::Submitted { .. }
        | Fact::Waiting { .. }
        | Fact::Retrying { .. }
        | Fact::Done { .. }
        | Fact::Failed { .. }
        | Fact::Dropped { .. }
        | Fact::Pinned { .. }
        | Fact::StepDone { .. }
        | Fact::KeepPreviousEnded { .. }
        | Fact::ApprovedAutomatically { .. }
        | Fact::Closed { .. } => None,
    }
}

fn entered(phase: &Phase) -> Option<&Person> {
    match phase {
        Phase::RollingBack { cause } => way_back(cause),
        Phase::Finishing { ending } => match ending {
            Ending::Rejected { by, .. } | Ending::Aborted { by, .. } => Some(by),
            Ending::RolledBack { cause } => way_back(cause),
            Ending::Blocked { .. }
            | Ending::Expired
            | Ending::Superseded { .. }
            | Ending::Refused { .. }
            | Ending::Held { .. }
            | Ending::Voided { .. }
            | Ending::Failed { .. }
            | Ending::Finished { .. } => None,
        },
        Phase::Gating
        | Phase::Copying
        | Phase::Registering
        | Phase::WaitingForTarget
        | Phase::Deploying
        | Phase::Testing
        | Phase::Shifting
        | Phase::Live { .. } => None,
    }
}

fn way_back(cause: &WayBackCause) -> Option<&Person> {
    match cause {
        WayBackCause::ByHand { by, .. } | WayBackCause::Aborted { by, .. } => Some(by),
        WayBackCause::DeploymentFailed { .. }
        | WayBackCause::SmokeTestFailed { .. }
        | WayBackCause::JobTestFailed { .. }
        | WayBackCause::StepFailed { .. }
        | WayBackCause::AnalysisFailed { .. }
        | WayBackCause::TrafficDisputed { .. }
        | WayBackCause::Drifted { .. }
        | WayBackCause::WayBackBroken { .. }
        | WayBackCause::Voided { .. }
        | WayBackCause::LoadTestFailed { .. } => None,
    }
}
