//! Registered models: containers and versions.
//!
//! A version's `modelUri` cannot be changed once registered; tags, properties and description can, by the same PUT.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::{
    error::Result,
    json::{or_default, texts},
    ml::{
        arm::{MachineLearning, ProvisioningState, Resource, SystemData},
        workspace::WorkspaceRef,
    },
    origin,
};

/// Versions of a page that is asked for by itself.
const PAGE: &str = "20";

/// A model by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelContainer {
    /// Its name.
    pub name: String,
    /// The highest version.
    pub latest_version: Option<String>,
    /// The version that the service would give next.
    pub next_version: Option<String>,
    /// Hidden from lists.
    pub archived: bool,
    /// Free.
    pub tags: BTreeMap<String, String>,
    /// Free, by custom for machines.
    pub properties: BTreeMap<String, String>,
}

/// One version of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelVersion {
    /// The ARM id.
    pub id: String,
    /// The version as text; ARM calls it the name.
    pub name: String,
    /// Where its files are: `azureml://…`.
    pub model_uri: Option<String>,
    /// `mlflow_model`, `custom_model`, `triton_model`.
    pub model_type: Option<String>,
    /// The job that made it, where the service knows.
    pub job_name: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Free.
    pub tags: BTreeMap<String, String>,
    /// Free, by custom for machines.
    pub properties: BTreeMap<String, String>,
    /// Hidden from lists.
    pub archived: bool,
    /// Free text, e.g. `Production`.
    pub stage: Option<String>,
    /// `MLflow`'s flavors, as sent.
    pub flavors: Value,
    /// Whether it is usable.
    pub provisioning_state: Option<ProvisioningState>,
    /// Who registered it, by display name.
    pub system: SystemData,
}

/// A part of a model's versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelVersionPage {
    /// Newest first, without archived ones.
    pub versions: Vec<ModelVersion>,
    /// Where the next page is; none after the last.
    pub next: Option<Url>,
}

/// A version to register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewModelVersion {
    /// Where its files are.
    pub model_uri: String,
    /// `mlflow_model`, `custom_model`, `triton_model`.
    pub model_type: String,
    /// The job that made it: one of the same workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Free.
    pub tags: BTreeMap<String, String>,
    /// Free, by custom for machines.
    pub properties: BTreeMap<String, String>,
    /// `MLflow`'s flavors; the service reads them from the files otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flavors: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContainerDetails {
    latest_version: Option<String>,
    next_version: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    is_archived: bool,
    #[serde(default, deserialize_with = "texts")]
    tags: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "texts")]
    properties: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionDetails {
    model_uri: Option<String>,
    model_type: Option<String>,
    job_name: Option<String>,
    description: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    tags: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "texts")]
    properties: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "or_default")]
    is_archived: bool,
    stage: Option<String>,
    #[serde(default)]
    flavors: Value,
    provisioning_state: Option<ProvisioningState>,
}

impl MachineLearning {
    /// A model by name.
    pub async fn model_container(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
    ) -> Result<Option<ModelContainer>> {
        let found = self
            .find::<Resource<ContainerDetails>>("models.get", workspace, &["models", name])
            .await?;
        Ok(found.map(ModelContainer::from))
    }

    /// One version of a model.
    pub async fn model_version(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
        version: &str,
    ) -> Result<Option<ModelVersion>> {
        let path = ["models", name, "versions", version];
        let found = self
            .find::<Resource<VersionDetails>>("models.versions.get", workspace, &path)
            .await?;
        Ok(found.map(ModelVersion::from))
    }

    /// The newest versions of a model, newest first; none where the model is unknown.
    pub async fn model_versions(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
        at_most: usize,
    ) -> Result<Vec<ModelVersion>> {
        let operation = "models.versions.list";
        let top = at_most.clamp(1, 100).to_string();
        let query = [
            ("$orderBy", "createdtime desc"),
            ("$top", &top),
            ("listViewType", "ActiveOnly"),
        ];
        let url = self.url(operation, workspace, &["models", name, "versions"], &query)?;
        let found: Vec<Resource<VersionDetails>> = self
            .list_or_none(operation, workspace, url, at_most)
            .await?;
        Ok(found.into_iter().map(ModelVersion::from).collect())
    }

    /// A page of a model's versions, the most recently created first; none where the model is unknown.
    pub async fn model_version_page(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
        from: Option<&Url>,
    ) -> Result<ModelVersionPage> {
        let operation = "models.versions.list";
        let query = [
            ("$orderBy", "createdtime desc"),
            ("$top", PAGE),
            ("listViewType", "ActiveOnly"),
        ];
        let at = match from {
            Some(next) => {
                origin::require_same(operation, &self.base, next)?;
                next.clone()
            }
            None => self.url(operation, workspace, &["models", name, "versions"], &query)?,
        };
        let (found, next) = self
            .list_page::<Resource<VersionDetails>>(operation, workspace, at)
            .await?;
        Ok(ModelVersionPage {
            versions: found.into_iter().map(ModelVersion::from).collect(),
            next,
        })
    }

    /// Registers a version, or changes the tags and properties of one. ARM has no condition for this: whoever needs
    /// "create only" reads before and after.
    pub async fn put_model_version(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
        version: &str,
        new: &NewModelVersion,
    ) -> Result<ModelVersion> {
        let operation = "models.versions.put";
        let url = self.url(
            operation,
            workspace,
            &["models", name, "versions", version],
            &[],
        )?;
        let reply = self
            .arm_put(operation, url, &json!({ "properties": new }))
            .await?;
        Ok(ModelVersion::from(
            reply.json::<Resource<VersionDetails>>()?,
        ))
    }
}

impl From<Resource<ContainerDetails>> for ModelContainer {
    fn from(resource: Resource<ContainerDetails>) -> Self {
        let properties = resource.properties;
        ModelContainer {
            name: resource.name,
            latest_version: properties.latest_version,
            next_version: properties.next_version,
            archived: properties.is_archived,
            tags: properties.tags,
            properties: properties.properties,
        }
    }
}

impl From<Resource<VersionDetails>> for ModelVersion {
    fn from(resource: Resource<VersionDetails>) -> Self {
        let properties = resource.properties;
        ModelVersion {
            id: resource.id,
            name: resource.name,
            model_uri: properties.model_uri,
            model_type: properties.model_type,
            job_name: properties.job_name,
            description: properties.description,
            tags: properties.tags,
            properties: properties.properties,
            archived: properties.is_archived,
            stage: properties.stage,
            flavors: properties.flavors,
            provisioning_state: properties.provisioning_state,
            system: resource.system_data.unwrap_or_default(),
        }
    }
}
