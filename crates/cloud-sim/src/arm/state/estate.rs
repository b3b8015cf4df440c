//! All workspaces and the operations that run in them: accepts work, and settles it when its time has come.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::monitor::Load;

use super::ids::key;
use super::operation::{Subject, Work};
use super::{
    Actor, AskedTraffic, Deployment, DeploymentSpec, Endpoint, EndpointSpec, JobFault, Operation,
    Plane, Progress, ProvisioningState, Refusal, Stamp, Workspace, WorkspaceId,
};

/// Why an operation ended badly.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }
}

/// Whether a PUT made the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Created {
    Yes,
    No,
}

/// What a long-running operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Creates an endpoint.
    Endpoint,
    /// Changes an endpoint, such as its traffic.
    Traffic,
    /// Creates or changes a deployment.
    Deployment,
    /// Deletes either.
    Delete,
}

/// How long operations take, in the cloud's time.
#[derive(Debug, Clone)]
pub struct Timings {
    /// Creating an endpoint.
    pub endpoint: SignedDuration,
    /// Changing an endpoint, such as its traffic.
    pub traffic: SignedDuration,
    /// Creating or changing a deployment, and a job of a batch endpoint.
    pub deployment: SignedDuration,
    /// Deleting either.
    pub delete: SignedDuration,
}

impl Default for Timings {
    fn default() -> Self {
        let seconds = SignedDuration::from_secs;
        Self {
            endpoint: seconds(20),
            traffic: seconds(15),
            deployment: seconds(120),
            delete: seconds(30),
        }
    }
}

impl Timings {
    fn of(&self, kind: OperationKind) -> SignedDuration {
        match kind {
            OperationKind::Endpoint => self.endpoint,
            OperationKind::Traffic => self.traffic,
            OperationKind::Deployment => self.deployment,
            OperationKind::Delete => self.delete,
        }
    }
}

/// An accepted long-running request.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) operation: String,
    pub(crate) created: Created,
}

/// When something is asked for and by whom, and where new ids and keys come from.
pub(crate) struct Occasion<'a> {
    pub(crate) now: Timestamp,
    pub(crate) by: &'a Actor,
    pub(crate) new_id: &'a dyn Fn() -> String,
}

