//! What an endpoint shows beside what it is expected to show: whether somebody else has changed it. Looking changes nothing.

use azure_api::ml::{MachineLearning, OnlineEndpoint, ProvisioningState, SystemData, WorkspaceRef};
use promotion::{
    ChangedDeployment, Drift, Expected, LastChange, Look, Mirror, Serves, Serving, Traffic,
};

use super::observe_target::model_of;
use super::set_traffic::{copied, read};

/// What an endpoint shows.
pub(super) struct Shown<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// How it serves.
    pub(super) serving: Serving,
    /// Its traffic.
    pub(super) traffic: Traffic,
    /// Copied requests, by deployment.
    pub(super) copied: Traffic,
    /// Who changed it last.
    pub(super) last_change: Option<LastChange>,
}

impl<'a> Shown<'a> {
    pub(super) fn online(endpoint: &'a OnlineEndpoint) -> Self {
        Self {
            name: &endpoint.name,
            serving: Serving::Online,
            traffic: read(endpoint),
            copied: copied(endpoint),
            last_change: last_change(&endpoint.system),
        }
    }

    fn is_mirrored(&self, mirror: Option<&Mirror>) -> bool {
        mirror.is_none_or(|mirror| self.copied.of(&mirror.deployment) == mirror.percent)
    }
}

/// What somebody else has changed; `None`: nothing.
pub(super) async fn drift(
    ml: &MachineLearning,
    workspace: &WorkspaceRef,
    shown: Shown<'_>,
    expected: &Expected,
) -> azure_api::Result<Option<Drift>> {
    let changed = changed(ml, workspace, &shown, &expected.deployments).await?;
    let same = shown.traffic == expected.traffic
        && shown.is_mirrored(expected.mirror.as_ref())
        && changed.is_empty();
    Ok((!same).then(|| Drift {
        expected: expected.clone(),
        traffic: shown.traffic,
        copied: shown.copied,
        deployments: changed,
        last_change: shown.last_change,
    }))
}

/// Deployments that are not there as expected.
pub(super) async fn changed(
    ml: &MachineLearning,
    workspace: &WorkspaceRef,
    shown: &Shown<'_>,
    expected: &[Serves],
) -> azure_api::Result<Vec<ChangedDeployment>> {
    let mut changed = Vec::new();
    for serves in expected {
        changed.extend(deployment(ml, workspace, shown, serves).await?);
    }
    Ok(changed)
}

/// The same beside something else: where it cannot be told, nobody has looked.
pub(super) async fn look(
    ml: &MachineLearning,
    workspace: &WorkspaceRef,
    name: &str,
    expected: &Expected,
) -> Look {
    let Ok(Some(endpoint)) = ml.online_endpoint(workspace, name).await else {
        return Look::NotTaken;
    };
    // Somebody changes it now: what that comes to shows the next time.
    let state = endpoint.provisioning_state.as_ref();
    if !state.is_some_and(ProvisioningState::is_terminal) {
        return Look::NotTaken;
    }
    match drift(ml, workspace, Shown::online(&endpoint), expected).await {
        Ok(None) => Look::AsExpected,
        Ok(Some(drift)) => Look::Drifted(Box::new(drift)),
        Err(_) => Look::NotTaken,
    }
}

/// Who changed an endpoint last, as far as Azure tells.
pub(super) fn last_change(system: &SystemData) -> Option<LastChange> {
    let told = system.last_modified_by.is_some() || system.last_modified_at.is_some();
    told.then(|| LastChange {
        by: system.last_modified_by.clone(),
        at: system.last_modified_at,
    })
}

async fn deployment(
    ml: &MachineLearning,
    workspace: &WorkspaceRef,
    shown: &Shown<'_>,
    serves: &Serves,
) -> azure_api::Result<Option<ChangedDeployment>> {
    let mut model = model_at(ml, workspace, shown, serves).await?;
    if model.is_none() {
        // A second look decides, as wherever a deployment is missed.
        model = model_at(ml, workspace, shown, serves).await?;
    }
    let now = model.map(|id| model_of(id.as_deref()?));
    let expected = (
        serves.model.as_str().to_owned(),
        serves.version.as_str().to_owned(),
    );
    if now == Some(Some(expected)) {
        return Ok(None);
    }
    Ok(Some(ChangedDeployment {
        deployment: serves.deployment.clone(),
        serves: now.map(|now| match now {
            Some((model, version)) => format!("{model}:{version}"),
            None => "no registered model".to_owned(),
        }),
    }))
}

/// What the deployment serves, by its model's id, where it has one; nothing, where it is gone.
async fn model_at(
    ml: &MachineLearning,
    workspace: &WorkspaceRef,
    shown: &Shown<'_>,
    serves: &Serves,
) -> azure_api::Result<Option<Option<String>>> {
    let name = serves.deployment.as_str();
    Ok(match shown.serving {
        Serving::Online => ml
            .deployment(workspace, shown.name, name)
            .await?
            .map(|found| found.model),
        Serving::Batch => ml
            .batch_deployment(workspace, shown.name, name)
            .await?
            .map(|found| found.model),
    })
}
