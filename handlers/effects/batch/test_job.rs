//! `test-job`: a job of one deployment on the sample data, past the default, and what its result looks like.
//!
//! It is asked for under an id that no other job has, so that a call which is repeated after a crash or a lost answer asks
//! for the same job (that Azure keeps to it is from memory, not verified: else a second one writes the same file); once its name is recorded only the job is looked at. Each job has a file of its own for its result.

use azure_api::Error;
use azure_api::ml::{BatchJobSpec, Job, WorkspaceRef};
use promotion::{
    BatchTest, BlobPlace, EffectState, EndpointName, Entry, Failure, JobReply, Outcome, Report,
    TestedBy, WorkspaceId,
};

use super::result::{self, Summary};
use crate::effects::perform::{Effects, workspace};
use crate::effects::policy::{endpoint_gone, failure, not_found_yet, or_report, report, settle};
use crate::ui::capped;

/// Of a sample no more is read.
const LARGEST_RESULT: u64 = 8 << 20;

impl Effects {
    pub(in crate::effects) async fn test_job(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        endpoint: &EndpointName,
        test: &BatchTest,
        job: &TestedBy,
    ) -> Report {
        let at = match workspace(id) {
            Ok(at) => at,
            Err(early) => return early,
        };
        settle(match &entry.state {
            EffectState::Running { operation } => self.ended_job(&at, job, operation).await,
            EffectState::Planned | EffectState::Retrying { .. } => {
                self.start_job(entry, &at, endpoint, test, job).await
            }
        })
    }

    async fn start_job(
        &self,
        entry: &Entry,
        at: &WorkspaceRef,
        name: &EndpointName,
        test: &BatchTest,
        job: &TestedBy,
    ) -> Result<Report, Report> {
        let gone = || endpoint_gone(name.as_str());
        let endpoint = or_report(self.ml.batch_endpoint(at, name.as_str()).await)?;
        let uri = endpoint.ok_or_else(gone)?.scoring_uri.ok_or_else(gone)?;
        let asked = BatchJobSpec {
            deployment: job.deployment.as_str(),
            request_id: &job.request_id,
            input_uri: &test.input,
            output_uri: &job.result_uri,
        };
        match self.ml.start_batch_job(&uri, asked).await {
            Ok(operation) => Ok(Report::Submitted { operation }),
            // The endpoint's front door may not know the deployment yet.
            Err(error @ Error::NotFound(_)) => Err(not_found_yet(entry, failure(&error))),
            Err(error) => Err(report(&error)),
        }
    }

    async fn ended_job(
        &self,
        at: &WorkspaceRef,
        job: &TestedBy,
        name: &str,
    ) -> Result<Report, Report> {
        let Some(found) = or_report(self.ml.job(at, name).await)? else {
            return Ok(Report::StillRunning);
        };
        let read = match end(&found) {
            None => return Ok(Report::StillRunning),
            Some(End::Completed) => self.result(&job.result, name).await?,
            Some(End::Without(status)) => Err(format!("job `{name}` ended as {status}")),
        };
        let (summary, problem) = match read {
            Ok(summary) => (summary, None),
            Err(problem) => (Summary::default(), Some(capped(&problem, 300))),
        };
        Ok(Report::Done(Outcome::JobTested(JobReply {
            deployment: job.deployment.clone(),
            rows: summary.rows,
            columns: summary.columns,
            errors: summary.errors,
            problem,
        })))
    }

    /// What the result comes to, or why it cannot be told.
    async fn result(
        &self,
        place: &BlobPlace,
        job: &str,
    ) -> Result<Result<Summary, String>, Report> {
        let blob = self.container(place)?.blob(&place.prefix);
        let file = &place.prefix;
        let missing = || format!("job `{job}` has completed and left no file `{file}`");
        let Some(found) = or_report(blob.head().await)? else {
            return Ok(Err(missing()));
        };
        if found.size > LARGEST_RESULT {
            return Ok(Err(format!(
                "the result `{file}` of job `{job}` is longer than 8 MiB; test on a smaller sample"
            )));
        }
        let size = found.size;
        let read = or_report(blob.get(None, LARGEST_RESULT).await)?.ok_or_else(missing);
        // Bytes that are not all of it, or another's, are no result to judge a model by.
        if read
            .as_ref()
            .is_ok_and(|found| found.bytes.len() as u64 != size)
        {
            let message =
                format!("the result `{file}` of job `{job}` came otherwise than it lies there");
            return Err(Report::Retry(Failure::new("ResultGarbled", message)));
        }
        Ok(read.and_then(|found| {
            result::read(&found.bytes)
                .map_err(|why| format!("the result `{file}` of job `{job}` cannot be read: {why}"))
        }))
    }
}

enum End<'a> {
    Completed,
    Without(&'a str),
}

/// How it ended; nothing while it runs.
fn end(job: &Job) -> Option<End<'_>> {
    match job.status.as_str() {
        "Completed" => Some(End::Completed),
        "Failed" | "Canceled" => Some(End::Without(&job.status)),
        _ => None,
    }
}
