//! `delete-deployment`: only what Liftlock made and what has no traffic. Gone is done; its name is never used again.

use azure_api::Error;
use azure_api::ml::{ProvisioningState, SubmissionState};
use promotion::{
    DeploymentName, EndpointName, Entry, Outcome, Promotion, Report, Serving, WorkspaceId,
};

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
        settle(match serving {
            Serving::Online => self.delete(promotion, entry, id, endpoint, name).await,
            Serving::Batch => {
                self.delete_batch_deployment(promotion, entry, id, endpoint, name)
                    .await
            }
        })
    }

    async fn delete(
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
        let Some(found) = or_report(
            self.ml
                .deployment(&at, endpoint.as_str(), name.as_str())
                .await,
        )?
        else {
            return Ok(Report::Done(Outcome::Deleted));
        };
        let maker = ownership::maker(&found.tags, promotion);
        if matches!(maker, Maker::Others) {
            let detail = format!("`{name}` was not made by Liftlock");
            return Ok(Report::Done(Outcome::LeftAlone { detail }));
        }
        if found.provisioning_state == Some(ProvisioningState::Deleting) {
            return Ok(Report::StillRunning);
        }
        let share = or_report(self.ml.online_endpoint(&at, endpoint.as_str()).await)?
            .and_then(|found| found.traffic.get(name.as_str()).copied())
            .unwrap_or(0);
        if share > 0 {
            // Whoever gave it traffic wants it to serve, or a delayed call of ours did: then the way back finds that
            // when it reads the traffic once more, and takes it back before it asks for the deletion again.
            let detail = format!("`{name}` has {share} % of the traffic");
            return Ok(Report::Done(Outcome::LeftAlone { detail }));
        }
        match self
            .ml
            .delete_deployment(&at, endpoint.as_str(), name.as_str())
            .await
        {
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
