//! `kubernetes`: the same rollout at an endpoint of a Kubernetes cluster: measured beside every step, and live.

use anyhow::{Context as _, ensure};

use super::run::Run;
use super::{customer, watched};

/// The cluster's endpoint, where the champion serves too.
const ENDPOINT: &str = "diabetes-kubernetes";

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    run.world.cloud.serve_on_kubernetes()?;
    run.say(&format!(
        "the champion serves at {ENDPOINT} too, which is on the cluster aks-prod"
    ));
    let id = watched::rolled_out(run).await?;
    let view = run.until_stage(&id, "live").await?;
    let measured = watched::measurements(&view);
    run.say(&format!("it was measured {measured} times on its way"));
    ensure!(measured >= 10, "it went live after {measured} measurements");
    run.lease_free().await?;
    made_on_kubernetes(run)?;
    customer::predicts_as(run, ENDPOINT, "challenger").await?;
    customer::production_predicts_as(run, "champion").await
}

fn made_on_kubernetes(run: &Run<'_>) -> anyhow::Result<()> {
    let mut endpoints = run.endpoints().into_iter();
    let endpoint = endpoints.find(|found| found.name == ENDPOINT);
    let endpoint = endpoint.with_context(|| format!("{ENDPOINT} is gone"))?;
    let mut serving = endpoint.deployments.iter();
    let serving = serving.find(|found| found.weight == 100);
    let serving = serving.context("nobody has all of its traffic")?;
    run.say(&format!(
        "created: {} at {ENDPOINT}, {} × {} on {}",
        serving.name, serving.instances, serving.instance_type, serving.compute_type
    ));
    ensure!(
        (
            serving.compute_type.as_str(),
            serving.instance_type.as_str(),
            serving.instances
        ) == ("Kubernetes", "cpu-small", 2),
        "it is not what the deployment's file says"
    );
    Ok(())
}
