//! `rollback`: somebody takes a model back that is live; nothing is promoted there until somebody lifts the hold.

use super::run::Run;
use super::{asks, customer};
use crate::Persona;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let live = asks::live(run).await?;
    customer::production_predicts_as(run, "challenger").await?;
    run.tell(Persona::Ben, &live.id, "roll-back").await?;
    run.until_stage(&live.id, "rolled back").await?;
    customer::production_predicts_as(run, "champion").await?;
    run.target_clean().await?;
    run.tell(Persona::Ben, &live.id, "reopen").await?;
    run.until_held(&live.id).await?;
    run.lift_hold(Persona::Ada).await?;
    let link = run.asked(2).await?;
    run.answer(Persona::Ada, &link, "approve").await?;
    run.until_stage(&live.id, "live").await?;
    run.lease_free().await?;
    customer::production_predicts_as(run, "challenger").await
}
