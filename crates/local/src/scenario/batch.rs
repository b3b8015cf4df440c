//! `batch`: a batch endpoint. A candidate whose test job loses a row goes back before the default switches; asked for again
//! and mended it does, and a person switches it back.

use anyhow::{Context as _, ensure};
use cloud_sim::{EndpointView, JobFault};

use super::asks;
use super::run::{CHAMPION, Run};
use crate::Persona;

const ENDPOINT: &str = "diabetes-batch";

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    run.world.cloud.serve_in_batch()?;
    run.say(&format!(
        "the champion does jobs at {ENDPOINT} too, as its default deployment"
    ));
    run.world.cloud.spoil_jobs("2", JobFault::LosesRows(1));
    let asked = asks::better_model(run).await?;
    run.answer(Persona::Ada, &asked.link, "approve").await?;
    run.until_stage(&asked.id, "rolled back").await?;
    let card = run.card("rolled back").await?;
    let why = "it came to 4 rows, the champion to 5";
    ensure!(card.contains(why), "the card does not say why: {card}");
    default_is(run, CHAMPION)?;

    run.world.cloud.mend();
    run.say("the model's scoring is mended");
    run.tell(Persona::Ben, &asked.id, "reopen").await?;
    let link = run.asked(2).await?;
    run.answer(Persona::Ada, &link, "approve").await?;
    run.until_stage(&asked.id, "live").await?;
    for job in run.world.cloud.batch_jobs() {
        run.say(&format!("job on the sample data: {job}"));
    }
    let ours = default(&endpoint(run)?)?;
    ensure!(ours.starts_with("ll-"), "{ours} is the default");
    run.say(&format!("default deployment of {ENDPOINT}: {ours}"));
    run.lease_free().await?;

    run.tell(Persona::Ben, &asked.id, "roll-back").await?;
    run.until_stage(&asked.id, "rolled back").await?;
    default_is(run, CHAMPION)?;
    let left = endpoint(run)?.deployments.len();
    ensure!(left == 1, "{left} deployments are left at {ENDPOINT}");
    run.lease_free().await
}

fn endpoint(run: &Run<'_>) -> anyhow::Result<EndpointView> {
    let mut endpoints = run.endpoints().into_iter();
    let found = endpoints.find(|found| found.name == ENDPOINT);
    found.with_context(|| format!("{ENDPOINT} is gone"))
}

fn default(endpoint: &EndpointView) -> anyhow::Result<String> {
    let mut deployments = endpoint.deployments.iter();
    let default = deployments.find(|found| found.weight == 100);
    let name = default.map(|found| found.name.clone());
    name.with_context(|| format!("{ENDPOINT} has no default deployment"))
}

fn default_is(run: &Run<'_>, name: &str) -> anyhow::Result<()> {
    let default = default(&endpoint(run)?)?;
    ensure!(default == name, "{default} is the default, not {name}");
    run.say(&format!("default deployment of {ENDPOINT}: {default}"));
    Ok(())
}
