//! The grammars of `modelUri`. The service stores the long form, whichever form it was given.

use std::fmt;

use super::{Refusal, Workspace, WorkspaceId};

/// A folder in a datastore of a workspace.
#[derive(Debug, Clone)]
pub(crate) struct AssetUri {
    pub(crate) workspace: WorkspaceId,
    pub(crate) datastore: String,
    pub(crate) path: String,
}

/// A folder in a storage account.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    pub(crate) account: String,
    pub(crate) container: String,
    pub(crate) prefix: String,
}

impl Location {
    /// The blob's name of a file in the folder.
    pub(crate) fn blob(&self, file: &str) -> String {
        format!("{}/{file}", self.prefix)
    }
}

impl fmt::Display for AssetUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WorkspaceId {
            subscription,
            group,
            name,
        } = &self.workspace;
        let (store, path) = (&self.datastore, &self.path);
        write!(
            f,
            "azureml://subscriptions/{subscription}/resourceGroups/{group}/workspaces/{name}/datastores/{store}/paths/{path}"
        )
    }
}

impl AssetUri {
    /// Reads the long and short form, a job's output and MLflow's `runs:/`, seen from `home`.
    pub(crate) fn parse(text: &str, home: &Workspace) -> Result<Self, Refusal> {
        let parsed = match text.split_once(':') {
            Some(("azureml", rest)) => Self::azureml(rest.trim_start_matches('/'), home),
            Some(("runs", rest)) => rest
                .trim_start_matches('/')
                .split_once('/')
                .map(|(run, path)| artifact(home, run, path)),
            _ => None,
        };
        parsed
            .ok_or_else(|| Refusal::invalid(format!("The asset path '{text}' has no known form.")))
    }

    fn azureml(rest: &str, home: &Workspace) -> Option<Self> {
        let segments: Vec<&str> = rest.split('/').collect();
        match segments.as_slice() {
            [
                "subscriptions",
                sub,
                group_word,
                group,
                "workspaces",
                ws,
                "datastores",
                store,
                "paths",
                path @ ..,
            ] if group_word.eq_ignore_ascii_case("resourcegroups") => Some(Self {
                workspace: WorkspaceId::new(sub, group, ws),
                datastore: (*store).into(),
                path: path.join("/"),
            }),
            ["datastores", store, "paths", path @ ..] => Some(own(home, store, path.join("/"))),
            ["datastores", store, "ExperimentRun", path @ ..] => Some(own(
                home,
                store,
                format!("ExperimentRun/{}", path.join("/")),
            )),
            ["jobs", job, "outputs", "artifacts", "paths", path @ ..] => {
                Some(artifact(home, job, &path.join("/")))
            }
            ["jobs", job, "outputs", output, rest @ ..] => {
                Self::job_output(home, job, output, rest)
            }
            _ => None,
        }
    }

    fn job_output(home: &Workspace, job: &str, output: &str, rest: &[&str]) -> Option<Self> {
        let base = home.job(job).ok()?.outputs.get(output)?.uri.clone();
        let mut found = Self::parse(&base, home).ok()?;
        let tail = rest.strip_prefix(&["paths"]).unwrap_or(rest).join("/");
        if !tail.is_empty() {
            found.path = format!("{}/{tail}", found.path.trim_end_matches('/'));
        }
        Some(found)
    }
}

fn own(home: &Workspace, datastore: &str, path: String) -> AssetUri {
    AssetUri {
        workspace: home.id.clone(),
        datastore: datastore.into(),
        path,
    }
}

/// A file that a run logged: they all lie under `ExperimentRun/dcid.{run}` of the artifact store.
fn artifact(home: &Workspace, run: &str, path: &str) -> AssetUri {
    own(
        home,
        "workspaceartifactstore",
        format!("ExperimentRun/dcid.{run}/{path}"),
    )
}
