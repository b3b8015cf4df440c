//! `quiet`: too few callers to tell whether the candidate is worse. A person is asked, and goes on.

use super::run::Run;
use super::{asks, customer};
use crate::Persona;

/// Requests a minute, of everybody together.
const FEW: f64 = 5.0;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    run.world.cloud.set_callers(FEW);
    run.say(&format!("only {FEW} requests a minute reach production"));
    let asked = asks::better_model(run).await?;
    run.answer(Persona::Ada, &asked.link, "approve").await?;
    run.card("cannot be told").await?;
    run.say("a card in the channel says that it cannot be told whether it is worse, and asks");
    run.world.cloud.set_callers(FEW * 200.0);
    run.say("now there are more");
    run.resume(Persona::Ben, &asked.id).await?;
    run.until_stage(&asked.id, "live").await?;
    run.lease_free().await?;
    customer::production_predicts_as(run, "challenger").await
}
