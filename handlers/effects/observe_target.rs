//! `observe-target`: where things go, and who serves. Reading changes nothing.

use azure_api::ml::{OnlineEndpoint, WorkspaceRef};
use promotion::{
    Champion, ComputeId, DeploymentName, EndpointName, Failure, Landing, ModelName, ModelVersion,
    Outcome, Report, RunId, Serving, ServingModel, WorkspaceId,
};
use std::collections::BTreeMap;

use super::compute;
use super::observe_candidate::numbers;
use super::ownership::{Lineage, deployed_by};
use super::perform::{Effects, workspace};
use super::policy::{or_report, settle};

impl Effects {
    pub(super) async fn observe_target(
        &self,
        id: &WorkspaceId,
        endpoint: &EndpointName,
        datastore: Option<&str>,
        compute: Option<&ComputeId>,
        serving: Serving,
    ) -> Report {
        settle(self.target(id, endpoint, datastore, compute, serving).await)
    }

    async fn target(
        &self,
        id: &WorkspaceId,
        name: &EndpointName,
        datastore: Option<&str>,
        compute: Option<&ComputeId>,
        serving: Serving,
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        let home = or_report(self.ml.workspace(&at).await)?;
        let (endpoint_exists, champion) = match serving {
            Serving::Online => self.online_target(&at, name, compute).await?,
            Serving::Batch => self.batch_target(&at, name).await?,
        };
        let (datastore, account, container) = self.landing_datastore(&at, datastore).await?;
        let landing = Landing {
            workspace_path: workspace_path(id),
            location: home.location,
            datastore,
            account,
            container,
            endpoint_exists,
        };
        Ok(Report::Done(Outcome::TargetSeen { landing, champion }))
    }

    async fn online_target(
        &self,
        at: &WorkspaceRef,
        name: &EndpointName,
        compute: Option<&ComputeId>,
    ) -> Result<(bool, Champion), Report> {
        let endpoint = or_report(self.ml.online_endpoint(at, name.as_str()).await)?;
        let Some(endpoint) = endpoint else {
            return Ok((false, Champion::None));
        };
        compute::fits(&endpoint, compute)?;
        Ok((true, self.champion(at, &endpoint).await?))
    }

    async fn landing_datastore(
        &self,
        at: &WorkspaceRef,
        wanted: Option<&str>,
    ) -> Result<(String, String, String), Report> {
        let found = match wanted {
            Some(name) => or_report(self.ml.datastore(at, name).await)?,
            None => or_report(self.ml.default_datastore(at).await)?,
        };
        let fits =
            found.and_then(|store| Some((store.name, store.account_name?, store.container_name?)));
        fits.ok_or_else(|| {
            let name = wanted.unwrap_or("(default)");
            Report::Failed(Failure::new(
                "NotABlobDatastore",
                format!("datastore `{name}` of `{at}` is no blob container"),
            ))
        })
    }

    async fn champion(
        &self,
        at: &WorkspaceRef,
        endpoint: &OnlineEndpoint,
    ) -> Result<Champion, Report> {
        let serving: Vec<_> = endpoint
            .traffic
            .iter()
            .filter(|(_, percent)| **percent > 0)
            .collect();
        let name = match serving.as_slice() {
            [] => return Ok(Champion::None),
            [(name, 100)] => (*name).clone(),
            several => {
                let names: Vec<String> = several
                    .iter()
                    .map(|(name, percent)| format!("{name} {percent} %"))
                    .collect();
                return Ok(Champion::Unclear {
                    detail: format!("the traffic is shared: {}", names.join(", ")),
                });
            }
        };
        let deployment = or_report(self.ml.deployment(at, &endpoint.name, &name).await)?;
        let deployed_by = deployment
            .as_ref()
            .and_then(|found| deployed_by(&found.tags));
        let model = deployment
            .as_ref()
            .and_then(|found| model_of(found.model.as_deref()?));
        match model {
            None => Ok(Champion::Unclear {
                detail: format!("deployment `{name}` names no registered model"),
            }),
            Some((model, version)) => {
                let mut serving = self.serving(at, name, model, version).await?;
                serving.deployed_by = deployed_by;
                Ok(Champion::Serving(serving))
            }
        }
    }

    pub(super) async fn serving(
        &self,
        at: &WorkspaceRef,
        deployment: String,
        model: String,
        version: String,
    ) -> Result<ServingModel, Report> {
        let found = or_report(self.ml.model_version(at, &model, &version).await)?;
        let (properties, tags) = found
            .map(|found| (found.properties, found.tags))
            .unwrap_or_default();
        let lineage = Lineage::read(&properties);
        let run_metrics = self.source_metrics(&lineage).await?;
        Ok(ServingModel {
            deployment: DeploymentName::new(deployment),
            model: ModelName::new(model),
            version: ModelVersion::new(version),
            promotion: lineage.promotion,
            deployed_by: None,
            journaled: BTreeMap::new(),
            run: lineage.run.map(RunId::new),
            run_metrics,
            tags: numbers(&tags),
        })
    }

    /// The metrics of the run that the version's properties name, in the workspace that they name: one of a stage, for
    /// anybody who may register a version may write any workspace there.
    async fn source_metrics(&self, lineage: &Lineage) -> Result<BTreeMap<String, f64>, Report> {
        let (Some(source), Some(run)) = (&lineage.workspace, &lineage.run) else {
            return Ok(BTreeMap::new());
        };
        let ours = self.stages.contains(&WorkspaceId::new(source));
        let Some(source) = source.parse::<WorkspaceRef>().ok().filter(|_| ours) else {
            return Ok(BTreeMap::new());
        };
        let home = or_report(self.ml.workspace(&source).await)?;
        let run = or_report(self.ml.run(&home, run).await)?;
        let metrics = run.map(|run| run.metrics).unwrap_or_default();
        Ok(metrics
            .into_iter()
            .filter(|(_, value)| value.is_finite())
            .collect())
    }
}

/// Name and version out of `…/models/{name}/versions/{version}`.
pub(super) fn model_of(id: &str) -> Option<(String, String)> {
    let (_, rest) = id.rsplit_once("/models/")?;
    let (model, version) = rest.split_once("/versions/")?;
    (!model.is_empty() && !version.is_empty()).then(|| (model.to_owned(), version.to_owned()))
}

/// The workspace as a model URI names it: the resource id without its provider.
fn workspace_path(id: &WorkspaceId) -> String {
    let path = id.as_str().trim_end_matches('/');
    let provider = "/providers/microsoft.machinelearningservices";
    match path.to_ascii_lowercase().find(provider) {
        Some(at) => format!("{}{}", &path[..at], &path[at + provider.len()..]),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_uri_names_the_workspace_without_its_provider() {
        let id = WorkspaceId::new(
            "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w",
        );
        assert_eq!(
            workspace_path(&id),
            "/subscriptions/s/resourceGroups/r/workspaces/w"
        );
    }
}
