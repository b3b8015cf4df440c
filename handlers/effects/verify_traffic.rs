//! `verify-traffic`: the endpoint's traffic as it reads. Reading changes nothing.

use azure_api::ml::ProvisioningState;
use promotion::{EndpointName, Failure, Outcome, Report, Serving, Traffic, WorkspaceId};

use super::drift::last_change;
use super::perform::{Effects, workspace};
use super::policy::{or_report, settle};
use super::set_traffic::{copied, read};

impl Effects {
    pub(super) async fn verify_traffic(
        &self,
        id: &WorkspaceId,
        endpoint: &EndpointName,
        serving: Serving,
    ) -> Report {
        settle(match serving {
            Serving::Online => self.shown_traffic(id, endpoint).await,
            Serving::Batch => self.shown_default(id, endpoint).await,
        })
    }

    async fn shown_traffic(
        &self,
        id: &WorkspaceId,
        endpoint: &EndpointName,
    ) -> Result<Report, Report> {
        let found = or_report(
            self.ml
                .online_endpoint(&workspace(id)?, endpoint.as_str())
                .await,
        )?;
        let traffic = match &found {
            None => Traffic::default(),
            Some(found)
                if found
                    .provisioning_state
                    .as_ref()
                    .is_some_and(ProvisioningState::is_terminal) =>
            {
                read(found)
            }
            Some(_) => {
                let message = format!("endpoint `{endpoint}` is being changed by somebody");
                return Ok(Report::Retry(Failure::new("EndpointBusy", message)));
            }
        };
        let copied = found.as_ref().map(copied).unwrap_or_default();
        Ok(Report::Done(Outcome::TrafficSeen {
            traffic,
            copied,
            last_change: found.as_ref().and_then(|found| last_change(&found.system)),
        }))
    }
}
