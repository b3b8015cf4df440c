//! `drift`: while a rollout waits at 10 %, somebody gives the candidate more in Azure's portal. It is noticed, a card names who
//! did it, and once a person has decided the traffic is as it was and the rollout goes on.

use anyhow::{Context as _, ensure};

use super::run::{CHAMPION, Run};
use super::{asks, customer};
use crate::Persona;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let asked = asks::better_model(run).await?;
    run.answer(Persona::Ada, &asked.link, "approve").await?;
    run.card("paused").await?;
    let ours = candidate(run).context("the candidate serves")?;
    let shares = [(ours.as_str(), 60), (CHAMPION, 40)];
    run.world.cloud.move_traffic("diabetes", &shares)?;
    run.say("Olaf Ops gives the candidate 60 % of the traffic, in Azure's portal");
    run.resume(Persona::Ben, &asked.id).await?;
    let card = run.card("changed by somebody else").await?;
    ensure!(
        card.contains("Olaf Ops"),
        "the card does not say who: {card}"
    );
    let weight = run
        .deployments()
        .into_iter()
        .find(|found| found.name == ours);
    ensure!(
        weight.is_some_and(|found| found.weight == 60),
        "nothing is touched before a person decides"
    );
    run.say("a card in the channel says what Olaf Ops has changed, and asks");
    run.resume(Persona::Ben, &asked.id).await?;
    run.until_stage(&asked.id, "live").await?;
    run.lease_free().await?;
    customer::production_predicts_as(run, "challenger").await
}

/// The candidate's deployment.
fn candidate(run: &Run<'_>) -> Option<String> {
    let mut deployments = run.deployments().into_iter();
    let found = deployments.find(|found| found.name != CHAMPION);
    found.map(|found| found.name)
}
