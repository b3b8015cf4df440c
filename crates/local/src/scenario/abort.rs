//! `abort`: somebody stops a rollout that has already moved traffic.

use super::run::Run;
use super::{asks, customer};
use crate::Persona;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let asked = asks::better_model(run).await?;
    run.answer(Persona::Ada, &asked.link, "approve").await?;
    run.until("a part of the traffic to have moved", async || {
        let moved = run.deployments().iter().any(|found| found.weight == 10);
        Ok(moved.then_some(()))
    })
    .await?;
    run.say("10 % of the traffic has moved");
    run.tell(Persona::Ben, &asked.id, "abort").await?;
    run.until_stage(&asked.id, "aborted").await?;
    customer::production_predicts_as(run, "champion").await?;
    run.target_clean().await
}
