//! Endpoints and deployments as they are found, whichever way they serve: what an effect asks of either kind, it asks here. A
//! batch endpoint's default deployment has all of its traffic.

use azure_api::ml::{
    BatchEndpoint, MachineLearning, OnlineEndpoint, ProvisioningState, SystemData, WorkspaceRef,
};
use promotion::{DeploymentName, LastChange, Mirror, Serving, Traffic};
use std::collections::BTreeMap;

/// An endpoint.
pub(super) enum FoundEndpoint {
    Online(OnlineEndpoint),
    Batch(BatchEndpoint),
}

/// A deployment.
pub(super) struct FoundDeployment {
    /// Its model's id, where it names one.
    pub(super) model: Option<String>,
    /// Whether it is usable, or an operation runs.
    pub(super) state: Option<ProvisioningState>,
    /// Whose it is.
    pub(super) tags: BTreeMap<String, String>,
}

/// The endpoint of this name; nothing, where it is gone.
pub(super) async fn endpoint(
    ml: &MachineLearning,
    at: &WorkspaceRef,
    name: &str,
    serving: Serving,
) -> azure_api::Result<Option<FoundEndpoint>> {
    Ok(match serving {
        Serving::Online => ml
            .online_endpoint(at, name)
            .await?
            .map(FoundEndpoint::Online),
        Serving::Batch => ml.batch_endpoint(at, name).await?.map(FoundEndpoint::Batch),
    })
}

/// The deployment of this name; nothing, where it is gone.
pub(super) async fn deployment(
    ml: &MachineLearning,
    at: &WorkspaceRef,
    endpoint: &str,
    name: &str,
    serving: Serving,
) -> azure_api::Result<Option<FoundDeployment>> {
    Ok(match serving {
        Serving::Online => {
            let found = ml.deployment(at, endpoint, name).await?;
            found.map(|found| FoundDeployment {
                model: found.model,
                state: found.provisioning_state,
                tags: found.tags,
            })
        }
        Serving::Batch => {
            let found = ml.batch_deployment(at, endpoint, name).await?;
            found.map(|found| FoundDeployment {
                model: found.model,
                state: found.provisioning_state,
                tags: found.tags,
            })
        }
    })
}

impl FoundEndpoint {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Online(endpoint) => &endpoint.name,
            Self::Batch(endpoint) => &endpoint.name,
        }
    }

    pub(super) fn serving(&self) -> Serving {
        match self {
            Self::Online(_) => Serving::Online,
            Self::Batch(_) => Serving::Batch,
        }
    }

    pub(super) fn state(&self) -> Option<&ProvisioningState> {
        match self {
            Self::Online(endpoint) => endpoint.provisioning_state.as_ref(),
            Self::Batch(endpoint) => endpoint.provisioning_state.as_ref(),
        }
    }

    /// Whether no operation runs.
    pub(super) fn is_settled(&self) -> bool {
        self.state().is_some_and(ProvisioningState::is_terminal)
    }

    /// The traffic that it shows.
    pub(super) fn traffic(&self) -> Traffic {
        match self {
            Self::Online(endpoint) => shares(&endpoint.traffic),
            Self::Batch(endpoint) => {
                let default = endpoint.default_deployment.clone();
                Traffic::new(default.map(|name| (DeploymentName::new(name), 100)))
            }
        }
    }

    /// Copied requests, by deployment.
    pub(super) fn copied(&self) -> Traffic {
        match self {
            Self::Online(endpoint) => shares(&endpoint.mirror_traffic),
            Self::Batch(_) => Traffic::default(),
        }
    }

    /// Whether so much is copied to the deployment as is wanted; where nothing is said of it, it is nobody's business.
    pub(super) fn is_mirrored(&self, mirror: Option<&Mirror>) -> bool {
        mirror.is_none_or(|mirror| self.copied().of(&mirror.deployment) == mirror.percent)
    }

    /// Who changed it last, as far as Azure tells.
    pub(super) fn last_change(&self) -> Option<LastChange> {
        let system: &SystemData = match self {
            Self::Online(endpoint) => &endpoint.system,
            Self::Batch(endpoint) => &endpoint.system,
        };
        let told = system.last_modified_by.is_some() || system.last_modified_at.is_some();
        told.then(|| LastChange {
            by: system.last_modified_by.clone(),
            at: system.last_modified_at,
        })
    }
}

fn shares(percent: &BTreeMap<String, u32>) -> Traffic {
    let share = |(name, percent): (&String, &u32)| {
        (
            DeploymentName::new(name.clone()),
            u8::try_from(*percent).unwrap_or(u8::MAX),
        )
    };
    Traffic::new(percent.iter().map(share))
}
