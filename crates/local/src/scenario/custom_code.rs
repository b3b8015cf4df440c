//! `custom-code`: two custom models go live one after the other, with a scoring script and an environment of their own; the
//! second uses what the first has registered.

use anyhow::{Context as _, ensure};
use cloud_sim::{AssetView, ModelKind, WorkspaceView};

use super::customer;
use super::run::{Run, approval_links};
use crate::{Persona, PromotionView};

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let first = live(run).await?;
    let made = prod(run)?;
    registered(run, &made)?;
    says(run, &first, "→ registered")?;
    customer::production_predicts_as(run, "challenger").await?;

    let second = live(run).await?;
    says(run, &second, "→ it was there, and is reused")?;
    let now = prod(run)?;
    let names = |assets: &[AssetView]| -> Vec<String> {
        assets.iter().map(|asset| asset.name.clone()).collect()
    };
    ensure!(
        names(&now.code) == names(&made.code)
            && names(&now.environments) == names(&made.environments),
        "something was registered twice"
    );
    run.say(&format!(
        "code {} and environment {} reused by the second promotion",
        asset(&now.code)?,
        asset(&now.environments)?
    ));
    let wanted = (Some(asset(&now.code)?), Some(asset(&now.environments)?));
    let serving = now.endpoints.iter().flat_map(|found| &found.deployments);
    let serving = serving.filter(|found| found.weight > 0).collect::<Vec<_>>();
    let [serving] = serving.as_slice() else {
        anyhow::bail!("{} deployments have traffic", serving.len());
    };
    ensure!(
        (serving.code.clone(), serving.environment.clone()) == wanted,
        "{} does not run with them",
        serving.name
    );
    run.lease_free().await?;
    customer::production_predicts_as(run, "challenger").await
}

/// A custom model is registered, approved and goes live.
async fn live(run: &Run<'_>) -> anyhow::Result<PromotionView> {
    let registered = run.world.cloud.register_custom(ModelKind::Challenger)?;
    run.say(&format!(
        "registered in dev as a custom model: {} {}",
        registered.model, registered.version
    ));
    let begin = format!("{}-{}.", registered.model, registered.version);
    let id = run
        .until("its promotion", async || {
            let open = run.world.state().promotions().into_iter();
            Ok(open.into_iter().find(|id| id.starts_with(&begin)))
        })
        .await?;
    let link = run
        .until("the card that asks for an approval", async || {
            let links = approval_links(&run.world.cloud.messages());
            Ok(links.into_iter().find(|link| link.contains(&id)))
        })
        .await?;
    run.answer(Persona::Ada, &link, "approve").await?;
    run.until_stage(&id, "live").await
}

/// The files lie in production's storage, under names that say what is in them.
fn registered(run: &Run<'_>, prod: &WorkspaceView) -> anyhow::Result<()> {
    let (code, environment) = (asset(&prod.code)?, asset(&prod.environments)?);
    run.say(&format!(
        "registered in {}: code {code}, environment {environment}",
        prod.name
    ));
    let script = run.world.example().join("code/score.py");
    let script = std::fs::read(&script)?;
    ensure!(
        run.code().contains(&script),
        "the scoring script does not lie in production's storage"
    );
    Ok(())
}

/// Its timeline says so of both.
fn says(run: &Run<'_>, view: &PromotionView, what: &str) -> anyhow::Result<()> {
    let told = view.timeline.iter().filter(|line| {
        let of = line.says.contains("register code") || line.says.contains("register environment");
        of && line.says.contains(what)
    });
    let told: Vec<_> = told.collect();
    for line in &told {
        run.say(&format!("  {}  {}", line.time(), line.says));
    }
    ensure!(
        told.len() == 2,
        "the timeline does not say “{what}” of both"
    );
    Ok(())
}

fn prod(run: &Run<'_>) -> anyhow::Result<WorkspaceView> {
    let workspaces = run.world.cloud.view().workspaces.into_iter();
    let mut prod = workspaces.filter(|found| found.name == "ml-prod");
    prod.next().context("production is gone")
}

/// The only one, as a deployment names it.
fn asset(assets: &[AssetView]) -> anyhow::Result<String> {
    let [one] = assets else {
        anyhow::bail!("{} where one was expected", assets.len());
    };
    Ok(format!("{}:{}", one.name, one.version))
}
