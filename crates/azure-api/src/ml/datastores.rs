//! Datastores: which container of which account a workspace's paths lie in. Their secrets are never asked for: we read
//! and write with our own identity.

use serde::Deserialize;

use crate::{
    error::Result,
    json::or_default,
    ml::{
        arm::{MachineLearning, Resource},
        workspace::WorkspaceRef,
    },
};

/// A datastore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datastore {
    /// Its name, as in `azureml://…/datastores/<name>/paths/…`.
    pub name: String,
    /// `AzureBlob`, `AzureDataLakeGen2`, `AzureFile`, `OneLake`, …
    pub datastore_type: String,
    /// The storage account.
    pub account_name: Option<String>,
    /// The container (of `AzureBlob`).
    pub container_name: Option<String>,
    /// The cloud's suffix, e.g. `core.windows.net`.
    pub endpoint: Option<String>,
    /// `https`.
    pub protocol: Option<String>,
    /// Whether it is the workspace's default.
    pub is_default: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(default, deserialize_with = "or_default")]
    datastore_type: String,
    account_name: Option<String>,
    container_name: Option<String>,
    endpoint: Option<String>,
    protocol: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    is_default: bool,
}

impl MachineLearning {
    /// A datastore by name.
    pub async fn datastore(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
    ) -> Result<Option<Datastore>> {
        let found = self
            .find::<Resource<Details>>("datastores.get", workspace, &["datastores", name])
            .await?;
        Ok(found.map(Datastore::from))
    }

    /// The workspace's default datastore.
    pub async fn default_datastore(&self, workspace: &WorkspaceRef) -> Result<Option<Datastore>> {
        let operation = "datastores.list";
        let url = self.url(
            operation,
            workspace,
            &["datastores"],
            &[("isDefault", "true"), ("count", "30")],
        )?;
        let found: Vec<Resource<Details>> = self.list(operation, url, 30).await?;
        Ok(found
            .into_iter()
            .map(Datastore::from)
            .find(|datastore| datastore.is_default))
    }
}

impl From<Resource<Details>> for Datastore {
    fn from(resource: Resource<Details>) -> Self {
        let properties = resource.properties;
        Datastore {
            name: resource.name,
            datastore_type: properties.datastore_type,
            account_name: properties.account_name,
            container_name: properties.container_name,
            endpoint: properties.endpoint,
            protocol: properties.protocol,
            is_default: properties.is_default,
        }
    }
}