impl Occasion<'_> {
    fn stamp(&self) -> Stamp {
        Stamp::new(self.now, self.by)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Estate {
    pub(crate) workspaces: Vec<Workspace>,
    /// Who calls the endpoints, and how their deployments answer.
    pub(crate) load: Load,
    pub(super) timings: Timings,
    pub(super) operations: BTreeMap<String, Operation>,
    /// The next operation of a kind ends so.
    armed: Vec<(OperationKind, Failure)>,
    /// How batch jobs go wrong, by the version of their model.
    pub(super) job_faults: BTreeMap<String, JobFault>,
}

impl Estate {
    /// From now on operations take so long; those that run keep their time.
    pub(crate) fn set_timings(&mut self, timings: Timings) {
        self.timings = timings;
    }

    pub(crate) fn new(timings: Timings) -> Self {
        Self {
            timings,
            ..Self::default()
        }
    }

    pub(crate) fn find(&self, id: &WorkspaceId) -> Result<usize, Refusal> {
        let found = self.workspaces.iter().position(|w| w.id.same(id));
        found.ok_or_else(|| Refusal::NotFound {
            code: "ResourceNotFound",
            message: format!(
                "The Resource 'Microsoft.MachineLearningServices/workspaces/{}' was not found.",
                id.name
            ),
        })
    }

    pub(crate) fn workspace(&self, id: &WorkspaceId) -> Result<&Workspace, Refusal> {
        self.find(id).map(|at| &self.workspaces[at])
    }

    pub(crate) fn operation(&self, id: &str) -> Result<&Operation, Refusal> {
        self.operations
            .get(&key(id))
            .ok_or_else(|| Refusal::not_found("operation", id))
    }

    /// The next operation of this kind fails.
    pub(crate) fn arm(&mut self, kind: OperationKind, failure: Failure) {
        self.armed.push((kind, failure));
    }

    pub(crate) fn running(&self) -> impl Iterator<Item = &Operation> {
        self.operations.values().filter(|o| o.is_running())
    }

    /// Starts to create or change an endpoint. Weights are checked now and take effect at the end.
    pub(crate) fn put_endpoint(
        &mut self,
        subject: Subject,
        mut spec: EndpointSpec,
        traffic: &AskedTraffic,
        occasion: &Occasion<'_>,
    ) -> Result<Accepted, Refusal> {
        let workspace = &mut self.workspaces[subject.workspace];
        let name = &subject.endpoint;
        if let Some(compute) = &spec.compute {
            workspace.check_cluster(compute)?;
        }
        let (created, kind) = match workspace.endpoints.get_mut(&key(name)) {
            None => {
                let fresh = Endpoint::new(name, spec.clone(), occasion.new_id, occasion.stamp());
                spec.traffic = fresh.check_traffic(&traffic.live)?;
                spec.mirror = fresh.check_mirror(&traffic.mirror)?;
                workspace.endpoints.insert(key(name), fresh);
                (Created::Yes, OperationKind::Endpoint)
            }
            Some(endpoint) => {
                refuse_busy("online endpoint", name, endpoint.state)?;
                refuse_move(endpoint, &spec)?;
                spec.traffic = endpoint.check_traffic(&traffic.live)?;
                spec.mirror = endpoint.check_mirror(&traffic.mirror)?;
                endpoint.state = ProvisioningState::Updating;
                endpoint.stamp.touch(occasion.now, occasion.by);
                (Created::No, OperationKind::Traffic)
            }
        };
        let operation = self.begin(subject, kind, Work::PutEndpoint(spec), occasion);
        Ok(Accepted { operation, created })
    }

    /// Starts to create or change a deployment of an endpoint that exists.
    pub(crate) fn put_deployment(
        &mut self,
        subject: Subject,
        spec: DeploymentSpec,
        occasion: &Occasion<'_>,
    ) -> Result<Accepted, Refusal> {
        self.workspaces[subject.workspace].check_brought(&spec)?;
        let parent = self.workspaces[subject.workspace].endpoint_mut(&subject.endpoint)?;
        if parent.state != ProvisioningState::Updating {
            refuse_busy("online endpoint", &subject.endpoint, parent.state)?;
        }
        let name = subject.deployment.as_deref().unwrap_or_default();
        if parent.runs_on() != spec.runs_on {
            return Err(Refusal::invalid(format!(
                "The endpointComputeType {} of deployment '{name}' is not its endpoint's, {}.",
                spec.runs_on.word(),
                parent.runs_on().word()
            )));
        }
        let spec = spec.with_defaults();
        let created = match parent.deployments.get_mut(&key(name)) {
            None => {
                let fresh = Deployment::new(name, spec.clone(), occasion.stamp());
                parent.deployments.insert(key(name), fresh);
                Created::Yes
            }
            Some(deployment) => {
                refuse_busy("online deployment", name, deployment.state)?;
                deployment.state = ProvisioningState::Updating;
                deployment.stamp.touch(occasion.now, occasion.by);
                Created::No
            }
        };
        let work = Work::PutDeployment(spec);
        let operation = self.begin(subject, OperationKind::Deployment, work, occasion);
        Ok(Accepted { operation, created })
    }

    /// Starts to delete a deployment, or an endpoint with all its deployments. `None`: it was not there.
    pub(crate) fn delete(
        &mut self,
        subject: Subject,
        occasion: &Occasion<'_>,
    ) -> Result<Option<String>, Refusal> {
        if subject.plane == Plane::Batch {
            return self.delete_batch(subject, occasion);
        }
        let endpoints = &mut self.workspaces[subject.workspace].endpoints;
        let Some(found) = endpoints.get_mut(&key(&subject.endpoint)) else {
            return Ok(None);
        };
        match &subject.deployment {
            None => {
                refuse_busy("online endpoint", &subject.endpoint, found.state)?;
                found.state = ProvisioningState::Deleting;
            }
            Some(name) if !found.deployments.contains_key(&key(name)) => return Ok(None),
            Some(name) => self.mark_deleting(&subject, name)?,
        }
        let operation = self.begin(subject, OperationKind::Delete, Work::Delete, occasion);
        Ok(Some(operation))
    }

    fn mark_deleting(&mut self, subject: &Subject, name: &str) -> Result<(), Refusal> {
        let planned = self.planned_weight(subject, name);
        let endpoint = self.workspaces[subject.workspace].endpoint_mut(&subject.endpoint)?;
        let weight = endpoint
            .weight(name)
            .max(endpoint.copied(name))
            .max(planned);
        let deployment = endpoint.deployment_mut(name)?;
        refuse_busy("online deployment", name, deployment.state)?;
        if weight > 0 {
            return Err(Refusal::invalid(format!(
                "The deployment '{name}' has {weight} % of the live traffic and cannot be deleted. Set its traffic to 0 first."
            )));
        }
        deployment.state = ProvisioningState::Deleting;
        Ok(())
    }

    /// Weight that a running change of the endpoint is about to give.
    fn planned_weight(&self, subject: &Subject, deployment: &str) -> u32 {
        let running = self.running().filter(|o| o.subject.same_endpoint(subject));
        let planned = running.filter_map(|o| match &o.progress {
            Progress::Running(Work::PutEndpoint(spec), _) => {
                let of = |shares: &BTreeMap<String, u32>| shares.get(&key(deployment)).copied();
                of(&spec.traffic).max(of(&spec.mirror))
            }
            Progress::Running(
                Work::PutDeployment(_)
                | Work::PutBatchEndpoint(_)
                | Work::PutBatchDeployment(_)
                | Work::Delete,
                _,
            )
            | Progress::Succeeded
            | Progress::Failed(_) => None,
        });
        planned.max().unwrap_or(0)
    }

    pub(super) fn begin(
        &mut self,
        subject: Subject,
        kind: OperationKind,
        work: Work,
        occasion: &Occasion<'_>,
    ) -> String {
        let workspace = &self.workspaces[subject.workspace];
        let prefix = if subject.deployment.is_some() {
            "odidp"
        } else {
            "oeidp"
        };
        let id = format!("{prefix}:{}:{}", workspace.guid, (occasion.new_id)());
        let planned = self.armed.iter().position(|(armed, _)| *armed == kind);
        let operation = Operation {
            id: id.clone(),
            resource_id: format!("{}{}", workspace.id.arm_id(), subject.path()),
            subject,
            started: occasion.now,
            due: occasion.now + self.timings.of(kind),
            progress: Progress::Running(work, planned.map(|at| self.armed.remove(at).1)),
        };
        self.operations.insert(key(&id), operation);
        id
    }
}

fn refuse_move(endpoint: &Endpoint, wanted: &EndpointSpec) -> Result<(), Refusal> {
    let compute = |spec: &EndpointSpec| spec.compute.as_deref().map(str::to_ascii_lowercase);
    if compute(&endpoint.spec) == compute(wanted) {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "The compute of the online endpoint '{}' cannot be changed.",
        endpoint.name
    )))
}

pub(super) fn refuse_busy(what: &str, name: &str, state: ProvisioningState) -> Result<(), Refusal> {
    if state.is_busy() {
        return Err(Refusal::conflict(format!(
            "The {what} '{name}' has an operation in progress (its provisioning state is {}). Try again when it has ended.",
            state.word()
        )));
    }
    Ok(())
}
