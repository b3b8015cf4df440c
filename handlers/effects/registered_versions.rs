//! The registered versions of a model: what the sweep asks a workspace for, and a start of one of them. Reading changes
//! nothing.

use azure_api::ml::ProvisioningState;
use jiff::Timestamp;
use promotion::{Candidate, Failure, ModelName, ModelVersion, WorkspaceId};
use url::Url;

use super::perform::{Effects, workspace};
use super::policy::{failure, not_done};

/// A part of a model's versions.
pub struct VersionPage {
    /// The most recently created first, without archived ones.
    pub versions: Vec<RegisteredVersion>,
    /// Where the next page is; none after the last.
    pub next: Option<Url>,
}

/// A version as a list shows it.
pub struct RegisteredVersion {
    /// Which.
    pub version: ModelVersion,
    /// When it was registered, by its workspace's clock; absent where that does not say.
    pub created_at: Option<Timestamp>,
}

/// Whether a workspace has a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// It has.
    Yes,
    /// It has not.
    No,
}

impl Effects {
    /// A page of a model's versions; of an unknown model there are none.
    pub async fn versions(
        &self,
        id: &WorkspaceId,
        model: &ModelName,
        from: Option<&Url>,
    ) -> Result<VersionPage, Failure> {
        let at = workspace(id).map_err(not_done)?;
        let page = self.ml.model_version_page(&at, model.as_str(), from).await;
        let page = page.map_err(|error| failure(&error))?;
        let versions = page.versions.into_iter().filter(|found| {
            // What could not be registered is no version that anybody was to be told of.
            !matches!(
                found.provisioning_state,
                Some(
                    ProvisioningState::Failed
                        | ProvisioningState::Canceled
                        | ProvisioningState::Deleting
                )
            )
        });
        Ok(VersionPage {
            versions: versions
                .map(|found| RegisteredVersion {
                    version: ModelVersion::new(found.name),
                    created_at: found.system.created_at,
                })
                .collect(),
            next: page.next,
        })
    }

    /// Whether a version is registered.
    pub async fn is_registered(&self, candidate: &Candidate) -> Result<Registered, Failure> {
        let at = workspace(&candidate.workspace).map_err(not_done)?;
        let (model, version) = (candidate.model.as_str(), candidate.version.as_str());
        let found = self.ml.model_version(&at, model, version).await;
        match found.map_err(|error| failure(&error))? {
            Some(_) => Ok(Registered::Yes),
            None => Ok(Registered::No),
        }
    }
}
