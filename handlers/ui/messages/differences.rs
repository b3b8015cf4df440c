//! What would happen today, and what differs from what was agreed to.

use promotion::{
    Difference, FailedAt, Failure, GoesOn, Judgement, Meeting, Plan, PlanPart, PromotionId, Quorum,
    Verdict,
};

use super::effects::failure;
use super::quorums::quorum;
use super::subjects::{champion, step};
use super::verdicts::{reasons, verdict};
use crate::ui::moment::utc;
use crate::ui::text::{SENTENCE, capped, clause, name, sentence};

/// A difference, for programs and people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferenceText {
    /// What differs, in one word.
    pub what: &'static str,
    /// As it was.
    pub then: String,
    /// As it is.
    pub today: String,
    /// All of it as a sentence.
    pub sentence: String,
}

const NOTHING: &str = "none";

/// One difference in words.
pub fn difference(difference: &Difference) -> DifferenceText {
    match difference {
        Difference::RouteRemoved => DifferenceText {
            what: "route",
            then: "configured".to_owned(),
            today: NOTHING.to_owned(),
            sentence: "The route is not in liftlock.yaml any more; it is judged as it was configured then."
                .to_owned(),
        },
        Difference::Gate { then, today } => gate(then.as_deref(), today.as_deref()),
        Difference::Files { first } => {
            let path = capped(first, SENTENCE);
            changed("files", "as pinned", &format!("{path} differs"))
        }
        Difference::Champion { then, today } => {
            changed("champion", &champion(then), &champion(today))
        }
        Difference::Quorum { then, today } => {
            let (one, other) = (quorum(then), quorum(today));
            if one == other {
                return changed("quorum", &excluded(then), &excluded(today));
            }
            changed("quorum", &one, &other)
        }
        Difference::Steps { then, today } => changed("steps", &steps(then), &steps(today)),
        Difference::Plan { part } => changed("plan", "as pinned", &format!("another {}", of(*part))),
        Difference::Expired { at } => DifferenceText {
            what: "expiry",
            then: utc(*at),
            today: "over".to_owned(),
            sentence: format!("The approval expired at {}.", utc(*at)),
        },
    }
}

fn changed(what: &'static str, then: &str, today: &str) -> DifferenceText {
    DifferenceText {
        what,
        then: then.to_owned(),
        today: today.to_owned(),
        sentence: sentence(&format!("{what} then: {then}; today: {today}.")),
    }
}

fn gate(then: Option<&Verdict>, today: Option<&Verdict>) -> DifferenceText {
    let told = |verdict_: Option<&Verdict>| {
        verdict_.map_or_else(
            || NOTHING.to_owned(),
            |found| {
                let text = verdict(found);
                format!("{} ({}): {}", text.name, text.result, text.sentence)
            },
        )
    };
    let (then_text, today_text) = (told(then), told(today));
    let sentence = match (then, today) {
        (None, Some(_)) => format!("Gate added: {today_text}"),
        (Some(_), None) => format!("Gate removed: {then_text}"),
        (None, None) | (Some(_), Some(_)) => {
            format!("Gate then: {then_text} Today: {today_text}")
        }
    };
    DifferenceText {
        what: "gate",
        then: then_text,
        today: today_text,
        sentence,
    }
}

/// Step by step, with who gets the rest.
fn steps(plan: &Plan) -> String {
    let steps = plan
        .steps
        .iter()
        .map(|planned| step(planned, &plan.deployment));
    steps.collect::<Vec<_>>().join("; then ")
}

fn excluded(quorum: &Quorum) -> String {
    let person = quorum.excluded.iter().map(|person| person.name.as_str());
    let names = quorum.excluded_names.iter().map(String::as_str);
    let all: Vec<String> = person
        .chain(names)
        .map(|name| capped(name, SENTENCE))
        .collect();
    if all.is_empty() {
        "anybody may approve".to_owned()
    } else {
        format!("without {}", all.join(", "))
    }
}

fn of(part: PlanPart) -> &'static str {
    match part {
        PlanPart::Destination => "place for the copied files",
        PlanPart::Endpoint => "endpoint",
        PlanPart::Deployment => "deployment file",
        PlanPart::SmokeTest => "smoke test",
        PlanPart::BatchTest => "test job",
        PlanPart::KeepPrevious => "time for which the previous deployment stays",
        PlanPart::OnDrift => "rule for what somebody else changes meanwhile",
    }
}

/// What the gates would say today.
pub fn foreseen(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Blocked { verdicts } => {
            let objections = verdicts.iter().filter(|verdict| !verdict.passed());
            format!("Today it would be blocked: {}", reasons(objections))
        }
        Judgement::Voided { detail, .. } => {
            format!("Today it would be voided: {}.", clause(detail))
        }
        Judgement::Asked { pinned } => format!(
            "Today its gates would pass, and it would need {} until {}.",
            quorum(&pinned.quorum),
            utc(pinned.expires_at)
        ),
    }
}

/// What a replay would go on with, and what of today would end it there.
pub fn goes_on(goes_on: &GoesOn) -> String {
    let with = match goes_on.at {
        FailedAt::Gating => "gathering evidence",
        FailedAt::Copying => "copying the files",
        FailedAt::Registering => "registering the version",
        FailedAt::WaitingForTarget => "making the target ready",
    };
    let until = utc(goes_on.until);
    if goes_on.voided_by.is_empty() {
        return format!(
            "A replay would go on with {with}, nobody is asked again; it may be asked for until {until}."
        );
    }
    let voided_by = goes_on.voided_by.iter().map(|one| difference(one).sentence);
    format!(
        "A replay would go on with {with} and end as voided. {}",
        voided_by.collect::<Vec<_>>().join(" ")
    )
}

/// What becomes of its turn at the target; nothing where there is nobody in the way.
pub fn turn_foreseen(other: &PromotionId, meeting: Meeting) -> Option<(&'static str, String)> {
    let other = name(other.as_str());
    match meeting {
        Meeting::Passes => None,
        Meeting::Waits => Some((
            "wait",
            format!("It would wait for its turn behind {other}."),
        )),
        Meeting::Supersedes => Some((
            "supersede",
            format!("It would take the place of {other} at the target."),
        )),
        Meeting::IsSuperseded => Some((
            "be superseded",
            format!("It would be superseded: {other} goes before it at the target."),
        )),
        Meeting::IsRefused => Some((
            "be refused",
            format!(
                "It would be refused: it is the turn of {other} at the target, and the route does not wait."
            ),
        )),
    }
}

/// Why nobody can say what would happen today.
pub fn unforeseen(why: &Failure) -> String {
    format!("What would happen today cannot be seen: {}.", failure(why))
}
