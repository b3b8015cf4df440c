//! One fact of a journal as one line of a history.

use promotion::{
    Attempt, Cause, Denial, EffectKey, Fact, Line, Notice, Person, Phase, Pinned, RunAgain,
    TakenBack, Tried, VoteKind,
};

use super::effects::{effect, failure, outcome};
use super::endings::{ending, way_back};
use super::people::{person, short_person};
use super::subjects::candidate;
use crate::ui::figures::counted;
use crate::ui::moment::utc;
use crate::ui::text::{name, quoted, sentence};

/// What a record says, without its time.
pub fn fact(line: &Line<Fact>) -> String {
    match &line.fact {
        Fact::Opened {
            candidate: what,
            route,
            cause: why,
        } => format!(
            "Opened for {} on route {}, {}",
            candidate(what),
            name(route.name.as_str()),
            cause(why)
        ),
        Fact::Reopened { by, reason, .. } => said("Reopened", &short_person(by), reason),
        Fact::Replayed { by, reason } => said("Replayed", &short_person(by), reason),
        Fact::Planned { effect: what, .. } => format!("To do: {}", effect(what)),
        Fact::Submitted { key, .. } => format!("Azure works on it: {}", kind(key)),
        Fact::Waiting { key, reason } => format!("Has to wait: {}: {}", kind(key), failure(reason)),
        Fact::Retrying {
            key,
            failure: what,
            at,
        } => format!(
            "Tried in vain, and again at {}: {}: {}",
            utc(*at),
            kind(key),
            failure(what)
        ),
        Fact::Done { key, outcome: what } => {
            let found = outcome(what).map_or_else(String::new, |found| format!(" → {found}"));
            format!("Done: {}{found}", kind(key))
        }
        Fact::Failed { key, failure: what } => {
            format!("Failed for good: {}: {}", kind(key), failure(what))
        }
        Fact::Dropped { key } => format!("Not wanted any more: {}", kind(key)),
        Fact::Pinned { pinned } => asked(pinned),
        Fact::Voted { vote } => {
            let verb = match vote.kind {
                VoteKind::Approve => "approved",
                VoteKind::Reject => "rejected",
            };
            let comment =
                quoted(&vote.comment).map_or_else(String::new, |said| format!(": {said}"));
            format!("{} {verb}{comment}", short_person(&vote.person))
        }
        Fact::Revoked { by, reason } => said("Approval taken back", &short_person(by), reason),
        Fact::Overrode { by } => said(
            "OVERRIDE of the approval wanted",
            &short_person(&by.person),
            &by.reason,
        ),
        Fact::ApprovedAutomatically { gates } => format!(
            "Nobody is asked: the route approves by itself what passed its gates ({})",
            name(&gates.join(", "))
        ),
        Fact::Denied { by, tried, why } => format!(
            "{} tried to {} and may not: {}",
            person(by),
            tried_to(*tried),
            denial(*why)
        ),
        Fact::Reviewed {
            by,
            comment,
            attempt,
        } => reviewed(*attempt, by, comment),
        Fact::Entered {
            phase: Phase::Live { until },
        } if *until <= line.at => "Live, without a way back".to_owned(),
        Fact::Entered { phase } => entered(phase),
        Fact::StepDone { step } => format!("Step {} of the rollout is done", step + 1),
        Fact::Resumed { by, reason, step } => said(
            &format!("Pause of step {} ended", step + 1),
            &short_person(by),
            reason,
        ),
        Fact::WentOnUnsure { by, reason, .. } => said(
            "Went on though the analysis beside the steps could not tell, decided",
            &short_person(by),
            reason,
        ),
        Fact::WentOnDrifted { by, reason, .. } => said(
            "Went on though somebody else had changed the endpoint, decided",
            &short_person(by),
            reason,
        ),
        Fact::KeepPreviousEnded { by: None } => {
            "The time of the previous deployment is over".to_owned()
        }
        Fact::KeepPreviousEnded { by: Some(newer) } => format!(
            "The previous deployment is no longer needed: {} serves now",
            name(newer.as_str())
        ),
        Fact::Closed { records } => {
            format!("Closed after {}", counted(*records, "record"))
        }
    }
}

/// That people are asked, and until when.
fn asked(pinned: &Pinned) -> String {
    format!(
        "{} passed; asked for approval until {}",
        match pinned.verdicts.len() {
            0 => "No gate to pass; all".to_owned(),
            1 => "The gate has".to_owned(),
            2 => "Both gates have".to_owned(),
            count => format!("All {count} gates have"),
        },
        utc(pinned.expires_at)
    )
}

/// What somebody tried.
fn tried_to(tried: Tried) -> &'static str {
    match tried {
        Tried::Approve => "approve",
        Tried::Reject => "reject",
        Tried::Override => "override",
        Tried::Review => "review",
    }
}

