//! `register-output`: a job's output becomes the version whose number was journaled before.
//!
//! A version of that number that names our run is ours from a try before; any other means that the number is taken.

use azure_api::ml::{ModelVersion, NewModelVersion};
use promotion::{Effect, Failure, Outcome, Report, RunId};
use std::collections::BTreeMap;

use super::perform::{Effects, workspace};
use super::policy::{or_report, settle};

const RUN: &str = "liftlock.source.run";

impl Effects {
    pub(super) async fn register_output(&self, effect: &Effect) -> Report {
        settle(self.register_from_job(effect).await)
    }

    async fn register_from_job(&self, effect: &Effect) -> Result<Report, Report> {
        let Effect::RegisterOutput {
            workspace: id,
            run,
            model,
            version,
            model_type,
            uri,
        } = effect
        else {
            unreachable!("only register-output is sent here");
        };
        let at = workspace(id)?;
        let read = || self.ml.model_version(&at, model.as_str(), version.as_str());
        if let Some(found) = or_report(read().await)? {
            return Ok(whose(&found, run));
        }
        let new = NewModelVersion {
            model_uri: uri.clone(),
            model_type: model_type.clone(),
            job_name: Some(run.as_str().to_owned()),
            description: None,
            tags: BTreeMap::new(),
            properties: BTreeMap::from([
                (RUN.to_owned(), run.as_str().to_owned()),
                (
                    "liftlock.source.workspace".to_owned(),
                    id.as_str().to_owned(),
                ),
            ]),
            flavors: None,
        };
        or_report(
            self.ml
                .put_model_version(&at, model.as_str(), version.as_str(), &new)
                .await,
        )?;
        let gone = || {
            Report::Retry(Failure::new(
                "NotThereYet",
                "the version was registered and cannot be read yet",
            ))
        };
        Ok(or_report(read().await)?
            .as_ref()
            .map_or_else(gone, |found| whose(found, run)))
    }
}

fn whose(found: &ModelVersion, run: &RunId) -> Report {
    if found.properties.get(RUN).map(String::as_str) == Some(run.as_str()) {
        Report::Done(Outcome::OutputRegistered)
    } else {
        Report::Done(Outcome::VersionTaken)
    }
}
