//! `verify-traffic`: the endpoint's traffic as it reads. Reading changes nothing.

use azure_api::ml::ProvisioningState;
use promotion::{EndpointName, Failure, Outcome, Report, Serves, Serving, Traffic, WorkspaceId};

use super::drift::{Shown, changed, last_change};
use super::perform::{Effects, workspace};
use super::policy::{or_report, settle};
use super::set_traffic::{copied, read};

impl Effects {
    pub(super) async fn verify_traffic(
        &self,
        id: &WorkspaceId,
        endpoint: &EndpointName,
        serving: Serving,
        expects: &[Serves],
    ) -> Report {
        settle(match serving {
            Serving::Online => self.shown_traffic(id, endpoint, expects).await,
            Serving::Batch => self.shown_default(id, endpoint, expects).await,
        })
    }

    async fn shown_traffic(
        &self,
        id: &WorkspaceId,
        endpoint: &EndpointName,
        expects: &[Serves],
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        let found = or_report(self.ml.online_endpoint(&at, endpoint.as_str()).await)?;
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
        let changed = match &found {
            None => vec![],
            Some(found) => {
                let shown = Shown::online(found);
                or_report(changed(&self.ml, &at, &shown, expects).await)?
            }
        };
        let copied = found.as_ref().map(copied).unwrap_or_default();
        Ok(Report::Done(Outcome::TrafficSeen {
            traffic,
            copied,
            last_change: found.as_ref().and_then(|found| last_change(&found.system)),
            changed,
        }))
    }
}
