//! What an endpoint shows beside what it is expected to show: whether somebody else has changed it. Looking changes nothing.

use azure_api::ml::{MachineLearning, OnlineEndpoint, ProvisioningState, WorkspaceRef};
use promotion::{ChangedDeployment, Drift, Expected, LastChange, Look, Serves};

use super::observe_target::model_of;
use super::set_traffic::{copied, is_mirrored, read};

/// What somebody else has changed; `None`: nothing.
pub(super) async fn drift(
    ml: &MachineLearning,
    workspace: &WorkspaceRef,
    endpoint: &OnlineEndpoint,
    expected: &Expected,
) -> azure_api::Result<Option<Drift>> {
    let mut changed = Vec::new();
    for serves in &expected.deployments {
        changed.extend(deployment(ml, workspace, &endpoint.name, serves).await?);
    }
    let same = read(endpoint) == expected.traffic
        && is_mirrored(endpoint, expected.mirror.as_ref())
        && changed.is_empty();
    Ok((!same).then(|| Drift {
        expected: expected.clone(),
        traffic: read(endpoint),
        copied: copied(endpoint),
        deployments: changed,
        last_change: last_change(endpoint),
    }))
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
    match drift(ml, workspace, &endpoint, expected).await {
        Ok(None) => Look::AsExpected,
        Ok(Some(drift)) => Look::Drifted(Box::new(drift)),
        Err(_) => Look::NotTaken,
    }
}

/// Who changed the endpoint last, as far as Azure tells.
pub(super) fn last_change(endpoint: &OnlineEndpoint) -> Option<LastChange> {
    let system = &endpoint.system;
    let told = system.last_modified_by.is_some() || system.last_modified_at.is_some();
    told.then(|| LastChange {
        by: system.last_modified_by.clone(),
        at: system.last_modified_at,
    })
}

async fn deployment(
    ml: &MachineLearning,
    workspace: &WorkspaceRef,
    endpoint: &str,
    serves: &Serves,
) -> azure_api::Result<Option<ChangedDeployment>> {
    let name = serves.deployment.as_str();
    let found = ml.deployment(workspace, endpoint, name).await?;
    let now = found.as_ref().map(model_of);
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
