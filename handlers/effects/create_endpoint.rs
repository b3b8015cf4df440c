//! `create-endpoint`: the endpoint from its file, without traffic. What is there by that name is adopted.

use azure_api::ml::{
    AuthMode, EndpointBody, EndpointIdentity, EndpointSpec, OperationState, OperationUrl,
    ProvisioningState,
};
use promotion::{EffectState, Entry, Failure, Outcome, Report, WorkspaceId};
use std::collections::BTreeMap;

use super::perform::{Effects, workspace};
use super::policy::{or_report, settle};

impl Effects {
    pub(super) async fn create_endpoint(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        location: &str,
        spec: &promotion::EndpointSpec,
    ) -> Report {
        settle(self.endpoint(entry, id, location, spec).await)
    }

    async fn endpoint(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        location: &str,
        spec: &promotion::EndpointSpec,
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        if let Some(unfinished) = self.unfinished(entry).await? {
            return Ok(unfinished);
        }
        let name = spec.name.as_str();
        if let Some(found) = or_report(self.ml.online_endpoint(&at, name).await)? {
            return Ok(arrived(
                "endpoint",
                name,
                found.provisioning_state.as_ref(),
                Outcome::EndpointReady,
            ));
        }
        let body = EndpointBody::from(&wire(location, spec));
        let submitted = or_report(self.ml.put_online_endpoint(&at, name, &body).await)?;
        Ok(submitted_report(submitted.operation))
    }

    /// What the operation of an effect says, unless it has succeeded or none is known: then the thing itself is read.
    pub(super) async fn unfinished(&self, entry: &Entry) -> Result<Option<Report>, Report> {
        let EffectState::Running { operation } = &entry.state else {
            return Ok(None);
        };
        match self
            .ml
            .operation(&OperationUrl::from(operation.clone()))
            .await
        {
            Ok(OperationState::Running { .. }) => Ok(Some(Report::StillRunning)),
            Ok(OperationState::Failed { code, message }) => {
                Ok(Some(Report::Failed(Failure::new(&code, message))))
            }
            Ok(OperationState::Canceled) => Ok(Some(Report::Failed(Failure::new(
                "OperationCanceled",
                "somebody cancelled the operation in Azure",
            )))),
            // Operations are forgotten after a while; what they made is still there to be read.
            Ok(OperationState::Succeeded) | Err(azure_api::Error::NotFound(_)) => Ok(None),
            Err(error) => or_report(Err(error)),
        }
    }
}

/// What the state of something that is there means for the effect that wants it.
pub(super) fn arrived(
    what: &str,
    name: &str,
    state: Option<&ProvisioningState>,
    ready: Outcome,
) -> Report {
    match state {
        Some(ProvisioningState::Succeeded) => Report::Done(ready),
        Some(ProvisioningState::Failed | ProvisioningState::Canceled) => {
            Report::Failed(Failure::new(
                "ProvisioningFailed",
                format!("{what} `{name}` is there and has failed"),
            ))
        }
        Some(_) | None => Report::StillRunning,
    }
}

pub(super) fn submitted_report(operation: Option<OperationUrl>) -> Report {
    match operation {
        Some(operation) => Report::Submitted {
            operation: operation.as_str().to_owned(),
        },
        // Without an operation to ask, the next look reads the thing itself.
        None => Report::StillRunning,
    }
}

fn wire(location: &str, spec: &promotion::EndpointSpec) -> EndpointSpec {
    EndpointSpec {
        location: location.to_owned(),
        auth_mode: match spec.auth_mode {
            promotion::AuthMode::Key => AuthMode::Key,
            promotion::AuthMode::AmlToken => AuthMode::AmlToken,
            promotion::AuthMode::AadToken => AuthMode::AadToken,
        },
        description: spec.description.clone(),
        tags: spec.tags.clone(),
        properties: BTreeMap::new(),
        traffic: BTreeMap::new(),
        compute: None,
        public_network_access: spec
            .public_network_access
            .map(|open| if open { "Enabled" } else { "Disabled" }.to_owned()),
        identity: EndpointIdentity::SystemAssigned,
    }
}
