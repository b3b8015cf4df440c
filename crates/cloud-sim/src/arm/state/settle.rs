//! The end of long-running operations: what was asked for happens, or the resource is marked as failed.

use jiff::Timestamp;

use super::deployment::ReadBlob;
use super::ids::key;
use super::operation::{Subject, Work};
use super::{
    DeploymentSpec, EndpointSpec, Estate, Failure, Plane, Progress, ProvisioningState, Workspace,
    batch_estate,
};

impl Estate {
    /// Ends every operation whose time has come, in the order of their ends.
    pub(crate) fn settle(&mut self, now: Timestamp, read: ReadBlob<'_>) {
        let mut due: Vec<(Timestamp, String)> = self
            .operations
            .iter()
            .filter(|(_, o)| o.is_running() && o.due <= now)
            .map(|(k, o)| (o.due, k.clone()))
            .collect();
        due.sort();
        for (_, id) in due {
            self.finish(&id, read);
        }
    }

    fn finish(&mut self, id: &str, read: ReadBlob<'_>) {
        let Some(operation) = self.operations.get_mut(id) else {
            return;
        };
        let progress = std::mem::replace(&mut operation.progress, Progress::Succeeded);
        let Progress::Running(work, planned) = progress else {
            return;
        };
        let (subject, due) = (operation.subject.clone(), operation.due);
        let workspace = &mut self.workspaces[subject.workspace];
        let outcome = match (planned, work) {
            (Some(failure), _) if subject.plane == Plane::Batch => {
                Err(batch_estate::fail(workspace, &subject, failure))
            }
            (Some(failure), _) => Err(fail(workspace, &subject, failure)),
            (None, Work::PutEndpoint(spec)) => put_endpoint(workspace, &subject, spec),
            (None, Work::PutDeployment(spec)) => put_deployment(workspace, &subject, spec, read),
            (None, Work::PutBatchEndpoint(spec)) => {
                batch_estate::finish_endpoint(workspace, &subject, spec)
            }
            (None, Work::PutBatchDeployment(spec)) => {
                batch_estate::finish_deployment(workspace, &subject, spec, read)
            }
            (None, Work::Delete) if subject.plane == Plane::Batch => {
                batch_estate::finish_delete(workspace, &subject)
            }
            (None, Work::Delete) => delete(workspace, &subject),
        };
        if subject.plane == Plane::Batch {
            self.note_end(id, outcome);
            return;
        }
        // Also where nothing has changed; an endpoint that is gone takes its record with it.
        if let Ok(endpoint) = workspace.endpoint_mut(&subject.endpoint) {
            endpoint.note_traffic(due);
        }
        self.note_end(id, outcome);
    }

    fn note_end(&mut self, id: &str, outcome: Result<(), Failure>) {
        if let (Err(failure), Some(operation)) = (outcome, self.operations.get_mut(id)) {
            operation.progress = Progress::Failed(failure);
        }
    }
}

fn gone() -> Failure {
    Failure::new(
        "ResourceNotFound",
        "The resource was deleted while the operation was running.",
    )
}

fn put_endpoint(
    workspace: &mut Workspace,
    subject: &Subject,
    spec: EndpointSpec,
) -> Result<(), Failure> {
    let endpoint = workspace
        .endpoint_mut(&subject.endpoint)
        .map_err(|_| gone())?;
    endpoint.spec = spec;
    endpoint.state = ProvisioningState::Succeeded;
    Ok(())
}

fn put_deployment(
    workspace: &mut Workspace,
    subject: &Subject,
    spec: DeploymentSpec,
    read: ReadBlob<'_>,
) -> Result<(), Failure> {
    let loaded = spec.load(workspace, read);
    let name = subject.deployment.as_deref().unwrap_or_default();
    let deployment = workspace
        .endpoint_mut(&subject.endpoint)
        .and_then(|e| e.deployment_mut(name))
        .map_err(|_| gone())?;
    match loaded {
        Ok(predictor) => {
            deployment.spec = spec;
            deployment.loaded = Some(predictor);
            deployment.failure = None;
            deployment.state = ProvisioningState::Succeeded;
            Ok(())
        }
        Err(failure) => {
            deployment.failure = Some(failure.clone());
            deployment.state = ProvisioningState::Failed;
            Err(failure)
        }
    }
}

fn delete(workspace: &mut Workspace, subject: &Subject) -> Result<(), Failure> {
    match &subject.deployment {
        None => drop(workspace.endpoints.remove(&key(&subject.endpoint))),
        Some(name) => {
            let endpoint = workspace
                .endpoint_mut(&subject.endpoint)
                .map_err(|_| gone())?;
            endpoint.deployments.remove(&key(name));
        }
    }
    Ok(())
}

/// Leaves the resource as a failed operation does: what was there before stays, marked as failed.
fn fail(workspace: &mut Workspace, subject: &Subject, failure: Failure) -> Failure {
    let Ok(endpoint) = workspace.endpoint_mut(&subject.endpoint) else {
        return failure;
    };
    match &subject.deployment {
        None => endpoint.state = ProvisioningState::Failed,
        Some(name) => {
            if let Ok(deployment) = endpoint.deployment_mut(name) {
                deployment.state = ProvisioningState::Failed;
                deployment.failure = Some(failure.clone());
            }
        }
    }
    failure
}
