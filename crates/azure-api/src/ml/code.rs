//! Registered code: a folder of files under a name and a version. Where a version's files are cannot be changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    error::Result,
    json::texts,
    ml::{
        arm::{MachineLearning, Resource},
        workspace::WorkspaceRef,
    },
};

/// One version of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeVersion {
    /// The ARM id.
    pub id: String,
    /// Where its files are: the folder's URL.
    pub code_uri: Option<String>,
    /// Free, by custom for machines.
    pub properties: BTreeMap<String, String>,
}

/// A version to register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewCodeVersion {
    /// Where its files are: the folder's URL.
    pub code_uri: String,
    /// Free, by custom for machines.
    pub properties: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    code_uri: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    properties: BTreeMap<String, String>,
}

impl MachineLearning {
    /// One version of code.
    pub async fn code_version(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
        version: &str,
    ) -> Result<Option<CodeVersion>> {
        let path = ["codes", name, "versions", version];
        let found = self
            .find::<Resource<Details>>("codes.versions.get", workspace, &path)
            .await?;
        Ok(found.map(CodeVersion::from))
    }

    /// Registers a version. ARM has no condition for this: whoever needs "create only" reads before.
    pub async fn put_code_version(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
        version: &str,
        new: &NewCodeVersion,
    ) -> Result<CodeVersion> {
        let operation = "codes.versions.put";
        let path = ["codes", name, "versions", version];
        let url = self.url(operation, workspace, &path, &[])?;
        let reply = self
            .arm_put(operation, url, &json!({ "properties": new }))
            .await?;
        Ok(CodeVersion::from(reply.json::<Resource<Details>>()?))
    }
}

impl From<Resource<Details>> for CodeVersion {
    fn from(resource: Resource<Details>) -> Self {
        CodeVersion {
            id: resource.id,
            code_uri: resource.properties.code_uri,
            properties: resource.properties.properties,
        }
    }
}
