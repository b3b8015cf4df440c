//! `verify-traffic`: the endpoint's traffic as it reads. Reading changes nothing.

use promotion::{EndpointName, Failure, Outcome, Report, Serves, Serving, Traffic, WorkspaceId};

use super::drift::changed;
use super::found;
use super::perform::{Effects, workspace};
use super::policy::{or_report, settle};

impl Effects {
    pub(super) async fn verify_traffic(
        &self,
        id: &WorkspaceId,
        endpoint: &EndpointName,
        serving: Serving,
        expects: &[Serves],
    ) -> Report {
        settle(self.shown_traffic(id, endpoint, serving, expects).await)
    }

    async fn shown_traffic(
        &self,
        id: &WorkspaceId,
        endpoint: &EndpointName,
        serving: Serving,
        expects: &[Serves],
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        let found = found::endpoint(&self.ml, &at, endpoint.as_str(), serving).await;
        let Some(found) = or_report(found)? else {
            return Ok(Report::Done(Outcome::TrafficSeen {
                traffic: Traffic::default(),
                copied: Traffic::default(),
                last_change: None,
                changed: vec![],
            }));
        };
        if !found.is_settled() {
            let message = format!("endpoint `{endpoint}` is being changed by somebody");
            return Ok(Report::Retry(Failure::new("EndpointBusy", message)));
        }
        Ok(Report::Done(Outcome::TrafficSeen {
            traffic: found.traffic(),
            copied: found.copied(),
            last_change: found.last_change(),
            changed: or_report(changed(&self.ml, &at, &found, expects).await)?,
        }))
    }
}
