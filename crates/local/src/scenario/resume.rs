//! `resume`: the rollout waits at 10 % until a person lets it go on.

use super::run::Run;
use super::{asks, customer};
use crate::Persona;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let asked = asks::better_model(run).await?;
    run.answer(Persona::Ada, &asked.link, "approve").await?;
    run.card("paused").await?;
    run.say("a card in the channel says that the rollout waits for somebody to resume it");
    run.resume(Persona::Ben, &asked.id).await?;
    run.until_stage(&asked.id, "live").await?;
    run.lease_free().await?;
    customer::production_predicts_as(run, "challenger").await
}
