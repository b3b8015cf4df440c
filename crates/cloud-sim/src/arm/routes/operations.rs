//! Where long-running operations are polled: by status (`Azure-AsyncOperation`) and by result (`Location`).

use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::json;

use crate::arm::{Estate, Operation, Progress, Refusal};

use super::answer::moment;
use super::{Answer, Call};

/// Longest time that a client is told to wait, in seconds.
const LONGEST: i64 = 15;

pub(crate) fn status(estate: &Estate, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let operation = find(estate, call, id)?;
    let mut body = json!({
        "id": call.path,
        "name": operation.id,
        "status": word(operation),
        "startTime": moment(operation.started),
    });
    match &operation.progress {
        Progress::Running(..) => {
            body["percentComplete"] = json!(percent(operation, call.now));
            return Ok(
                Answer::ok(body).with("retry-after", retry_after(operation, call.now).to_string())
            );
        }
        Progress::Succeeded => body["percentComplete"] = json!(100.0),
        Progress::Failed(failure) => {
            body["error"] = json!({"code": failure.code, "message": failure.message});
        }
    }
    body["endTime"] = json!(moment(operation.due));
    Ok(Answer::ok(body))
}

/// 202 while it runs; then 200 or 204 without a body, or the error it failed with.
pub(crate) fn result(estate: &Estate, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let operation = find(estate, call, id)?;
    match &operation.progress {
        Progress::Running(..) => Ok(Answer::empty(StatusCode::ACCEPTED)
            .with(
                "location",
                format!(
                    "{}{}?api-version={}",
                    call.arm_url,
                    call.path,
                    call.query("api-version").unwrap_or_default()
                ),
            )
            .with("retry-after", retry_after(operation, call.now).to_string())),
        Progress::Succeeded => Ok(Answer::empty(StatusCode::NO_CONTENT)),
        Progress::Failed(failure) => {
            let body = json!({"error": {"code": failure.code, "message": failure.message}});
            Ok(Answer::with_status(StatusCode::CONFLICT, body))
        }
    }
}

/// Seconds until the next look pays, at least one: clients ignore a 0.
pub(crate) fn retry_after(operation: &Operation, now: Timestamp) -> i64 {
    (operation.due.duration_since(now).as_secs() + 1).clamp(1, LONGEST)
}

fn find<'a>(estate: &'a Estate, call: &Call, id: &str) -> Result<&'a Operation, Refusal> {
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    estate.operation(id)
}

fn word(operation: &Operation) -> &'static str {
    match operation.progress {
        Progress::Running(..) => "InProgress",
        Progress::Succeeded => "Succeeded",
        Progress::Failed(_) => "Failed",
    }
}

fn percent(operation: &Operation, now: Timestamp) -> f64 {
    let whole = operation
        .due
        .duration_since(operation.started)
        .as_secs_f64()
        .max(1.0);
    (now.duration_since(operation.started).as_secs_f64() / whole * 100.0)
        .clamp(0.0, 99.0)
        .floor()
}
