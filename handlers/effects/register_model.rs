//! `register-model`: the copied files become a version of the same number.
//!
//! ARM has no conditional create: read, PUT under a number that the candidate owns, read. What is there with our manifest's
//! digest is ours, whichever route or attempt made it; with another one it is not, and is left alone.

use azure_api::ml::{ModelVersion, NewModelVersion};
use promotion::{Effect, Failure, Outcome, Report};
use std::collections::BTreeMap;

use super::perform::{Effects, workspace};
use super::policy::{or_report, settle};

const MANIFEST: &str = "liftlock.manifest";

impl Effects {
    pub(super) async fn register_model(&self, effect: &Effect) -> Report {
        settle(self.register(effect).await)
    }

    async fn register(&self, effect: &Effect) -> Result<Report, Report> {
        let Effect::RegisterModel {
            workspace: id,
            model,
            version,
            model_type,
            uri,
            manifest,
            properties,
        } = effect
        else {
            unreachable!("only register-model is sent here");
        };
        let at = workspace(id)?;
        let read = || self.ml.model_version(&at, model.as_str(), version.as_str());
        let judge = |found: &ModelVersion| match found.properties.get(MANIFEST) {
            Some(theirs) if theirs == manifest.as_str() => Report::Done(Outcome::Registered),
            theirs => taken(
                &format!("{model}:{version}"),
                id.name(),
                theirs,
                manifest.as_str(),
            ),
        };
        if let Some(found) = or_report(read().await)? {
            return Ok(judge(&found));
        }
        let new = NewModelVersion {
            model_uri: uri.clone(),
            model_type: model_type.clone(),
            job_name: None,
            description: None,
            tags: BTreeMap::new(),
            properties: properties.clone(),
            flavors: None,
        };
        or_report(
            self.ml
                .put_model_version(&at, model.as_str(), version.as_str(), &new)
                .await,
        )?;
        let found = or_report(read().await)?;
        let gone = || {
            Report::Retry(Failure::new(
                "NotThereYet",
                "the version was registered and cannot be read yet",
            ))
        };
        Ok(found.as_ref().map_or_else(gone, judge))
    }
}

fn taken(name: &str, workspace: &str, theirs: Option<&String>, ours: &str) -> Report {
    let short = |digest: &str| digest.chars().take(12).collect::<String>();
    let theirs = theirs.map_or_else(
        || "none of Liftlock's".to_owned(),
        |digest| format!("{}…", short(digest)),
    );
    let message = format!(
        "`{name}` is in `{workspace}` already with other files (manifest {theirs}, the candidate's is {}…)",
        short(ours)
    );
    Report::Failed(Failure::new("VersionTaken", message))
}
