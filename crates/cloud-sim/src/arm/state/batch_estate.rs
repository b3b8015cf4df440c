//! What is asked of batch endpoints, and what becomes of it when its time has come.

use bytes::Bytes;
use jiff::Timestamp;

use super::batch::{BatchJobAsked, BatchJobState};
use super::deployment::{ReadBlob, load};
use super::estate::{Accepted, refuse_busy};
use super::ids::key;
use super::operation::{Subject, Work};
use super::{
    AssetUri, BatchDeployment, BatchDeploymentSpec, BatchEndpoint, BatchEndpointSpec, BatchJob,
    Created, Estate, Failure, JobFault, Location, Occasion, OperationKind, ProvisioningState,
    Refusal, Stamp, Workspace,
};

impl Estate {
    /// Starts to create or change a batch endpoint. Its default is checked now and takes effect at the end.
    pub(crate) fn put_batch_endpoint(
        &mut self,
        subject: Subject,
        spec: BatchEndpointSpec,
        occasion: &Occasion<'_>,
    ) -> Result<Accepted, Refusal> {
        let name = &subject.endpoint;
        let endpoints = &mut self.workspaces[subject.workspace].batch_endpoints;
        let (created, kind) = match endpoints.get_mut(&key(name)) {
            None => {
                let stamp = Stamp::new(occasion.now, occasion.by);
                let fresh = BatchEndpoint::new(name, spec.clone(), stamp);
                if let Some(default) = &spec.default {
                    fresh.check_default(default)?;
                }
                endpoints.insert(key(name), fresh);
                (Created::Yes, OperationKind::Endpoint)
            }
            Some(endpoint) => {
                refuse_busy("batch endpoint", name, endpoint.state)?;
                if let Some(default) = &spec.default {
                    endpoint.check_default(default)?;
                }
                endpoint.state = ProvisioningState::Updating;
                endpoint.stamp.touch(occasion.now, occasion.by);
                (Created::No, OperationKind::Traffic)
            }
        };
        let operation = self.begin(subject, kind, Work::PutBatchEndpoint(spec), occasion);
        Ok(Accepted { operation, created })
    }

    /// Starts to create or change a deployment of a batch endpoint that exists.
    pub(crate) fn put_batch_deployment(
        &mut self,
        subject: Subject,
        spec: BatchDeploymentSpec,
        occasion: &Occasion<'_>,
    ) -> Result<Accepted, Refusal> {
        let parent = self.workspaces[subject.workspace].batch_endpoint_mut(&subject.endpoint)?;
        if parent.state != ProvisioningState::Updating {
            refuse_busy("batch endpoint", &subject.endpoint, parent.state)?;
        }
        let name = subject.deployment.as_deref().unwrap_or_default();
        let spec = spec.with_defaults();
        let created = match parent.deployments.get_mut(&key(name)) {
            None => {
                let stamp = Stamp::new(occasion.now, occasion.by);
                let fresh = BatchDeployment::new(name, spec.clone(), stamp);
                parent.deployments.insert(key(name), fresh);
                Created::Yes
            }
            Some(deployment) => {
                refuse_busy("batch deployment", name, deployment.state)?;
                deployment.state = ProvisioningState::Updating;
                deployment.stamp.touch(occasion.now, occasion.by);
                Created::No
            }
        };
        let work = Work::PutBatchDeployment(spec);
        let operation = self.begin(subject, OperationKind::Deployment, work, occasion);
        Ok(Accepted { operation, created })
    }

    /// Starts to delete a batch deployment, or a batch endpoint with all of them. `None`: it was not there. That Azure
    /// refuses to delete the default is an assumption.
    pub(super) fn delete_batch(
        &mut self,
        subject: Subject,
        occasion: &Occasion<'_>,
    ) -> Result<Option<String>, Refusal> {
        let named = subject.deployment.as_deref();
        let is_coming = named.is_some_and(|name| self.becomes_default(&subject, name));
        let endpoints = &mut self.workspaces[subject.workspace].batch_endpoints;
        let Some(found) = endpoints.get_mut(&key(&subject.endpoint)) else {
            return Ok(None);
        };
        match &subject.deployment {
            None => {
                refuse_busy("batch endpoint", &subject.endpoint, found.state)?;
                found.state = ProvisioningState::Deleting;
            }
            Some(name) if !found.deployments.contains_key(&key(name)) => return Ok(None),
            Some(name) if found.is_default(name) || is_coming => {
                return Err(Refusal::invalid(format!(
                    "The deployment '{name}' is the default of its endpoint and cannot be deleted. Set another default first."
                )));
            }
            Some(name) => {
                let deployment = found.deployment_mut(name)?;
                refuse_busy("batch deployment", name, deployment.state)?;
                deployment.state = ProvisioningState::Deleting;
            }
        }
        let operation = self.begin(subject, OperationKind::Delete, Work::Delete, occasion);
        Ok(Some(operation))
    }

    /// Whether a running change of the endpoint is about to make it the default.
    fn becomes_default(&self, subject: &Subject, deployment: &str) -> bool {
        let mut running = self.running().filter(|o| o.subject.same_endpoint(subject));
        running.any(|operation| operation.makes_default(deployment))
    }

    /// From now on jobs of this version of any model go wrong so.
    pub(crate) fn spoil_jobs(&mut self, version: &str, fault: JobFault) {
        self.job_faults.insert(version.to_owned(), fault);
    }

