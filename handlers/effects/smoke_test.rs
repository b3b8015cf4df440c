//! `smoke-test`: one request to the deployment by name, and a condition over its answer. Asking changes nothing.

use azure_api::ml::Scored;
use bytes::Bytes;
use promotion::{
    DeploymentName, EndpointName, Entry, Failure, Outcome, Report, SmokeReply, SmokeTest,
    WorkspaceId,
};
use std::time::Duration;

use super::perform::{Effects, workspace};
use super::policy::{or_report, report, settle};
use crate::config::compile_condition;
use crate::ui::capped;

/// How often a deployment that does not answer at all is asked again: it may still be warming up.
const PATIENCE: u32 = 5;

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
        let gone = || {
            Report::Failed(Failure::new(
                "EndpointNotFound",
                format!("endpoint `{name}` is gone"),
            ))
        };
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
fn warming_up(scored: &Scored) -> bool {
    matches!(scored.status, 401 | 403 | 429 | 502 | 503 | 504)
}

fn judge(scored: &Scored, test: &SmokeTest) -> SmokeReply {
    reply(scored.status, &scored.body, scored.elapsed, test)
}

/// What an answer comes to.
pub(crate) fn reply(status: u16, body: &[u8], took: Duration, test: &SmokeTest) -> SmokeReply {
    let answer = String::from_utf8_lossy(body);
    let problem = match status {
        200 => condition(&test.success_condition, body).err(),
        status => Some(format!("the answer's status is {status}, not 200")),
    };
    SmokeReply {
        passed: problem.is_none(),
        status,
        answer: capped(&answer, 300),
        elapsed_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
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

/// Whether the condition holds of the answer; why not, otherwise.
fn condition(source: &str, body: &[u8]) -> Result<(), String> {
    let answer: serde_json::Value =
        serde_json::from_slice(body).map_err(|error| format!("the answer is not JSON: {error}"))?;
    let program = compile_condition(source)?;
    let mut context = cel::Context::default();
    context
        .add_variable("result", answer)
        .map_err(|error| format!("the answer cannot be used: {error}"))?;
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

    #[test]
    fn a_condition_reads_the_answer() {
        assert_eq!(condition("size(result) == 2", b"[1.5, 2.5]"), Ok(()));
        assert_eq!(
            condition("size(result) == 2", b"[1.5]"),
            Err("`size(result) == 2` does not hold".into())
        );
        assert_eq!(condition("result[0] > 1.0", b"[1.5]"), Ok(()));
    }

    #[test]
    fn what_cannot_be_told_never_passes() {
        assert!(condition("result.missing == 1", b"{}").is_err());
        assert!(condition("size(result)", b"[]").is_err());
        assert!(condition("true", b"<html>").is_err());
    }
}
