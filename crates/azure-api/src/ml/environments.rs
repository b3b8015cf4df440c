//! Registered environments: an image, and what is installed into it, under a name and a version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    error::Result,
    json::{drop_nulls, texts},
    ml::{
        arm::{MachineLearning, Resource},
        workspace::WorkspaceRef,
    },
};

/// One version of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentVersion {
    /// The ARM id.
    pub id: String,
    /// The container image.
    pub image: Option<String>,
    /// The text of the conda file.
    pub conda_file: Option<String>,
    /// Free, by custom for machines.
    pub properties: BTreeMap<String, String>,
}

/// A version to register.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewEnvironmentVersion {
    /// The container image.
    pub image: String,
    /// The text of the conda file.
    pub conda_file: Option<String>,
    /// `Linux` or `Windows`.
    pub os_type: &'static str,
    /// `livenessRoute`, `readinessRoute`, `scoringRoute`, each with `path` and `port`.
    pub inference_config: Option<Value>,
    /// For people.
    pub description: Option<String>,
    /// Free, by custom for machines.
    pub properties: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    image: Option<String>,
    conda_file: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    properties: BTreeMap<String, String>,
}

impl MachineLearning {
    /// One version of an environment.
    pub async fn environment_version(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
        version: &str,
    ) -> Result<Option<EnvironmentVersion>> {
        let path = ["environments", name, "versions", version];
        let found = self
            .find::<Resource<Details>>("environments.versions.get", workspace, &path)
            .await?;
        Ok(found.map(EnvironmentVersion::from))
    }

    /// Registers a version. ARM has no condition for this: whoever needs "create only" reads before.
    pub async fn put_environment_version(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
        version: &str,
        new: &NewEnvironmentVersion,
    ) -> Result<EnvironmentVersion> {
        let operation = "environments.versions.put";
        let path = ["environments", name, "versions", version];
        let url = self.url(operation, workspace, &path, &[])?;
        let mut body = json!({ "properties": new });
        drop_nulls(&mut body);
        let reply = self.arm_put(operation, url, &body).await?;
        Ok(EnvironmentVersion::from(reply.json::<Resource<Details>>()?))
    }
}

impl From<Resource<Details>> for EnvironmentVersion {
    fn from(resource: Resource<Details>) -> Self {
        let properties = resource.properties;
        EnvironmentVersion {
            id: resource.id,
            image: properties.image,
            conda_file: properties.conda_file,
            properties: properties.properties,
        }
    }
}
