//! Long-running operations: begun by one delivery, asked for by later ones, and forgotten by Azure after a while. What
//! they made is still there to be read then.

use azure_api::ml::{OperationState, OperationUrl, ProvisioningState};
use promotion::{EffectState, Entry, Failure, Outcome, Report};

use super::perform::Effects;
use super::policy::or_report;

impl Effects {
    /// The state of the effect's operation; `None`: there is none, or Azure has forgotten it.
    pub(super) async fn operation_state(
        &self,
        entry: &Entry,
    ) -> Result<Option<OperationState>, Report> {
        let EffectState::Running { operation } = &entry.state else {
            return Ok(None);
        };
        match self
            .ml
            .operation(&OperationUrl::from(operation.clone()))
            .await
        {
            Ok(state) => Ok(Some(state)),
            Err(azure_api::Error::NotFound(_)) => Ok(None),
            Err(error) => or_report(Err(error)),
        }
    }

    /// What the operation of an effect says, unless it has succeeded or none is known: then the thing itself is read.
    pub(super) async fn unfinished(&self, entry: &Entry) -> Result<Option<Report>, Report> {
        Ok(match self.operation_state(entry).await? {
            Some(OperationState::Running { .. }) => Some(Report::StillRunning),
            Some(OperationState::Failed { code, message }) => {
                Some(Report::Failed(Failure::new(&code, message)))
            }
            Some(OperationState::Canceled) => Some(Report::Failed(Failure::new(
                "OperationCanceled",
                "somebody cancelled the operation in Azure",
            ))),
            Some(OperationState::Succeeded) | None => None,
        })
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
