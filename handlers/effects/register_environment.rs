//! `register-environment`: what a deployment's code runs in, under its content; one that is only referred to is looked up.

use azure_api::ml::{EnvironmentVersion, NewEnvironmentVersion};
use promotion::{
    AssetVersion, Effect, EnvironmentDefinition, EnvironmentSpec, Failure, InferenceConfig,
    InferenceRoute, Outcome, Registration, Report, WorkspaceId,
};
use serde_json::{Value, json};

use super::assets::Wanted;
use super::perform::{Effects, workspace};
use super::policy::{or_report, settle};

impl Effects {
    pub(super) async fn register_environment(&self, effect: &Effect) -> Report {
        settle(self.environment(effect).await)
    }

    async fn environment(&self, effect: &Effect) -> Result<Report, Report> {
        let Effect::RegisterEnvironment {
            workspace: id,
            environment,
            promotion,
        } = effect
        else {
            unreachable!("only register-environment is sent here");
        };
        match environment {
            EnvironmentSpec::Registry { .. } => Ok(done(Registration::Reused)),
            EnvironmentSpec::Registered { asset } => self.look_up(id, asset).await,
            EnvironmentSpec::Defined {
                asset,
                definition,
                digest,
            } => {
                let wanted = Wanted {
                    what: "environment",
                    asset,
                    digest,
                    workspace: id,
                    promotion,
                };
                self.define(&wanted, definition).await
            }
        }
    }

    async fn look_up(&self, id: &WorkspaceId, asset: &AssetVersion) -> Result<Report, Report> {
        let at = workspace(id)?;
        let found = self
            .ml
            .environment_version(&at, &asset.name, &asset.version);
        if or_report(found.await)?.is_some() {
            return Ok(done(Registration::Reused));
        }
        let message = format!(
            "environment `{asset}`, which the deployment's file names, is not in `{}`; register it there and replay, or name \
             another one and reopen the promotion",
            id.name()
        );
        Ok(Report::Failed(Failure::new("EnvironmentNotFound", message)))
    }

    async fn define(
        &self,
        wanted: &Wanted<'_>,
        definition: &EnvironmentDefinition,
    ) -> Result<Report, Report> {
        let at = workspace(wanted.workspace)?;
        let (name, version) = (wanted.asset.name.as_str(), wanted.asset.version.as_str());
        let read = || self.ml.environment_version(&at, name, version);
        let judge = |found: EnvironmentVersion| wanted.judge(&found.properties).map(done);
        if let Some(found) = or_report(read().await)? {
            return judge(found);
        }
        let new = NewEnvironmentVersion {
            properties: wanted.properties(),
            ..wire(definition)
        };
        or_report(
            self.ml
                .put_environment_version(&at, name, version, &new)
                .await,
        )?;
        match or_report(read().await)? {
            Some(found) => judge(found),
            None => Err(wanted.not_there_yet()),
        }
    }
}

fn done(registration: Registration) -> Report {
    Report::Done(Outcome::EnvironmentRegistered { registration })
}

fn wire(definition: &EnvironmentDefinition) -> NewEnvironmentVersion {
    NewEnvironmentVersion {
        image: definition.image.clone(),
        conda_file: definition.conda.clone(),
        os_type: "Linux",
        inference_config: definition.inference.as_ref().map(inference),
        description: definition.description.clone(),
        properties: std::collections::BTreeMap::new(),
    }
}

fn inference(config: &InferenceConfig) -> Value {
    let route = |route: &Option<InferenceRoute>| {
        let route = route.as_ref();
        route.map(|route| json!({ "path": route.path, "port": route.port }))
    };
    json!({
        "livenessRoute": route(&config.liveness_route),
        "readinessRoute": route(&config.readiness_route),
        "scoringRoute": route(&config.scoring_route),
    })
}
