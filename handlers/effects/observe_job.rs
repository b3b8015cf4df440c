//! `observe-job`: a completed job, its named output, and the version that the run may have registered itself.

use azure_api::ml::{Job, ModelVersion, WorkspaceRef};
use promotion::{
    Entry, Failure, JobOutput, JobSeen, ModelName, Outcome, Report, RunId, WorkspaceId,
};

use super::model_uri::{self, DatastorePath};
use super::perform::{Effects, workspace};
use super::policy::{not_found_yet, or_report, settle};

/// How many of the newest versions are looked through for one that the run has registered.
const NEWEST: usize = 200;

impl Effects {
    pub(super) async fn observe_job(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        run: &RunId,
        model: &ModelName,
        output: &JobOutput,
    ) -> Report {
        settle(self.job(entry, id, run, model, output).await)
    }

    async fn job(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        run: &RunId,
        model: &ModelName,
        output: &JobOutput,
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        let Some(job) = or_report(self.ml.job(&at, run.as_str()).await)? else {
            let message = format!("job `{run}` is not in `{}`", id.name());
            return Err(not_found_yet(entry, Failure::new("JobNotFound", message)));
        };
        let home = or_report(self.ml.workspace(&at).await)?;
        let record = or_report(self.ml.run_record(&home, run.as_str()).await)?;
        let container = or_report(self.ml.model_container(&at, model.as_str()).await)?;
        let next = container
            .and_then(|container| container.next_version)
            .unwrap_or_else(|| "1".to_owned());
        let made = self.registered_by(&at, &job, run, model, output).await?;
        Ok(Report::Done(Outcome::JobSeen(JobSeen {
            status: job.status.clone(),
            experiment: job.experiment_name.clone().unwrap_or_default(),
            parent: record
                .and_then(|record| record.parent_run_id)
                .filter(|id| !id.is_empty())
                .map(RunId::new),
            output: place_of(&job, run, output),
            registered: made.map(promotion::ModelVersion::new),
            next_version: promotion::ModelVersion::new(next),
        })))
    }

    async fn registered_by(
        &self,
        at: &WorkspaceRef,
        job: &Job,
        run: &RunId,
        model: &ModelName,
        output: &JobOutput,
    ) -> Result<Option<String>, Report> {
        let folder = place_of(job, run, output).and_then(|(_, uri)| model_uri::parse(&uri));
        let versions = or_report(self.ml.model_versions(at, model.as_str(), NEWEST).await)?;
        let found = made_by(&versions, folder.as_ref(), run);
        Ok(found.map(|version| version.name.clone()))
    }
}

/// The version that lies in the output's folder. A run may register several outputs: its name tells which version is meant
/// only where no place does.
fn made_by<'v>(
    versions: &'v [ModelVersion],
    folder: Option<&DatastorePath>,
    run: &RunId,
) -> Option<&'v ModelVersion> {
    let place = |version: &ModelVersion| version.model_uri.as_deref().and_then(model_uri::parse);
    let from_output = |version: &ModelVersion| {
        place(version)
            .zip(folder)
            .is_some_and(|(place, folder)| model_uri::lies_in(&place, folder))
    };
    let by_run = |version: &ModelVersion| {
        let readable = place(version).is_some() && folder.is_some();
        !readable && version.job_name.as_deref() == Some(run.as_str())
    };
    let current = || versions.iter().filter(|version| !version.archived);
    current()
        .find(|version| from_output(version))
        .or_else(|| current().find(|version| by_run(version)))
}

/// Type and place of the named output.
fn place_of(job: &Job, run: &RunId, output: &JobOutput) -> Option<(String, String)> {
    let found = job.outputs.get(&output.0)?;
    let default = || format!("azureml://jobs/{run}/outputs/artifacts/paths/{}", output.0);
    Some((
        found.output_type.clone(),
        found.uri.clone().unwrap_or_else(default),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use azure_api::ml::SystemData;
    use std::collections::BTreeMap;

    fn version(name: &str, uri: &str) -> ModelVersion {
        ModelVersion {
            id: String::new(),
            name: name.to_owned(),
            model_uri: Some(uri.to_owned()),
            model_type: None,
            job_name: Some("run-1".to_owned()),
            description: None,
            tags: BTreeMap::new(),
            properties: BTreeMap::new(),
            archived: false,
            stage: None,
            flavors: serde_json::Value::Null,
            provisioning_state: None,
            system: SystemData::default(),
        }
    }

    #[test]
    fn of_several_versions_of_one_run_the_named_outputs_is_meant() {
        let at = |output: &str| format!("azureml://jobs/run-1/outputs/artifacts/paths/{output}");
        let folder = model_uri::parse(&at("best")).unwrap();
        let run = RunId::new("run-1");
        let (best, last) = (version("2", &at("best")), version("3", &at("last")));
        let unknown = version("4", "somewhere");
        let found = |versions: &[ModelVersion]| {
            made_by(versions, Some(&folder), &run).map(|version| version.name.clone())
        };
        assert_eq!(found(&[last.clone(), best.clone()]).as_deref(), Some("2"));
        assert_eq!(found(&[unknown.clone(), best]).as_deref(), Some("2"));
        assert_eq!(found(&[last.clone(), unknown]).as_deref(), Some("4"));
        assert_eq!(found(&[last]), None);
    }
}
