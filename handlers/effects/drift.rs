//! What an endpoint shows beside what it is expected to show: whether somebody else has changed it. Looking changes nothing.

use azure_api::ml::{MachineLearning, WorkspaceRef};
use promotion::{ChangedDeployment, Drift, Expected, Look, Serves, Serving};

use super::found::{self, FoundEndpoint};
use super::observe_target::model_of;

/// What somebody else has changed; `None`: nothing.
pub(super) async fn drift(
    ml: &MachineLearning,
    workspace: &WorkspaceRef,
    shown: &FoundEndpoint,
    expected: &Expected,
) -> azure_api::Result<Option<Drift>> {
    let changed = changed(ml, workspace, shown, &expected.deployments).await?;
    let same = shown.traffic() == expected.traffic
        && shown.is_mirrored(expected.mirror.as_ref())
        && changed.is_empty();
    Ok((!same).then(|| Drift {
        expected: expected.clone(),
        traffic: shown.traffic(),
        copied: shown.copied(),
        deployments: changed,
        last_change: shown.last_change(),
    }))
}

/// Deployments that are not there as expected.
pub(super) async fn changed(
    ml: &MachineLearning,
    workspace: &WorkspaceRef,
    shown: &FoundEndpoint,
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
    // Only an online endpoint is measured.
    let found = found::endpoint(ml, workspace, name, Serving::Online).await;
    let Ok(Some(endpoint)) = found else {
        return Look::NotTaken;
    };
    // Somebody changes it now: what that comes to shows the next time.
    if !endpoint.is_settled() {
        return Look::NotTaken;
    }
    match drift(ml, workspace, &endpoint, expected).await {
        Ok(None) => Look::AsExpected,
        Ok(Some(drift)) => Look::Drifted(Box::new(drift)),
        Err(_) => Look::NotTaken,
    }
}

async fn deployment(
    ml: &MachineLearning,
    workspace: &WorkspaceRef,
    shown: &FoundEndpoint,
    serves: &Serves,
) -> azure_api::Result<Option<ChangedDeployment>> {
    let (endpoint, name) = (shown.name(), serves.deployment.as_str());
    let look = || found::deployment(ml, workspace, endpoint, name, shown.serving());
    let mut found = look().await?;
    if found.is_none() {
        // A second look decides, as wherever a deployment is missed.
        found = look().await?;
    }
    let now = found.map(|found| model_of(found.model.as_deref()?));
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
