//! `smoke-test`: one request to the deployment by name, and a condition over its answer. Asking changes nothing.

use azure_api::ml::Scored;
use bytes::Bytes;
use promotion::{
    DeploymentName, EndpointName, Entry, Failure, Outcome, Report, SmokeReply, SmokeTest,
    WorkspaceId,
};
use std::time::Duration;

use super::perform::{Effects, workspace};
use super::policy::{endpoint_gone, or_report, report, settle};
use crate::config::compile_condition;
use crate::ui::capped;

/// How often a deployment that does not answer at all is asked again: it may still be warming up.
pub(super) const PATIENCE: u32 = 5;

impl Effects {
    pub(super) async fn smoke_test(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        endpoint: &EndpointName,
        deployment: &DeploymentName,
        test: &SmokeTest,
    ) -> Report {
        settle(self.ask(entry, id, endpoint, deployment, test).await)
    }

    async fn ask(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        name: &EndpointName,
        deployment: &DeploymentName,
        test: &SmokeTest,
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        let endpoint = or_report(self.ml.online_endpoint(&at, name.as_str()).await)?;
        let gone = || endpoint_gone(name.as_str());
        let endpoint = endpoint.ok_or_else(gone)?;
        let uri = endpoint.scoring_uri.clone().ok_or_else(gone)?;
        let token = or_report(self.ml.scoring_token(&at, &endpoint).await)?;
        let body = Bytes::from(test.request.to_string());
        match self
            .ml
            .score(&uri, &token, Some(deployment.as_str()), body)
            .await
        {
            Ok(scored) if warming_up(&scored) && entry.failures < PATIENCE => {
                let message = format!(
                    "`{deployment}` answered {} to the smoke test",
                    scored.status
                );
                Ok(Report::Retry(Failure::new("NotAnsweringYet", message)))
            }
            Ok(scored) => Ok(Report::Done(Outcome::SmokeTested(judge(&scored, test)))),
            Err(error) if error.is_transient() && entry.failures >= PATIENCE => Ok(Report::Done(
                Outcome::SmokeTested(silent(&error.to_string())),
            )),
            Err(error) => Err(report(&error)),
        }
    }
}

/// What the endpoint's front door says, and not the candidate: busy, not ready, or a key that it does not know yet.
pub(super) fn warming_up(scored: &Scored) -> bool {
    matches!(scored.status, 401 | 403 | 429 | 502 | 503 | 504)
}

fn judge(scored: &Scored, test: &SmokeTest) -> SmokeReply {
    reply(scored.status, &scored.body, scored.elapsed, test)
}

/// What an answer comes to.
pub(crate) fn reply(status: u16, body: &[u8], took: Duration, test: &SmokeTest) -> SmokeReply {
    let answer = String::from_utf8_lossy(body);
    let elapsed_ms = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
    let problem = holds(&test.success_condition, status, body, elapsed_ms).err();
    SmokeReply {
        passed: problem.is_none(),
        status,
        answer: capped(&answer, 300),
        elapsed_ms,
        problem,
    }
}

fn silent(error: &str) -> SmokeReply {
    SmokeReply {
        passed: false,
        status: 0,
        answer: String::new(),
        elapsed_ms: 0,
        problem: Some(capped(error, 300)),
    }
}

/// Whether the condition holds of the answer; why not, otherwise. One that says nothing of the status wants 200.
fn holds(source: &str, status: u16, body: &[u8], elapsed_ms: u32) -> Result<(), String> {
    let program = compile_condition(source)?;
    let asks_for = |variable: &str| program.references().has_variable(variable);
    if status != 200 && !asks_for("status") {
        return Err(format!("the answer's status is {status}, not 200"));
    }
    let mut context = cel::Context::default();
    context.add_variable_from_value("status", i64::from(status));
    context.add_variable_from_value("latency", f64::from(elapsed_ms));
    if asks_for("result") {
        let answer: serde_json::Value = serde_json::from_slice(body)
            .map_err(|error| format!("the answer is not JSON: {error}"))?;
        context
            .add_variable("result", answer)
            .map_err(|error| format!("the answer cannot be used: {error}"))?;
    }
    match program.execute(&context) {
        Ok(cel::Value::Bool(true)) => Ok(()),
        Ok(cel::Value::Bool(false)) => Err(format!("`{source}` does not hold")),
        Ok(other) => Err(format!("`{source}` is not true or false but {other:?}")),
        Err(error) => Err(format!("`{source}` cannot be told: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(
        source: &str,
        status: u16,
        body: &'static str,
        milliseconds: u32,
    ) -> Result<(), String> {
        holds(source, status, body.as_bytes(), milliseconds)
    }

    #[test]
    fn a_condition_reads_the_answer() {
        let two = |body| answered("size(result) == 2", 200, body, 1);
        assert_eq!(two("[1.5, 2.5]"), Ok(()));
        assert_eq!(
            two("[1.5]"),
            Err("`size(result) == 2` does not hold".into())
        );
        assert_eq!(answered("result[0] > 1.0", 200, "[1.5]", 1), Ok(()));
    }

    #[test]
    fn it_reads_status_and_latency_too() {
        let quick = "size(result) == 1 && latency < 500";
        assert_eq!(answered(quick, 200, "[1.5]", 499), Ok(()));
        assert!(answered(quick, 200, "[1.5]", 500).is_err());
        assert_eq!(answered("status == 422", 422, "<html>", 1), Ok(()));
        assert!(answered("status == 422", 200, "[]", 1).is_err());
    }

    #[test]
    fn whoever_says_nothing_of_the_status_wants_200() {
        assert_eq!(
            answered("size(result) == 1", 500, "[1.5]", 1),
            Err("the answer's status is 500, not 200".into())
        );
    }

    #[test]
    fn what_cannot_be_told_never_passes() {
        assert!(answered("result.missing == 1", 200, "{}", 1).is_err());
        assert!(answered("size(result)", 200, "[]", 1).is_err());
        assert!(answered("size(result) == 0", 200, "<html>", 1).is_err());
    }
}