    /// From now on none does.
    pub(crate) fn mend_jobs(&mut self) {
        self.job_faults.clear();
    }

    /// Starts a job, or finds the one that was asked for by the same request id: its name, and whether it is new.
    pub(crate) fn start_job(
        &mut self,
        at: usize,
        endpoint: &str,
        named: Option<&str>,
        asked: BatchJobAsked,
        occasion: &Occasion<'_>,
        read: ReadBlob<'_>,
    ) -> Result<(String, Created), Refusal> {
        let due = occasion.now + self.timings.deployment;
        let faults = &self.job_faults;
        let workspace = &mut self.workspaces[at];
        let same =
            |job: &BatchJob| asked.request_id.is_some() && job.asked.request_id == asked.request_id;
        if let Some(job) = workspace.batch_jobs.values_mut().find(|job| same(job)) {
            job.calls += 1;
            return Ok((job.name.clone(), Created::No));
        }
        let parent = workspace.batch_endpoint(endpoint)?;
        let chosen = named.or(parent.spec.default.as_deref());
        let chosen = chosen.ok_or_else(|| {
            Refusal::invalid(format!(
                "The endpoint '{endpoint}' has no default deployment."
            ))
        })?;
        let deployment = parent.deployment(chosen)?;
        let fault = deployment.spec.model.rsplit('/').next();
        let fault = fault.and_then(|version| faults.get(version)).copied();
        let outcome = result(workspace, deployment, &asked, fault, read);
        let job = BatchJob {
            name: format!("batchjob-{}", (occasion.new_id)()),
            endpoint: parent.name.clone(),
            deployment: deployment.name.clone(),
            asked,
            calls: 1,
            due,
            state: BatchJobState::Running(outcome),
            stamp: Stamp::new(occasion.now, occasion.by),
        };
        let name = job.name.clone();
        workspace.batch_jobs.insert(key(&name), job);
        Ok((name, Created::Yes))
    }

    /// Ends every job whose time has come; the results that appear by that.
    pub(crate) fn settle_jobs(&mut self, now: Timestamp) -> Vec<(Location, Bytes)> {
        let jobs = self.workspaces.iter_mut();
        let jobs = jobs.flat_map(|workspace| workspace.batch_jobs.values_mut());
        let mut results = Vec::new();
        for job in jobs.filter(|job| job.due <= now) {
            let state = std::mem::replace(&mut job.state, BatchJobState::Completed);
            job.state = match state {
                BatchJobState::Running(Ok(result)) => {
                    results.push(result);
                    BatchJobState::Completed
                }
                BatchJobState::Running(Err(_)) => BatchJobState::Failed,
                ended @ (BatchJobState::Completed | BatchJobState::Failed) => ended,
            };
        }
        results
    }
}

fn result(
    workspace: &Workspace,
    deployment: &BatchDeployment,
    asked: &BatchJobAsked,
    fault: Option<JobFault>,
    read: ReadBlob<'_>,
) -> Result<(Location, Bytes), String> {
    let place = |uri: &str| {
        let uri = AssetUri::parse(uri, workspace);
        uri.and_then(|uri| workspace.locate(&uri))
            .map_err(|refusal| refusal.to_string())
    };
    let input = place(&asked.input_uri)?;
    let file = input.prefix.rsplit('/').next().unwrap_or_default();
    let bytes = read(&input.account, &input.container, &input.prefix);
    let scored = deployment.score(file, bytes.as_ref(), fault)?;
    Ok((place(&asked.output_uri)?, scored))
}

fn gone() -> Failure {
    Failure::new(
        "ResourceNotFound",
        "The resource was deleted while the operation was running.",
    )
}

pub(super) fn finish_endpoint(
    workspace: &mut Workspace,
    subject: &Subject,
    spec: BatchEndpointSpec,
) -> Result<(), Failure> {
    let endpoint = workspace
        .batch_endpoint_mut(&subject.endpoint)
        .map_err(|_| gone())?;
    endpoint.spec = spec;
    endpoint.state = ProvisioningState::Succeeded;
    Ok(())
}

pub(super) fn finish_deployment(
    workspace: &mut Workspace,
    subject: &Subject,
    spec: BatchDeploymentSpec,
    read: ReadBlob<'_>,
) -> Result<(), Failure> {
    let loaded = load(&spec.model, workspace, read);
    let name = subject.deployment.as_deref().unwrap_or_default();
    let deployment = workspace
        .batch_endpoint_mut(&subject.endpoint)
        .and_then(|endpoint| endpoint.deployment_mut(name))
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

pub(super) fn finish_delete(workspace: &mut Workspace, subject: &Subject) -> Result<(), Failure> {
    match &subject.deployment {
        None => drop(workspace.batch_endpoints.remove(&key(&subject.endpoint))),
        Some(name) => {
            let endpoint = workspace
                .batch_endpoint_mut(&subject.endpoint)
                .map_err(|_| gone())?;
            endpoint.deployments.remove(&key(name));
        }
    }
    Ok(())
}

/// Leaves the resource as a failed operation does.
pub(super) fn fail(workspace: &mut Workspace, subject: &Subject, failure: Failure) -> Failure {
    let Ok(endpoint) = workspace.batch_endpoint_mut(&subject.endpoint) else {
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
