//! `create-deployment` and `delete-deployment` at a batch endpoint, safe to repeat as those of an online one: the name is
//! this attempt's alone, and only what carries our tags and is not the default is deleted.

use azure_api::Error;
use azure_api::ml::{BatchDeploymentSpec, ProvisioningState, SubmissionState};
use promotion::{
    BatchSettings, DeploymentName, DeploymentSpec, Effect, EndpointName, Entry, Failure, Outcome,
    Promotion, Report, WorkspaceId,
};

use crate::effects::operation::{arrived, submitted_report};
use crate::effects::ownership::{self, Maker};
use crate::effects::perform::{Effects, workspace};
use crate::effects::policy::{failure, or_report, report};

impl Effects {
    pub(in crate::effects) async fn create_batch_deployment(
        &self,
        promotion: &Promotion,
        entry: &Entry,
        batch: &BatchSettings,
    ) -> Result<Report, Report> {
        let Effect::CreateDeployment {
            workspace: id,
            location,
            endpoint,
            deployment,
            model,
            version,
            spec,
        } = &entry.effect
        else {
            unreachable!("only create-deployment is sent here");
        };
        let at = workspace(id)?;
        if let Some(unfinished) = self.unfinished(entry).await? {
            return Ok(unfinished);
        }
        let (endpoint, name) = (endpoint.as_str(), deployment.as_str());
        let found = self.ml.batch_deployment(&at, endpoint, name);
        if let Some(found) = or_report(found.await)? {
            return Ok(match ownership::maker(&found.tags, promotion) {
                Maker::ThisAttempt => {
                    let state = found.provisioning_state.as_ref();
                    arrived("deployment", name, state, Outcome::DeploymentReady)
                }
                Maker::Liftlock | Maker::Others => Report::Failed(Failure::new(
                    "DeploymentNameTaken",
                    format!("somebody else has made a deployment named `{name}`"),
                )),
            });
        }
        let mut wire = wire(spec, batch, location);
        let workspace = id.as_str().trim_end_matches('/');
        wire.model = format!("{workspace}/models/{model}/versions/{version}");
        wire.tags.extend(ownership::tags(promotion));
        let put = self.ml.put_batch_deployment(&at, endpoint, name, &wire);
        match put.await {
            Ok(submitted) => Ok(submitted_report(submitted.operation)),
            Err(Error::Conflict(_)) => Ok(Report::StillRunning),
            Err(error) => Err(report(&error)),
        }
    }

    pub(in crate::effects) async fn delete_batch_deployment(
        &self,
        promotion: &Promotion,
        entry: &Entry,
        id: &WorkspaceId,
        endpoint: &EndpointName,
        name: &DeploymentName,
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        if let Some(unfinished) = self.unfinished(entry).await? {
            return Ok(unfinished);
        }
        let (endpoint, name) = (endpoint.as_str(), name.as_str());
        let found = self.ml.batch_deployment(&at, endpoint, name);
        let Some(found) = or_report(found.await)? else {
            return Ok(Report::Done(Outcome::Deleted));
        };
        if matches!(ownership::maker(&found.tags, promotion), Maker::Others) {
            let detail = format!("`{name}` was not made by Liftlock");
            return Ok(Report::Done(Outcome::LeftAlone { detail }));
        }
        if found.provisioning_state == Some(ProvisioningState::Deleting) {
            return Ok(Report::StillRunning);
        }
        let default = or_report(self.ml.batch_endpoint(&at, endpoint).await)?
            .and_then(|found| found.default_deployment);
        if default.as_deref() == Some(name) {
            // Whoever made it the default wants it to serve, or a delayed call of ours did: the way back finds that.
            let detail = format!("`{name}` is the endpoint's default deployment");
            return Ok(Report::Done(Outcome::LeftAlone { detail }));
        }
        match self.ml.delete_batch_deployment(&at, endpoint, name).await {
            Ok(submitted) if submitted.state == SubmissionState::Absent => {
                Ok(Report::Done(Outcome::Deleted))
            }
            Ok(submitted) => Ok(submitted_report(submitted.operation)),
            // Azure changes an endpoint one operation at a time.
            Err(error @ (Error::Conflict(_) | Error::Invalid(_))) => {
                Err(Report::Retry(failure(&error)))
            }
            Err(error) => Err(report(&error)),
        }
    }
}

fn wire(spec: &DeploymentSpec, batch: &BatchSettings, location: &str) -> BatchDeploymentSpec {
    BatchDeploymentSpec {
        location: location.to_owned(),
        model: String::new(),
        compute: batch.compute.as_str().to_owned(),
        instance_count: spec.instance_count,
        mini_batch_size: batch.mini_batch_size,
        max_concurrency_per_instance: batch.max_concurrency_per_instance,
        error_threshold: batch.error_threshold,
        output_file_name: batch.output_file_name.clone(),
        max_retries: batch.max_retries,
        retry_timeout: batch
            .retry_timeout
            .map(|timeout| format!("PT{}S", timeout.0)),
        logging_level: batch.logging_level.as_deref().map(capitalised),
        description: spec.description.clone(),
        environment_variables: spec.environment_variables.clone(),
        tags: spec.tags.clone(),
    }
}

/// `az ml` writes `info` where ARM has `Info`.
fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
