//! `delete-deployment`: only what Liftlock made and what has no traffic. Gone is done; its name is never used again.

use azure_api::Error;
use azure_api::ml::{ProvisioningState, SubmissionState};
use promotion::{
    DeploymentName, EndpointName, Entry, Outcome, Promotion, Report, Serving, WorkspaceId,
};

use super::found;
use super::operation::submitted_report;
use super::ownership::{self, Maker};
use super::perform::{Effects, workspace};
use super::policy::{failure, or_report, report, settle};

impl Effects {
    pub(super) async fn delete_deployment(
        &self,
        promotion: &Promotion,
        entry: &Entry,
        id: &WorkspaceId,
        endpoint: &EndpointName,
        name: &DeploymentName,
        serving: Serving,
    ) -> Report {
        settle(
            self.delete(promotion, entry, id, endpoint, name, serving)
                .await,
        )
    }

    async fn delete(
        &self,
        promotion: &Promotion,
        entry: &Entry,
        id: &WorkspaceId,
        endpoint: &EndpointName,
        name: &DeploymentName,
        serving: Serving,
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        if let Some(unfinished) = self.unfinished(entry).await? {
            return Ok(unfinished);
        }
        let called = name.as_str();
        let found = found::deployment(&self.ml, &at, endpoint.as_str(), called, serving).await;
        let Some(found) = or_report(found)? else {
            return Ok(Report::Done(Outcome::Deleted));
        };
        let maker = ownership::maker(&found.tags, promotion);
        if matches!(maker, Maker::Others) {
            let detail = format!("`{name}` was not made by Liftlock");
            return Ok(Report::Done(Outcome::LeftAlone { detail }));
        }
        if found.state == Some(ProvisioningState::Deleting) {
            return Ok(Report::StillRunning);
        }
        let parent = found::endpoint(&self.ml, &at, endpoint.as_str(), serving).await;
        let share = or_report(parent)?.map_or(0, |found| found.traffic().of(name));
        if share > 0 {
            // Whoever gave it traffic wants it to serve, or a delayed call of ours did: then the way back finds that
            // when it reads the traffic once more, and takes it back before it asks for the deletion again.
            let detail = match serving {
                Serving::Online => format!("`{name}` has {share} % of the traffic"),
                Serving::Batch => format!("`{name}` is the endpoint's default deployment"),
            };
            return Ok(Report::Done(Outcome::LeftAlone { detail }));
        }
        let (endpoint, ml) = (endpoint.as_str(), &self.ml);
        let deleted = match serving {
            Serving::Online => ml.delete_deployment(&at, endpoint, called).await,
            Serving::Batch => ml.delete_batch_deployment(&at, endpoint, called).await,
        };
        match deleted {
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
