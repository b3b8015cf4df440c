//! How things end, and what to do about it.

use promotion::{Ending, FailedAt, Ignored, Person, WayBackCause};

use super::drift::drifted;
use super::effects::failure;
use super::loading::not_borne;
use super::measurements::analysis_failed;
use super::people::short_person;
use super::subjects::{deployment, traffic};
use super::verdicts::reasons;
use crate::ui::text::{clause, name, quoted};

/// How an attempt ended and why.
pub fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Blocked { verdicts } => format!(
            "Blocked by its gates: {}",
            reasons(verdicts.iter().filter(|verdict| !verdict.passed()))
        ),
        Ending::Rejected { by, comment } => by_hand("Rejected", by, comment),
        Ending::Expired => "Expired: not enough people approved in time.".to_owned(),
        Ending::Superseded { by } => {
            format!("Superseded: {} goes before it.", name(by.as_str()))
        }
        Ending::Refused { by } => format!(
            "Refused: it is the turn of {} at this target, and the route does not wait.",
            name(by.as_str())
        ),
        Ending::Held { reason } => {
            format!("Refused: {}. The route does not wait.", clause(reason))
        }
        Ending::Voided { detail } => format!("Voided: {}.", clause(detail)),
        Ending::Aborted { by, reason } => by_hand("Aborted", by, reason),
        Ending::Failed { at, failure: what } => {
            format!("Failed while {}: {}.", failed_at(*at), failure(what))
        }
        Ending::RolledBack { cause } => format!("Rolled back: {}.", way_back(cause)),
        Ending::Finished { by: None } => {
            "Finished: it went live, and its way back is closed.".to_owned()
        }
        Ending::Finished { by: Some(newer) } => {
            format!("Finished: {} has replaced it since.", name(newer.as_str()))
        }
    }
}

fn by_hand(verb: &str, by: &Person, reason: &str) -> String {
    let said = quoted(reason).map_or_else(|| ".".to_owned(), |said| format!(": {said}"));
    format!("{verb} by {}{said}", short_person(by))
}

/// What a person can do about it; nothing, where nothing is to be done.
pub(crate) fn remedy(ending: &Ending) -> Option<&'static str> {
    match ending {
        Ending::Blocked { .. } => Some(
            "Register a better version, or reopen this promotion once what was missing is there.",
        ),
        Ending::Rejected { .. } => {
            Some("Register another version, or reopen this promotion to ask again.")
        }
        Ending::Expired => Some("Reopen the promotion to ask again."),
        Ending::Superseded { .. } => Some(
            "Decide about that one, or reopen this promotion: what a person asks for goes before what an event brought.",
        ),
        Ending::Refused { .. } => Some("Reopen the promotion once that one is live or has ended."),
        Ending::Held { .. } => Some("Reopen the promotion once the hold is lifted."),
        Ending::Voided { .. } => Some(
            "Nothing is promoted that differs from what was agreed to. Reopen the promotion to judge and ask again.",
        ),
        Ending::Aborted { .. } => Some("Reopen the promotion to start again."),
        Ending::Failed { .. } => Some(
            "Replay goes on where it stopped, as long as an approval it has counts; reopen starts again.",
        ),
        Ending::RolledBack { .. } => Some("Reopen the promotion to try again from the gates on."),
        Ending::Finished { .. } => None,
    }
}

fn failed_at(at: FailedAt) -> &'static str {
    match at {
        FailedAt::Gating => "evidence was gathered",
        FailedAt::Copying => "files were copied",
        FailedAt::Registering => "the version was registered",
        FailedAt::WaitingForTarget => "the endpoint was made ready",
    }
}

/// Why a rollout goes back, as the end of a sentence.
pub(crate) fn way_back(cause: &WayBackCause) -> String {
    match cause {
        WayBackCause::DeploymentFailed { failure: what } => {
            format!("the deployment did not come up ({})", failure(what))
        }
        WayBackCause::SmokeTestFailed { reply } => format!(
            "the smoke test failed: {}",
            reply
                .problem
                .as_deref()
                .map_or_else(
                    || format!(
                        "it answered {} {}",
                        reply.status,
                        quoted(&reply.answer).unwrap_or_default()
                    ),
                    clause
                )
                .trim_end()
        ),
        WayBackCause::JobTestFailed { shortfall } => {
            format!(
                "the test job failed: {}",
                super::batch::shortfall(shortfall)
            )
        }
        WayBackCause::StepFailed { failure: what } => {
            format!("a step of the rollout failed ({})", failure(what))
        }
        WayBackCause::AnalysisFailed {
            analysis,
            metric,
            verdict,
            measurement,
        } => analysis_failed(*analysis, metric, *verdict, measurement.as_ref()),
        WayBackCause::TrafficDisputed { found } => format!(
            "somebody else changes the endpoint's traffic (found: {})",
            traffic(found)
        ),
        WayBackCause::Drifted { drift } => {
            format!("somebody else has changed the endpoint: {}", drifted(drift))
        }
        WayBackCause::WayBackBroken {
            deployment: called,
            problem,
        } => format!(
            "before it had any traffic, deployment {} could not have served again: {}",
            deployment(called),
            clause(problem)
        ),
        WayBackCause::ByHand { by, reason } => by_whom("taken back", by, reason),
        WayBackCause::Aborted { by, reason } => by_whom("aborted", by, reason),
        WayBackCause::Voided { detail } => clause(detail),
        WayBackCause::LoadTestFailed { reply } => not_borne(reply),
    }
}

fn by_whom(verb: &str, by: &Person, reason: &str) -> String {
    let said = quoted(&clause(reason)).map_or_else(String::new, |said| format!(", {said}"));
    format!("{verb} by {}{said}", short_person(by))
}

/// Why a completed job is not promoted.
pub fn ignored(ignored: &Ignored) -> String {
    match ignored {
        Ignored::NotCompleted { status } => {
            format!("Ignored: the job is {}, not Completed.", name(status))
        }
        Ignored::OtherExperiment { experiment } => format!(
            "Ignored: the job belongs to another experiment, {}.",
            name(experiment)
        ),
        Ignored::PipelineChild { parent } => format!(
            "Ignored: the job is a step of pipeline {}, whose own event counts.",
            name(parent.as_str())
        ),
        Ignored::NoOutput { output } => {
            format!("Ignored: the job has no output called {}.", name(&output.0))
        }
    }
}
