//! One workspace and the small values that its resources share.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::ids::key;
use super::{
    Asset, AssetUri, BatchEndpoint, BatchJob, Endpoint, Job, Location, Model, Refusal, WorkspaceId,
};

/// Who did something, as ARM shows it: a display name, never an object id.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) name: String,
    pub(crate) kind: ActorKind,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) enum ActorKind {
    User,
    ManagedIdentity,
}

/// ARM's `systemData`.
#[derive(Debug, Clone)]
pub(crate) struct Stamp {
    pub(crate) created_at: Timestamp,
    pub(crate) created_by: Actor,
    pub(crate) modified_at: Timestamp,
    pub(crate) modified_by: Actor,
}

impl Stamp {
    pub(crate) fn new(now: Timestamp, by: &Actor) -> Self {
        Self {
            created_at: now,
            created_by: by.clone(),
            modified_at: now,
            modified_by: by.clone(),
        }
    }

    pub(crate) fn touch(&mut self, now: Timestamp, by: &Actor) {
        self.modified_at = now;
        self.modified_by = by.clone();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum ProvisioningState {
    Creating,
    Updating,
    Deleting,
    Succeeded,
    Failed,
}

impl ProvisioningState {
    /// An operation is running on the resource.
    pub(crate) fn is_busy(self) -> bool {
        match self {
            Self::Creating | Self::Updating | Self::Deleting => true,
            Self::Succeeded | Self::Failed => false,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Updating => "Updating",
            Self::Deleting => "Deleting",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }
}

/// A blob container known by a name.
#[derive(Debug, Clone)]
pub(crate) struct Datastore {
    pub(crate) name: String,
    pub(crate) container: String,
    pub(crate) is_default: bool,
}

#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) id: WorkspaceId,
    pub(crate) guid: String,
    pub(crate) region: String,
    /// Storage account of all its datastores.
    pub(crate) account: String,
    pub(crate) datastores: Vec<Datastore>,
    pub(crate) models: BTreeMap<String, Model>,
    pub(crate) jobs: BTreeMap<String, Job>,
    pub(crate) endpoints: BTreeMap<String, Endpoint>,
    pub(crate) batch_endpoints: BTreeMap<String, BatchEndpoint>,
    pub(crate) batch_jobs: BTreeMap<String, BatchJob>,
    /// Versions of code and of environments, oldest first.
    pub(crate) assets: Vec<Asset>,
    /// Names of attached Kubernetes clusters.
    pub(crate) clusters: Vec<&'static str>,
    pub(crate) stamp: Stamp,
}

impl Workspace {
    /// A workspace with Azure's two stores: `workspaceblobstore` (the default) and `workspaceartifactstore`.
    pub(crate) fn new(
        id: WorkspaceId,
        guid: &str,
        region: &str,
        account: &str,
        stamp: Stamp,
    ) -> Self {
        let store = |name: &str, container: String, is_default| Datastore {
            name: name.into(),
            container,
            is_default,
        };
        Self {
            id,
            guid: guid.into(),
            region: region.into(),
            account: account.into(),
            datastores: vec![
                store(
                    "workspaceblobstore",
                    format!("azureml-blobstore-{guid}"),
                    true,
                ),
                store("workspaceartifactstore", "azureml".into(), false),
            ],
            models: BTreeMap::new(),
            jobs: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            batch_endpoints: BTreeMap::new(),
            batch_jobs: BTreeMap::new(),
            assets: Vec::new(),
            clusters: Vec::new(),
            stamp,
        }
    }

    pub(crate) fn datastore(&self, name: &str) -> Result<&Datastore, Refusal> {
        let found = self
            .datastores
            .iter()
            .find(|d| d.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| Refusal::not_found("datastore", name))
    }

    pub(crate) fn model(&self, name: &str) -> Result<&Model, Refusal> {
        self.models
            .get(&key(name))
            .ok_or_else(|| Refusal::not_found("model container", name))
    }

    pub(crate) fn job(&self, name: &str) -> Result<&Job, Refusal> {
        self.jobs
            .get(&key(name))
            .ok_or_else(|| Refusal::not_found("job", name))
    }

    pub(crate) fn endpoint(&self, name: &str) -> Result<&Endpoint, Refusal> {
        self.endpoints
            .get(&key(name))
            .ok_or_else(|| Refusal::not_found("online endpoint", name))
    }

    pub(crate) fn endpoint_mut(&mut self, name: &str) -> Result<&mut Endpoint, Refusal> {
        self.endpoints
            .get_mut(&key(name))
            .ok_or_else(|| Refusal::not_found("online endpoint", name))
    }

    pub(crate) fn batch_endpoint(&self, name: &str) -> Result<&BatchEndpoint, Refusal> {
        let found = self.batch_endpoints.get(&key(name));
        found.ok_or_else(|| Refusal::not_found("batch endpoint", name))
    }

    pub(crate) fn batch_endpoint_mut(&mut self, name: &str) -> Result<&mut BatchEndpoint, Refusal> {
        let found = self.batch_endpoints.get_mut(&key(name));
        found.ok_or_else(|| Refusal::not_found("batch endpoint", name))
    }

    /// Whether the ARM id is that of a Kubernetes cluster which is attached here.
    pub(crate) fn check_cluster(&self, id: &str) -> Result<(), Refusal> {
        let is_attached =
            WorkspaceId::split(id).is_some_and(|(owner, rest)| match rest.as_slice() {
                [computes, name] => {
                    let known = |cluster: &&str| cluster.eq_ignore_ascii_case(name);
                    owner.same(&self.id)
                        && computes.eq_ignore_ascii_case("computes")
                        && self.clusters.iter().any(known)
                }
                _ => false,
            });
        if is_attached {
            return Ok(());
        }
        Err(Refusal::invalid(format!(
            "The compute '{id}' is no Kubernetes cluster that is attached to workspace '{}'.",
            self.id.name
        )))
    }

    /// Where the files of an asset lie. Only this workspace's own datastores can be read.
    pub(crate) fn locate(&self, uri: &AssetUri) -> Result<Location, Refusal> {
        let AssetUri {
            workspace,
            datastore,
            path,
        } = uri;
        if !self.id.same(workspace) {
            return Err(Refusal::invalid(format!(
                "The asset path lies in workspace '{}', not in '{}'.",
                workspace.name, self.id.name
            )));
        }
        let container = self.datastore(datastore)?.container.clone();
        Ok(Location {
            account: self.account.clone(),
            container,
            prefix: path.trim_end_matches('/').into(),
        })
    }
}