/// Why it does not count.
fn denial(why: Denial) -> &'static str {
    match why {
        Denial::RoleMissing => "none of what they hold is asked for",
        Denial::OwnWork => "it is their own work",
        Denial::NotAMember => {
            "they came from outside this tenant, as a guest, or by a disabled account"
        }
    }
}

/// What somebody has taken back, for a headline.
pub(crate) fn taken_back(what: TakenBack) -> &'static str {
    match what {
        TakenBack::Approval => "approval taken back",
        TakenBack::Override => "wish to override taken back",
        TakenBack::Both => "approval and wish to override taken back",
    }
}

/// The same with who did it and why: a record alone does not tell what it was, the ones before it do.
pub(crate) fn taken_back_by(what: TakenBack, by: &Person, reason: &str) -> String {
    said(&sentence(taken_back(what)), &short_person(by), reason)
}

fn reviewed(of: Option<Attempt>, by: &Person, comment: &str) -> String {
    let what = of.map_or_else(
        || "Override reviewed".to_owned(),
        |attempt| format!("Override of attempt {attempt} reviewed"),
    );
    said(&what, &short_person(by), comment)
}

fn said(verb: &str, by: &str, reason: &str) -> String {
    let reason = quoted(reason).map_or_else(String::new, |reason| format!(": {reason}"));
    format!("{verb} by {by}{reason}")
}

/// The effect's kind, at the end of its key: `1.04.copy-files`.
fn kind(key: &EffectKey) -> String {
    let kind = key.as_str().rsplit('.').next().unwrap_or_default();
    name(&kind.replace('-', " "))
}

fn entered(phase: &Phase) -> String {
    match phase {
        Phase::Gating => "Gathering evidence for the gates".to_owned(),
        Phase::Copying => "Approved; copying the files".to_owned(),
        Phase::Registering => "Copied; registering the version".to_owned(),
        Phase::WaitingForTarget => "Registered; making the target ready".to_owned(),
        Phase::Deploying => "The target is ready; making the deployment".to_owned(),
        Phase::Testing => "The deployment is up; testing it".to_owned(),
        Phase::Shifting => "Tested; moving traffic".to_owned(),
        Phase::Live { until } => {
            format!("Live; the way back stays warm until {}", utc(*until))
        }
        Phase::RollingBack { cause } => format!("On its way back: {}", way_back(cause)),
        Phase::Finishing { ending: end } => ending(end),
    }
}

/// What opened a promotion, as the end of a sentence.
pub(crate) fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Event { key, again: None } => format!("by event {}", name(key)),
        Cause::Event {
            key,
            again: Some(RunAgain { by, reason }),
        } => {
            let event = format!("by event {}, run again", name(key));
            said(&event, &short_person(by), reason)
        }
        Cause::Intake {
            intake,
            again: None,
        } => format!("by the completed job of intake {}", name(intake.as_str())),
        Cause::Intake {
            intake,
            again: Some(RunAgain { by, reason }),
        } => {
            let job = format!(
                "by the completed job of intake {}, run again",
                name(intake.as_str())
            );
            said(&job, &short_person(by), reason)
        }
        Cause::Person { by, reason } => {
            let reason = quoted(reason).map_or_else(String::new, |reason| format!(": {reason}"));
            format!("by {}{reason}", short_person(by))
        }
        Cause::Reconciled { registered_at } => format!(
            "found in its workspace, where it was registered at {}; no event had told of it",
            utc(*registered_at)
        ),
    }
}

/// A card's occasion.
pub(crate) fn notice(notice: Notice) -> &'static str {
    match notice {
        Notice::ApprovalAsked => "approval needed",
        Notice::Blocked => "blocked",
        Notice::Approved => "approved",
        Notice::Rejected => "rejected",
        Notice::Expired => "expired",
        Notice::Superseded => "superseded",
        Notice::Refused => "refused",
        Notice::Voided => "voided",
        Notice::Aborted => "aborted",
        Notice::Paused => "paused",
        Notice::Inconclusive => "cannot be told",
        Notice::Drifted => "changed by somebody else",
        Notice::Live => "live",
        Notice::RolledBack => "rolled back",
        Notice::NoWayBack => "could not be taken back",
        Notice::Stuck => "not done in time",
        Notice::Failed => "failed",
        Notice::Reminder => "still to be approved",
        Notice::Escalated => "escalated",
        Notice::Revoked => "approval taken back",
        Notice::OverrideWanted => "override wanted",
        Notice::Overridden => "OVERRIDDEN",
        Notice::ApprovedAutomatically => "approved by the route itself",
        Notice::EscalatedElsewhere => "escalated, in the other channel",
    }
}
