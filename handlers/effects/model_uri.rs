//! Where a URI of Azure ML points: the workspace's datastore and the folder in it.

use azure_api::ml::WorkspaceRef;
use promotion::{BlobPlace, Failure, Report};

use super::perform::Effects;
use super::policy::or_report;

/// The datastore that job artifacts lie in, in every workspace.
const ARTIFACTS: &str = "workspaceartifactstore";

/// A folder in a datastore.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DatastorePath {
    pub(super) datastore: String,
    pub(super) path: String,
}

/// Reads the forms that the service stores and accepts: long and short datastore paths, job outputs, and `MLflow` runs.
pub(super) fn parse(uri: &str) -> Option<DatastorePath> {
    let found = if let Some(rest) = uri.strip_prefix("runs:/") {
        artifact(rest)
    } else {
        let rest = uri.strip_prefix("azureml://")?;
        if let Some(rest) = rest.strip_prefix("jobs/") {
            let (run, rest) = rest.split_once("/outputs/artifacts/paths/")?;
            artifact(&format!("{run}/{rest}"))
        } else {
            let at = rest
                .find("datastores/")
                .filter(|at| *at == 0 || rest.as_bytes()[at - 1] == b'/')?;
            let (datastore, rest) = rest[at + "datastores/".len()..].split_once('/')?;
            let path = rest.strip_prefix("paths/").unwrap_or(rest);
            Some(DatastorePath {
                datastore: datastore.to_owned(),
                path: path.trim_matches('/').to_owned(),
            })
        }
    };
    found.filter(|found| {
        !found.path.is_empty()
            && !found
                .path
                .split('/')
                .any(|part| matches!(part, "" | "." | ".."))
    })
}

fn artifact(run_and_path: &str) -> Option<DatastorePath> {
    let (run, path) = run_and_path.split_once('/')?;
    let path = format!("ExperimentRun/dcid.{run}/{}", path.trim_matches('/'));
    Some(DatastorePath {
        datastore: ARTIFACTS.to_owned(),
        path,
    })
}

/// The run whose artifacts a path lies in, by the service's own naming.
pub(super) fn run_of(path: &DatastorePath) -> Option<&str> {
    path.path
        .strip_prefix("ExperimentRun/dcid.")?
        .split('/')
        .next()
}

/// Whether `inner` lies in the folder `outer`.
pub(super) fn lies_in(inner: &DatastorePath, outer: &DatastorePath) -> bool {
    inner.datastore == outer.datastore
        && inner
            .path
            .strip_prefix(&outer.path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Effects {
    /// The storage folder of a path in a workspace's datastore.
    pub(super) async fn place(
        &self,
        workspace: &WorkspaceRef,
        path: &DatastorePath,
    ) -> Result<BlobPlace, Report> {
        let found = or_report(self.ml.datastore(workspace, &path.datastore).await)?;
        let names = found.and_then(|store| store.account_name.zip(store.container_name));
        let Some((account, container)) = names else {
            let message = format!(
                "datastore `{}` of `{workspace}` is not a blob container",
                path.datastore
            );
            return Err(Report::Failed(Failure::new("NotABlobDatastore", message)));
        };
        Ok(BlobPlace {
            account,
            container,
            prefix: path.path.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_the_service_stores_is_read() {
        let artifacts = |path: &str| {
            Some(DatastorePath {
                datastore: ARTIFACTS.into(),
                path: path.into(),
            })
        };
        for (uri, wanted) in [
            (
                "azureml://subscriptions/s/resourcegroups/r/workspaces/w/datastores/workspaceartifactstore/paths/ExperimentRun/dcid.j/model",
                artifacts("ExperimentRun/dcid.j/model"),
            ),
            (
                "azureml://datastores/workspaceartifactstore/paths/a/b/",
                artifacts("a/b"),
            ),
            (
                "azureml://datastores/workspaceartifactstore/ExperimentRun/dcid.j/m",
                artifacts("ExperimentRun/dcid.j/m"),
            ),
            (
                "azureml://jobs/j/outputs/artifacts/paths/model/",
                artifacts("ExperimentRun/dcid.j/model"),
            ),
            ("runs:/j/model", artifacts("ExperimentRun/dcid.j/model")),
            ("azureml://datastores/x/paths/../secret", None),
            ("https://example.org/model", None),
            ("azureml://datastores/x/paths/", None),
        ] {
            assert_eq!(parse(uri), wanted, "{uri}");
        }
    }

    #[test]
    fn a_neighbour_with_a_longer_name_does_not_lie_in_the_folder() {
        let path = |path: &str| DatastorePath {
            datastore: "d".into(),
            path: path.into(),
        };
        assert!(lies_in(&path("runs/a/model"), &path("runs/a")));
        assert!(!lies_in(&path("runs/ab/model"), &path("runs/a")));
    }
}
