//! Faults that tests and the demo ask for: the next calls of an operation fail, wait, or die on the line.
//!
//! Invariant: a rule of n times meets exactly n calls; the oldest rule that fits a call is the one that it meets.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;

use crate::world::World;

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Refused with an error in the plane's shape; nothing is done.
    Status { status: StatusCode, code: String },
    /// Served after a wait in real time.
    Delay { delay: Duration },
    /// The connection dies; nothing is done.
    Reset,
    /// Everything is done, then the connection dies.
    LostAnswer,
    /// Everything is done, then the answer waits, in real time.
    LateAnswer { delay: Duration },
}

/// A fault and the calls that it waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// An operation's name; `*` stands for any characters: `arm.deployments.put`, `blob.*`.
    pub operation: String,
    pub fault: Fault,
    /// How many calls it still meets.
    pub times: u32,
}

/// The rules in force, oldest first.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<Vec<Rule>>,
}

impl Faults {
    /// The next `times` calls of `operation` meet `fault`.
    pub fn add(&self, operation: &str, fault: Fault, times: u32) {
        let rule = Rule {
            operation: operation.to_owned(),
            fault,
            times,
        };
        self.lock().push(rule);
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The rules that still wait for calls.
    pub fn pending(&self) -> Vec<Rule> {
        self.lock().clone()
    }

    pub(crate) fn next_for(&self, operation: &str) -> Option<Fault> {
        let mut rules = self.lock();
        let rule = rules
            .iter_mut()
            .find(|rule| rule.times > 0 && fits(&rule.operation, operation))?;
        rule.times -= 1;
        let fault = rule.fault.clone();
        rules.retain(|rule| rule.times > 0);
        Some(fault)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `POST` and `DELETE /control/faults`.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new().route("/faults", post(add).delete(clear))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wish {
    operation: String,
    kind: Kind,
    status: Option<u16>,
    code: Option<String>,
    milliseconds: Option<u64>,
    times: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Status,
    Delay,
    Reset,
    LostAnswer,
    LateAnswer,
}

async fn add(State(world): State<Arc<World>>, Json(wish): Json<Wish>) -> Response {
    match fault_of(&wish) {
        Ok(fault) => {
            world
                .faults
                .add(&wish.operation, fault, wish.times.unwrap_or(1));
            StatusCode::NO_CONTENT.into_response()
        }
        Err(problem) => (StatusCode::BAD_REQUEST, problem).into_response(),
    }
}

async fn clear(State(world): State<Arc<World>>) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

fn fault_of(wish: &Wish) -> Result<Fault, &'static str> {
    match wish.kind {
        Kind::Status => status_fault(wish),
        Kind::Delay => delay_of(wish).map(|delay| Fault::Delay { delay }),
        Kind::LateAnswer => delay_of(wish).map(|delay| Fault::LateAnswer { delay }),
        Kind::Reset => Ok(Fault::Reset),
        Kind::LostAnswer => Ok(Fault::LostAnswer),
    }
}

fn delay_of(wish: &Wish) -> Result<Duration, &'static str> {
    let milliseconds = wish.milliseconds.ok_or("a delay needs milliseconds\n")?;
    Ok(Duration::from_millis(milliseconds))
}

fn status_fault(wish: &Wish) -> Result<Fault, &'static str> {
    let status = wish
        .status
        .and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.ok_or("a status fault needs a status from 100 to 999\n")?;
    let code = wish
        .code
        .clone()
        .unwrap_or_else(|| "InternalError".to_owned());
    Ok(Fault::Status { status, code })
}

/// Whether `name` fits `pattern`, in which `*` stands for any characters.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(tail) = name.strip_prefix(head) else {
        return false;
    };
    (0..=tail.len()).any(|at| tail.get(at..).is_some_and(|tail| fits(rest, tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_whole_names() {
        assert!(fits("blob.append", "blob.append"));
        assert!(fits("blob.*", "blob.append"));
        assert!(fits("*.put", "arm.deployments.put"));
        assert!(fits("*", ""));
        assert!(!fits("blob.app", "blob.append"));
        assert!(!fits("blob.*.put", "blob.put"));
    }

    #[test]
    fn a_rule_meets_as_many_calls_as_it_says() {
        let faults = Faults::default();
        faults.add("blob.*", Fault::Reset, 2);
        faults.add("blob.put", Fault::LostAnswer, 1);
        assert_eq!(faults.next_for("arm.put"), None);
        assert_eq!(faults.next_for("blob.put"), Some(Fault::Reset));
        assert_eq!(faults.next_for("blob.get"), Some(Fault::Reset));
        assert_eq!(faults.next_for("blob.get"), None);
        assert_eq!(faults.next_for("blob.put"), Some(Fault::LostAnswer));
        assert_eq!(faults.pending(), []);
    }
}
