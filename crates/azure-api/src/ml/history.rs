//! Run history: who ran a run. ARM knows a display name only; here is the object id.

use std::collections::BTreeMap;

use azure_core::http::Method;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::{
    call::{Auth, Call, Kind},
    error::{Error, Result},
    json::texts,
    ml::{arm::MachineLearning, workspace::Workspace},
    origin,
    tokens::ARM_SCOPE,
};

/// A run as run history keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Its id.
    pub run_id: String,
    /// Who started it.
    pub created_by: Option<RunAuthor>,
    /// Who changed its record last: a tag, a metric, a property.
    pub last_modified_by: Option<RunAuthor>,
    /// The run that this one is a step of.
    pub parent_run_id: Option<String>,
    /// The outermost one; itself where it is no step.
    pub root_run_id: Option<String>,
    /// `Completed`, `Failed`, …
    pub status: Option<String>,
    /// Free, by custom for machines.
    pub properties: BTreeMap<String, String>,
}

/// Who started or changed a run. The name is personal data: not for logs.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunAuthor {
    /// Of a user or a service principal.
    pub user_object_id: Option<String>,
    /// A display name; of a service principal its application id.
    pub user_name: Option<String>,
}

impl std::fmt::Debug for RunAuthor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunAuthor")
            .field("user_object_id", &self.user_object_id)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Deserialize)]
struct Discovery {
    history: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunData {
    run_metadata: Metadata,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    created_by: Option<RunAuthor>,
    last_modified_by: Option<RunAuthor>,
    parent_run_id: Option<String>,
    root_run_id: Option<String>,
    status: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    properties: BTreeMap<String, String>,
}

impl MachineLearning {
    /// A run by its id, from the run history of the workspace's region.
    pub async fn run_record(
        &self,
        workspace: &Workspace,
        run_id: &str,
    ) -> Result<Option<RunRecord>> {
        let operation = "history.rundata";
        let base = self.history_base(workspace).await?;
        let mut segments = vec!["history", "v1.0"];
        segments.extend(workspace.id.segments());
        segments.push("rundata");
        let url = origin::under(operation, &base, &segments, &[])?;
        let body = json!({ "runId": run_id, "selectRunMetadata": true }).to_string();
        let mut call = Call::write(
            operation,
            Method::Post,
            url,
            Auth::Scope(ARM_SCOPE),
            Bytes::from(body),
        );
        call.kind = Kind::Read;
        match self.azure.call(call).await {
            Ok(reply) => Ok(Some(
                reply.json::<RunData>()?.run_metadata.into_record(run_id),
            )),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn history_base(&self, workspace: &Workspace) -> Result<url::Url> {
        let operation = "discovery.get";
        let named = workspace.discovery_url.as_deref();
        let named = named
            .ok_or_else(|| Error::malformed(operation, "the workspace names no discovery URL"))?;
        let url = origin::parse(operation, named)?;
        let reply = self
            .azure
            .call(Call::get(operation, url, Auth::Scope(ARM_SCOPE)))
            .await?;
        origin::parse(operation, &reply.json::<Discovery>()?.history)
    }
}

impl Metadata {
    fn into_record(self, run_id: &str) -> RunRecord {
        RunRecord {
            run_id: run_id.to_owned(),
            created_by: self.created_by,
            last_modified_by: self.last_modified_by,
            parent_run_id: self.parent_run_id,
            root_run_id: self.root_run_id,
            status: self.status,
            properties: self.properties,
        }
    }
}
