//! The retry policy: what an error of Azure means for an effect that has nothing of its own to say about it.

use azure_api::Error;
use promotion::{Entry, Failure, Report, Seconds};

/// Whether trying again may help.
///
/// A refusal for lack of rights is tried again too: roles are assigned late, and take minutes to arrive.
pub(super) fn report(error: &Error) -> Report {
    match error {
        Error::Throttled(_)
        | Error::Unavailable(_)
        | Error::Timeout { .. }
        | Error::Transport { .. }
        | Error::Malformed { .. }
        | Error::Credential { .. }
        | Error::Denied(_)
        | Error::Conflict(_)
        | Error::PreconditionFailed(_) => Report::Retry(failure(error)),
        Error::NotFound(_) | Error::Invalid(_) | Error::Refused { .. } => {
            Report::Failed(failure(error))
        }
    }
}

/// Tries whose pauses (5 s, doubled each time) come to five minutes.
const PATIENT_TRIES: u32 = 6;

/// What an event has just told of and the workspace does not show yet: after five minutes it will not come any more.
pub(super) fn not_found_yet(entry: &Entry, missing: Failure) -> Report {
    if entry.failures < PATIENT_TRIES {
        Report::Retry(missing)
    } else {
        Report::Failed(missing)
    }
}

/// That the endpoint is not there; by its code whoever goes back knows that nothing is left to take back.
pub(super) fn endpoint_gone(name: &str) -> Report {
    let message = format!("endpoint `{name}` is gone");
    Report::Failed(Failure::new("EndpointNotFound", message))
}

/// The error in the journal's words: Azure's code, message and request id.
pub(super) fn failure(error: &Error) -> Failure {
    let code = error
        .code()
        .filter(|code| !code.is_empty())
        .unwrap_or(match error {
            Error::Timeout { .. } => "Timeout",
            Error::Transport { .. } => "Transport",
            Error::Credential { .. } => "Credential",
            Error::Malformed { .. } => "Malformed",
            _ => "Refused",
        });
    let message: String = error.to_string().chars().take(1000).collect();
    let wait = error
        .retry_after()
        .and_then(|wait| u32::try_from(wait.as_secs()).ok())
        .map(Seconds);
    Failure {
        retry_after: wait,
        ..Failure::new(code, message)
    }
}

/// Why something that was only looked at could not be seen.
pub(super) fn not_done(report: Report) -> Failure {
    match report {
        Report::Waiting(why) | Report::Retry(why) | Report::Failed(why) => why,
        Report::Submitted { .. } | Report::StillRunning | Report::Done(_) | Report::Cleared => {
            Failure::new("NotSeen", "it could not be seen")
        }
    }
}

/// Shortens an early return: the value, or the report that its error makes.
pub(super) fn or_report<T>(result: azure_api::Result<T>) -> Result<T, Report> {
    result.map_err(|error| report(&error))
}

/// The report of a body that may return early with one.
pub(super) fn settle(result: Result<Report, Report>) -> Report {
    result.unwrap_or_else(|early| early)
}
