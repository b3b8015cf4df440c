//! `set-traffic` and `verify-traffic` at a batch endpoint: who has all of the traffic is its default deployment.
//!
//! As with traffic, the endpoint is read, changed and PUT whole, under the lease; the call is sent once and bounded by 60 s;
//! whatever its answer, the next look reads first and writes only what does not read as wanted.

use azure_api::ml::{BatchEndpoint, OperationState, ProvisioningState};
use promotion::{
    DeploymentName, EffectState, EndpointName, Entry, Expected, Failure, Outcome, Report, Serves,
    Serving, Traffic, WorkspaceId,
};

use crate::effects::drift::{Shown, changed, drift, last_change};
use crate::effects::operation::submitted_report;
use crate::effects::perform::{Effects, workspace};
use crate::effects::policy::{failure, or_report};
use crate::effects::set_traffic::{missing, not_as_wanted};

impl Effects {
    pub(in crate::effects) async fn set_default(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        name: &EndpointName,
        wanted: &Traffic,
        expects: Option<&Expected>,
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        let operation = self.operation_state(entry).await?;
        if matches!(operation, Some(OperationState::Running { .. })) {
            return Ok(Report::StillRunning);
        }
        if operation.is_none() && matches!(entry.state, EffectState::Running { .. }) {
            // Whoever asked for it may want something else by now: they are asked before it is written again.
            let message = "Azure knows no more of the change of the default that it worked on";
            return Ok(Report::Retry(Failure::new("OperationUnknown", message)));
        }
        let Some(found) = or_report(self.ml.batch_endpoint(&at, name.as_str()).await)? else {
            return Err(Report::Failed(Failure::new(
                "EndpointNotFound",
                format!("endpoint `{name}` is gone"),
            )));
        };
        match found.provisioning_state {
            Some(ProvisioningState::Succeeded) if read(&found) == *wanted => {
                return Ok(Report::Done(Outcome::TrafficSet));
            }
            Some(
                ProvisioningState::Succeeded
                | ProvisioningState::Failed
                | ProvisioningState::Canceled,
            ) => {}
            Some(_) | None => return Ok(Report::StillRunning),
        }
        if let Some(ended) = operation {
            return Ok(Report::Retry(not_as_wanted(&ended, &read(&found))));
        }
        if let Some(expected) = expects.filter(|_| read(&found) != *wanted)
            && let Some(drift) = or_report(drift(&self.ml, &at, shown(&found), expected).await)?
        {
            return Ok(Report::Done(Outcome::Drifted(Box::new(drift))));
        }
        let default = wanted.shares().next().map(|(deployment, _)| deployment);
        if let Some(deployment) = default {
            let (endpoint, wanted) = (name.as_str(), deployment.as_str());
            let there = self.ml.batch_deployment(&at, endpoint, wanted);
            if or_report(there.await)?.is_none() {
                return Ok(missing(entry, deployment, read(&found)));
            }
        }
        let body = found.with_default(default.map(DeploymentName::as_str));
        let put = self.ml.put_batch_endpoint(&at, name.as_str(), &body);
        match put.await {
            Ok(submitted) => Ok(submitted_report(submitted.operation)),
            Err(error @ azure_api::Error::Invalid(_)) => Err(Report::Failed(failure(&error))),
            Err(error) => Err(Report::Retry(failure(&error))),
        }
    }

    pub(in crate::effects) async fn shown_default(
        &self,
        id: &WorkspaceId,
        name: &EndpointName,
        expects: &[Serves],
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        let found = self.ml.batch_endpoint(&at, name.as_str()).await;
        let settled = |found: &BatchEndpoint| {
            let state = found.provisioning_state.as_ref();
            state.is_some_and(ProvisioningState::is_terminal)
        };
        let found = or_report(found)?;
        let traffic = match &found {
            None => Traffic::default(),
            Some(found) if settled(found) => read(found),
            Some(_) => {
                let message = format!("endpoint `{name}` is being changed by somebody");
                return Ok(Report::Retry(Failure::new("EndpointBusy", message)));
            }
        };
        let changed = match &found {
            None => vec![],
            Some(found) => or_report(changed(&self.ml, &at, &shown(found), expects).await)?,
        };
        Ok(Report::Done(Outcome::TrafficSeen {
            traffic,
            copied: Traffic::default(),
            last_change: found.as_ref().and_then(|found| last_change(&found.system)),
            changed,
        }))
    }
}

fn shown(endpoint: &BatchEndpoint) -> Shown<'_> {
    Shown {
        name: &endpoint.name,
        serving: Serving::Batch,
        traffic: read(endpoint),
        copied: Traffic::default(),
        last_change: last_change(&endpoint.system),
    }
}

/// The default deployment, as traffic.
fn read(endpoint: &BatchEndpoint) -> Traffic {
    let default = endpoint.default_deployment.clone();
    Traffic::new(default.map(|name| (DeploymentName::new(name), 100)))
}
